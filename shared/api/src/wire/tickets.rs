//! Tickets: as staff see them, as their guests do, and their sums.

use serde::{Deserialize, Serialize};

/// A ticket in a list of staff's. Nothing in it leads to the guest: a masked name, the day and part of the day of the
/// visit, and times in whole hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketRow {
    /// `tkt_…`
    pub id: String,
    /// Code of the outlet; null: about none.
    pub outlet: Option<String>,
    pub outlet_name: Option<String>,
    /// First letter of the guest's name.
    pub guest: String,
    pub topic: String,
    /// `urgent` or `normal`.
    pub priority: String,
    /// `outlet_manager`, `franchisee` or `support`.
    pub desk: String,
    /// `ttm_…`: the team that has it, or of which the assignee is.
    pub team: Option<String>,
    pub team_name: Option<String>,
    /// `open`, `assigned`, `answered` or `closed`.
    pub state: String,
    /// `stf_…`
    pub assignee: Option<String>,
    pub stars: Option<i64>,
    pub nps: Option<i64>,
    pub visited_on: Option<String>,
    /// `morning`, `day`, `evening` or `night`.
    pub part_of_day: Option<String>,
    /// The hour, at the outlet, as all times here.
    pub opened_at: String,
    pub answer_due_at: String,
    pub close_due_at: String,
    /// Not answered or not closed by its time.
    pub overdue: bool,
    pub answered_at: Option<String>,
    pub closed_at: Option<String>,
    /// `explained`, `compensated`, `fixed`, `unfounded` or `duplicate`.
    pub outcome: Option<String>,
    pub changed_process: bool,
    /// What was changed.
    pub lesson: Option<String>,
    pub reopened: i64,
    /// Points given for it so far.
    pub compensated: String,
    /// Whether something was given instead of points.
    pub in_kind: bool,
}

/// A page of tickets, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketPage {
    pub items: Vec<TicketRow>,
    /// Pass as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}

/// Something new about a ticket. As a server-sent event it is named as `event` says, with the ticket as its data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketNews {
    /// `ticket`: it is there, or something happened to it. `overdue`: its time for an answer or for the end has passed.
    pub event: String,
    pub ticket: TicketRow,
}

/// What is new since the place in the header `Last-Event-ID`; without it, with one that is a day old, and when much was
/// missed, the newest tickets that are not closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketNewsReply {
    /// What the reader knew before is to be forgotten. As a server-sent event: `begin`.
    pub begins: bool,
    /// Oldest first, a hundred at most; where there are so many, ask again at once.
    pub items: Vec<TicketNews>,
    /// To be sent as `Last-Event-ID` next time.
    pub last_event_id: String,
}

/// A ticket with what the guest said and what was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketReply {
    pub ticket: TicketRow,
    /// The guest's words in the answer.
    pub text: Option<String>,
    /// Key of a photo in the chain's file store.
    pub photo: Option<String>,
    pub tags: Vec<String>,
    /// Oldest first.
    pub thread: Vec<ThreadLine>,
}

/// A line of a thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ThreadLine {
    /// `opened`, `assigned`, `commented`, `answered`, `compensated`, `guest_wrote`, `closed` or `reopened`.
    pub act: String,
    pub at: String,
    /// `stf_…`; null: the guest, or a rule.
    pub by: Option<String>,
    /// Their role.
    pub role: Option<String>,
    pub assignee: Option<String>,
    /// The team that has it from then on. `assigned` with a team and nobody: it was handed to the team.
    pub team: Option<String>,
    pub team_name: Option<String>,
    pub text: Option<String>,
    pub points: Option<String>,
    pub outcome: Option<String>,
}

/// Gives a ticket to somebody, or to a team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AssignBody {
    /// `stf_…`; absent: to the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// `ttm_…`: to the team, until one of it takes it. Not together with `to`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
}

/// Words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WordsBody {
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 1000)))]
    pub text: String,
}

/// Gives points for what went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CompensateBody {
    /// Above zero.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[0-9]{1,12}(\.[0-9]{1,2})?$")))]
    pub points: String,
    /// Shown in the guest's history.
    #[cfg_attr(feature = "schema", schemars(length(min = 3, max = 200)))]
    pub reason: String,
}

/// Closes a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CloseBody {
    pub outcome: OutcomeBody,
    /// Whether something is done differently from now on.
    pub changed_process: bool,
    /// What; needed where something was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 3, max = 500)))]
    pub lesson: Option<String>,
    /// What was given instead of points, such as another drink; the guest reads it. Needed where the outcome is `compensated`
    /// and nothing was given before, and lawful with no other outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 3, max = 200)))]
    pub in_kind: Option<String>,
}

/// What came of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OutcomeBody {
    Explained,
    Compensated,
    Fixed,
    Unfounded,
    Duplicate,
}

/// A guest's words without being asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OpenTicketBody {
    /// Code of the outlet that it is about; absent: about none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet: Option<String>,
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 1000)))]
    pub text: String,
}

/// A ticket as its guest sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OwnTicketReply {
    /// `tkt_…`
    pub id: String,
    pub outlet: Option<String>,
    pub outlet_name: Option<String>,
    /// `open`, `assigned`, `answered` or `closed`.
    pub state: String,
    pub visited_on: Option<String>,
    pub opened_at: String,
    pub closed_at: Option<String>,
    pub outcome: Option<String>,
    /// Points given for it.
    pub compensated: String,
    /// Oldest first; empty in lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub thread: Vec<OwnThreadLine>,
}

/// A line of a thread as its guest sees it: who answers has a role and no name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OwnThreadLine {
    pub act: String,
    pub at: String,
    /// Null: the guest, or a rule.
    pub role: Option<String>,
    pub text: Option<String>,
    pub points: Option<String>,
}

/// A guest's tickets, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OwnTicketPage {
    pub items: Vec<OwnTicketReply>,
    /// Pass as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}

/// Tickets by groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketSumsReply {
    pub by: String,
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date")))]
    pub from: String,
    /// First day that does not count.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date")))]
    pub until: String,
    /// Most tickets first.
    pub items: Vec<TicketSums>,
}

/// A group of tickets opened in the time asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketSums {
    /// Empty for tickets about no outlet, where outlets are grouped by.
    pub key: String,
    pub name: String,
    pub tickets: i64,
    pub closed: i64,
    pub overdue: i64,
    pub reopened: i64,
    /// Mean minutes to the first answer, of those that have one.
    pub answer_minutes: Option<i64>,
    /// Mean minutes to the end, of those closed.
    pub close_minutes: Option<i64>,
    /// Percent of those answered, to be answered by now, or closed without an answer, whose first answer came in time, as
    /// decimals.
    pub answered_in_time_percent: Option<String>,
    /// Percent of those closed, or to be closed by now, that were closed in time and never late, also before they were
    /// reopened.
    pub closed_in_time_percent: Option<String>,
    /// Percent of the closed that changed how something is done.
    pub changed_process_percent: Option<String>,
    /// Points given.
    pub compensated: String,
    /// Tickets for which points were given.
    pub with_points: i64,
    /// Tickets for which something was given instead of points.
    pub in_kind: i64,
}

/// What a team is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TicketTeamBody {
    /// Code of the franchisee whose team it is; absent: the chain's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub franchisee: Option<String>,
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 80)))]
    pub name: String,
    /// The lowest desk at which its tickets are: those below no longer see what the team is given.
    pub desk: DeskBody,
    /// `stf_…`: people of the team.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = 100)))]
    pub staff: Vec<String>,
    /// Roles everybody of which is of the team, within what they see: `outlet_manager`, `franchisee`, `support`,
    /// `administrator`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = 4)))]
    pub roles: Vec<String>,
    /// Whether it is given tickets; those that it has stay where they are.
    pub active: bool,
}

/// Who deals with tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeskBody {
    OutletManager,
    Franchisee,
    Support,
}

/// A team that tickets are handed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketTeamReply {
    /// `ttm_…`
    pub id: String,
    pub brand: String,
    /// What routes call it.
    pub code: String,
    /// Code of the franchisee whose team it is; null: the chain's.
    pub franchisee: Option<String>,
    pub name: String,
    pub desk: DeskBody,
    pub active: bool,
    /// Whether the caller is of it.
    pub mine: bool,
    /// `stf_…`; null for those who may not change the team.
    pub staff: Option<Vec<String>>,
    pub roles: Option<Vec<String>>,
}

/// Teams, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketTeamPage {
    pub items: Vec<TicketTeamReply>,
    /// Pass as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}
