//! Sales: whether they add up, and what they earn.

use kernel::time::DAY_MS;
use kernel::{Date, Timestamp};

use crate::answer::{Answer, Redeemed, Sold, SoldGuest, Taken};
use crate::facts::{Sale, SaleLine};
use crate::reference::arithmetic::{down_to, floor, half_up, share};
use crate::reference::redeem::Price;
use crate::reference::{CLOCK_AHEAD_MS, LATE_DAYS, Mistake, Part, Reference, calendar};
use crate::rules::Rules;
use crate::world::{UNLISTED_CATEGORY, World};

/// Receipts in a row in another country that move a member's home.
const RECEIPTS_TO_MOVE: usize = 5;

/// A recorded sale and what has become of it.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The operation that sent it first.
    pub operation: u32,
    pub sale: Sale,
    pub member: Option<usize>,
    pub earned: i64,
    pub lines: Vec<SoldLine>,
    /// What its hold spent, in the order of spending.
    pub spent: Vec<Part>,
    /// Points that returns gave back so far.
    pub given_back: i64,
    /// Money that returns gave back so far.
    pub refunded: i64,
}

/// What a sale decided about one line, and how much of it came back.
#[derive(Debug, Clone, Copy)]
pub struct SoldLine {
    pub line: SaleLine,
    /// The part of its amount that was paid with points, in money and in points.
    pub paid: i64,
    pub paid_points: i64,
    pub earned: i64,
    pub returned: i64,
}

impl Receipt {
    fn new(operation: u32, sale: &Sale) -> Self {
        let line = |&line: &SaleLine| SoldLine { line, paid: 0, paid_points: 0, earned: 0, returned: 0 };
        Self {
            operation,
            sale: sale.clone(),
            member: None,
            earned: 0,
            lines: sale.lines.iter().map(line).collect(),
            spent: Vec::new(),
            given_back: 0,
            refunded: 0,
        }
    }

    /// Sum of the lines.
    pub fn total(&self) -> i64 {
        self.lines.iter().map(|sold| sold.line.amount).sum()
    }

    /// The part of it paid with points.
    pub fn paid_with_points(&self) -> i64 {
        self.lines.iter().map(|sold| sold.paid).sum()
    }

    /// Whether something is left to return.
    pub fn is_open(&self) -> bool {
        self.lines.iter().any(|sold| sold.returned < sold.line.quantity)
    }
}

/// What a sale earns.
struct Earned {
    points: i64,
    activates_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    /// Points and reason of each line.
    lines: Vec<(i64, &'static str)>,
    reasons: Vec<&'static str>,
}

/// The category by which rules know a line: the till's word, else the catalogue's.
pub(crate) fn category(world: &World, line: &SaleLine) -> Option<&'static str> {
    let known = world.goods[line.good].category;
    if line.told { Some(known.unwrap_or(UNLISTED_CATEGORY)) } else { known }
}

impl Reference<'_> {
    /// Judges a sale and, if it is taken, does what it does.
    ///
    /// # Errors
    /// The slug of the refusal.
    pub fn sell(&mut self, operation: u32, sale: &Sale, now: Timestamp) -> Answer<Sold> {
        let outlet = &self.world.outlets[sale.outlet];
        self.check_words(sale)?;
        // Outlet, business date and number name a receipt for ever.
        let key = (sale.outlet, sale.business_date, sale.number.clone());
        if let Some(&known) = self.receipt_keys.get(&key) {
            let known = &self.receipts[known];
            let same = known.sale == *sale || self.makes(Mistake::ChangedContentIsARepetition);
            return if same { Ok(Taken::Again(known.operation)) } else { Err("receipt-conflict") };
        }
        self.check_sums(sale, now)?;
        let place = self.receipts.len();
        let mut receipt = Receipt::new(operation, sale);
        let points_payment = sale.payments.iter().find(|payment| payment.points);
        let hold = points_payment.and_then(|payment| payment.hold);
        let Some(named) = sale.guest else {
            if points_payment.is_some() {
                return Err("invalid-field");
            }
            let total = receipt.total();
            self.keep(key, receipt);
            return Ok(Taken::New(Sold { total, guest: None }));
        };
        let member = self.identify(sale.outlet, named)?;
        let rules = self.rules(outlet.brand, sale.sold_at)?;
        // Points are spent first, so that what they paid for can be left out of what earns.
        let price = match (points_payment, hold) {
            (None, _) => None,
            (Some(_), None) => return Err("invalid-field"),
            (Some(payment), Some(hold)) => Some(self.price(hold, member, sale, payment.minor, rules)?),
        };
        let value = rules.value(outlet.currency).ok_or("wrong-currency")?;
        if let Some(price) = &price {
            for (sold, part) in receipt.lines.iter_mut().zip(&price.lines) {
                (sold.paid, sold.paid_points) = *part;
            }
        }
        let earned = self.earn(rules, value, member, &receipt);
        // Nothing can be refused from here on: now it happens.
        let redeemed = price.map(|price| self.redeem(&price, sale, &mut receipt));
        receipt.member = Some(member);
        receipt.earned = earned.points;
        for (sold, (points, _)) in receipt.lines.iter_mut().zip(&earned.lines) {
            sold.earned = *points;
        }
        let before = self.balance(member);
        self.grant(member, earned.points, Some(place), earned.activates_at, earned.expires_at, now);
        self.members[member].wallet.note("accrual", sale.sold_at, before);
        let welcome = self.welcome(rules, member, sale, now);
        self.use_code(named);
        self.move_home(member, sale);
        let state = &mut self.members[member];
        state.receipts.push(place);
        state.wallet.tidy();
        self.expired.resize(place + 1, 0);
        self.age(member, now);
        let (total, lines) = (receipt.total(), sale.lines.iter().zip(&earned.lines));
        let guest = SoldGuest {
            tier: self.world.guests[member].tier.to_owned(),
            earned: earned.points,
            activates_at: earned.activates_at,
            expires_at: earned.expires_at,
            lines: lines.map(|(line, (points, why))| (line.no, *points, (*why).to_owned())).collect(),
            reasons: earned.reasons.iter().map(|why| (*why).to_owned()).collect(),
            welcome,
            redeemed,
            balance: self.balance(member),
        };
        self.keep(key, receipt);
        Ok(Taken::New(Sold { total, guest: Some(guest) }))
    }

    /// The home is the outlet of the first receipt, until the last five are all of one other country.
    fn move_home(&mut self, member: usize, sale: &Sale) {
        let country = |outlet: usize| self.world.outlets[outlet].country;
        let here = country(sale.outlet);
        let state = &self.members[member];
        let past = state.receipts.iter().map(|&place| &self.receipts[place].sale);
        let mut all: Vec<_> =
            past.chain([sale]).map(|sale| (sale.business_date, sale.sold_at, sale.outlet)).collect();
        all.sort_unstable_by(|a, b| b.cmp(a));
        let last = all.iter().take(RECEIPTS_TO_MOVE);
        let has_moved =
            all.len() >= RECEIPTS_TO_MOVE && last.clone().all(|&(_, _, outlet)| country(outlet) == here);
        if state.home.is_none_or(|home| has_moved && country(home) != here) {
            self.members[member].home = Some(sale.outlet);
        }
    }

    /// Captures the hold that pays for a part of the receipt.
    fn redeem(&mut self, price: &Price, sale: &Sale, receipt: &mut Receipt) -> Redeemed {
        let released = self.holds[price.hold].points - price.points;
        receipt.spent = self.capture(price.hold, price.points, sale.sold_at);
        let lines = receipt.lines.iter().map(|sold| (sold.line.no, sold.paid_points, sold.paid));
        Redeemed { points: price.points, value: price.worth, released, lines: lines.collect() }
    }

    fn keep(&mut self, key: (usize, Date, String), receipt: Receipt) {
        self.receipt_keys.insert(key, self.receipts.len());
        self.receipts.push(receipt);
        self.expired.resize(self.receipts.len(), 0);
    }

    /// What is wrong with the words of a request, before anything is looked up.
    fn check_words(&self, sale: &Sale) -> Result<(), &'static str> {
        if sale.names != sale.outlet {
            return Err("unknown-outlet");
        }
        let currency = self.world.outlets[sale.outlet].currency;
        if sale.lines.iter().any(|line| line.currency != currency) {
            return Err("wrong-currency");
        }
        if sale.payments.iter().any(|payment| payment.hold.is_some() && !payment.points) {
            return Err("invalid-field");
        }
        Ok(())
    }

    /// Whether a sale is plausible and adds up.
    fn check_sums(&self, sale: &Sale, now: Timestamp) -> Result<(), &'static str> {
        let zone = &self.world.outlets[sale.outlet].zone;
        let too_old = now.plus_millis(-LATE_DAYS * DAY_MS);
        if sale.sold_at > now.plus_millis(CLOCK_AHEAD_MS) || sale.sold_at < too_old {
            return Err("implausible-time");
        }
        if sale.business_date.days_since(sale.sold_at.date_in(zone)).abs() > 1 {
            return Err("implausible-time");
        }
        if sale.lines.is_empty() {
            return Err("invalid-lines");
        }
        for (index, line) in sale.lines.iter().enumerate() {
            if sale.lines[..index].iter().any(|earlier| earlier.no == line.no) {
                return Err("invalid-lines");
            }
            let by_weight = self.world.goods[line.good].fractional;
            if line.quantity <= 0 || (line.quantity % 1_000 != 0 && !by_weight) {
                return Err("invalid-quantity");
            }
            if line.price < 0 || line.discount < 0 || line.amount < 0 {
                return Err("invalid-field");
            }
            // A line costs price × quantity less its discount, give or take one minor unit.
            let list = half_up(line.price, line.quantity, 1_000);
            if line.discount > list || (line.amount - (list - line.discount)).abs() > 1 {
                return Err("sums-differ");
            }
        }
        if sale.payments.iter().any(|payment| payment.minor < 0) || !(0..=99).contains(&sale.rounding) {
            return Err("invalid-field");
        }
        let due = sale.lines.iter().map(|line| line.amount).sum::<i64>() - sale.rounding;
        let paid: i64 = sale.payments.iter().map(|payment| payment.minor).sum();
        if due == paid { Ok(()) } else { Err("sums-differ") }
    }

    /// Points are `rate × base ÷ value of a point`, rounded down to the step once for the whole receipt, then cut by
    /// the caps, then shared over the lines by what each contributed.
    fn earn(&mut self, rules: &Rules, value: i64, member: usize, receipt: &Receipt) -> Earned {
        let sale = &receipt.sale;
        let zone = &self.world.outlets[sale.outlet].zone;
        let bases: Vec<(i64, Option<&'static str>)> =
            receipt.lines.iter().map(|sold| self.base(rules, sold)).collect();
        let base: i64 = bases.iter().map(|(base, _)| base).sum();
        let tier = self.world.guests[member].tier;
        let rate =
            rules.tiers.iter().find(|(code, _)| *code == tier).expect("every version has every tier").1;
        // A rate in millionths of a base in minor units, in hundredths of a point.
        let round = if self.makes(Mistake::EarningRoundsHalfUp) { half_up } else { floor };
        let mut points = down_to(round(base, rate * 100, value * 1_000_000), rules.points_step);
        let mut reasons = vec!["tier_rate"];
        let earlier = self.members[member].receipts.iter().map(|&index| &self.receipts[index]);
        let today: Vec<i64> = earlier
            .filter(|other| other.sale.business_date == sale.business_date && other.earned > 0)
            .map(|other| other.earned)
            .collect();
        let earned_today: i64 = if self.makes(Mistake::DayCapForgets) { 0 } else { today.iter().sum() };
        if rules.cap_day_receipts.is_some_and(|cap| today.len() as i64 >= cap) {
            points = 0;
            reasons.push("receipts_per_day");
        } else {
            if let Some(cap) = rules.cap_receipt.filter(|&cap| cap < points) {
                points = down_to(cap, rules.points_step);
                reasons.push("receipt_cap");
            }
            if let Some(left) =
                rules.cap_day.map(|cap| (cap - earned_today).max(0)).filter(|&left| left < points)
            {
                points = down_to(left, rules.points_step);
                reasons.push("day_cap");
            }
        }
        let weights: Vec<i64> = bases.iter().map(|(base, _)| *base).collect();
        let last = *reasons.last().expect("the rate");
        // A line without points has its own reason, else the one that left nothing, else it was too small.
        let nothing = if last == "tier_rate" || points > 0 { "rounded_down" } else { last };
        let why = |points: i64, own: Option<&'static str>| {
            own.unwrap_or(if points == 0 { nothing } else { "tier_rate" })
        };
        let lines: Vec<(i64, &'static str)> = share(points, &weights)
            .into_iter()
            .zip(&bases)
            .map(|(points, (_, own))| (points, why(points, *own)))
            .collect();
        for reason in lines.iter().map(|(_, why)| *why).chain(reasons.iter().copied()) {
            self.note(reason);
        }
        let activates_at = calendar::activation(rules.pending, sale.sold_at, sale.business_date, zone);
        let good_from = activates_at.map_or(sale.business_date, |at| at.date_in(zone));
        Earned {
            points,
            activates_at,
            expires_at: calendar::end(rules.expiry, good_from, zone),
            lines,
            reasons,
        }
    }

    /// The part of a line that earns, and what took the rest away.
    fn base(&self, rules: &Rules, sold: &SoldLine) -> (i64, Option<&'static str>) {
        let (line, good) = (&sold.line, &self.world.goods[sold.line.good]);
        if line.amount == 0 {
            return (0, Some("zero_amount"));
        }
        if rules.no_points_for_products.contains(&good.code) {
            return (0, Some("excluded_product"));
        }
        if category(self.world, line)
            .is_some_and(|category| rules.no_points_for_categories.contains(&category))
        {
            return (0, Some("excluded_category"));
        }
        if line.promo && !rules.promo_lines_earn {
            return (0, Some("promo_line"));
        }
        if sold.paid > 0 && !rules.earn_on_points_paid {
            return (line.amount - sold.paid, Some("paid_with_points"));
        }
        (line.amount, None)
    }

    /// The welcome bonus comes with the first receipt, is available at once and stays if that receipt is returned.
    fn welcome(&mut self, rules: &Rules, member: usize, sale: &Sale, now: Timestamp) -> i64 {
        let state = &self.members[member];
        let is_open = state.receipts.is_empty() && !state.welcomed && !rules.welcome_at_sign_up;
        let Some((points, expiry)) = rules.welcome.filter(|_| is_open) else {
            return 0;
        };
        let zone = &self.world.outlets[sale.outlet].zone;
        let before = self.balance(member);
        self.grant(member, points, None, None, calendar::end(expiry, sale.business_date, zone), now);
        self.members[member].wallet.note("accrual", sale.sold_at, before);
        self.note("welcome bonus");
        points
    }
}
