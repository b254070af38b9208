//! The queue, decisions, appeals.

use api::problem as p;
use api::wire::fraud::{AppealBody, BlockBody, FraudCasePage, RulingBody};
use club::watching::ruling;
use kernel::ParseError;
use membership::secrets::NONCE_LEN;
use membership::staff_auth::Permission;
use store::fraud::cases;
use watch::Moment;
use watch::appeal::{self, TEXT_LEN_MAX};
use watch::review::{self, NOTE_LEN_MAX, Outcome, TRUST_DAYS_MAX};
use web::fields::Fields;
use web::problem::lang;
use web::{Call, Problem, Reply, body, fraud as show, guest, idempotency, paging};

/// Items of a page.
const PAGE_MAX: i64 = 100;
const PAGE_DEFAULT: i64 = 20;
/// Fewest characters of a note or an appeal.
const WORDS_LEN_MIN: usize = 3;
/// Days of trust after an overturned case, unless the person says otherwise.
const TRUST_DAYS: u32 = 30;

/// Serves the operations on cases and appeals.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "list_fraud_cases" => list(call),
        "read_fraud_case" => read(call),
        "decide_fraud_case" => decide(call),
        "block_member" => block(call),
        "read_account_standing" => standing(call),
        "appeal" => take_appeal(call),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let status = call.query("status", status)?.unwrap_or("open");
    let limit = paging::limit::<PAGE_MAX>(call, PAGE_DEFAULT)?;
    let place = call.query("cursor", place)?.unwrap_or((i64::MAX, i64::MAX));
    let mut found = cases::list(call.sql, status, place, limit + 1)?;
    let more = paging::cut(&mut found, limit);
    let next_cursor = found.last().filter(|_| more).map(|last| format!("{}.{}", last.score, last.id));
    Reply::json(200, &FraudCasePage { items: found.iter().map(show::case).collect(), next_cursor })
}

fn read(call: &Call<'_>) -> Result<Reply, Problem> {
    let found = review::read(call.sql, call.parameter("id", show::case_id)?)?;
    Reply::json(200, &show::view(&found, &guest::secrets(call.settings)?, lang(call.language))?)
}

fn decide(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let by = call.staff(Permission::ReviewFraud)?.id;
    let id = call.parameter("id", show::case_id)?;
    let (outcome, note) = match body::json(&call.request)? {
        RulingBody::Uphold { action, withhold_points: withheld, note } => {
            (Outcome::Uphold { action, withheld }, note)
        }
        RulingBody::Overturn { trust_days, note } => {
            let trust_days = trust_days.unwrap_or(TRUST_DAYS);
            if trust_days > TRUST_DAYS_MAX {
                let words = format!("must be at most {TRUST_DAYS_MAX}");
                return Err(Problem::of(&p::INVALID_FIELD).at("/trust_days", words));
            }
            (Outcome::Overturn { trust_days }, note)
        }
    };
    words("/note", &note, NOTE_LEN_MAX)?;
    let secrets = guest::secrets(call.settings)?;
    idempotency::once(call, |call, tx| {
        let mut moment = club::Moment { now: call.now, ids: &mut call.ids };
        let decided = ruling::decide(tx, id, outcome, &note, by, &mut moment)?;
        Reply::json(200, &show::view(&decided, &secrets, lang(call.language))?)
    })
}

fn block(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let by = call.staff(Permission::ReviewFraud)?.id;
    let member = call.parameter("id", show::member_id)?;
    let body: BlockBody = body::json(&call.request)?;
    words("/note", &body.note, NOTE_LEN_MAX)?;
    let secrets = guest::secrets(call.settings)?;
    idempotency::once(call, |call, tx| {
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        let blocked = review::block(tx, member, &body.note, by, &mut moment)?;
        Reply::json(201, &show::view(&blocked, &secrets, lang(call.language))?)
    })
}

fn standing(call: &Call<'_>) -> Result<Reply, Problem> {
    let member = call.guest()?.member;
    Reply::json(200, &show::account(&review::account(call.sql, member, call.now)?, lang(call.language)))
}

fn take_appeal(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let member = call.guest()?.member;
    let body: AppealBody = body::json(&call.request)?;
    let text = body.text.trim();
    if !(WORDS_LEN_MIN..=TEXT_LEN_MAX).contains(&text.chars().count()) {
        let words = format!("must have {WORDS_LEN_MIN} to {TEXT_LEN_MAX} characters");
        return Err(Problem::of(&p::INVALID_FIELD).at("/text", words));
    }
    let secrets = guest::secrets(call.settings)?;
    let nonce: [u8; NONCE_LEN] = (call.random)(NONCE_LEN)
        .try_into()
        .map_err(|_| Problem::internal("the host gave another number of random bytes"))?;
    idempotency::once(call, |call, tx| {
        let seal = |id| secrets.vault().seal(show::appeal_place(id), text, nonce);
        appeal::take(tx, member, seal, &mut Moment { now: call.now, ids: &mut call.ids })?;
        Reply::json(201, &show::account(&review::account(tx, member, call.now)?, lang(call.language)))
    })
}

fn words(pointer: &str, text: &str, max: usize) -> Result<(), Problem> {
    let mut fields = Fields::new();
    fields.length(pointer, text, max);
    if (1..WORDS_LEN_MIN).contains(&text.trim().chars().count()) {
        fields.fault(&p::INVALID_FIELD, pointer, "say why");
    }
    fields.finish()
}

fn status(text: &str) -> Result<&'static str, ParseError> {
    let known = ["open", "upheld", "overturned"].into_iter().find(|known| *known == text);
    known.ok_or(ParseError("open, upheld or overturned"))
}

/// Score and id of the last case of a page.
fn place(text: &str) -> Result<(i64, i64), ParseError> {
    let parts = text.split_once('.').and_then(|(score, id)| Some((score.parse().ok()?, id.parse().ok()?)));
    parts.ok_or(ParseError("not a cursor of this list"))
}
