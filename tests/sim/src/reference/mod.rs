//! The second opinion on money: what ought to happen, told from the rules alone.
//!
//! It knows issue and brief (the invariants L1 to L10 of the ledger) and what the public items of the product promise
//! in words. It shares no decision with the product: of ours it uses `kernel`'s types (dates, zones, currencies) and
//! nothing else, and it does its own arithmetic.
//!
//! Where several things are wrong with one request, the first in this order names the refusal: what the request says
//! by itself, whether it is known already, whether it adds up, who the guest is, the programme, the hold, the rules.
//!
//! Reading order: `arithmetic`, `calendar`, `wallet`, then `sale`, `redeem` and `returning`.

mod arithmetic;
mod calendar;
mod redeem;
mod returning;
mod sale;
mod wallet;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kernel::time::{DAY_MS, SECOND_MS};
use kernel::{Date, Timestamp, Zone};

use crate::answer::{Account, Adjusted, Answer, Points3, Taken};
use crate::facts::{Adjustment, Erasure, How, Named};
use crate::rules::{self, Rules};
use crate::world::World;
pub use redeem::{Hold, Status};
pub use returning::ReturnRecord;
pub use sale::{Receipt, SoldLine};
pub use wallet::{Change, Lot, Movement, Part, Wallet};

/// How far a till's clock may be ahead.
const CLOCK_AHEAD_MS: i64 = 10 * 60 * SECOND_MS;
/// How old a sale may be.
const LATE_DAYS: i64 = 90;
/// Most points, in hundredths, that an administrator gives or takes at once.
const ADJUSTMENT_MAX: i64 = 10_000_000;
/// How far ahead "expiring soon" looks.
const SOON_DAYS: i64 = 30;
/// A rotating code changes every so often and works once.
const CODE_STEP_SECONDS: i64 = 30;

/// Mistakes that the reference can be told to make, to prove that a difference is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Mistake {
    /// Earned points are rounded to the nearest instead of down.
    EarningRoundsHalfUp,
    /// The latest-expiring lot is spent first.
    NewestIsSpentFirst,
    /// Each part of a return is rounded for itself.
    ReturnsAreNotCumulative,
    /// A debt stays although points become available.
    DebtIsNotRepaid,
    /// Points are good for one millisecond too long.
    ExpiryIsOneMillisecondLate,
    /// A receipt sent again with other content counts as the same.
    ChangedContentIsARepetition,
    /// A hold can be captured in the very millisecond in which its time is over.
    HoldLastsOneMillisecondLonger,
    /// Given-back points get the days of grace even where their lot lasts longer.
    GraceReplacesExpiry,
    /// The day's cap forgets earlier receipts.
    DayCapForgets,
    /// A return takes back once more what had expired.
    ExpiredPointsAreTakenAgain,
    /// A return goes by the quantity sold to tell whether goods are sold by weight.
    WeightIsForgotten,
}

/// Everything that has happened, as it should have.
pub struct Reference<'w> {
    pub world: &'w World,
    pub members: Vec<Member>,
    pub receipts: Vec<Receipt>,
    pub returns: Vec<ReturnRecord>,
    pub holds: Vec<Hold>,
    /// Natural keys (outlet, business date, number) and the places of what they name.
    receipt_keys: HashMap<(usize, Date, String), usize>,
    return_keys: HashMap<(usize, Date, String), usize>,
    /// Rotating codes that were used: member and step.
    spent_codes: BTreeSet<(usize, i64)>,
    /// Points of each receipt's own that ran out unspent and were not yet set off against a return.
    expired: Vec<i64>,
    /// Lots ever made.
    born: u64,
    mistake: Option<Mistake>,
    /// How often each rule had something to say.
    pub noted: BTreeMap<&'static str, u64>,
}

/// What is known of a member.
#[derive(Debug, Clone, Default)]
pub struct Member {
    pub wallet: Wallet,
    /// Outlet of the first receipt, or of the one that made another country the home.
    pub home: Option<usize>,
    /// Places of their receipts.
    pub receipts: Vec<usize>,
    /// Whether they have signed up, or were there from the beginning.
    pub joined: bool,
    /// A welcome comes once in a lifetime.
    welcomed: bool,
    /// Who they were is forgotten.
    pub erased: bool,
    /// Places of their holds that have not ended.
    open_holds: Vec<usize>,
}

impl<'w> Reference<'w> {
    /// The state at the beginning: opening balances and nothing else.
    #[must_use]
    pub fn new(world: &'w World, mistake: Option<Mistake>) -> Self {
        let mut reference = Self {
            world,
            members: vec![Member::default(); world.guests.len()],
            receipts: Vec::new(),
            returns: Vec::new(),
            holds: Vec::new(),
            receipt_keys: HashMap::new(),
            return_keys: HashMap::new(),
            spent_codes: BTreeSet::new(),
            expired: Vec::new(),
            born: 0,
            mistake,
            noted: BTreeMap::new(),
        };
        for (index, guest) in world.guests.iter().enumerate() {
            reference.members[index].joined = !guest.comes_later;
            reference.members[index].wallet.mistake = mistake;
            if let Some((points, expires_at)) = guest.opening {
                let before = reference.balance(index);
                let opened = world.start.plus_millis(-1);
                reference.grant(index, points, None, None, expires_at, opened);
                reference.members[index].wallet.note("adjustment", opened, before);
            }
        }
        reference
    }

    fn makes(&self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }

    fn note(&mut self, what: &'static str) {
        *self.noted.entry(what).or_default() += 1;
    }

    /// The rules of a brand in force at a time: those of the latest version that had begun.
    fn rules(&self, brand: usize, at: Timestamp) -> Result<&'w Rules, &'static str> {
        let versions = &self.world.brands[brand].versions;
        let begun = versions.iter().rev().find(|(from, _)| *from <= at);
        begun.map(|(_, rules)| rules).ok_or("no-programme")
    }

    /// The guest that a till names, if they may take part. A rotating code works once.
    fn identify(&self, outlet: usize, named: Named) -> Result<usize, &'static str> {
        let guest = &self.world.guests[named.member];
        if named.how == How::NoSuchCard || guest.brand != self.world.outlets[outlet].brand {
            return Err("unknown-guest");
        }
        // Whoever signed up by phone has no card.
        let has_card = !guest.comes_later;
        if !self.members[named.member].joined || (!has_card && named.how != How::Phone) {
            return Err("unknown-guest");
        }
        let erased = self.members[named.member].erased;
        if erased && named.how == How::Phone {
            return Err("unknown-guest");
        }
        // Whoever says their phone number needs no card.
        if erased || (named.how != How::Phone && !guest.card_active) {
            return Err("card-inactive");
        }
        if code_step(named).is_some_and(|step| self.spent_codes.contains(&(named.member, step))) {
            return Err("code-spent");
        }
        if guest.active { Ok(named.member) } else { Err("member-inactive") }
    }

    /// A rotating code is used up by what was accepted with it, by nothing else.
    fn use_code(&mut self, named: Named) {
        if let Some(step) = code_step(named) {
            self.spent_codes.insert((named.member, step));
        }
    }

    fn grant(
        &mut self,
        member: usize,
        points: i64,
        earned_by: Option<usize>,
        activates_at: Option<Timestamp>,
        expires_at: Option<Timestamp>,
        now: Timestamp,
    ) {
        self.born += 1;
        let wallet = &mut self.members[member].wallet;
        let debt = wallet.debt;
        wallet.grant(self.born, points, earned_by, activates_at, expires_at, now);
        if wallet.debt < debt {
            self.note("debt repaid");
        }
    }

    /// Time passes for everybody.
    pub fn pass(&mut self, now: Timestamp) {
        for member in 0..self.members.len() {
            self.age(member, now);
        }
    }

    /// What time does to a member by `now`, each thing at its moment: holds lapse, pending points become available,
    /// points expire. That somebody has to come by and write it down changes nothing.
    fn age(&mut self, member: usize, now: Timestamp) {
        let longer = i64::from(self.makes(Mistake::HoldLastsOneMillisecondLonger));
        let mut last = Timestamp::from_millis(i64::MIN);
        loop {
            let holds = self.members[member].open_holds.iter();
            let ends = holds.map(|&place| (self.holds[place].expires_at.plus_millis(longer), place));
            let lapse = ends.filter(|(end, _)| *end <= now).min();
            let change = self.members[member].wallet.next_change(now);
            match (lapse, change) {
                (None, None) => break,
                // At one moment points come back before they run out.
                (Some((end, place)), change) if change.is_none_or(|(at, _)| end <= at) => {
                    last = end;
                    self.end_hold(place, Status::Lapsed, end);
                    self.note("hold lapsed");
                }
                (_, Some((at, change))) => {
                    // What comes back to a lot that is over runs out in that moment.
                    last = last.max(at);
                    let (lost, of) = self.members[member].wallet.change(change, last);
                    if let Some(receipt) = of {
                        self.expired[receipt] += lost;
                    }
                    self.note(if lost > 0 { "points expired" } else { "points activated" });
                }
                (Some(_), None) => unreachable!("it ends before nothing"),
            }
        }
        self.members[member].wallet.tidy();
    }

    /// Corrects a balance. Points taken come from the lots in the order of spending and never make a debt (L9).
    ///
    /// # Errors
    /// The slug of the refusal.
    pub fn adjust(&mut self, asked: &Adjustment, now: Timestamp) -> Answer<Adjusted> {
        if asked.points.abs() > ADJUSTMENT_MAX {
            return Err("adjustment-limit");
        }
        if self.members[asked.member].erased {
            return Err("member-inactive");
        }
        let before = self.balance(asked.member);
        if asked.points > 0 {
            let expires_at = asked.days.map(|days| now.plus_millis(i64::from(days) * DAY_MS));
            self.grant(asked.member, asked.points, None, None, expires_at, now);
        } else if !self.members[asked.member].wallet.take(-asked.points) {
            return Err("insufficient-points");
        }
        let wallet = &mut self.members[asked.member].wallet;
        wallet.note("adjustment", now, before);
        wallet.tidy();
        Ok(Taken::New(Adjusted { points: asked.points, balance: wallet.balance() }))
    }

    /// Signs a phone up, or in. Returns whether somebody new came of it.
    ///
    /// # Errors
    /// `no-programme` before there is one.
    pub fn join(&mut self, member: usize, now: Timestamp) -> Result<bool, &'static str> {
        let rules = self.rules(self.world.guests[member].brand, now)?;
        if self.members[member].joined {
            return Ok(false);
        }
        self.members[member].joined = true;
        if let Some((points, expiry)) = rules.welcome.filter(|_| rules.welcome_at_sign_up) {
            let zone = Zone::parse(rules::ZONE).expect("a zone");
            let before = self.balance(member);
            self.grant(member, points, None, None, calendar::end(expiry, now.date_in(&zone), &zone), now);
            self.members[member].wallet.note("accrual", now, before);
            self.members[member].welcomed = true;
            self.note("welcome at sign-up");
        }
        Ok(true)
    }

    /// Forgets who a member is; points and receipts stay. Open receipts go on without the points that they held.
    ///
    /// # Errors
    /// `member-inactive` for one who was forgotten before, or who is blocked and asks by themselves.
    pub fn erase(&mut self, asked: Erasure, now: Timestamp) -> Answer<()> {
        let may = self.world.guests[asked.member].active || asked.through_support;
        if self.members[asked.member].erased || !may {
            return Err("member-inactive");
        }
        for place in self.members[asked.member].open_holds.clone() {
            self.end_hold(place, Status::Released, now);
            self.age(asked.member, now);
        }
        self.members[asked.member].erased = true;
        Ok(Taken::New(()))
    }

    /// A member's pending, available and held points.
    #[must_use]
    pub fn balance(&self, member: usize) -> Points3 {
        self.members[member].wallet.balance()
    }

    /// What a member sees of their account.
    ///
    /// # Errors
    /// `no-programme` before there is one.
    pub fn account(&self, member: usize, now: Timestamp) -> Result<Account, &'static str> {
        let guest = &self.world.guests[member];
        if self.members[member].erased {
            return Err("member-inactive");
        }
        let rules = self.rules(guest.brand, now)?;
        let soon = now.plus_millis(SOON_DAYS * DAY_MS);
        let lots = self.members[member].wallet.lots.iter().filter(|lot| lot.available > 0);
        let running_out: Vec<(Timestamp, i64)> = lots
            .filter_map(|lot| Some((lot.expires_at.filter(|end| *end <= soon)?, lot.available)))
            .collect();
        let first = running_out.iter().map(|(end, _)| *end).min();
        let is_top = rules.tiers.last().is_some_and(|(code, _)| *code == guest.tier);
        Ok(Account {
            points: self.balance(member),
            expiring: first.map(|first| (running_out.iter().map(|(_, points)| points).sum(), first)),
            tier: guest.tier.to_owned(),
            // The way to the next tier: shown where there is one.
            spent: self.members[member].home.filter(|_| !is_top).map(|home| {
                let currency = self.world.outlets[home].currency;
                (self.spent_this_month(member, home, now), currency)
            }),
        })
    }

    /// Money, not points, spent and not refunded on receipts of the home outlet's calendar month and currency.
    fn spent_this_month(&self, member: usize, home: usize, now: Timestamp) -> i64 {
        let home = &self.world.outlets[home];
        let (year, month, _) = now.date_in(&home.zone).parts();
        let receipts = self.members[member].receipts.iter().map(|&index| &self.receipts[index]);
        let counted = receipts.filter(|receipt| {
            let (in_year, in_month, _) = receipt.sale.business_date.parts();
            (in_year, in_month) == (year, month)
                && self.world.outlets[receipt.sale.outlet].currency == home.currency
        });
        counted.map(|receipt| receipt.total() - receipt.paid_with_points() - receipt.refunded).sum()
    }

    /// The member of the receipt that was returned last.
    #[must_use]
    pub fn returned_member(&self) -> Option<usize> {
        let key = &self.returns.last()?.sent.receipt;
        self.receipts[*self.receipt_keys.get(key)?].member
    }

    /// The next moment after `now` at which something of a member falls due, and the operation that made the hold if
    /// it is the end of one.
    #[must_use]
    pub fn next_edge(&self, member: usize, now: Timestamp) -> Option<(Timestamp, Option<u32>)> {
        let lots = self.members[member].wallet.lots.iter().flat_map(|lot| [lot.activates_at, lot.expires_at]);
        let holds = self.members[member].open_holds.iter().map(|&place| &self.holds[place]);
        let holds = holds.map(|hold| (hold.expires_at, Some(hold.operation)));
        lots.flatten().map(|at| (at, None)).chain(holds).filter(|(edge, _)| *edge > now).min()
    }
}

fn code_step(named: Named) -> Option<i64> {
    match named.how {
        How::Code(at) => Some(at.seconds().div_euclid(CODE_STEP_SECONDS)),
        How::Card | How::Phone | How::NoSuchCard => None,
    }
}
