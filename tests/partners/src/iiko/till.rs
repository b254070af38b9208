//! What a till thinks of an order.

use rust_decimal::Decimal;
use serde_json::Value;

use super::dictionaries::{DISCOUNT, ORDER_TYPES, PAYMENT_TYPES};
use super::state::{Account, Order};
use crate::decimal;
use crate::world::{Group, Item, OrganizationSpec};

/// Code and message of a refusal.
type Refusal = (&'static str, String);

/// The part of a line that names the product: a compound item has it one level down.
pub fn component(line: &Value) -> &Value {
    if line["type"] == "Compound" { &line["primaryComponent"] } else { line }
}

/// What an order comes to: items with their modifiers, less discounts.
pub fn sum(request: &Value) -> Decimal {
    let items = request["items"].as_array().into_iter().flatten().map(|item| {
        let component = component(item);
        let modifiers = component["modifiers"].as_array().into_iter().flatten().map(|modifier| {
            decimal(&modifier["price"]).unwrap_or_default() * decimal(&modifier["amount"]).unwrap_or_default()
        });
        let each = decimal(&component["price"]).unwrap_or_default() + modifiers.sum::<Decimal>();
        each * decimal(&item["amount"]).unwrap_or_default()
    });
    let discounts = request["discountsInfo"]["discounts"].as_array().into_iter().flatten();
    let off = discounts.filter_map(|discount| decimal(&discount["sum"])).sum::<Decimal>();
    items.sum::<Decimal>() - off
}

/// Whether the till takes the order.
pub fn verdict(account: &Account, order: &Order) -> Result<(), Refusal> {
    let Some(organization) = account.organization(&order.organization) else {
        return Err(("OrganizationUnregistered", "Organization is not registered".to_owned()));
    };
    let items = order.request["items"].as_array().cloned().unwrap_or_default();
    if items.is_empty() {
        return Err(("OrderItemsNotExists", "Order has no items".to_owned()));
    }
    for item in &items {
        self::item(account, order, organization, item)?;
    }
    for combo in order.request["combos"].as_array().into_iter().flatten() {
        self::combo(account, organization, &items, combo)?;
    }
    let known = |id: &Value| {
        order.request["combos"].as_array().is_some_and(|combos| combos.iter().any(|combo| combo["id"] == *id))
    };
    let parts = items.iter().map(|item| &item["comboInformation"]["comboId"]).filter(|id| !id.is_null());
    if let Some(stray) = parts.into_iter().find(|id| !known(id)) {
        return Err(("InvalidComboItemsAmount", format!("Combo {stray} is not in the order")));
    }
    positions(&items)?;
    for payment in order.request["payments"].as_array().into_iter().flatten() {
        self::payment(account, payment)?;
    }
    for discount in order.request["discountsInfo"]["discounts"].as_array().into_iter().flatten() {
        self::discount(account, &items, discount)?;
    }
    if let Some(kind) = order.request["orderTypeId"].as_str()
        && !ORDER_TYPES.iter().any(|(code, ..)| account.id("order_type", code) == kind)
    {
        return Err(("OrderTypeNotFound", format!("Order type {kind} is not found")));
    }
    Ok(())
}

fn item(
    account: &Account,
    order: &Order,
    organization: &OrganizationSpec,
    line: &Value,
) -> Result<(), Refusal> {
    let component = component(line);
    let product = component["productId"].as_str().unwrap_or_default();
    let Some(item) = account.item(product) else {
        return Err(("ProductNotFound", format!("Product {product} is not found")));
    };
    let size = size(account, item, line)?;
    let Some(price) = account.price(organization, item, &size) else {
        return Err(("ProductNotFound", format!("Product {product} is excluded from menu")));
    };
    // A part of a combo costs what the combo says.
    if line["comboInformation"].is_null() && decimal(&component["price"]) != Some(price) {
        let said = format!("Price of {} is {price}, not {}", item.name, component["price"]);
        return Err(("RequestProductPriceIsNotEqualToFrontPrice", said));
    }
    if order.check_stop_list && stopped(account, &order.terminal, product, line["productSizeId"].as_str()) {
        return Err(("Common", format!("{} is in stop list", item.name)));
    }
    let groups = item.groups.iter().filter_map(|code| account.spec.book.group(code));
    modifiers(account, organization, order, component, &groups.collect::<Vec<_>>())
}

/// A combo is one of the menu's, has one part of each of its groups, and its parts come to its price.
fn combo(
    account: &Account,
    organization: &OrganizationSpec,
    items: &[Value],
    combo: &Value,
) -> Result<(), Refusal> {
    let source = combo["sourceId"].as_str().unwrap_or_default();
    let known = account.spec.book.combos.iter().find(|known| account.id("combo", &known.code) == source);
    let Some(known) = known else {
        return Err(("Common", format!("Combo {source} is not found")));
    };
    let parts: Vec<&Value> =
        items.iter().filter(|item| item["comboInformation"]["comboId"] == combo["id"]).collect();
    let mut price = Decimal::from(
        known
            .prices
            .get(&organization.currency)
            .and_then(|prices| prices.first())
            .copied()
            .unwrap_or_default(),
    );
    for group in &known.groups {
        let of_group = |part: &&&Value| {
            let information = &part["comboInformation"];
            information["comboGroupId"] == account.id("combo_group", &group.code)
                && information["comboSourceId"] == source
        };
        let chosen: Vec<&&Value> = parts.iter().filter(of_group).collect();
        let [chosen] = chosen.as_slice() else {
            return Err((
                "InvalidComboItemsAmount",
                format!("{} parts of group {}", chosen.len(), group.name),
            ));
        };
        let is_it = |part: &&crate::world::ComboPart| {
            let size = (!part.size.is_empty()).then(|| account.id("size", &part.size));
            chosen["productId"] == account.id("product", &part.sku)
                && chosen["productSizeId"].as_str() == size.as_deref()
        };
        let Some(part) = group.parts.iter().find(is_it) else {
            return Err(("Common", format!("{} is no part of {}", chosen["productId"], known.name)));
        };
        if chosen["amount"] != combo["amount"] {
            return Err(("InvalidComboItemsAmount", format!("{} of {}", chosen["amount"], known.name)));
        }
        price += Decimal::from(part.more);
    }
    let together: Decimal = parts.iter().filter_map(|part| decimal(&part["price"])).sum();
    if parts.len() != known.groups.len() || decimal(&combo["price"]) != Some(price) || together != price {
        let said = format!("{} costs {price}, not {} in parts of {together}", known.name, combo["price"]);
        return Err(("RequestProductPriceIsNotEqualToFrontPrice", said));
    }
    Ok(())
}

/// The code of the line's size; empty for what comes in one.
fn size(account: &Account, item: &Item, line: &Value) -> Result<String, Refusal> {
    let given = line["productSizeId"].as_str();
    if item.sizes.is_empty() {
        return match given {
            None => Ok(String::new()),
            Some(_) => Err(("ProductSizeNotFound", format!("{} has no sizes", item.name))),
        };
    }
    let found = item.sizes.iter().find(|code| Some(account.id("size", code).as_str()) == given);
    found.cloned().ok_or_else(|| {
        ("ProductSizeNotFound", format!("Size of {} is not specified or not found", item.name))
    })
}

fn modifiers(
    account: &Account,
    organization: &OrganizationSpec,
    order: &Order,
    line: &Value,
    groups: &[&Group],
) -> Result<(), Refusal> {
    let mut counts = vec![Decimal::ZERO; groups.len()];
    let mut seen: Vec<&str> = Vec::new();
    for chosen in line["modifiers"].as_array().into_iter().flatten() {
        let product = chosen["productId"].as_str().unwrap_or_default();
        if seen.contains(&product) {
            return Err(("ModifierDuplicated", format!("Modifier {product} is duplicated")));
        }
        seen.push(product);
        let given = chosen["productGroupId"].as_str();
        let index = groups.iter().position(|group| Some(account.id("group", &group.code).as_str()) == given);
        let Some(index) = index else {
            return Err(("ProductGroupNotFound", format!("Group of modifier {product} is not found")));
        };
        let known = groups[index].items.iter().find(|known| account.id("product", &known.sku) == product);
        let Some(modifier) = known else {
            return Err(("ProductNotFound", format!("Modifier {product} is not found in its group")));
        };
        let listed = account.modifier_price(organization, modifier);
        let asked = decimal(&chosen["price"]);
        let free = groups[index].free > 0 && asked == Some(Decimal::ZERO);
        if asked.is_some() && asked != listed && !free {
            let said = format!("Price of {} is {listed:?}, not {}", modifier.name, chosen["price"]);
            return Err(("RequestProductPriceIsNotEqualToFrontPrice", said));
        }
        if order.check_stop_list && stopped(account, &order.terminal, product, None) {
            return Err(("Common", format!("{} is in stop list", modifier.name)));
        }
        counts[index] += decimal(&chosen["amount"]).unwrap_or_default();
    }
    for (group, count) in groups.iter().zip(&counts) {
        if *count < group.min.into() || *count > group.max.into() {
            let said = format!("Order item modifier has invalid group amount: {} of {}", count, group.name);
            return Err(("Common", said));
        }
    }
    Ok(())
}

fn positions(items: &[Value]) -> Result<(), Refusal> {
    let mut seen: Vec<&str> = Vec::new();
    for position in items.iter().filter_map(|item| item["positionId"].as_str()) {
        if seen.contains(&position) {
            return Err(("NonUnqiueOrderItemPosition", format!("Position {position} is not unique")));
        }
        seen.push(position);
    }
    Ok(())
}

fn payment(account: &Account, payment: &Value) -> Result<(), Refusal> {
    let id = payment["paymentTypeId"].as_str().unwrap_or_default();
    let known = PAYMENT_TYPES.iter().find(|(code, ..)| account.id("payment_type", code) == id);
    let Some((_, name, kind, processing)) = known else {
        return Err(("PaymentTypeNotFound", format!("Payment type {id} is not found")));
    };
    if payment["paymentTypeKind"] != *kind {
        return Err(("PaymentTypeNotFound", format!("{name} is not of kind {}", payment["paymentTypeKind"])));
    }
    if payment["isProcessedExternally"] == true && *processing == "Internal" {
        return Err(("PaymentTypeCanNotBeUsedAsExternal", format!("{name} cannot be processed externally")));
    }
    if decimal(&payment["sum"]).is_none_or(|sum| sum <= Decimal::ZERO) {
        return Err(("PaymentSumShouldBePositive", format!("Payment {name} is not positive")));
    }
    Ok(())
}

fn discount(account: &Account, items: &[Value], discount: &Value) -> Result<(), Refusal> {
    let id = discount["discountTypeId"].as_str().unwrap_or_default();
    if account.id("discount", DISCOUNT) != id {
        return Err(("InvalidDiscountItem", format!("Discount {id} is not found")));
    }
    if decimal(&discount["sum"]).is_none() {
        return Err(("DiscountSumNotSpecified", "Discount sum is not specified".to_owned()));
    }
    for position in discount["selectivePositions"].as_array().into_iter().flatten() {
        if !items.iter().any(|item| item["positionId"] == *position) {
            return Err(("DiscountItemPositionNotFound", format!("Position {position} is not found")));
        }
    }
    Ok(())
}

/// Whether a product, perhaps in a size, is out of stock at a terminal.
pub fn stopped(account: &Account, terminal: &str, product: &str, size: Option<&str>) -> bool {
    account.stops.iter().any(|stop| {
        stop.terminal == terminal
            && stop.product == product
            && stop.balance <= Decimal::ZERO
            && (stop.size.is_none() || stop.size.as_deref() == size)
    })
}
