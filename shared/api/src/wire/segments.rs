//! Segments of guests, and tags on them.

use pricing::segment::SegmentRule;
use serde::{Deserialize, Serialize};

/// A segment to make or change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SegmentBody {
    /// For colleagues.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 120)))]
    pub name: String,
    /// Who is in it. Absent: whom an import of kind `segments` puts in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<SegmentRule>,
    /// How often the rule is applied anew; absent: once a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 672)))]
    pub refresh_hours: Option<u32>,
}

/// A segment as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SegmentReply {
    pub brand: String,
    pub code: String,
    pub name: String,
    /// Null: a list.
    pub rule: Option<SegmentRule>,
    pub refresh_hours: Option<u32>,
    /// When the rule is applied next.
    pub due_at: Option<String>,
    /// When everybody was gone over last.
    pub refreshed_at: Option<String>,
    /// Guests in it.
    pub members: i64,
    pub created_at: String,
    pub changed_at: String,
}

/// Segments of a brand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SegmentsReply {
    pub items: Vec<SegmentReply>,
}

/// Segments and tags of a guest, sorted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GroupsReply {
    pub segments: Vec<String>,
    pub tags: Vec<String>,
}

/// The tags that a guest is to have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TagsBody {
    /// All of them: others are taken off.
    #[cfg_attr(feature = "schema", schemars(length(max = 32)))]
    pub tags: Vec<String>,
}

/// What a run of the job did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SegmentRunReply {
    /// Rules that were applied to everybody.
    pub segments: i64,
    /// Guests looked at.
    pub judged: i64,
    /// Guests who came or left.
    pub moved: i64,
    /// The run stopped at its bound: call again for the rest, or leave it to the timer.
    pub more: bool,
    pub next_due_at: Option<String>,
}
