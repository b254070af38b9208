//! Programme versions: posted rules as domain values, versions as replies.

use api::wire::programmes::{RulesBody, VersionReply};
use loyalty::programme::Programme;
use store::StoreError;
use store::programmes::Version;

use crate::body;
use crate::problem::Problem;

/// Posted rules, read.
///
/// # Errors
/// 400 with a pointer to the field and what is wrong with it.
pub fn rules(body: &RulesBody) -> Result<Programme, Problem> {
    let text = serde_json::to_vec(body).map_err(|error| Problem::internal(error.to_string()))?;
    body::json_text(&text).map_err(|problem| problem.within("/rules"))
}

/// A version for a reply.
///
/// # Errors
/// When the stored rules cannot be read.
pub fn version_reply(version: &Version, in_force: bool) -> Result<VersionReply, Problem> {
    let unreadable = |error: serde_json::Error| StoreError::Unreadable {
        what: "programme rules",
        problem: error.to_string(),
    };
    let parsed: Programme = serde_json::from_str(&version.rules).map_err(unreadable)?;
    let rules: RulesBody = serde_json::from_str(&version.rules).map_err(unreadable)?;
    Ok(VersionReply {
        id: version.id.to_string(),
        brand: version.brand.clone(),
        version: version.version,
        effective_from: version.effective_from.rfc3339_in(&parsed.home_zone()),
        in_force,
        note: version.note.clone(),
        created_by: version.created_by.map(|staff| staff.to_string()),
        created_at: version.created_at.to_string(),
        rules,
    })
}
