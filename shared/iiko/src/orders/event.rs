//! Events that iikoCloud posts to us: a list per request, in any order, some of them twice.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::from_value;

use super::answer::{InfoBody, OrderInfo, info};

/// Events read from one request.
pub const EVENTS_MAX: usize = 1_000;

/// One event that we use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An order changed, or did not come to be.
    Order(OrderInfo),
    /// The stop lists of these terminal groups changed; what is on them is not said.
    StopLists { organization: String, terminal_groups: Vec<String> },
    /// Products of an organisation changed.
    Menu { organization: String },
    /// Of a type that we do not use, or without content.
    Ignored,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventBody {
    event_type: String,
    organization_id: String,
    event_info: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StopListsBody {
    terminal_groups_stop_lists_updates: Vec<GroupBody>,
}

#[derive(Deserialize)]
struct GroupBody {
    id: String,
}

/// Why a body is no list of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a list of at most 1000 iiko events")]
pub struct NotEvents;

/// Reads a request's events. One that cannot be read is ignored by itself: the others must not be lost with it, and
/// what it said is found again by reading the orders.
///
/// # Errors
/// When the body is no list of events at all.
pub fn events(body: &[u8]) -> Result<Vec<Event>, NotEvents> {
    let list: Vec<Value> = serde_json::from_slice(body).map_err(|_| NotEvents)?;
    if list.len() > EVENTS_MAX {
        return Err(NotEvents);
    }
    Ok(list.into_iter().map(|value| event(value).unwrap_or(Event::Ignored)).collect())
}

fn event(value: Value) -> Option<Event> {
    let EventBody { event_type, organization_id, event_info } = from_value(value).ok()?;
    let organization = organization_id.to_ascii_lowercase();
    match event_type.as_str() {
        "DeliveryOrderUpdate" | "DeliveryOrderError" | "TableOrderUpdate" | "TableOrderError" => {
            Some(Event::Order(info(from_value::<InfoBody>(event_info?).ok()?)))
        }
        "StopListUpdate" => {
            let body: StopListsBody = from_value(event_info?).ok()?;
            let groups = body.terminal_groups_stop_lists_updates.into_iter();
            let terminal_groups = groups.map(|group| group.id.to_ascii_lowercase()).collect();
            Some(Event::StopLists { organization, terminal_groups })
        }
        "NomenclatureUpdate" => Some(Event::Menu { organization }),
        _ => None,
    }
}
