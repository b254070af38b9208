//! Organisations of an account and the terminal groups in them.

use partner::{Answer, Request};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::call::{self, Access, Failure};
use crate::number::{list, or_default};

/// A point of sale in the till's eyes. Everything after the code is told only where the extended form was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    pub id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default)]
    pub code: Option<String>,
    /// ISO 4217.
    #[serde(default)]
    pub currency_iso_name: Option<String>,
    #[serde(default)]
    pub restaurant_address: Option<String>,
    /// The taxpayer's number of the legal entity.
    #[serde(default)]
    pub inn: Option<String>,
    /// `CourierOnly`, `SelfServiceOnly`, `CourierAndSelfService`.
    #[serde(default)]
    pub delivery_service_type: Option<String>,
}

/// Tills that work together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalGroup {
    pub id: String,
    pub organization: String,
    pub name: String,
    /// IANA name, where told.
    pub zone: Option<String>,
    /// Switched off until it is woken.
    pub asleep: bool,
}

#[derive(Deserialize)]
struct Organizations {
    #[serde(default, deserialize_with = "list")]
    organizations: Vec<Organization>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TerminalGroups {
    #[serde(default, deserialize_with = "list")]
    terminal_groups: Vec<OfOrganization>,
    #[serde(default, deserialize_with = "list")]
    terminal_groups_in_sleep: Vec<OfOrganization>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfOrganization {
    organization_id: String,
    #[serde(default, deserialize_with = "list")]
    items: Vec<Terminal>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Terminal {
    id: String,
    #[serde(default, deserialize_with = "or_default")]
    name: String,
    #[serde(default)]
    time_zone: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TerminalsBody<'a> {
    organization_ids: &'a [&'a str],
}

/// Asks for all organisations of the login, with currency and address.
#[must_use]
pub fn request(access: &Access<'_>) -> Request {
    access.post("/api/1/organizations", &json!({ "returnAdditionalInfo": true, "includeDisabled": false }))
}

/// Reads organisations, in the simple or the extended form.
///
/// # Errors
/// See [`Failure`].
pub fn read(answer: &Answer) -> Result<Vec<Organization>, Failure> {
    call::read::<Organizations>(answer).map(|body| body.organizations)
}

/// Asks for the terminal groups of organisations.
#[must_use]
pub fn terminals_request(access: &Access<'_>, organizations: &[&str]) -> Request {
    access.post("/api/1/terminal_groups", &TerminalsBody { organization_ids: organizations })
}

/// Reads terminal groups, those asleep as well.
///
/// # Errors
/// See [`Failure`].
pub fn read_terminals(answer: &Answer) -> Result<Vec<TerminalGroup>, Failure> {
    let body: TerminalGroups = call::read(answer)?;
    let mut found = Vec::new();
    for (groups, asleep) in [(body.terminal_groups, false), (body.terminal_groups_in_sleep, true)] {
        for group in groups {
            for terminal in group.items {
                found.push(TerminalGroup {
                    id: terminal.id,
                    organization: group.organization_id.clone(),
                    name: terminal.name,
                    zone: terminal.time_zone,
                    asleep,
                });
            }
        }
    }
    Ok(found)
}
