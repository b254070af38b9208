//! Scheduled jobs.

use serde::{Deserialize, Serialize};

/// A job as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobReply {
    pub name: String,
    /// The component whose timer runs it.
    pub component: String,
    /// How often the timer looks, in seconds.
    pub every_seconds: i64,
    /// The first tick of the timer at which the job is due; where nothing is due, the first at which it looks.
    pub next_run_at: String,
    /// When it is due next, worked out from the data; null while nothing waits, and before the first run.
    pub due_at: Option<String>,
    /// It is due already.
    pub is_due: bool,
    /// A run is at it now.
    pub running: bool,
    pub last_started_at: Option<String>,
    pub last_finished_at: Option<String>,
    /// How many things the last run moved.
    pub last_done: i64,
    /// What went wrong in the last run.
    pub last_error: Option<String>,
    /// Milliseconds that the timer's last run with something to do took; null before the first.
    pub last_ms: Option<i64>,
    /// How many things are due; at most 10,000 are counted. Null where the job has nothing to count.
    pub backlog: Option<i64>,
}

/// All jobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobsReply {
    pub items: Vec<JobReply>,
}

/// What a run by hand did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunReply {
    /// False when nothing was due.
    pub ran: bool,
    /// Holds that lapsed.
    pub lapsed: i64,
    /// Lots whose points became spendable.
    pub activated: i64,
    /// Lots whose points expired, in whole or part.
    pub expired: i64,
    /// Things that could not be moved; they stay due.
    pub failed: i64,
    /// The run stopped at its bound: call again for the rest, or leave it to the timer.
    pub more: bool,
    /// When something is due next; null while nothing waits.
    pub next_due_at: Option<String>,
}
