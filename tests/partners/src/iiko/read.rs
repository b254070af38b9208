//! Orders as iiko shows them.

use serde_json::{Value, json};

use super::dictionaries::{CANCEL_CAUSES, DISCOUNT_NAME, ORDER_TYPES, PAYMENT_TYPES};
use super::state::{Account, Creation, Kind, Order};
use super::{Call, refused, texts};
use crate::clock::{plain_in, plain_utc};
use crate::ids;
use crate::serve::Reply;
use crate::{decimal, number};

/// Most ids in one request.
const IDS_MAX: usize = 200;

pub fn deliveries(call: &mut Call<'_>, body: &Value) -> Reply {
    let organization = body["organizationId"].as_str().unwrap_or_default();
    by_ids(call, body, Kind::Delivery, &[organization])
}

pub fn tables(call: &mut Call<'_>, body: &Value) -> Reply {
    let organizations = texts(body, "organizationIds");
    by_ids(call, body, Kind::Table, &organizations)
}

fn by_ids(call: &Call<'_>, body: &Value, kind: Kind, organizations: &[&str]) -> Reply {
    let (own, pos) = (texts(body, "orderIds"), texts(body, "posOrderIds"));
    if own.is_empty() == pos.is_empty() || own.len() + pos.len() > IDS_MAX {
        return refused(400, "Exactly one of orderIds and posOrderIds, up to 200", None)
            .noting(vec!["/orderIds: exactly one of orderIds and posOrderIds".to_owned()]);
    }
    let wanted = |order: &&Order| {
        order.kind == kind
            && organizations.contains(&order.organization.as_str())
            && (own.contains(&order.id.as_str())
                || order.pos_id.as_deref().is_some_and(|id| pos.contains(&id)))
    };
    let found: Vec<Value> =
        call.account.orders.values().filter(wanted).map(|order| order_info(call.account, order)).collect();
    call.reply(json!({ "orders": found }))
}

pub fn by_revision(call: &mut Call<'_>, body: &Value) -> Reply {
    let start = body["startRevision"].as_i64().unwrap_or_default();
    let account = &*call.account;
    let changed = |organization: &str| -> Vec<Value> {
        let orders = account.orders.values().filter(|order| {
            order.kind == Kind::Delivery && order.organization == organization && order.revision > start
        });
        orders.map(|order| order_info(account, order)).collect()
    };
    let found: Vec<Value> = call
        .organizations(body)
        .iter()
        .map(|id| json!({ "organizationId": id, "orders": changed(id) }))
        .collect();
    call.reply(json!({ "maxRevision": account.order_revision, "ordersByOrganizations": found }))
}

/// The envelope around an order: in answers and in webhooks.
pub fn order_info(account: &Account, order: &Order) -> Value {
    let (creation, error) = match &order.creation {
        Creation::InProgress => ("InProgress", Value::Null),
        Creation::Success => ("Success", Value::Null),
        Creation::Error { code, message } => (
            "Error",
            json!({ "code": code, "message": message, "description": null, "additionalData": null }),
        ),
    };
    let shown = match (&order.creation, order.kind) {
        (Creation::Success, Kind::Delivery) => delivery(account, order),
        (Creation::Success, Kind::Table) => table(account, order),
        _ => Value::Null,
    };
    json!({
        "id": order.id, "posId": order.pos_id, "externalNumber": order.request["externalNumber"],
        "organizationId": order.organization, "timestamp": order.changed_ms, "creationStatus": creation,
        "errorInfo": error, "order": shown,
    })
}

fn common(account: &Account, order: &Order) -> Value {
    let request = &order.request;
    let local = |time: &str| order.times.get(time).map(|ms| plain_in(*ms, account.zone(&order.organization)));
    let count = request["guests"]["count"].as_i64().or(request["guestCount"].as_i64()).unwrap_or(1);
    json!({
        "sum": number(order.sum), "number": order.number, "sourceKey": request["sourceKey"],
        "whenBillPrinted": local("whenBillPrinted"), "whenClosed": local("whenClosed"), "conception": null,
        "guestsInfo": { "count": count, "splitBetweenPersons": false }, "items": items(account, order),
        "combos": [], "payments": payments(account, order), "tips": [], "discounts": discounts(order),
        "orderType": order_type(account, order), "terminalGroupId": order.terminal,
        "processedPaymentsSum": number(paid(order)), "loyaltyInfo": null,
        "externalData": external_data(request), "menuId": request["menuId"],
        "whenCreated": plain_in(order.taken_ms, account.zone(&order.organization)), "phone": request["phone"],
        "status": order.status, "customer": customer(request),
    })
}

fn delivery(account: &Account, order: &Order) -> Value {
    let zone = account.zone(&order.organization);
    let local = |time: &str| order.times.get(time).map(|ms| plain_in(*ms, zone));
    let taken = plain_in(order.taken_ms, zone);
    let mut shown = common(account, order);
    let cancelled = order.cancelled.as_ref().map(|(cause, comment)| {
        let known = CANCEL_CAUSES.iter().find(|(code, _)| Some(account.id("cancel_cause", code)) == *cause);
        json!({
            "whenCancelled": local("whenCancelled"), "comment": comment,
            "cause": {
                "id": cause.clone().unwrap_or_else(|| account.id("cancel_cause", "OTHER")),
                "name": known.map_or("Другое", |(_, name)| name),
            },
        })
    });
    let more = json!({
        "parentDeliveryId": null, "deliveryPoint": null, "cancelInfo": cancelled, "courierInfo": null,
        "completeBefore": order.request["completeBefore"].as_str().unwrap_or(&taken), "whenConfirmed": taken,
        "whenPrinted": taken, "whenCookingCompleted": local("whenCookingCompleted"),
        "whenSended": local("whenSended"), "whenDelivered": local("whenDelivered"),
        "comment": order.request["comment"], "problem": null, "operator": null, "marketingSource": null,
        "deliveryDuration": null, "indexInCourierRoute": null,
        "cookingStartTime": local("cookingStartTime").unwrap_or_else(|| taken.clone()), "isDeleted": false,
        "whenReceivedByApi": plain_utc(order.received_ms), "whenReceivedFromFront": plain_utc(order.taken_ms),
    });
    if let (Some(all), Some(more)) = (shown.as_object_mut(), more.as_object()) {
        all.extend(more.clone());
    }
    shown
}

fn table(account: &Account, order: &Order) -> Value {
    let mut shown = common(account, order);
    let more = json!({
        "tableIds": order.request["tableIds"].as_array().cloned().unwrap_or_default(),
        "waiter": { "id": account.id("employee", "1"), "name": "Бариста", "phone": null },
        "tabName": order.request["tabName"], "splitOrderBetweenCashRegisters": null,
    });
    if let (Some(all), Some(more)) = (shown.as_object_mut(), more.as_object()) {
        all.extend(more.clone());
    }
    shown
}

fn customer(request: &Value) -> Value {
    match request["customer"]["name"].as_str() {
        Some(name) if request["customer"]["type"] == "one-time" => {
            json!({ "type": "one-time", "name": name })
        }
        Some(name) => json!({
            "type": "regular", "id": ids::named(request["phone"].as_str().unwrap_or_default()), "name": name,
            "surname": request["customer"]["surname"], "comment": null, "gender": "NotSpecified",
            "inBlacklist": false, "blacklistReason": null, "birthdate": null,
        }),
        None => Value::Null,
    }
}

fn items(account: &Account, order: &Order) -> Vec<Value> {
    let state = match order.status.as_str() {
        "CookingStarted" => "CookingStarted",
        "CookingCompleted" | "Waiting" | "OnWay" => "CookingCompleted",
        "Delivered" | "Closed" => "Served",
        _ => "Added",
    };
    let shown = |line: &Value| {
        let component = super::till::component(line);
        let item = component["productId"].as_str().and_then(|id| account.item(id));
        let amount = decimal(&line["amount"]).unwrap_or_default();
        let price = decimal(&component["price"]).unwrap_or_default();
        let size = account
            .spec
            .book
            .sizes
            .iter()
            .find(|size| line["productSizeId"] == account.id("size", &size.code));
        let modifiers: Vec<Value> = component["modifiers"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|chosen| modifier(account, chosen, amount))
            .collect();
        json!({
            "type": "Product", "product": { "id": component["productId"], "name": item.map(|item| &item.name) },
            "modifiers": modifiers, "price": number(price), "cost": number(price * amount),
            "pricePredefined": true, "positionId": line["positionId"],
            "taxPercent": item.map_or(0.0, |item| f64::from(item.vat)), "resultSum": number(price * amount),
            "status": state, "deleted": null, "amount": line["amount"], "comment": line["comment"],
            "whenPrinted": null,
            "size": size.map(|size| json!({ "id": line["productSizeId"], "name": size.name })),
            "comboInformation": null,
        })
    };
    order.request["items"].as_array().into_iter().flatten().map(shown).collect()
}

fn modifier(account: &Account, chosen: &Value, times: rust_decimal::Decimal) -> Value {
    let known = chosen["productId"].as_str().and_then(|id| account.modifier(id));
    let group = account
        .spec
        .book
        .groups
        .iter()
        .find(|group| chosen["productGroupId"] == account.id("group", &group.code));
    let price = decimal(&chosen["price"]).unwrap_or_default();
    let amount = decimal(&chosen["amount"]).unwrap_or_default();
    json!({
        "product": { "id": chosen["productId"], "name": known.map(|modifier| &modifier.name) },
        "amount": chosen["amount"], "amountIndependentOfParentAmount": false,
        "productGroup": group.map(|group| json!({ "id": chosen["productGroupId"], "name": group.name })),
        "price": number(price), "pricePredefined": false, "resultSum": number(price * amount * times),
        "deleted": null, "positionId": chosen["positionId"], "defaultAmount": 0,
        "hideIfDefaultAmount": false, "taxPercent": 5.0, "freeOfChargeAmount": 0,
    })
}

fn payments(account: &Account, order: &Order) -> Vec<Value> {
    let shown = |payment: &Value| {
        let known = PAYMENT_TYPES
            .iter()
            .find(|(code, ..)| payment["paymentTypeId"] == account.id("payment_type", code));
        json!({
            "paymentType": {
                "id": payment["paymentTypeId"], "name": known.map_or("", |(_, name, ..)| name),
                "kind": known.map_or("Unknown", |(_, _, kind, _)| kind),
            },
            "sum": payment["sum"], "isPreliminary": false,
            "isExternal": payment["paymentTypeKind"] == "External",
            "isProcessedExternally": payment["isProcessedExternally"] == true,
            "isFiscalizedExternally": payment["isFiscalizedExternally"] == true,
            "isPrepay": payment["isPrepay"] == true,
        })
    };
    order.request["payments"].as_array().into_iter().flatten().map(shown).collect()
}

fn paid(order: &Order) -> rust_decimal::Decimal {
    let processed = order.request["payments"].as_array().into_iter().flatten();
    processed
        .filter(|payment| payment["isProcessedExternally"] == true)
        .filter_map(|payment| decimal(&payment["sum"]))
        .sum()
}

fn discounts(order: &Order) -> Vec<Value> {
    let given = order.request["discountsInfo"]["discounts"].as_array().into_iter().flatten();
    given
        .map(|discount| {
            json!({
                "discountType": { "id": discount["discountTypeId"], "name": DISCOUNT_NAME },
                "sum": discount["sum"], "selectivePositions": discount["selectivePositions"],
            })
        })
        .collect()
}

fn order_type(account: &Account, order: &Order) -> Value {
    let request = &order.request;
    let known = ORDER_TYPES.iter().find(|(code, _, _, service)| {
        request["orderTypeId"] == account.id("order_type", code) || request["orderServiceType"] == *service
    });
    known.map_or(Value::Null, |(code, name, _, service)| {
        json!({ "id": account.id("order_type", code), "name": name, "orderServiceType": service })
    })
}

fn external_data(request: &Value) -> Vec<Value> {
    let given = request["externalData"].as_array().into_iter().flatten();
    given.map(|data| json!({ "key": data["key"], "value": data["value"] })).collect()
}
