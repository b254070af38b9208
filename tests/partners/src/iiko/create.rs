//! New orders: taken in at once, judged by the till later.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::state::{Command, Creation, Kind, Order, Progress};
use super::{Call, Iiko, events, read, refused, till};
use crate::serve::Reply;
use crate::{decimal, ids};

/// How long a till may take if the request does not say, in seconds.
const TRANSPORT_SECONDS: u64 = 8;
/// What an order becomes whose till is offline.
const TIMED_OUT: &str = "Creation timeout expired, order automatically transited to error creation status";

pub fn delivery(call: &mut Call<'_>, body: &Value) -> Reply {
    let order = &body["order"];
    let mut notes = Vec::new();
    match (order["orderTypeId"].is_string(), order["orderServiceType"].is_string()) {
        (true, true) | (false, false) => {
            notes.push("/order: exactly one of orderTypeId and orderServiceType".to_owned());
        }
        _ => {}
    }
    if !order["phone"].as_str().is_some_and(|phone| phone.starts_with('+')) {
        notes.push("/order/phone: does not begin with +".to_owned());
    }
    create(call, body, Kind::Delivery).noting(notes)
}

pub fn table(call: &mut Call<'_>, body: &Value) -> Reply {
    create(call, body, Kind::Table)
}

fn create(call: &mut Call<'_>, body: &Value, kind: Kind) -> Reply {
    let organization_id = body["organizationId"].as_str().unwrap_or_default();
    let Some(organization) = call.account.organization(organization_id) else {
        return refused(400, "Organization is not found or not available for the login", None);
    };
    let own_terminal = call.account.terminal(organization);
    let terminal = body["terminalGroupId"].as_str().unwrap_or(&own_terminal).to_owned();
    if terminal != own_terminal {
        return refused(400, "Terminal group does not belong to the organization", None);
    }
    let request = &body["order"];
    let id = request["id"].as_str().map_or_else(ids::fresh, str::to_owned);
    let notes = unlikely(request);
    let command = Command {
        organization: organization_id.to_owned(),
        progress: Progress::Running,
        made_ms: call.now_ms,
    };
    if call.account.orders.contains_key(&id) {
        let said = format!("Order {id} is already created");
        let failed = Command { progress: Progress::Error(said.clone()), ..command };
        call.account.commands.insert(call.correlation.clone(), failed);
        let answer = json!({
            "id": id, "posId": null, "externalNumber": request["externalNumber"],
            "organizationId": organization_id, "timestamp": call.now_ms, "creationStatus": "Error",
            "errorInfo": { "code": "DuplicatedOrderId", "message": said, "description": null, "additionalData": null },
            "order": null,
        });
        return call.reply(json!({ "orderInfo": answer }));
    }
    let settings = &body["createOrderSettings"];
    let seconds = settings["transportToFrontTimeout"].as_u64().unwrap_or(TRANSPORT_SECONDS);
    let order = Order {
        id: id.clone(),
        kind,
        organization: organization_id.to_owned(),
        terminal,
        request: request.clone(),
        check_stop_list: settings["checkStopList"] == true,
        pos_id: None,
        creation: Creation::InProgress,
        status: String::new(),
        number: 0,
        sum: till::sum(request),
        received_ms: call.now_ms,
        taken_ms: 0,
        changed_ms: call.now_ms,
        times: BTreeMap::new(),
        cancelled: None,
        revision: call.account.next_order_revision(),
    };
    let shown = read::order_info(call.account, &order);
    call.account.orders.insert(id.clone(), order);
    call.account.commands.insert(call.correlation.clone(), command);
    let (iiko, account, correlation) =
        (call.iiko.clone(), call.account.spec.name.clone(), call.correlation.clone());
    let patience = iiko.pace.second * u32::try_from(seconds).unwrap_or(u32::MAX);
    iiko.pass_on(account, id, correlation, patience);
    call.reply(json!({ "orderInfo": shown })).noting(notes)
}

/// What no till of ours would be sent: money that does not add up.
fn unlikely(request: &Value) -> Vec<String> {
    let sums = request["payments"].as_array().into_iter().flatten().filter_map(|paid| decimal(&paid["sum"]));
    let (paid, due) = (sums.sum::<rust_decimal::Decimal>(), till::sum(request));
    if request["payments"].is_array() && paid != due {
        return vec![format!("/order/payments: {paid} paid for an order of {due}")];
    }
    Vec::new()
}

impl Iiko {
    /// Hands a new order to its till, and gives up when the till does not answer for so long.
    fn pass_on(&self, account: String, id: String, correlation: String, patience: Duration) {
        let iiko = self.clone();
        self.timer.after(self.pace.till, move || {
            let asleep = {
                let accounts = iiko.lock();
                let order = accounts.get(&account).and_then(|account| account.orders.get(&id));
                let terminal = order.map(|order| order.terminal.clone());
                terminal.is_some_and(|terminal| accounts[&account].asleep.contains(&terminal))
            };
            if !asleep {
                iiko.judge(&account, &id, &correlation, false);
            } else if patience <= iiko.pace.till {
                iiko.judge(&account, &id, &correlation, true);
            } else {
                iiko.pass_on(account, id, correlation, patience - iiko.pace.till);
            }
        });
    }

    /// The till's verdict.
    fn judge(&self, account_name: &str, id: &str, correlation: &str, timed_out: bool) {
        let now_ms = self.clock.now_ms();
        let mut accounts = self.lock();
        let Some(account) = accounts.get_mut(account_name) else { return };
        let Some(order) = account.orders.get(id).cloned() else { return };
        let verdict =
            if timed_out { Err(("Common", TIMED_OUT.to_owned())) } else { till::verdict(account, &order) };
        let mut order = order;
        order.changed_ms = now_ms;
        order.revision = account.next_order_revision();
        let progress = match verdict {
            Ok(()) => {
                account.numbered += 1;
                order.number = account.numbered;
                order.creation = Creation::Success;
                order.pos_id = Some(ids::fresh());
                order.taken_ms = now_ms;
                order.status = match order.kind {
                    Kind::Delivery => "WaitCooking",
                    Kind::Table => "New",
                }
                .to_owned();
                Progress::Success
            }
            Err((code, message)) => {
                order.creation = Creation::Error { code, message: message.clone() };
                Progress::Error(message)
            }
        };
        if let Some(command) = account.commands.get_mut(correlation) {
            command.progress = progress;
        }
        account.orders.insert(id.to_owned(), order.clone());
        events::order_changed(self, account, &order, correlation);
        drop(accounts);
        if order.creation == Creation::Success
            && let Some(pause) = self.pace.cooking
        {
            self.cook(id.to_owned(), pause);
        }
    }

    /// Moves an order on by itself, one state after another, until it is at the counter.
    fn cook(&self, id: String, pause: Duration) {
        let iiko = self.clone();
        self.timer.after(pause, move || {
            let status = iiko.order(&id).map(|order| order.status);
            let next = match status.as_deref() {
                Some("WaitCooking") => "CookingStarted",
                Some("CookingStarted") => "CookingCompleted",
                _ => return,
            };
            if iiko.advance(&id, next) {
                iiko.cook(id, pause);
            }
        });
    }
}
