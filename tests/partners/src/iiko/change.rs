//! What happens to an order later: commands, which the till carries out after a while.

use serde_json::{Value, json};

use super::state::{Command, Creation, Kind, Order, Progress};
use super::{Call, Iiko, events, refused};
use crate::serve::Reply;

/// How long the outcome of a command is known.
const COMMANDS_KEPT_MS: i64 = 60 * 60 * 1_000;
/// States in which an order can still be cancelled.
const CANCELLABLE: &[&str] = &[
    "Unconfirmed",
    "WaitCooking",
    "ReadyForCooking",
    "CookingStarted",
    "CookingCompleted",
    "Waiting",
    "OnWay",
    "New",
];

pub fn command_status(call: &mut Call<'_>, body: &Value) -> Reply {
    let id = body["correlationId"].as_str().unwrap_or_default();
    let known = call.account.commands.get(id);
    let known = known.filter(|command| {
        body["organizationId"] == command.organization.as_str()
            && call.now_ms - command.made_ms < COMMANDS_KEPT_MS
    });
    match known.map(|command| &command.progress) {
        None => refused(410, "Command is not found: it is too old", None),
        Some(Progress::Running) => Reply::json(200, json!({ "state": "InProgress" })),
        Some(Progress::Success) => Reply::json(200, json!({ "state": "Success" })),
        Some(Progress::Error(message)) => Reply::json(
            200,
            json!({ "state": "Error", "exception": { "message": message }, "errorReason": null }),
        ),
    }
}

/// What a command does to an order; a text if the till refuses.
type Change = Box<dyn FnOnce(&mut Order, i64) -> Result<(), String> + Send>;

/// Accepts a command for an existing order.
fn command(call: &mut Call<'_>, body: &Value, change: Change) -> Reply {
    let id = body["orderId"].as_str().unwrap_or_default().to_owned();
    let found =
        call.account.orders.get(&id).filter(|order| body["organizationId"] == order.organization.as_str());
    if found.is_none_or(|order| order.creation != Creation::Success) {
        return refused(400, "Order is not found", Some("ORDER_NOT_FOUND"));
    }
    let command = Command {
        organization: body["organizationId"].as_str().unwrap_or_default().to_owned(),
        progress: Progress::Running,
        made_ms: call.now_ms,
    };
    call.account.commands.insert(call.correlation.clone(), command);
    let (iiko, account, correlation) =
        (call.iiko.clone(), call.account.spec.name.clone(), call.correlation.clone());
    let later = iiko.clone();
    iiko.timer.after(iiko.pace.till, move || later.carry_out(&account, &id, &correlation, change));
    call.reply(json!({}))
}

pub fn cancel_delivery(call: &mut Call<'_>, body: &Value) -> Reply {
    let text = |key: &str| body[key].as_str().map(str::to_owned);
    let (cause, comment) = (text("cancelCauseId"), text("cancelComment"));
    command(call, body, Box::new(|order, now_ms| cancel(order, cause, comment, now_ms)))
}

pub fn cancel_table(call: &mut Call<'_>, body: &Value) -> Reply {
    let comment = body["removalComment"].as_str().map(str::to_owned);
    command(call, body, Box::new(|order, now_ms| cancel(order, None, comment, now_ms)))
}

fn cancel(
    order: &mut Order,
    cause: Option<String>,
    comment: Option<String>,
    now_ms: i64,
) -> Result<(), String> {
    if !CANCELLABLE.contains(&order.status.as_str()) {
        return Err(format!("Order in status {} cannot be cancelled", order.status));
    }
    order.status = match order.kind {
        Kind::Delivery => "Cancelled",
        Kind::Table => "Deleted",
    }
    .to_owned();
    order.cancelled = Some((cause, comment));
    order.times.insert("whenCancelled", now_ms);
    Ok(())
}

pub fn close(call: &mut Call<'_>, body: &Value) -> Reply {
    command(call, body, Box::new(|order, now_ms| move_to(order, "Closed", now_ms)))
}

pub fn confirm(call: &mut Call<'_>, body: &Value) -> Reply {
    command(
        call,
        body,
        Box::new(
            |order, now_ms| {
                if order.status == "Unconfirmed" { move_to(order, "WaitCooking", now_ms) } else { Ok(()) }
            },
        ),
    )
}

pub fn delivery_status(call: &mut Call<'_>, body: &Value) -> Reply {
    let status = body["deliveryStatus"].as_str().unwrap_or_default().to_owned();
    command(call, body, Box::new(move |order, now_ms| move_to(order, &status, now_ms)))
}

/// Moves an order on and notes when.
pub fn move_to(order: &mut Order, status: &str, now_ms: i64) -> Result<(), String> {
    if ["Closed", "Cancelled", "Deleted"].contains(&order.status.as_str()) {
        return Err(format!("Order in status {} cannot become {status}", order.status));
    }
    status.clone_into(&mut order.status);
    let time = match status {
        "CookingStarted" => Some("cookingStartTime"),
        "CookingCompleted" => Some("whenCookingCompleted"),
        "OnWay" => Some("whenSended"),
        "Delivered" => Some("whenDelivered"),
        "Bill" => Some("whenBillPrinted"),
        "Closed" => Some("whenClosed"),
        _ => None,
    };
    if let Some(time) = time {
        order.times.insert(time, now_ms);
    }
    Ok(())
}

impl Iiko {
    fn carry_out(&self, account: &str, id: &str, correlation: &str, change: Change) {
        let now_ms = self.clock.now_ms();
        let mut accounts = self.lock();
        let Some(account) = accounts.get_mut(account) else { return };
        let Some(mut order) = account.orders.get(id).cloned() else { return };
        let asleep = account.asleep.contains(&order.terminal);
        let outcome = if asleep {
            Err("Terminal group is not available".to_owned())
        } else {
            change(&mut order, now_ms)
        };
        let progress = match outcome {
            Ok(()) => {
                order.changed_ms = now_ms;
                order.revision = account.next_order_revision();
                account.orders.insert(id.to_owned(), order.clone());
                events::order_changed(self, account, &order, correlation);
                Progress::Success
            }
            Err(message) => Progress::Error(message),
        };
        if let Some(command) = account.commands.get_mut(correlation) {
            command.progress = progress;
        }
    }
}
