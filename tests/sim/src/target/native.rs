//! The use cases of `club` over SQLite in this process.

use anyhow::{Result, anyhow};
use api::wire::adjust::{AdjustmentBody, AdjustmentReply};
use api::wire::holds::HoldBody;
use api::wire::receipts::{BatchItemBody, ReceiptBody};
use api::wire::returns::ReturnBody;
use club::adjust::{self, Adjustment};
use club::hold::{self, NewHold};
use club::lifecycle::{self, Bounds};
use club::member::erase::{self, Through};
use club::receipt::NewSale;
use club::returning::NewReturnOf;
use club::{Moment, balance, receipt, returning};
use kernel::Lang;
use kernel::{EntryId, HoldId, IdSource, Money, Points, Timestamp};
use membership::secrets::Secrets;
use membership::staff_auth::Role;
use rusqlite::Connection;
use serde_json::Value;
use store::native::NativeSql;
use store::outlets::{self, Outlet};
use store::transaction::{nested, transaction};
use store::{Sql, history};
use web::fields::Fields;
use web::{Problem, till, till_reply};

use crate::answer::{Account, Line, Moved, Points3};
use crate::target::chain::Chain;
use crate::target::{Reply, Taken, Target};
use crate::world::World;

/// The product in this process, over a database in memory.
pub struct Native {
    sql: NativeSql,
    chain: Chain,
    outlets: Vec<Outlet>,
    ids: IdSource,
}

impl Native {
    /// A product with the chain of `world`.
    ///
    /// # Errors
    /// When the chain cannot be written.
    pub fn new(world: &World) -> Result<Self> {
        let sql = NativeSql::in_memory()?;
        let chain = Chain::write(world, &sql, sql.connection(), None)?;
        let load = |id: &kernel::OutletId| {
            outlets::load(&sql, *id)?.ok_or(store::StoreError::Inconsistent {
                statement: "simulation",
                column: 0,
                problem: "an outlet is missing",
            })
        };
        let outlets = chain.outlets.iter().map(load).collect::<Result<_, _>>()?;
        Ok(Self { sql, chain, outlets, ids: IdSource::new(world.seed) })
    }

    fn secrets(&self) -> impl Fn() -> Result<Secrets, club::Refusal> + use<> {
        let text = self.chain.secret.clone();
        move || Secrets::parse(&text).map_err(|error| club::Refusal::Secrets(error.to_string()))
    }

    fn sold(&mut self, outlet: usize, body: &ReceiptBody, now: Timestamp) -> Result<Taken, Problem> {
        let outlet = &self.outlets[outlet];
        let sale = till::sale(body.clone(), outlet, &mut till::Catalogue::new(&self.sql, outlet))?;
        let secrets = self.secrets();
        let prepared = receipt::prepare(&self.sql, outlet, &sale, &secrets, now);
        let mut moment = Moment { now, ids: &mut self.ids };
        let recorded = transaction(&self.sql, |tx| {
            receipt::record(tx, outlet, &sale, prepared, &secrets, &mut moment, |outcome| {
                till_reply::text(&till_reply::receipt(outcome, &sale, outlet, Lang::En))
            })
        })?;
        Ok(match recorded {
            receipt::Recorded::New { reply, .. } => Taken { body: value(&reply), replayed: false },
            receipt::Recorded::Replayed { reply, .. } => Taken { body: value(&reply), replayed: true },
        })
    }

    fn given_back(&mut self, outlet: usize, body: &ReturnBody, now: Timestamp) -> Result<Taken, Problem> {
        let outlet = &self.outlets[outlet];
        let new = till::return_of(body.clone(), outlet)?;
        let mut moment = Moment { now, ids: &mut self.ids };
        let recorded = transaction(&self.sql, |tx| {
            returning::record(tx, outlet, &new, &mut moment, |outcome| {
                till_reply::text(&till_reply::returned(outcome, &new, outlet))
            })
        });
        match recorded {
            Ok(returning::Recorded::New { reply, .. }) => Ok(Taken { body: value(&reply), replayed: false }),
            Ok(returning::Recorded::Replayed { reply, .. }) => {
                Ok(Taken { body: value(&reply), replayed: true })
            }
            Err(club::Refusal::Conflict { id }) => Err(till_reply::return_conflict(id)),
            Err(refusal) => Err(refusal.into()),
        }
    }

    fn held(&mut self, outlet: usize, body: &HoldBody, now: Timestamp) -> Result<Taken, Problem> {
        let outlet = &self.outlets[outlet];
        let new = new_hold(body, outlet)?;
        let secrets = self.secrets();
        let prepared = hold::prepare(&self.sql, outlet, &new, &secrets, now);
        let mut moment = Moment { now, ids: &mut self.ids };
        let standing =
            transaction(&self.sql, |tx| hold::authorise(tx, outlet, &new, prepared, &secrets, &mut moment))?;
        Ok(Taken {
            body: value(&till_reply::text(&till_reply::hold(&standing, outlet, Lang::En))),
            replayed: false,
        })
    }

    fn adjusted(&mut self, member: usize, body: &AdjustmentBody, now: Timestamp) -> Result<Taken, Problem> {
        let mut fields = Fields::new();
        let points = fields.read("/points", Points::parse(&body.points));
        fields.finish()?;
        let asked = Adjustment {
            member: self.chain.members[member],
            points: points.ok_or_else(|| Problem::internal("no points"))?,
            reason: &body.reason,
            expires_in_days: body.expires_in_days,
            by: self.chain.administrator,
            role: Role::Administrator,
        };
        let mut moment = Moment { now, ids: &mut self.ids };
        let outcome = transaction(&self.sql, |tx| adjust::adjust(tx, &asked, &mut moment))?;
        let reply = AdjustmentReply {
            entry: outcome.entry.id.to_string(),
            member: asked.member.to_string(),
            points: asked.points.to_string(),
            balance: till_reply::balance(outcome.balance),
        };
        Ok(Taken { body: value(&till_reply::text(&reply)), replayed: false })
    }

    fn released(&mut self, outlet: usize, id: &str, now: Timestamp) -> Result<Taken, Problem> {
        let outlet = &self.outlets[outlet];
        let id = HoldId::parse(id).map_err(|_| Problem::of(&api::problem::NOT_FOUND))?;
        let mut moment = Moment { now, ids: &mut self.ids };
        let standing = transaction(&self.sql, |tx| hold::release(tx, outlet, id, &mut moment))?;
        Ok(Taken {
            body: value(&till_reply::text(&till_reply::hold(&standing, outlet, Lang::En))),
            replayed: false,
        })
    }
}

/// As the function for holds reads its body.
fn new_hold(body: &HoldBody, outlet: &Outlet) -> Result<NewHold, Problem> {
    let mut fields = Fields::new();
    till::own_outlet(&mut fields, &body.outlet, outlet);
    let receipt_total = fields.money("/receipt_total", &body.receipt_total, outlet.currency);
    if receipt_total.is_some_and(Money::is_negative) {
        fields.fault(&api::problem::INVALID_FIELD, "/receipt_total/amount", "must not be below zero");
    }
    let points = body.points.as_deref().and_then(|text| fields.read("/points", Points::parse(text)));
    fields.finish()?;
    let receipt_total = receipt_total.ok_or_else(|| Problem::internal("no total"))?;
    Ok(NewHold { named: till::named(body.guest.clone()), points, receipt_total })
}

fn value(reply: &str) -> Value {
    serde_json::from_str(reply).unwrap_or_else(|_| Value::String(reply.to_owned()))
}

fn reply(result: Result<Taken, Problem>) -> Result<Reply> {
    match result {
        Err(problem) if problem.cause().is_some() => {
            Err(anyhow!("a fault of the product: {}", problem.cause().unwrap_or_default()))
        }
        Err(problem) => Ok(Err(problem.kind().slug.to_owned())),
        Ok(taken) => Ok(Ok(taken)),
    }
}

/// A result, or the slug of what refused it; a fault of the product is an error.
pub(super) fn slug_of<T>(result: Result<T, impl Into<Problem>>) -> Result<Result<T, String>> {
    match result.map_err(Into::into) {
        Ok(value) => Ok(Ok(value)),
        Err(problem) if problem.cause().is_some() => Err(anyhow!("{:?}", problem.cause())),
        Err(problem) => Ok(Err(problem.kind().slug.to_owned())),
    }
}

impl Target for Native {
    fn code(&self, member: usize, at: Timestamp) -> String {
        self.chain.code(member, at)
    }

    fn sell(&mut self, outlet: usize, body: &ReceiptBody, now: Timestamp) -> Result<Reply> {
        reply(self.sold(outlet, body, now))
    }

    fn give_back(&mut self, outlet: usize, body: &ReturnBody, now: Timestamp) -> Result<Reply> {
        reply(self.given_back(outlet, body, now))
    }

    fn hold(&mut self, outlet: usize, body: &HoldBody, now: Timestamp) -> Result<Reply> {
        reply(self.held(outlet, body, now))
    }

    fn release(&mut self, outlet: usize, hold: &str, now: Timestamp) -> Result<Reply> {
        reply(self.released(outlet, hold, now))
    }

    fn adjust(&mut self, member: usize, body: &AdjustmentBody, now: Timestamp) -> Result<Reply> {
        reply(self.adjusted(member, body, now))
    }

    /// As the function for batches: everything is read first, then every line is judged alone in one transaction.
    fn batch(&mut self, outlet: usize, items: &[BatchItemBody], now: Timestamp) -> Result<Vec<Line>> {
        enum Item {
            Sale(Box<NewSale>, receipt::Prepared),
            Return(NewReturnOf),
        }
        let outlet = &self.outlets[outlet];
        let secrets = self.secrets();
        let mut catalogue = till::Catalogue::new(&self.sql, outlet);
        let mut read = |item: &BatchItemBody| match item {
            BatchItemBody::Receipt(body) => {
                let sale = till::sale((**body).clone(), outlet, &mut catalogue)?;
                let prepared = receipt::prepare(&self.sql, outlet, &sale, &secrets, now);
                Ok(Item::Sale(Box::new(sale), prepared))
            }
            BatchItemBody::Return(body) => till::return_of((**body).clone(), outlet).map(Item::Return),
        };
        let read: Vec<Result<Item, Problem>> = items.iter().map(&mut read).collect();
        let mut moment = Moment { now, ids: &mut self.ids };
        let mut judge = |tx: &dyn Sql, item: Item| -> Result<Line, Problem> {
            Ok(match item {
                Item::Sale(sale, prepared) => {
                    let recorded =
                        receipt::record(tx, outlet, &sale, prepared, &secrets, &mut moment, |told| {
                            till_reply::text(&till_reply::receipt(told, &sale, outlet, Lang::En))
                        })?;
                    match recorded {
                        receipt::Recorded::New { points, .. } => Line::New(points.hundredths()),
                        receipt::Recorded::Replayed { .. } => Line::Again,
                    }
                }
                Item::Return(new) => {
                    let recorded = returning::record(tx, outlet, &new, &mut moment, |told| {
                        till_reply::text(&till_reply::returned(told, &new, outlet))
                    });
                    match recorded {
                        Ok(returning::Recorded::New { points_back, .. }) => {
                            Line::New(points_back.hundredths())
                        }
                        Ok(returning::Recorded::Replayed { .. }) => Line::Again,
                        Err(club::Refusal::Conflict { id }) => return Err(till_reply::return_conflict(id)),
                        Err(refusal) => return Err(refusal.into()),
                    }
                }
            })
        };
        let lines = transaction(&self.sql, |tx| {
            let lines = read.into_iter().map(|item| item.and_then(|item| nested(tx, || judge(tx, item))));
            Ok::<_, Problem>(lines.collect::<Vec<_>>())
        });
        let lines = lines.map_err(|problem| anyhow!("{:?}", problem.cause()))?;
        lines
            .into_iter()
            .map(|line| match line {
                Err(problem) if problem.cause().is_some() => Err(anyhow!("{:?}", problem.cause())),
                Err(problem) => Ok(Line::Refused(problem.kind().slug.to_owned())),
                Ok(line) => Ok(line),
            })
            .collect()
    }

    fn history(&mut self, member: usize, page: u8, _: Timestamp) -> Result<Vec<Moved>> {
        let (id, start) = (self.chain.members[member], Timestamp::from_millis(0));
        let mut moved = Vec::new();
        let mut before = EntryId::from_raw(i64::MAX);
        for _ in 0..2 {
            let items = history::list(&self.sql, id, before, start, i64::from(page))?;
            before = items.last().map_or(before, |last| last.id);
            moved.extend(items.into_iter().map(|item| Moved {
                kind: item.kind.code().to_owned(),
                at: item.effective_at,
                change: Points3 {
                    pending: item.pending.hundredths(),
                    available: item.available.hundredths(),
                    held: item.held.hundredths(),
                },
            }));
        }
        Ok(moved)
    }

    fn join(&mut self, world: &World, member: usize, now: Timestamp) -> Result<Result<bool, String>> {
        let mut moment = Moment { now, ids: &mut self.ids };
        slug_of(self.chain.join(world, member, &self.sql, None, &mut moment))
    }

    fn erase(&mut self, member: usize, through_support: bool, now: Timestamp) -> Result<Result<(), String>> {
        let through = if through_support { Through::Support } else { Through::Themselves };
        let mut moment = Moment { now, ids: &mut self.ids };
        let id = self.chain.members[member];
        slug_of(transaction(&self.sql, |tx| erase::erase(tx, id, through, &mut moment).map(drop)))
    }

    fn lifecycle(&mut self, now: Timestamp) -> Result<()> {
        let mut moment = Moment { now, ids: &mut self.ids };
        match lifecycle::run_points(&self.sql, &mut moment, Bounds::STANDARD)? {
            lifecycle::Outcome::NotDue(_) => Ok(()),
            lifecycle::Outcome::Ran(done) if done.failures.is_empty() && !done.more => Ok(()),
            other => Err(anyhow!("the run did not finish its work: {other:?}")),
        }
    }

    fn account(&mut self, member: usize, now: Timestamp) -> Result<Result<Account, String>> {
        let read = match balance::read(&self.sql, self.chain.members[member], now) {
            Ok(read) => read,
            Err(refusal) => return Ok(Err(Problem::from(refusal).kind().slug.to_owned())),
        };
        let is_top = read.rules.tiers.last().is_some_and(|tier| tier.code == read.tier);
        Ok(Ok(Account {
            points: Points3 {
                pending: read.pending.hundredths(),
                available: read.available.hundredths(),
                held: read.held.hundredths(),
            },
            expiring: read.expiring.map(|(points, first)| (points.hundredths(), first)),
            tier: read.tier,
            spent: read.spent.filter(|_| !is_top).map(|spent| (spent.minor(), spent.currency())),
        }))
    }

    fn books(&self) -> &Connection {
        self.sql.connection()
    }

    fn member_id(&self, member: usize) -> i64 {
        self.chain.members[member].raw()
    }
}
