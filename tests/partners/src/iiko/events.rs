//! Webhooks: batches of events to the one address of each organization.

use serde_json::{Value, json};

use super::state::{Account, Creation, HookSettings, Kind, Order};
use super::{Call, Iiko, read, refused};
use crate::clock::plain_utc;
use crate::hooks::Hook;
use crate::ids;
use crate::serve::Reply;

pub fn update_settings(call: &mut Call<'_>, body: &Value) -> Reply {
    let organization = body["organizationId"].as_str().unwrap_or_default();
    if call.account.organization(organization).is_none() {
        return refused(400, "Organization is not found", None);
    }
    let settings = HookSettings {
        uri: body["webHooksUri"].as_str().unwrap_or_default().to_owned(),
        auth_token: body["authToken"].as_str().map(str::to_owned),
        filter: body["webHooksFilter"].clone(),
    };
    call.account.hooks.insert(organization.to_owned(), settings);
    call.reply(json!({}))
}

pub fn settings(call: &mut Call<'_>, body: &Value) -> Reply {
    let organization = body["organizationId"].as_str().unwrap_or_default();
    let known = call.account.hooks.get(organization);
    call.reply(json!({
        "apiLoginName": call.account.spec.name, "webHooksUri": known.map(|known| &known.uri),
        "authToken": known.and_then(|known| known.auth_token.as_ref()),
        "webHooksFilter": known.map(|known| &known.filter),
    }))
}

/// Tells of an order, if the organization's filter lets it through.
pub fn order_changed(iiko: &Iiko, account: &Account, order: &Order, correlation: &str) {
    let failed = matches!(order.creation, Creation::Error { .. });
    let (filter, update, error) = match order.kind {
        Kind::Delivery => ("deliveryOrderFilter", "DeliveryOrderUpdate", "DeliveryOrderError"),
        Kind::Table => ("tableOrderFilter", "TableOrderUpdate", "TableOrderError"),
    };
    let kind = if failed { error } else { update };
    let lets_through = |settings: &HookSettings| {
        let filter = &settings.filter[filter];
        if failed {
            return filter["errors"] == true;
        }
        filter["orderStatuses"]
            .as_array()
            .is_some_and(|states| states.iter().any(|state| *state == order.status))
    };
    tell(iiko, account, &order.organization, lets_through, |now| {
        event(kind, now, &order.organization, correlation, read::order_info(account, order))
    });
}

/// Tells that a stop list has changed; which items, nobody says.
pub fn stops_changed(iiko: &Iiko, account: &Account, organization: &str, terminal: &str) {
    let lets_through = |settings: &HookSettings| settings.filter["stopListUpdateFilter"]["updates"] == true;
    let info = json!({ "terminalGroupsStopListsUpdates": [{ "id": terminal, "isFull": false }] });
    tell(iiko, account, organization, lets_through, |now| {
        event("StopListUpdate", now, organization, &ids::fresh(), info)
    });
}

/// Tells that the menu has changed.
pub fn menu_changed(iiko: &Iiko, account: &Account, organization: &str) {
    let lets_through =
        |settings: &HookSettings| settings.filter["nomenclatureUpdateFilter"]["updates"] == true;
    tell(iiko, account, organization, lets_through, |now| {
        event("NomenclatureUpdate", now, organization, &ids::fresh(), Value::Null)
    });
}

fn event(kind: &str, now: &str, organization: &str, correlation: &str, info: Value) -> Value {
    json!({
        "eventType": kind, "eventTime": now, "organizationId": organization, "correlationId": correlation,
        "eventInfo": info,
    })
}

fn tell(
    iiko: &Iiko,
    account: &Account,
    organization: &str,
    lets_through: impl Fn(&HookSettings) -> bool,
    event: impl FnOnce(&str) -> Value,
) {
    let Some(settings) = account.hooks.get(organization).filter(|settings| lets_through(settings)) else {
        return;
    };
    let token = settings.auth_token.clone().map(|token| ("authorization".to_owned(), token));
    iiko.hooks.post(Hook {
        url: settings.uri.clone(),
        headers: token.into_iter().collect(),
        body: json!([event(&plain_utc(iiko.clock.now_ms()))]),
        wants: None,
    });
}
