//! iikoCloud: several accounts with tills that think before they answer. An account is known by its login or token, as
//! at iiko, or has its calls below a base path of its own, as behind a proxy.
//!
//! Reading order: [`state`], [`shapes`], [`access`] and [`dictionaries`], [`menu`], [`stop_lists`], then orders:
//! [`create`], [`till`] (what a till refuses), [`change`], [`read`], [`events`] (webhooks), and [`handle`] (what a test
//! does to it).

mod access;
mod change;
mod create;
mod dictionaries;
mod events;
mod handle;
mod menu;
mod read;
pub mod shapes;
mod state;
mod stop_lists;
mod till;

pub use handle::OrderView;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::clock::Clock;
use crate::hooks::Hooks;
use crate::ids;
use crate::journal::Received;
use crate::serve::{Partner, Reply};
use crate::shape::Shape;
use crate::timer::TimerHandle;
use crate::world::{AccountSpec, Pace};
use state::Account;

/// What a fault of an unknown key ends with: iiko ignores such keys in silence.
const UNKNOWN: &str = ": unknown";

/// The simulator.
#[derive(Clone)]
pub struct Iiko {
    accounts: Arc<Mutex<BTreeMap<String, Account>>>,
    pub hooks: Hooks,
    pub clock: Clock,
    pace: Pace,
    timer: TimerHandle,
}

/// What an endpoint works with.
struct Call<'a> {
    iiko: &'a Iiko,
    account: &'a mut Account,
    now_ms: i64,
    correlation: String,
}

type Endpoint = fn(&mut Call<'_>, &Value) -> Reply;

/// Every endpoint behind a token.
const ENDPOINTS: &[(&str, Shape, Endpoint)] = &[
    ("/api/1/organizations", shapes::ORGANIZATIONS, dictionaries::organizations),
    ("/api/1/terminal_groups", shapes::TERMINAL_GROUPS, dictionaries::terminal_groups),
    ("/api/1/terminal_groups/is_alive", shapes::IS_ALIVE, dictionaries::is_alive),
    ("/api/1/payment_types", shapes::OF_ORGANIZATIONS, dictionaries::payment_types),
    ("/api/1/deliveries/order_types", shapes::OF_ORGANIZATIONS, dictionaries::order_types),
    ("/api/1/discounts", shapes::OF_ORGANIZATIONS, dictionaries::discounts),
    ("/api/1/cancel_causes", shapes::OF_ORGANIZATIONS, dictionaries::cancel_causes),
    ("/api/1/nomenclature", shapes::NOMENCLATURE, menu::nomenclature),
    ("/api/2/menu", Shape::Any, menu::list),
    ("/api/2/menu/by_id", shapes::MENU_BY_ID, menu::by_id),
    ("/api/1/stop_lists", shapes::STOP_LISTS, stop_lists::list),
    ("/api/1/stop_lists/check", shapes::STOP_LISTS_CHECK, stop_lists::check),
    ("/api/1/commands/status", shapes::COMMAND_STATUS, change::command_status),
    ("/api/1/deliveries/create", shapes::DELIVERY_CREATE, create::delivery),
    ("/api/1/order/create", shapes::TABLE_CREATE, create::table),
    ("/api/1/deliveries/by_id", shapes::DELIVERIES_BY_ID, read::deliveries),
    ("/api/1/order/by_id", shapes::TABLES_BY_ID, read::tables),
    ("/api/1/deliveries/by_revision", shapes::BY_REVISION, read::by_revision),
    ("/api/1/deliveries/cancel", shapes::DELIVERY_CANCEL, change::cancel_delivery),
    ("/api/1/order/cancel", shapes::TABLE_CANCEL, change::cancel_table),
    ("/api/1/deliveries/close", shapes::DELIVERY_CLOSE, change::close),
    ("/api/1/order/close", shapes::TABLE_CLOSE, change::close),
    ("/api/1/deliveries/update_order_delivery_status", shapes::DELIVERY_STATUS, change::delivery_status),
    ("/api/1/deliveries/confirm", shapes::CONFIRM, change::confirm),
    ("/api/1/webhooks/update_settings", shapes::HOOK_SETTINGS, events::update_settings),
    ("/api/1/webhooks/settings", shapes::OF_ORGANIZATION, events::settings),
];

impl Iiko {
    /// One with these accounts, whose tills and postman work on these timers.
    #[must_use]
    pub fn new(
        accounts: Vec<AccountSpec>,
        pace: Pace,
        clock: Clock,
        timer: TimerHandle,
        postman: TimerHandle,
    ) -> Self {
        let accounts = accounts.into_iter().map(|spec| (spec.name.clone(), Account::new(spec)));
        Self {
            accounts: Arc::new(Mutex::new(accounts.collect())),
            hooks: Hooks::new(postman),
            clock,
            pace,
            timer,
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Account>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Partner for Iiko {
    fn answer(&self, request: &Received) -> Reply {
        let mut accounts = self.lock();
        let (name, path) = request.path[1..].split_once('/').unwrap_or((&request.path[1..], ""));
        let is_rooted = name == "api";
        let path = if is_rooted { request.path.clone() } else { format!("/{path}") };
        let found = if is_rooted {
            accounts.values_mut().find(|account| access::is_of(account, request))
        } else {
            accounts.get_mut(name)
        };
        let Some(account) = found else {
            return match is_rooted {
                true => access::stranger(),
                false => Reply::json(404, json!({})).noting(vec![format!("no account at /{name}")]),
            };
        };
        if request.method != "POST" {
            return refused(405, "Method not allowed", None).noting(vec!["every call is a POST".to_owned()]);
        }
        let now_ms = self.clock.now_ms();
        let mut call = Call { iiko: self, account, now_ms, correlation: ids::fresh() };
        if let Some(reply) = access::token(&mut call, &path, request) {
            return reply;
        }
        let Some((_, shape, endpoint)) = ENDPOINTS.iter().find(|(known, _, _)| *known == path) else {
            return Reply::json(404, json!({})).noting(vec!["no such endpoint".to_owned()]);
        };
        if !access::admits(&call, request) {
            return access::stranger();
        }
        let mut notes = Vec::new();
        if request.header("content-type").is_none_or(|kind| !kind.starts_with("application/json")) {
            notes.push("content-type is not application/json".to_owned());
        }
        let body = request.json();
        notes.extend(shape.faults(&body));
        if let Some(fault) = notes.iter().find(|fault| fault.starts_with('/') && !fault.ends_with(UNKNOWN)) {
            let said = format!("Request body is invalid: {fault}");
            return refused(400, &said, Some("INVALID_BODY_JSON_FORMAT")).noting(notes);
        }
        endpoint(&mut call, &body).noting(notes)
    }

    fn failure(&self, status: u16, retry_after_s: Option<u32>) -> Reply {
        let said = match status {
            401 => "Token has expired or is invalid",
            408 => "Terminal did not answer in time",
            429 => "Too many requests",
            _ => "Internal server error",
        };
        let mut reply = refused(status, said, None);
        if let Some(seconds) = retry_after_s {
            reply.headers.push(("retry-after", seconds.to_string()));
        }
        reply
    }

    fn control(&self, path: &str, body: &Value) -> Option<Reply> {
        self.controlled(path, body)
    }
}

/// A refusal in iikoCloud's words.
fn refused(status: u16, description: &str, error: Option<&str>) -> Reply {
    Reply::json(
        status,
        json!({ "correlationId": ids::fresh(), "errorDescription": description, "error": error }),
    )
}

/// The texts of a list.
fn texts<'v>(body: &'v Value, key: &str) -> Vec<&'v str> {
    body[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

impl Call<'_> {
    /// An answer of which every one has the correlation id.
    fn reply(&self, mut body: Value) -> Reply {
        body["correlationId"] = json!(self.correlation);
        Reply::json(200, body)
    }

    /// Ids of the organizations asked for that this account has.
    fn organizations<'v>(&self, body: &'v Value) -> Vec<&'v str> {
        let mut known = texts(body, "organizationIds");
        known.retain(|id| self.account.organization(id).is_some());
        known
    }
}
