//! Organizations, terminals, and the lists that orders refer to.

use serde_json::{Value, json};

use super::state::Account;
use super::{Call, texts};
use crate::serve::Reply;
use crate::world::OrganizationSpec;

/// What a list for organizations says of each.
fn each(
    call: &Call<'_>,
    body: &Value,
    list: &str,
    items: impl Fn(&Account, &OrganizationSpec) -> Value,
) -> Reply {
    let of = |id: &&str| {
        let organization = call.account.organization(id)?;
        Some(json!({ "organizationId": id, "items": items(call.account, organization) }))
    };
    let found: Vec<Value> = call.organizations(body).iter().filter_map(of).collect();
    let mut answer = json!({});
    answer[list] = json!(found);
    call.reply(answer)
}

pub fn organizations(call: &mut Call<'_>, body: &Value) -> Reply {
    let wanted = texts(body, "organizationIds");
    let extended = body["returnAdditionalInfo"] == true;
    let mut found = Vec::new();
    for organization in &call.account.spec.organizations {
        let id = call.account.id("organization", &organization.code);
        if !wanted.is_empty() && !wanted.contains(&id.as_str()) {
            continue;
        }
        let simple = json!({
            "responseType": "Simple", "id": id, "name": organization.name, "code": organization.code,
            "externalData": null,
        });
        found.push(if extended { extend(simple, organization) } else { simple });
    }
    call.reply(json!({ "organizations": found }))
}

fn extend(mut simple: Value, organization: &OrganizationSpec) -> Value {
    let more = json!({
        "responseType": "Extended", "country": organization.country,
        "restaurantAddress": organization.address, "latitude": 0.0, "longitude": 0.0,
        "useUaeAddressingSystem": false, "version": "9.1.7019.0", "currencyIsoName": organization.currency,
        "currencyMinimumDenomination": 0.01, "countryPhoneCode": "7",
        "marketingSourceRequiredInDelivery": false, "defaultDeliveryCityId": null, "deliveryCityIds": [],
        "deliveryServiceType": "SelfServiceOnly", "deliveryOrderPaymentSettings": "WhenOrderClosed",
        "defaultCallCenterPaymentTypeId": null, "orderItemCommentEnabled": true, "inn": "0000000000",
        "addressFormatType": "Legacy", "isConfirmationEnabled": false, "confirmAllowedIntervalInMinutes": 0,
        "isCloud": true, "isAnonymousGuestsAllowed": true, "addressLookup": ["DaData"],
    });
    if let (Some(all), Some(more)) = (simple.as_object_mut(), more.as_object()) {
        all.extend(more.clone());
    }
    simple
}

fn terminal(account: &Account, organization: &OrganizationSpec) -> Value {
    json!({
        "id": account.terminal(organization), "organizationId": account.id("organization", &organization.code),
        "name": "Касса 1", "address": "", "timeZone": organization.zone, "externalData": null,
        "posVersion": "9.1.7019.0",
    })
}

pub fn terminal_groups(call: &mut Call<'_>, body: &Value) -> Reply {
    let reply =
        each(call, body, "terminalGroups", |account, organization| json!([terminal(account, organization)]));
    let mut answer = reply.body;
    answer["terminalGroupsInSleep"] = json!([]);
    Reply::json(200, answer)
}

pub fn is_alive(call: &mut Call<'_>, body: &Value) -> Reply {
    let asked = texts(body, "terminalGroupIds");
    let mut found = Vec::new();
    for organization in &call.account.spec.organizations {
        let (id, terminal) =
            (call.account.id("organization", &organization.code), call.account.terminal(organization));
        if asked.contains(&terminal.as_str()) && texts(body, "organizationIds").contains(&id.as_str()) {
            let alive = !call.account.asleep.contains(&terminal);
            found.push(json!({ "isAlive": alive, "terminalGroupId": terminal, "organizationId": id }));
        }
    }
    call.reply(json!({ "isAliveStatus": found }))
}

/// Code, name, kind, how it is processed.
pub const PAYMENT_TYPES: &[(&str, &str, &str, &str)] = &[
    ("APP", "Оплата в приложении", "External", "External"),
    ("BONUS", "Бонусы приложения", "External", "External"),
    ("CASH", "Наличные", "Cash", "Internal"),
    ("CARD", "Банковская карта", "Card", "Both"),
];

pub fn payment_types(call: &mut Call<'_>, body: &Value) -> Reply {
    let asked = call.organizations(body);
    let terminals: Vec<Value> = asked
        .iter()
        .filter_map(|id| call.account.organization(id))
        .map(|organization| terminal(call.account, organization))
        .collect();
    let types = PAYMENT_TYPES.iter().enumerate().map(|(index, (code, name, kind, processing))| {
        json!({
            "id": call.account.id("payment_type", code), "code": code, "name": name, "comment": null,
            "combinable": true, "externalRevision": 100 + index, "applicableMarketingCampaigns": [],
            "isDeleted": false, "printCheque": false, "paymentProcessingType": processing,
            "paymentTypeKind": kind, "terminalGroups": terminals,
        })
    });
    let types: Vec<Value> = types.collect();
    call.reply(json!({ "paymentTypes": types }))
}

/// Code, name, service type of the dictionary, service type of an order.
pub const ORDER_TYPES: &[(&str, &str, &str, &str)] =
    &[("PICKUP", "Самовывоз", "DeliveryPickUp", "DeliveryByClient"), ("HALL", "В зале", "Common", "Common")];

pub fn order_types(call: &mut Call<'_>, body: &Value) -> Reply {
    each(call, body, "orderTypes", |account, _| {
        let types = ORDER_TYPES.iter().map(|(code, name, service, _)| {
            json!({
                "id": account.id("order_type", code), "name": name, "orderServiceType": service,
                "isDeleted": false, "externalRevision": 1, "isDefault": true,
            })
        });
        types.collect()
    })
}

/// The one discount that takes any sum.
pub const DISCOUNT: &str = "APP-DISCOUNT";
pub const DISCOUNT_NAME: &str = "Скидка приложения";

pub fn discounts(call: &mut Call<'_>, body: &Value) -> Reply {
    each(call, body, "discounts", |account, _| {
        json!([{
            "id": account.id("discount", DISCOUNT), "name": DISCOUNT_NAME, "percent": 0.0,
            "isCategorisedDiscount": false, "productCategoryDiscounts": [], "comment": null,
            "canBeAppliedSelectively": true, "minOrderSum": null, "mode": "FlexibleSum", "sum": 0.0,
            "canApplyByCardNumber": false, "isManual": true, "isCard": false, "isAutomatic": false,
            "isDeleted": false,
        }])
    })
}

/// Code and name.
pub const CANCEL_CAUSES: &[(&str, &str)] =
    &[("GUEST", "Отказ гостя"), ("STOCK", "Нет продуктов"), ("OTHER", "Другое")];

pub fn cancel_causes(call: &mut Call<'_>, _: &Value) -> Reply {
    let causes = CANCEL_CAUSES.iter().map(|(code, name)| {
        json!({ "id": call.account.id("cancel_cause", code), "name": name, "isDeleted": false })
    });
    let causes: Vec<Value> = causes.collect();
    call.reply(json!({ "cancelCauses": causes }))
}
