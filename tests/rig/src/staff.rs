//! People who work for the small chain, signed in.

use std::path::Path;

use anyhow::Result;
use kernel::{IdSource, OutletId, StaffId, Timestamp};
use membership::secrets::{Token, TokenKind};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use rusqlite::{Connection, params};
use web::session::{ScopeV1, SessionV1, SubjectV1};

use crate::small::SESSION_MS;
use crate::state;

/// Takes on somebody and signs them in, for `outlets` or, when there are none, for the whole chain; returns their id and
/// the access token's clear text. `seed` is another for everybody. For a state directory whose host does not run yet.
///
/// # Errors
/// When the directory cannot be written.
pub fn sign_in(dir: &Path, seed: u64, role: &str, outlets: &[OutletId]) -> Result<(StaffId, String)> {
    let now = Timestamp::parse("2026-01-01T00:00:00Z")?;
    let (mut rng, mut ids) = (StdRng::seed_from_u64(seed), IdSource::new(seed));
    let id = StaffId::new(&mut ids, now);
    let sql = Connection::open(state::database_path(dir))?;
    sql.execute(
        "insert into staff (id, code, name_sealed, role, status, created_at, changed_at) \
         values (?1, ?2, x'00', ?3, 'active', 0, 0)",
        params![id.raw(), format!("p-{seed}"), role],
    )?;
    let scopes: Vec<(&str, i64)> = match outlets {
        [] => vec![("all", 0)],
        some => some.iter().map(|outlet| ("outlet", outlet.raw())).collect(),
    };
    for (scope, target) in scopes {
        sql.execute(
            "insert into staff_scopes (staff_id, scope, target_id) values (?1, ?2, ?3)",
            params![id.raw(), scope, target],
        )?;
    }
    let scope = match outlets {
        [] => ScopeV1::Everything {},
        some => ScopeV1::Outlets { ids: some.iter().map(ToString::to_string).collect() },
    };
    let session = SessionV1 {
        subject: SubjectV1::Staff { id: id.to_string(), role: role.to_owned(), scope },
        session: kernel::SessionId::new(&mut ids, now).to_string(),
        expires_at: now.plus_millis(SESSION_MS).millis(),
    };
    let token = Token::new(TokenKind::Staff, rng.random()).expose();
    let key = web::session::key(&web::auth::token_hash(&token));
    state::set_key(&state::key_value(dir)?, &key, &serde_json::to_vec(&session)?)?;
    Ok((id, token))
}
