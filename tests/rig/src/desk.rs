//! Staff of the small chain, signed in without password and second factor.

use std::path::Path;

use anyhow::Result;
use kernel::{OutletId, SessionId, StaffId};
use membership::secrets::{SECRET_LEN, Token, TokenKind};
use membership::staff_auth::Role;
use web::session::{ScopeV1, SessionV1, SubjectV1};

use crate::small::SESSION_MS;
use crate::state;

/// Signs a member of staff in with a role: at these outlets, or everywhere if there are none. The access token's clear text;
/// `seed` tells tokens apart.
///
/// # Errors
/// When the key-value file refuses.
pub fn sign_in(dir: &Path, seed: u8, staff: StaffId, role: Role, outlets: &[OutletId]) -> Result<String> {
    let token = Token::new(TokenKind::Staff, [seed; SECRET_LEN]).expose();
    let scope = if outlets.is_empty() {
        ScopeV1::Everything {}
    } else {
        ScopeV1::Outlets { ids: outlets.iter().map(ToString::to_string).collect() }
    };
    let session = SessionV1 {
        subject: SubjectV1::Staff { id: staff.to_string(), role: role.code().to_owned(), scope },
        session: SessionId::from_raw(i64::from(seed)).to_string(),
        expires_at: SESSION_MS,
    };
    let key = web::session::key(&web::auth::token_hash(&token));
    state::set_key(&state::key_value(dir)?, &key, &serde_json::to_vec(&session)?)?;
    Ok(token)
}
