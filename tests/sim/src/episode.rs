//! One chain, one product, a list of operations: each judged by the reference and done by the product.

use std::collections::HashMap;
use std::fmt::Debug;

use anyhow::{Context as _, Result};
use api::wire::receipts::BatchItemBody;
use kernel::{HoldId, Timestamp};
use serde_json::Value;

use crate::answer::{Adjusted, Answer, Held, Line, Moved, Returned, Sold, Taken};
use crate::audit;
use crate::coverage::Coverage;
use crate::facts::{BatchWhat, HoldName, Sale};
use crate::operation::{Act, Operation};
use crate::reference::{Mistake, Movement, Reference};
use crate::scene::{self, Sent};
use crate::target::{Reply, Target};
use crate::wire;
use crate::world::World;

/// Where product and reference part.
#[derive(Debug, Clone)]
pub struct Divergence {
    pub operation: Operation,
    /// What was sent, or "books" for the audit.
    pub about: String,
    pub reference: String,
    pub product: String,
}

/// An episode in progress.
pub struct Episode<'w> {
    pub reference: Reference<'w>,
    target: Box<dyn Target>,
    /// The product's ids of the reference's holds.
    holds: Vec<String>,
    /// The product's first answers, by operation.
    replies: HashMap<u32, Value>,
    pub coverage: Coverage,
    audit_every: u32,
    steps: u32,
}

/// The two sides of one comparison that differ.
struct Difference {
    reference: String,
    product: String,
}

/// Compares; equal sides are no difference.
fn differ<T: Debug + PartialEq>(reference: &T, product: &T) -> Option<Difference> {
    (reference != product)
        .then(|| Difference { reference: format!("{reference:#?}"), product: format!("{product:#?}") })
}

impl<'w> Episode<'w> {
    /// An episode in `world` on a fresh product; the books are compared every so many operations.
    #[must_use]
    pub fn new(
        world: &'w World,
        target: Box<dyn Target>,
        mistake: Option<Mistake>,
        audit_every: u32,
    ) -> Self {
        Self {
            reference: Reference::new(world, mistake),
            target,
            holds: Vec::new(),
            replies: HashMap::new(),
            coverage: Coverage::default(),
            audit_every,
            steps: 0,
        }
    }

    /// Does one operation on both sides and compares.
    pub fn step(&mut self, operation: &Operation) -> Option<Divergence> {
        let now = self.reference.world.start.plus_millis(operation.at_ms);
        self.reference.pass(now);
        let sent = scene::resolve(&self.reference, operation, now);
        let mut about = format!("{now} {sent:#?}");
        let outcome = match &operation.act {
            Act::Batch(acts) => self.batch(operation, acts, &mut about, now),
            _ => self.exchange(operation, &sent, now).and_then(|difference| match difference {
                Some(difference) => Ok(Some(difference)),
                None => self.look(&sent, now),
            }),
        };
        self.steps += 1;
        let diverged = |reference: String, product: String| {
            Some(Divergence { operation: operation.clone(), about, reference, product })
        };
        match outcome {
            Ok(None) => {}
            Ok(Some(difference)) => return diverged(difference.reference, difference.product),
            Err(fault) => return diverged("an answer".to_owned(), format!("{fault:#}")),
        }
        if self.steps.is_multiple_of(self.audit_every) { self.audit(operation) } else { None }
    }

    /// Compares all of the books, once what time has done is written in them.
    pub fn audit(&mut self, operation: &Operation) -> Option<Divergence> {
        let now = self.reference.world.start.plus_millis(operation.at_ms);
        let swept = self.target.lifecycle(now);
        let found = swept.and_then(|()| audit::compare(&self.reference, self.target.as_mut(), now));
        let (reference, product) = match found {
            Ok(None) => return None,
            Ok(Some(pair)) => pair,
            Err(fault) => ("whole books".to_owned(), format!("{fault:#}")),
        };
        Some(Divergence { operation: operation.clone(), about: "books".to_owned(), reference, product })
    }

    /// What the rules had to say so far goes into the coverage.
    #[must_use]
    pub fn finish(mut self) -> Coverage {
        for (what, times) in &self.reference.noted {
            self.coverage.add("rule", what, *times);
        }
        self.coverage
    }

    fn exchange(&mut self, operation: &Operation, sent: &Sent, now: Timestamp) -> Result<Option<Difference>> {
        let world = self.reference.world;
        match sent {
            Sent::Nothing => {}
            // Whatever it does has happened already: the reference knows of no timer.
            Sent::Lifecycle => self.target.lifecycle(now)?,
            Sent::Sale(sale) => return self.exchange_sale(operation, sale, now),
            Sent::Return(sent) => {
                let reply = self.target.give_back(sent.outlet, &wire::give_back(world, sent), now)?;
                let expected = self.reference.give_back(operation.id, sent, now);
                let again = matches!(operation.act, Act::ReturnAgain { .. });
                let row = if again { "return again" } else { "return" };
                return self.judge(row, operation.id, expected, reply, Returned::read);
            }
            Sent::Hold(asked) => {
                let code = |member: usize, at: Timestamp| self.target.code(member, at);
                let body = wire::hold(world, asked, &code);
                let reply = self.target.hold(asked.outlet, &body, now)?;
                let expected = self.reference.hold(operation.id, asked, now);
                if let (Ok(_), Ok(taken)) = (&expected, &reply) {
                    let id = taken.body["id"].as_str().context("a hold without an id")?;
                    self.holds.push(id.to_owned());
                }
                return self.judge("hold", operation.id, expected, reply, Held::read);
            }
            Sent::History { member, page } => {
                let found = self.target.history(*member, *page, now)?;
                self.coverage.count(
                    "history",
                    if found.len() > usize::from(*page) { "two pages" } else { "one page" },
                );
                return Ok(differ(&self.known_history(*member, *page)?, &found));
            }
            Sent::Join(member) => {
                let found = self.target.join(world, *member, now)?;
                let expected = self.reference.join(*member, now);
                let outcome = match expected {
                    Ok(true) => "new",
                    Ok(false) => "known",
                    Err(slug) => slug,
                };
                self.coverage.count("join", outcome);
                return Ok(differ(&expected.map_err(str::to_owned), &found));
            }
            Sent::Erasure(asked) => {
                let found = self.target.erase(asked.member, asked.through_support, now)?;
                let expected = self.reference.erase(*asked, now);
                let outcome = expected.as_ref().map_or_else(|slug| *slug, |_| "taken");
                self.coverage.count("erase", outcome);
                let expected = expected.map(|_| ()).map_err(str::to_owned);
                return Ok(differ(&expected, &found));
            }
            Sent::Adjustment(asked) => {
                let reply = self.target.adjust(asked.member, &wire::adjustment(asked), now)?;
                let expected = self.reference.adjust(asked, now);
                return self.judge("adjust", operation.id, expected, reply, Adjusted::read);
            }
            Sent::Release { outlet, hold } => {
                let text = self.hold_text(*hold);
                let reply = self.target.release(*outlet, &text, now)?;
                let expected = self.reference.release(*outlet, *hold, now);
                return self.judge("release", operation.id, expected, reply, Held::read);
            }
        }
        Ok(None)
    }

    fn exchange_sale(
        &mut self,
        operation: &Operation,
        sale: &Sale,
        now: Timestamp,
    ) -> Result<Option<Difference>> {
        let code = |member: usize, at: Timestamp| self.target.code(member, at);
        let body = wire::sale(self.reference.world, sale, &code, &|name| self.hold_text(name));
        let reply = self.target.sell(sale.outlet, &body, now)?;
        let expected = self.reference.sell(operation.id, sale, now);
        let has_points = sale.payments.iter().any(|payment| payment.points);
        let row = match &operation.act {
            Act::SellAgain { .. } => "sell again",
            _ if sale.guest.is_none() => "sell anonymously",
            _ if has_points => "pay with points",
            _ => "sell",
        };
        self.judge(row, operation.id, expected, reply, Sold::read)
    }

    /// What the reference has of a history, newest first, as far as the product has written it down: what time has done
    /// since then comes last.
    fn known_history(&self, member: usize, page: u8) -> Result<Vec<Moved>> {
        let query = "select count(*) from entries where member_id = ?1";
        let id = self.target.member_id(member);
        let written: i64 = self.target.books().prepare_cached(query)?.query_row([id], |row| row.get(0))?;
        let log = &self.reference.members[member].wallet.log;
        let known = log[..(written as usize).min(log.len())].iter().rev().take(2 * usize::from(page));
        let moved =
            |entry: &Movement| Moved { kind: entry.kind.to_owned(), at: entry.at, change: entry.change };
        Ok(known.map(moved).collect())
    }

    /// A till's queue: the reference takes line by line, the product all of it at once.
    fn batch(
        &mut self,
        operation: &Operation,
        acts: &[Act],
        about: &mut String,
        now: Timestamp,
    ) -> Result<Option<Difference>> {
        let world = self.reference.world;
        let (mut bodies, mut expected, mut members) = (Vec::new(), Vec::new(), Vec::new());
        let mut outlet = None;
        for (id, act) in (operation.id + 1..).zip(acts) {
            let line = Operation { id, act: act.clone(), ..*operation };
            let Some(what) = scene::batch_item(&self.reference, &line, now) else { continue };
            if *outlet.get_or_insert(what.outlet()) != what.outlet() {
                continue;
            }
            about.push_str(&format!("\n{what:#?}"));
            match what {
                BatchWhat::Sale(sale) => {
                    let code = |member: usize, at: Timestamp| self.target.code(member, at);
                    let body = wire::sale(world, &sale, &code, &|name| self.hold_text(name));
                    bodies.push(BatchItemBody::Receipt(Box::new(body)));
                    let answer = self.reference.sell(id, &sale, now);
                    let earned = |sold: &Sold| sold.guest.as_ref().map_or(0, |guest| guest.earned);
                    expected.push(Line::of(&answer, earned));
                    members.extend(sale.guest.map(|named| named.member));
                }
                BatchWhat::Return(sent) => {
                    bodies.push(BatchItemBody::Return(Box::new(wire::give_back(world, &sent))));
                    let answer = self.reference.give_back(id, &sent, now);
                    expected.push(Line::of(&answer, |returned: &Returned| returned.points_back));
                    members.extend(self.reference.returned_member());
                }
            }
        }
        let Some(outlet) = outlet else { return Ok(None) };
        for line in &expected {
            let outcome = match line {
                Line::New(_) => "taken",
                Line::Again => "again",
                Line::Refused(_) => "refused",
            };
            self.coverage.count("batch", outcome);
        }
        let found = self.target.batch(outlet, &bodies, now)?;
        if let Some(difference) = differ(&expected, &found) {
            return Ok(Some(difference));
        }
        for member in
            members.into_iter().filter(|&member| self.reference.members[member].joined).collect::<Vec<_>>()
        {
            let account = self.reference.account(member, now).map_err(str::to_owned);
            if let Some(difference) = differ(&account, &self.target.account(member, now)?) {
                return Ok(Some(difference));
            }
        }
        Ok(None)
    }

    fn hold_text(&self, name: HoldName) -> String {
        let known = match name {
            HoldName::Known(place) => self.holds.get(place).cloned(),
            HoldName::Unknown => None,
        };
        known.unwrap_or_else(|| HoldId::from_raw(1).to_string())
    }

    fn judge<T: Debug + PartialEq>(
        &mut self,
        row: &'static str,
        id: u32,
        expected: Answer<T>,
        reply: Reply,
        read: fn(&Value) -> Result<T>,
    ) -> Result<Option<Difference>> {
        let outcome = match &expected {
            Ok(Taken::New(_)) => "taken",
            Ok(Taken::Again(_)) => "again",
            Err(slug) => slug,
        };
        self.coverage.count(row, outcome);
        let got = match reply {
            Err(slug) => {
                return Ok(differ(&format!("{expected:#?}"), &format!("{:#?}", Err::<Taken<T>, _>(slug))));
            }
            Ok(got) => got,
        };
        match expected {
            Ok(Taken::New(expected)) if !got.replayed => {
                let read = read(&got.body).with_context(|| got.body.to_string())?;
                self.replies.insert(id, got.body);
                Ok(differ(&expected, &read))
            }
            // A repetition is answered to the letter as the first time.
            Ok(Taken::Again(first)) if got.replayed => {
                // The first time may have been in a batch, which tells less.
                let known = self.replies.entry(first).or_insert_with(|| got.body.clone());
                Ok(differ(&*known, &got.body))
            }
            other => Ok(Some(Difference { reference: format!("{other:#?}"), product: format!("{got:#?}") })),
        }
    }

    /// Compares what the guest concerned sees of their account.
    fn look(&mut self, sent: &Sent, now: Timestamp) -> Result<Option<Difference>> {
        let member = match sent {
            Sent::Sale(sale) => sale.guest.map(|named| named.member),
            Sent::Hold(asked) => Some(asked.guest.member),
            Sent::Release { hold: HoldName::Known(place), .. } => Some(self.reference.holds[*place].member),
            Sent::Adjustment(asked) => Some(asked.member),
            Sent::Erasure(asked) => Some(asked.member),
            Sent::History { member, .. } | Sent::Join(member) => Some(*member),
            Sent::Return(_) => self.reference.returned_member(),
            Sent::Release { hold: HoldName::Unknown, .. } | Sent::Lifecycle | Sent::Nothing => None,
        };
        let Some(member) = member.filter(|&member| self.reference.members[member].joined) else {
            return Ok(None);
        };
        let expected = self.reference.account(member, now).map_err(str::to_owned);
        Ok(differ(&expected, &self.target.account(member, now)?))
    }
}
