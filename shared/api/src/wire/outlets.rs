//! The directory of outlets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// From one time of day to another, such as `["08:00","22:00"]`; an end that is not later is on the next day, and
/// `24:00` is the end of the day.
pub type SpanBody = [String; 2];

/// Opening hours on the outlet's clock: up to six spans a day, in order. A day without spans is closed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct HoursBody {
    #[cfg_attr(feature = "schema", schemars(length(max = 6)))]
    pub mon: Vec<SpanBody>,
    #[cfg_attr(feature = "schema", schemars(length(max = 6)))]
    pub tue: Vec<SpanBody>,
    #[cfg_attr(feature = "schema", schemars(length(max = 6)))]
    pub wed: Vec<SpanBody>,
    #[cfg_attr(feature = "schema", schemars(length(max = 6)))]
    pub thu: Vec<SpanBody>,
    #[cfg_attr(feature = "schema", schemars(length(max = 6)))]
    pub fri: Vec<SpanBody>,
    #[cfg_attr(feature = "schema", schemars(length(max = 6)))]
    pub sat: Vec<SpanBody>,
    #[cfg_attr(feature = "schema", schemars(length(max = 6)))]
    pub sun: Vec<SpanBody>,
    /// Dates with other hours, at most 100: `{"2027-01-01":[]}`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub exceptions: BTreeMap<String, Vec<SpanBody>>,
}

/// A place in degrees, as decimal strings with at most six digits after the point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CoordinatesBody {
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^-?[0-9]{1,2}(\.[0-9]{1,6})?$")))]
    pub latitude: String,
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^-?[0-9]{1,3}(\.[0-9]{1,6})?$")))]
    pub longitude: String,
}

/// Everything about an outlet but its code. Brand and currency cannot be changed later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OutletBody {
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub brand: String,
    /// Code of the legal entity that owns it.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 32)))]
    pub franchisee: String,
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub name: String,
    /// ISO 3166, two capitals.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[A-Z]{2}$")))]
    pub country: String,
    /// ISO 4217.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[A-Z]{3}$")))]
    pub currency: String,
    /// IANA time zone: `Asia/Almaty`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub zone: String,
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub city: String,
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 256)))]
    pub address: String,
    /// As guests are shown it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 32)))]
    pub phone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coordinates: Option<CoordinatesBody>,
    pub hours: HoursBody,
    /// Spoken there: ru, kk, en.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 3)))]
    pub languages: Vec<String>,
    pub status: OutletStatusBody,
}

/// Whether an outlet serves guests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OutletStatusBody {
    Open,
    /// For a while.
    Paused,
    /// For good: no longer in the directory.
    Closed,
}

/// An outlet in the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutletReply {
    /// `out_…`
    pub id: String,
    pub code: String,
    pub brand: String,
    pub name: String,
    pub country: String,
    pub currency: String,
    pub zone: String,
    pub city: String,
    pub address: String,
    pub phone: Option<String>,
    pub coordinates: Option<CoordinatesBody>,
    pub hours: HoursBody,
    pub languages: Vec<String>,
    pub status: OutletStatusBody,
    /// Now, by its hours and its clock.
    pub open_now: bool,
    /// From the place named by `near`; null without one.
    pub distance_metres: Option<i64>,
}

/// A page of outlets: nearest first where a place was named, by code otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutletPage {
    pub items: Vec<OutletReply>,
    /// Pass as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}

/// A franchisee: a legal entity that owns outlets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FranchiseeBody {
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub name: String,
}

/// A franchisee as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FranchiseeReply {
    /// `frn_…`
    pub id: String,
    pub code: String,
    pub name: String,
}
