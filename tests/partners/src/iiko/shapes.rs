//! What iikoCloud's requests may look like.

use crate::shape::Shape::{Any, Flag, Integer, List, LocalTime, Number, Object, One, Tagged, Text, Uuid};
use crate::shape::{Key, Shape, may, must, null};

/// Largest text where iiko says nothing.
const LONG: usize = 4_000;
const ANY_TEXT: Shape = Text(0, LONG);
const UUIDS: Shape = List(&Uuid);
const TEXTS: Shape = List(&ANY_TEXT);
/// Largest sum.
const SUM: Shape = Number(0, 10_000_000_000);

pub const ACCESS_TOKEN_1: Shape = Object(&[must("apiLogin", Text(1, LONG))]);
pub const ACCESS_TOKEN_2: Shape =
    Object(&[must("apiKey", Text(1, LONG)), must("appId", Uuid), must("clientSecret", Text(1, LONG))]);

pub const ORGANIZATIONS: Shape = Object(&[
    null("organizationIds", UUIDS),
    may("returnAdditionalInfo", Flag),
    may("includeDisabled", Flag),
    null("returnExternalData", TEXTS),
]);
pub const TERMINAL_GROUPS: Shape = Object(&[
    must("organizationIds", UUIDS),
    null("includeDisabled", Flag),
    null("returnExternalData", TEXTS),
]);
pub const IS_ALIVE: Shape =
    Object(&[null("organizationId", Uuid), must("organizationIds", UUIDS), must("terminalGroupIds", UUIDS)]);
pub const OF_ORGANIZATIONS: Shape = Object(&[must("organizationIds", UUIDS)]);
pub const OF_ORGANIZATION: Shape = Object(&[must("organizationId", Uuid)]);

pub const NOMENCLATURE: Shape = Object(&[must("organizationId", Uuid), null("startRevision", Integer)]);
pub const MENU_BY_ID: Shape = Object(&[
    must("externalMenuId", Text(1, 100)),
    must("organizationIds", UUIDS),
    null("priceCategoryId", ANY_TEXT),
    null("version", Integer),
    null("language", ANY_TEXT),
    may("asyncMode", Flag),
    null("startRevision", Integer),
]);

pub const STOP_LISTS: Shape =
    Object(&[must("organizationIds", UUIDS), may("returnSize", Flag), null("terminalGroupsIds", UUIDS)]);
pub const STOP_LISTS_CHECK: Shape =
    Object(&[must("organizationId", Uuid), must("terminalGroupId", Uuid), must("items", List(&ITEM))]);

pub const COMMAND_STATUS: Shape = Object(&[must("organizationId", Uuid), must("correlationId", Uuid)]);

const COMBO_PART: Shape = Object(&[
    must("comboId", Uuid),
    must("comboSourceId", Uuid),
    must("comboGroupId", Uuid),
    null("comboGroupName", ANY_TEXT),
]);
const MODIFIER: Shape = Object(&[
    must("productId", Uuid),
    must("amount", Number(0, 999)),
    null("productGroupId", Uuid),
    null("price", SUM),
    null("positionId", Uuid),
]);
const COMPONENT: Shape = Object(&[
    must("productId", Uuid),
    null("modifiers", List(&MODIFIER)),
    null("price", SUM),
    null("positionId", Uuid),
]);
const ITEM: Shape = Tagged(
    "type",
    &[
        (
            "Product",
            &[
                must("amount", Number(0, 999)),
                null("productSizeId", Uuid),
                null("comboInformation", COMBO_PART),
                null("comment", Text(0, 255)),
                must("productId", Uuid),
                null("modifiers", List(&MODIFIER)),
                must("price", SUM),
                null("positionId", Uuid),
            ],
        ),
        (
            "Compound",
            &[
                must("amount", Number(0, 999)),
                null("productSizeId", Uuid),
                null("comboInformation", COMBO_PART),
                null("comment", Text(0, 255)),
                must("primaryComponent", COMPONENT),
                null("secondaryComponent", COMPONENT),
                null("commonModifiers", List(&MODIFIER)),
            ],
        ),
    ],
);
const COMBO: Shape = Object(&[
    must("id", Uuid),
    must("name", ANY_TEXT),
    must("amount", Integer),
    must("price", SUM),
    must("sourceId", Uuid),
    may("programId", Uuid),
    null("sizeId", Uuid),
]);

const PAYMENT_DETAILS: Shape = Tagged(
    "type",
    &[
        (
            "LoyaltyCard",
            &[
                must("credential", ANY_TEXT),
                must(
                    "searchScope",
                    One(&["Reserved", "Phone", "CardNumber", "CardTrack", "PaymentToken", "FindFaceId"]),
                ),
            ],
        ),
        ("Card", &[null("number", ANY_TEXT), null("customData", ANY_TEXT), null("cardType", ANY_TEXT)]),
        ("External", &[must("customData", ANY_TEXT)]),
    ],
);
const PAID: &[Key] = &[
    must("sum", SUM),
    must("paymentTypeId", Uuid),
    may("isProcessedExternally", Flag),
    null("paymentAdditionalData", PAYMENT_DETAILS),
    may("isFiscalizedExternally", Flag),
    may("isPrepay", Flag),
];
const PAID_BY_CARD: &[Key] = &[
    must("sum", SUM),
    must("paymentTypeId", Uuid),
    may("isProcessedExternally", Flag),
    null("paymentAdditionalData", PAYMENT_DETAILS),
    may("isFiscalizedExternally", Flag),
    may("isPrepay", Flag),
    null("number", ANY_TEXT),
];
const PAYMENT: Shape = Tagged(
    "paymentTypeKind",
    &[("Cash", PAID), ("Card", PAID_BY_CARD), ("LoyaltyCard", PAID), ("External", PAID)],
);

const DISCOUNT: Shape = Tagged(
    "type",
    &[
        ("RMS", &[must("discountTypeId", Uuid), may("sum", SUM), null("selectivePositions", UUIDS)]),
        (
            "iikoCard",
            &[
                must("programId", Uuid),
                must("programName", ANY_TEXT),
                must(
                    "discountItems",
                    List(&Object(&[
                        must("positionId", Uuid),
                        must("sum", SUM),
                        must("amount", Number(0, 999)),
                    ])),
                ),
            ],
        ),
    ],
);
const DISCOUNTS: Shape = Object(&[
    null("card", Object(&[must("track", ANY_TEXT)])),
    null("discounts", List(&DISCOUNT)),
    null("fixedLoyaltyDiscounts", Flag),
]);
const LOYALTY: Shape = Object(&[
    null("coupon", ANY_TEXT),
    null("applicableManualConditions", UUIDS),
    null("dynamicDiscounts", List(&Object(&[must("manualConditionId", Uuid), must("sum", SUM)]))),
]);
const CHEQUE: Shape = Object(&[
    must("needReceipt", Flag),
    null("email", Text(0, 255)),
    null("settlementPlace", Text(0, 500)),
    null("phone", Text(8, 40)),
    null("retailAddress", Text(0, 256)),
    may("isInternetPayment", Flag),
]);
const EXTERNAL_DATA: Shape =
    List(&Object(&[must("key", ANY_TEXT), must("value", ANY_TEXT), may("isPublic", Flag)]));

const REGULAR: &[Key] = &[
    null("id", Uuid),
    null("name", Text(0, 60)),
    null("surname", Text(0, 60)),
    null("comment", Text(0, 60)),
    null("birthdate", LocalTime),
    null("email", ANY_TEXT),
    null("shouldReceivePromoActionsInfo", Flag),
    null("shouldReceiveOrderStatusNotifications", Flag),
    may("gender", One(&["NotSpecified", "Male", "Female"])),
];

pub const DELIVERY_CREATE: Shape = Object(&[
    must("organizationId", Uuid),
    null("terminalGroupId", Uuid),
    null(
        "createOrderSettings",
        Object(&[null("transportToFrontTimeout", Integer), may("checkStopList", Flag)]),
    ),
    must(
        "order",
        Object(&[
            null("menuId", ANY_TEXT),
            null("id", Uuid),
            null("externalNumber", Text(0, 50)),
            null("completeBefore", LocalTime),
            must("phone", Text(8, 40)),
            null("phoneExtension", Text(1, 10)),
            null("orderTypeId", Uuid),
            null("orderServiceType", One(&["DeliveryByCourier", "DeliveryByClient"])),
            // Couriers' addresses are not part of what this chain sells.
            null("deliveryPoint", Any),
            null("comment", ANY_TEXT),
            null(
                "customer",
                Tagged("type", &[("regular", REGULAR), ("one-time", &[must("name", ANY_TEXT)])]),
            ),
            null("guests", Object(&[must("count", Integer), null("splitBetweenPersons", Flag)])),
            null("marketingSourceId", Uuid),
            null("operatorId", Uuid),
            null("deliveryDuration", Integer),
            null("deliveryZone", ANY_TEXT),
            null("priceCategoryId", Uuid),
            must("items", List(&ITEM)),
            null("combos", List(&COMBO)),
            null("payments", List(&PAYMENT)),
            null("tips", List(&Any)),
            null("sourceKey", ANY_TEXT),
            null("discountsInfo", DISCOUNTS),
            null("loyaltyInfo", LOYALTY),
            null("chequeAdditionalInfo", CHEQUE),
            null("externalData", EXTERNAL_DATA),
        ]),
    ),
]);

pub const TABLE_CREATE: Shape = Object(&[
    must("organizationId", Uuid),
    must("terminalGroupId", Uuid),
    must(
        "order",
        Object(&[
            null("id", Uuid),
            null("externalNumber", Text(0, 50)),
            null("tableIds", UUIDS),
            null("customer", Tagged("type", &[("regular", REGULAR)])),
            null("phone", Text(8, 40)),
            null("guestCount", Integer),
            null("guests", Object(&[must("count", Integer)])),
            null("tabName", ANY_TEXT),
            null("menuId", ANY_TEXT),
            null("priceCategoryId", Uuid),
            must("items", List(&ITEM)),
            null("combos", List(&COMBO)),
            null("payments", List(&PAYMENT)),
            null("tips", List(&Any)),
            null("sourceKey", ANY_TEXT),
            null("discountsInfo", DISCOUNTS),
            null("loyaltyInfo", LOYALTY),
            null("orderTypeId", Uuid),
            null("chequeAdditionalInfo", CHEQUE),
            null("externalData", EXTERNAL_DATA),
        ]),
    ),
    null(
        "createOrderSettings",
        Object(&[
            null("servicePrint", Flag),
            null("transportToFrontTimeout", Integer),
            may("checkStopList", Flag),
        ]),
    ),
]);

pub const DELIVERIES_BY_ID: Shape = Object(&[
    must("organizationId", Uuid),
    null("orderIds", UUIDS),
    null("sourceKeys", TEXTS),
    null("posOrderIds", UUIDS),
    null("returnExternalDataKeys", TEXTS),
    may("returnLockedByUser", Flag),
]);
pub const TABLES_BY_ID: Shape = Object(&[
    null("sourceKeys", TEXTS),
    must("organizationIds", UUIDS),
    null("orderIds", UUIDS),
    null("posOrderIds", UUIDS),
    null("returnExternalDataKeys", TEXTS),
]);
pub const BY_REVISION: Shape =
    Object(&[must("startRevision", Integer), must("organizationIds", UUIDS), null("sourceKeys", TEXTS)]);

pub const DELIVERY_CANCEL: Shape = Object(&[
    must("organizationId", Uuid),
    must("orderId", Uuid),
    null("movedOrderId", Uuid),
    null("cancelCauseId", Uuid),
    null("cancelComment", ANY_TEXT),
    null("removalTypeId", Uuid),
    null("removalComment", Text(0, 255)),
    null("userIdForWriteoff", Uuid),
]);
pub const TABLE_CANCEL: Shape = Object(&[
    must("organizationId", Uuid),
    must("orderId", Uuid),
    null("removalTypeId", Uuid),
    null("removalComment", Text(0, 255)),
    null("userIdForWriteoff", Uuid),
]);
pub const DELIVERY_CLOSE: Shape =
    Object(&[null("deliveryDate", LocalTime), must("organizationId", Uuid), must("orderId", Uuid)]);
pub const TABLE_CLOSE: Shape =
    Object(&[null("chequeAdditionalInfo", CHEQUE), must("organizationId", Uuid), must("orderId", Uuid)]);
pub const DELIVERY_STATUS: Shape = Object(&[
    must("organizationId", Uuid),
    must("orderId", Uuid),
    must("deliveryStatus", One(&["Waiting", "OnWay", "Delivered"])),
    null("deliveryDate", LocalTime),
]);
pub const CONFIRM: Shape = Object(&[must("organizationId", Uuid), must("orderId", Uuid)]);

const DELIVERY_STATES: Shape = List(&One(&[
    "Unconfirmed",
    "WaitCooking",
    "ReadyForCooking",
    "CookingStarted",
    "CookingCompleted",
    "Waiting",
    "OnWay",
    "Delivered",
    "Closed",
    "Cancelled",
]));
const ITEM_STATES: Shape =
    List(&One(&["Added", "PrintedNotCooking", "CookingStarted", "CookingCompleted", "Served"]));
const SHORT_FILTER: Shape = Object(&[may("updates", Flag)]);
pub const HOOK_SETTINGS: Shape = Object(&[
    must("organizationId", Uuid),
    must("webHooksUri", Text(1, LONG)),
    null("authToken", ANY_TEXT),
    null(
        "webHooksFilter",
        Object(&[
            null(
                "deliveryOrderFilter",
                Object(&[
                    null("orderStatuses", DELIVERY_STATES),
                    null("itemStatuses", ITEM_STATES),
                    may("errors", Flag),
                    null("returnedExternalDataKeys", TEXTS),
                ]),
            ),
            null(
                "tableOrderFilter",
                Object(&[
                    null("orderStatuses", List(&One(&["New", "Bill", "Closed", "Deleted"]))),
                    null("itemStatuses", ITEM_STATES),
                    may("errors", Flag),
                ]),
            ),
            null("reserveFilter", Object(&[may("updates", Flag), may("errors", Flag)])),
            null("stopListUpdateFilter", SHORT_FILTER),
            null("personalShiftFilter", SHORT_FILTER),
            null("nomenclatureUpdateFilter", SHORT_FILTER),
            null("businessHoursAndMappingUpdateFilter", SHORT_FILTER),
        ]),
    ),
]);
