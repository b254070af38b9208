//! What is out of stock.

use serde_json::{Value, json};

use super::{Call, texts};
use crate::clock::plain_utc;
use crate::number;
use crate::serve::Reply;

pub fn list(call: &mut Call<'_>, body: &Value) -> Reply {
    let only = texts(body, "terminalGroupsIds");
    let account = &*call.account;
    let mut found = Vec::new();
    for id in call.organizations(body) {
        let Some(organization) = account.organization(id) else { continue };
        let terminal = account.terminal(organization);
        if !only.is_empty() && !only.contains(&terminal.as_str()) {
            continue;
        }
        let stops = account.stops.iter().filter(|stop| stop.terminal == terminal).map(|stop| {
            json!({
                "balance": number(stop.balance), "productId": stop.product, "sizeId": stop.size,
                "sku": stop.sku, "dateAdd": plain_utc(stop.added_ms),
            })
        });
        let stops: Vec<Value> = stops.collect();
        found.push(json!({
            "organizationId": id, "items": [{ "terminalGroupId": terminal, "items": stops }],
        }));
    }
    call.reply(json!({ "terminalGroupStopLists": found }))
}

pub fn check(call: &mut Call<'_>, body: &Value) -> Reply {
    let terminal = body["terminalGroupId"].as_str().unwrap_or_default();
    let items = body["items"].as_array().cloned().unwrap_or_default();
    let rejected: Vec<Value> = items
        .iter()
        .filter(|item| {
            let product = item["productId"].as_str().unwrap_or_default();
            super::till::stopped(call.account, terminal, product, item["productSizeId"].as_str())
        })
        .map(
            |item| json!({ "productId": item["productId"], "sizeId": item["productSizeId"], "balance": 0.0 }),
        )
        .collect();
    call.reply(json!({ "rejectedItems": rejected }))
}
