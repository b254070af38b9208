//! The order as it is sent: `deliveries/create` where the outlet takes orders for pick-up, `order/create` where it has
//! only a till.

use serde::Serialize;
use serde_json::Number;

use super::number::from_minor;

/// Seconds that iiko tries to hand an order to the till before it gives it up.
const TRANSPORT_SECONDS: u32 = 30;
/// Characters of our number that iiko keeps.
pub const NUMBER_LEN_MAX: usize = 50;
/// What the orders' source is called in iiko's reports.
const SOURCE: &str = "crema";

/// How an outlet takes orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Service {
    /// To be picked up, as a delivery without a courier. The order type is the account's own, or iiko's default.
    PickUp { order_type: Option<String> },
    /// At the till, as an order of the house.
    Till { order_type: Option<String> },
}

/// An order to send. Money is in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrder {
    pub organization: String,
    pub terminal_group: String,
    pub service: Service,
    /// See [`super::id::uuid`].
    pub id: String,
    /// Ours, for their records; at most [`NUMBER_LEN_MAX`] characters.
    pub external_number: String,
    /// What guest and barista call it.
    pub number: String,
    /// With the leading plus.
    pub phone: String,
    pub guest_name: Option<String>,
    /// At the outlet's own time, `2026-11-21 12:40:00.000`; none for as soon as possible.
    pub complete_before: Option<String>,
    pub comment: Option<String>,
    pub items: Vec<Item>,
    /// Those that items belong to.
    pub combos: Vec<Combo>,
    pub discounts: Vec<Discount>,
    pub payments: Vec<Payment>,
}

/// A combo of an order: its components are items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Combo {
    /// Ours, for this order.
    pub id: String,
    /// The till's, of the combo on its menu.
    pub source: String,
    pub size_id: Option<String>,
    pub name: String,
    pub quantity: u32,
    /// Of one.
    pub price_minor: i64,
}

/// Which combo an item is a component of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComboPart {
    /// See [`Combo::id`].
    pub combo: String,
    pub source: String,
    /// The till's, of the group that it was chosen from.
    pub group_id: String,
}

/// Pieces of a product made one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub product_id: String,
    pub size_id: Option<String>,
    /// A product with a scheme of modifiers, which iiko wants as a component.
    pub is_compound: bool,
    pub quantity: u32,
    /// Of one piece without its modifiers, before discounts.
    pub price_minor: i64,
    pub position_id: String,
    pub modifiers: Vec<Modifier>,
    pub combo: Option<ComboPart>,
}

/// An addition to each piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modifier {
    pub product_id: String,
    pub group_id: Option<String>,
    pub amount: u32,
    pub price_minor: i64,
}

/// Money off some positions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discount {
    pub type_id: String,
    pub sum_minor: i64,
    pub positions: Vec<String>,
}

/// What was paid elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub type_id: String,
    pub sum_minor: i64,
    /// The fiscal receipt is out already.
    pub is_fiscalised: bool,
    /// Kept with the payment in iiko.
    pub note: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    organization_id: &'a str,
    terminal_group_id: &'a str,
    create_order_settings: Settings,
    order: OrderBody<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    #[serde(skip_serializing_if = "Option::is_none")]
    service_print: Option<bool>,
    transport_to_front_timeout: u32,
    check_stop_list: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OrderBody<'a> {
    id: &'a str,
    external_number: &'a str,
    phone: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_type_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_service_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    complete_before: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<Customer<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    guests: Option<Guests>,
    #[serde(skip_serializing_if = "Option::is_none")]
    guest_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tab_name: Option<&'a str>,
    items: Vec<ItemBody<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    combos: Vec<ComboBody<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    payments: Vec<PaymentBody<'a>>,
    source_key: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    discounts_info: Option<DiscountsInfo<'a>>,
}

#[derive(Serialize)]
struct Customer<'a> {
    r#type: &'static str,
    name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Guests {
    count: u32,
    split_between_persons: bool,
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum ItemBody<'a> {
    #[serde(rename_all = "camelCase")]
    Product {
        #[serde(flatten)]
        product: ProductBody<'a>,
        #[serde(flatten)]
        position: PositionBody<'a>,
    },
    #[serde(rename_all = "camelCase")]
    Compound {
        primary_component: ProductBody<'a>,
        #[serde(flatten)]
        position: PositionBody<'a>,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProductBody<'a> {
    product_id: &'a str,
    price: Number,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    modifiers: Vec<ModifierBody<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PositionBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    product_size_id: Option<&'a str>,
    amount: u32,
    position_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    combo_information: Option<ComboInformation<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ComboInformation<'a> {
    combo_id: &'a str,
    combo_source_id: &'a str,
    combo_group_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ComboBody<'a> {
    id: &'a str,
    name: &'a str,
    amount: u32,
    price: Number,
    source_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_id: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ModifierBody<'a> {
    product_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_group_id: Option<&'a str>,
    amount: u32,
    price: Number,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PaymentBody<'a> {
    payment_type_kind: &'static str,
    sum: Number,
    payment_type_id: &'a str,
    is_processed_externally: bool,
    is_fiscalized_externally: bool,
    is_prepay: bool,
    payment_additional_data: AdditionalData<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AdditionalData<'a> {
    r#type: &'static str,
    custom_data: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DiscountsInfo<'a> {
    discounts: Vec<DiscountBody<'a>>,
    fixed_loyalty_discounts: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DiscountBody<'a> {
    r#type: &'static str,
    discount_type_id: &'a str,
    sum: Number,
    selective_positions: &'a [String],
}

impl NewOrder {
    /// The path of the method that takes it.
    #[must_use]
    pub(crate) const fn path(&self) -> &'static str {
        match self.service {
            Service::PickUp { .. } => "/api/1/deliveries/create",
            Service::Till { .. } => "/api/1/order/create",
        }
    }

    /// The body.
    pub(crate) fn body(&self) -> impl Serialize {
        let is_pick_up = matches!(self.service, Service::PickUp { .. });
        let (Service::PickUp { order_type } | Service::Till { order_type }) = &self.service;
        let order = OrderBody {
            id: &self.id,
            external_number: &self.external_number,
            phone: &self.phone,
            order_type_id: order_type.as_deref(),
            // Exactly one of the two; only orders for pick-up have a default.
            order_service_type: (is_pick_up && order_type.is_none()).then_some("DeliveryByClient"),
            complete_before: self.complete_before.as_deref().filter(|_| is_pick_up),
            comment: self.comment.as_deref().filter(|_| is_pick_up),
            // Orders of the house know regular customers only.
            customer: self
                .guest_name
                .as_deref()
                .map(|name| Customer { r#type: if is_pick_up { "one-time" } else { "regular" }, name }),
            guests: is_pick_up.then_some(Guests { count: 1, split_between_persons: false }),
            guest_count: (!is_pick_up).then_some(1),
            tab_name: (!is_pick_up).then_some(&self.number),
            items: self.items.iter().map(item_body).collect(),
            combos: self.combos.iter().map(combo_body).collect(),
            payments: self.payments.iter().map(payment_body).collect(),
            source_key: SOURCE,
            discounts_info: (!self.discounts.is_empty()).then(|| DiscountsInfo {
                discounts: self.discounts.iter().map(discount_body).collect(),
                fixed_loyalty_discounts: false,
            }),
        };
        Body {
            organization_id: &self.organization,
            terminal_group_id: &self.terminal_group,
            create_order_settings: Settings {
                service_print: (!is_pick_up).then_some(true),
                transport_to_front_timeout: TRANSPORT_SECONDS,
                check_stop_list: true,
            },
            order,
        }
    }
}

fn item_body(item: &Item) -> ItemBody<'_> {
    let modifiers = item.modifiers.iter().map(|modifier| ModifierBody {
        product_id: &modifier.product_id,
        product_group_id: modifier.group_id.as_deref(),
        amount: modifier.amount,
        price: from_minor(modifier.price_minor),
    });
    let product = ProductBody {
        product_id: &item.product_id,
        price: from_minor(item.price_minor),
        modifiers: modifiers.collect(),
    };
    let position = PositionBody {
        product_size_id: item.size_id.as_deref(),
        amount: item.quantity,
        position_id: &item.position_id,
        combo_information: item.combo.as_ref().map(|part| ComboInformation {
            combo_id: &part.combo,
            combo_source_id: &part.source,
            combo_group_id: &part.group_id,
        }),
    };
    if item.is_compound {
        ItemBody::Compound { primary_component: product, position }
    } else {
        ItemBody::Product { product, position }
    }
}

fn combo_body(combo: &Combo) -> ComboBody<'_> {
    ComboBody {
        id: &combo.id,
        name: &combo.name,
        amount: combo.quantity,
        price: from_minor(combo.price_minor),
        source_id: &combo.source,
        size_id: combo.size_id.as_deref(),
    }
}

fn payment_body(payment: &Payment) -> PaymentBody<'_> {
    PaymentBody {
        payment_type_kind: "External",
        sum: from_minor(payment.sum_minor),
        payment_type_id: &payment.type_id,
        is_processed_externally: true,
        is_fiscalized_externally: payment.is_fiscalised,
        is_prepay: false,
        payment_additional_data: AdditionalData { r#type: "External", custom_data: &payment.note },
    }
}

fn discount_body(discount: &Discount) -> DiscountBody<'_> {
    DiscountBody {
        r#type: "RMS",
        discount_type_id: &discount.type_id,
        sum: from_minor(discount.sum_minor),
        selective_positions: &discount.positions,
    }
}
