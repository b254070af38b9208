//! Split, record in groups, reply line by line.

use api::problem as p;
use api::wire::receipts::{BatchItemBody, BatchItemReply, BatchOutcome};
use club::receipt::NewSale;
use club::returning::NewReturnOf;
use club::{Moment, guest, receipt, returning, watching};
use membership::rotating_code::Unproven;
use store::outlets::Outlet;
use store::transaction::{nested, transaction};
use store::{Sql, StoreError};
use web::problem::lang;
use web::{Call, Problem, Reply, body, orders, till, till_reply, traces};

/// What a batch is sent and answered as.
const NDJSON: &str = "application/x-ndjson";
/// Most lines in one request: a busy outlet's day is some 300 receipts.
const LINES_MAX: usize = 10_000;
/// Lines recorded in one transaction: enough that the commit costs little per line, few enough that a till at
/// another outlet does not wait long for its turn to write.
const LINES_PER_TRANSACTION: usize = 100;

/// Records a queue of receipts and returns.
///
/// # Errors
/// When the request as a whole cannot be taken; what is wrong with a line is in its reply.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let outlet = call.till()?.outlet.clone();
    body::expect_media_type(&call.request, NDJSON)?;
    let text = std::mem::take(&mut call.request.body);
    let lines: Vec<(usize, &[u8])> = (1..)
        .zip(text.split(|&byte| byte == b'\n'))
        .filter(|(_, line)| !line.trim_ascii().is_empty())
        .collect();
    if lines.len() > LINES_MAX {
        return Err(Problem::of(&p::INVALID_LINES).with("lines_max", LINES_MAX));
    }
    let mut answer = Vec::with_capacity(lines.len() * 128);
    let mut catalogue = till::Catalogue::new(call.sql, &outlet);
    for group in lines.chunks(LINES_PER_TRANSACTION) {
        // While a group has its turn to write nobody else can: all that needs no turn is done before it.
        let items: Vec<(usize, Result<Item, Judged>)> =
            group.iter().map(|&(number, line)| (number, read(call, &outlet, &mut catalogue, line))).collect();
        let replies = transaction(call.sql, |tx| -> Result<Vec<BatchItemReply>, StoreError> {
            items.into_iter().map(|(number, item)| judge(call, tx, &outlet, number, item)).collect()
        })?;
        for reply in replies {
            answer.extend_from_slice(till_reply::text(&reply).as_bytes());
            answer.push(b'\n');
        }
    }
    Ok(Reply::bytes(200, NDJSON, answer).header("cache-control", "no-store"))
}

/// Records one line, or says why not. Only a failure of storage ends the batch.
fn judge(
    call: &mut Call<'_>,
    tx: &dyn Sql,
    outlet: &Outlet,
    number: usize,
    item: Result<Item, Judged>,
) -> Result<BatchItemReply, StoreError> {
    let recorded = item.and_then(|item| nested(tx, || record(call, tx, outlet, item)));
    let problem = match recorded {
        Ok((outcome, id, points)) => {
            let (id, points) = (Some(id), Some(points));
            return Ok(BatchItemReply { line: number, outcome, id, points, problem: None });
        }
        Err(Judged::Store(error)) => return Err(error),
        Err(Judged::BadCode(refusal, problem)) => {
            // The line's own writes are undone by now; the count must stay, or a batch would be a way to try codes.
            let counted = match &*refusal {
                club::Refusal::Code { card, .. } => guest::note_wrong_code(tx, outlet, card, call.now),
                other => watching::note(tx, outlet, other, call.now),
            };
            match counted {
                Err(club::Refusal::Store(error)) => return Err(error),
                Ok(()) | Err(_) => problem,
            }
        }
        Err(Judged::Refused(problem)) => problem,
    };
    if let Some(cause) = problem.cause() {
        eprintln!("batch.line failed line={number} cause={cause:?}");
    }
    let document = problem.into_reply(call.language).body;
    let problem = serde_json::from_slice(&document).ok();
    Ok(BatchItemReply { line: number, outcome: BatchOutcome::Refused, id: None, points: None, problem })
}

/// Why a line was not recorded.
enum Judged {
    Refused(Box<Problem>),
    /// A rotating code that was wrong or used before: counted against its card.
    BadCode(Box<club::Refusal>, Box<Problem>),
    Store(StoreError),
}

impl From<StoreError> for Judged {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Problem> for Judged {
    fn from(problem: Problem) -> Self {
        Self::Refused(Box::new(problem))
    }
}

impl From<club::Refusal> for Judged {
    fn from(refusal: club::Refusal) -> Self {
        match refusal {
            club::Refusal::Store(error) => Self::Store(error),
            bad @ (club::Refusal::Code { why: Unproven::Wrong, .. } | club::Refusal::CodeSpent { .. }) => {
                Self::BadCode(Box::new(bad.clone()), Box::new(bad.into()))
            }
            other => Self::Refused(Box::new(other.into())),
        }
    }
}

/// A line as far as it can be read without a turn to write.
enum Item {
    Receipt(Box<NewSale>, receipt::Prepared),
    /// A receipt of an app's order, by the order's name.
    OfOrder(String, Box<NewSale>, receipt::Prepared),
    Return(NewReturnOf),
}

fn read(
    call: &Call<'_>,
    outlet: &Outlet,
    catalogue: &mut till::Catalogue<'_>,
    line: &[u8],
) -> Result<Item, Judged> {
    Ok(match body::json_text::<BatchItemBody>(line)? {
        BatchItemBody::Receipt(mut body) => {
            let order = body.order.clone();
            let secrets = till::secrets(call.settings);
            let traces = traces::of_receipt(&mut body, &secrets)?;
            let sale = till::sale(*body, outlet, catalogue)?;
            let prepared = receipt::prepare(call.sql, outlet, &sale, &secrets, call.now).traced(traces);
            match order {
                Some(order) => Item::OfOrder(order, Box::new(sale), prepared),
                None => Item::Receipt(Box::new(sale), prepared),
            }
        }
        BatchItemBody::Return(body) => Item::Return(till::return_of(*body, outlet)?),
    })
}

fn record(
    call: &mut Call<'_>,
    tx: &dyn Sql,
    outlet: &Outlet,
    item: Item,
) -> Result<(BatchOutcome, String, String), Judged> {
    match item {
        Item::OfOrder(order, sale, prepared) => {
            let mut moment = Moment { now: call.now, ids: &mut call.ids };
            match orders::join(tx, outlet, &order, &sale, &mut moment)? {
                Some((points, reply)) => Ok((BatchOutcome::Replayed, reply.id, points.to_string())),
                None => record(call, tx, outlet, Item::Receipt(sale, prepared)),
            }
        }
        Item::Receipt(sale, prepared) => {
            let secrets = till::secrets(call.settings);
            let mut moment = Moment { now: call.now, ids: &mut call.ids };
            let language = lang(call.language);
            let recorded = receipt::record(tx, outlet, &sale, prepared, &secrets, &mut moment, |outcome| {
                till_reply::text(&till_reply::receipt(outcome, &sale, outlet, language))
            })?;
            Ok(match recorded {
                receipt::Recorded::New { id, points, .. } => {
                    (BatchOutcome::Recorded, id.to_string(), points.to_string())
                }
                receipt::Recorded::Replayed { id, points, .. } => {
                    (BatchOutcome::Replayed, id.to_string(), points.to_string())
                }
            })
        }
        Item::Return(new) => {
            let mut moment = Moment { now: call.now, ids: &mut call.ids };
            let recorded = returning::record(tx, outlet, &new, &mut moment, |outcome| {
                till_reply::text(&till_reply::returned(outcome, &new, outlet))
            });
            match recorded {
                Ok(returning::Recorded::New { id, points_back, .. }) => {
                    Ok((BatchOutcome::Recorded, id.to_string(), points_back.to_string()))
                }
                Ok(returning::Recorded::Replayed { id, points_back, .. }) => {
                    Ok((BatchOutcome::Replayed, id.to_string(), points_back.to_string()))
                }
                Err(club::Refusal::Conflict { id }) => Err(till_reply::return_conflict(id).into()),
                Err(refusal) => Err(refusal.into()),
            }
        }
    }
}
