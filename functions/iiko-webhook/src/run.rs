//! Find the account, take each event by itself, reply.

use api::problem as p;
use club::Moment;
use iiko::orders::event::{self, Event};
use kernel::IikoAccountId;
use shop::order::{Refusal, news};
use shop::{iiko_account, menu};
use store::Sql;
use store::menus::accounts;
use store::transaction::{nested, transaction};
use web::orders::refused;
use web::{Call, Problem, Reply};

/// An event is an order with its lines; a batch is some dozens of them.
const BYTES_MAX: usize = 4 * 1024 * 1024;
/// Longest token looked at.
const TOKEN_LEN_MAX: usize = 256;

/// Takes a list of events. Answers 200 as soon as they are recorded: what they set off is done by timers.
///
/// # Errors
/// 401 for an unknown token; 400 for what is no list of events; a failure of storage, upon which iiko sends them again.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    if call.request.body.len() > BYTES_MAX {
        return Err(Problem::of(&p::TOO_LARGE).with("bytes_max", BYTES_MAX));
    }
    let account = account(call)?;
    let events = event::events(&call.request.body)
        .map_err(|why| Problem::of(&p::MALFORMED).because(why.to_string()))?;
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let taken = transaction(call.sql, |tx| take(tx, account, &events, &mut moment));
    taken.map_err(refused(call))?;
    Ok(Reply::empty(200))
}

/// The account whose token the request carries. Tokens are compared by their hashes, so that nothing about them shows
/// in the time it takes.
fn account(call: &Call<'_>) -> Result<IikoAccountId, Problem> {
    let unknown = || Problem::of(&p::UNAUTHENTICATED);
    let header = call.request.header("authorization").ok_or_else(unknown)?;
    let token = header.strip_prefix("Bearer ").unwrap_or(header).trim();
    if token.is_empty() || token.len() > TOKEN_LEN_MAX {
        return Err(unknown());
    }
    let found = accounts::load_by_webhook(call.sql, &iiko_account::webhook_hash(token))?;
    found.map(|account| account.id).ok_or_else(unknown)
}

fn take(
    tx: &dyn Sql,
    account: IikoAccountId,
    events: &[Event],
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    for event in events {
        match event {
            Event::Order(info) => {
                let taken = nested(tx, || news::from_till(tx, account, info, moment));
                match taken {
                    Ok(_) => {}
                    Err(Refusal::Store(error)) => return Err(error.into()),
                    // One order that cannot be moved must not hold up the others: reading it finds the same again.
                    Err(refusal) => eprintln!("iiko.event failed till_id={} cause={refusal}", info.id),
                }
            }
            Event::StopLists { .. } => menu::expect_stops(tx, account, moment.now)?,
            Event::Menu { organization } => menu::expect_menu(tx, account, organization, moment.now)?,
            Event::Ignored => {}
        }
    }
    Ok(())
}
