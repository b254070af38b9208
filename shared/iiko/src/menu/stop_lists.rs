//! Stop lists: what is out of stock at which terminal group.

use ::menu::chain::Stop;
use partner::{Answer, Request};
use serde::{Deserialize, Serialize};

use crate::call::{self, Access, Failure};
use crate::number::{Num, list};

/// What one terminal group has stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalStops {
    pub organization: String,
    pub terminal_group: String,
    pub stops: Vec<Stop>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    organization_ids: &'a [&'a str],
    return_size: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lists {
    #[serde(default, deserialize_with = "list")]
    terminal_group_stop_lists: Vec<OfOrganization>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfOrganization {
    organization_id: String,
    #[serde(default, deserialize_with = "list")]
    items: Vec<OfTerminal>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfTerminal {
    terminal_group_id: String,
    #[serde(default, deserialize_with = "list")]
    items: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default)]
    balance: Option<Num>,
    product_id: String,
    #[serde(default)]
    size_id: Option<String>,
}

/// Asks for the stop lists of organisations.
#[must_use]
pub fn request(access: &Access<'_>, organizations: &[&str]) -> Request {
    access.post("/api/1/stop_lists", &Body { organization_ids: organizations, return_size: true })
}

/// Reads stop lists. A terminal group that is not named has stopped nothing.
///
/// # Errors
/// See [`Failure`].
pub fn read(answer: &Answer) -> Result<Vec<TerminalStops>, Failure> {
    let lists: Lists = call::read(answer)?;
    let mut found = Vec::new();
    for organization in lists.terminal_group_stop_lists {
        for terminal in organization.items {
            let stops = terminal.items.into_iter().map(|entry| Stop {
                product_id: entry.product_id,
                size_id: entry.size_id,
                left: entry.balance.as_ref().map_or(0, Num::floor_u32),
            });
            found.push(TerminalStops {
                organization: organization.organization_id.clone(),
                terminal_group: terminal.terminal_group_id,
                stops: stops.collect(),
            });
        }
    }
    Ok(found)
}
