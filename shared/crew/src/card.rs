//! A staff member's own discount card: apart from guests' points, limited by day and month in times and in money.
//!
//! The card shows a code that rotates, as a guest's card does, so that a picture of it is of no use to anybody. What was
//! bought with it counts for nobody's goals (migration 0011).

use kernel::time::SECOND_MS;
use kernel::{Date, MemberId, Money, StaffId, Timestamp};
use membership::card_number::CardNumber;
use membership::rotating_code::{self, CardKey, Scan, WRONG_CODES};
use membership::secrets::{Purpose, Secrets};
use membership::totp::{STEP_SECONDS, Step};
use store::guests::MemberStatus;
use store::outlets::Outlet;
use store::staff::StaffStatus;
use store::staff_cards::{self, Rules, StaffCard, Taken, Use};
use store::{Sql, counters, guests};

use club::Moment;

use crate::refusal::Refused;

/// What the numbers of staff's cards begin with.
const NUMBER_PREFIX: &str = "STAFF";
/// Under which name used codes are remembered: no brand is called so.
const CODES: &str = "@staff";
/// Name of the counter of wrong codes for one card.
const WRONG_CODES_COUNTER: &str = "code.staff.minute";
/// Days that a till's business day may be off the outlet's date.
pub const DAYS_OFF_MAX: i32 = 1;
/// The hour by which the business day of before has ended everywhere. From then on a till that still names it, or one that
/// names tomorrow, has no say in whose limits a discount is of: they are of the outlet's date.
pub const DAY_ENDS_HOUR: u8 = 6;
/// Percent in a whole.
const PERCENT: i128 = 100;

/// Issues somebody's card, or answers with the one they have.
///
/// # Errors
/// [`Refused::UnknownStaff`]; a failure of storage.
pub fn issue(tx: &dyn Sql, staff: StaffId, now: Timestamp) -> Result<StaffCard, Refused> {
    let person = store::staff::load(tx, staff)?.ok_or(Refused::UnknownStaff)?;
    if person.status != StaffStatus::Active {
        return Err(Refused::UnknownStaff);
    }
    let text = staff.to_string();
    let digits = text.split_once('_').map_or(text.as_str(), |(_, digits)| digits);
    let number = format!("{NUMBER_PREFIX}{}", digits.to_ascii_uppercase());
    staff_cards::insert(tx, staff, &number, now)?;
    staff_cards::load(tx, staff)?.ok_or(Refused::UnknownCard)
}

/// The code that a card shows now, and until when.
///
/// # Errors
/// [`Refused::CardInactive`].
pub fn code(card: &StaffCard, secrets: &Secrets, now: Timestamp) -> Result<(String, Timestamp), Refused> {
    if !card.is_active {
        return Err(Refused::CardInactive);
    }
    let number = CardNumber::parse(&card.number).map_err(|_| Refused::UnknownCard)?;
    let key = CardKey::derive(&secrets.key(Purpose::RotatingCodes), card.key_version, &number);
    let ends = (Step::at(now).number() + 1) * STEP_SECONDS * SECOND_MS;
    Ok((key.rich_text(&number, now), Timestamp::from_millis(ends)))
}

/// A purchase for which a discount is asked.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// As the scanner read it.
    pub code: &'a str,
    pub outlet: &'a Outlet,
    pub business_date: Date,
    /// Who rings it up, by their code.
    pub rung_by: Option<&'a str>,
    /// Before the discount, in the outlet's currency.
    pub amount: Money,
}

/// What is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    pub card: StaffCard,
    pub rules: Rules,
    pub taken: Taken,
    pub discount: Money,
}

impl Allowed {
    /// What the limits leave after this: times and money, of the day and of the month.
    #[must_use]
    pub const fn left_before(&self) -> (i64, i64, i64, i64) {
        left(&self.rules, &self.taken)
    }
}

const fn left(rules: &Rules, taken: &Taken) -> (i64, i64, i64, i64) {
    (
        rules.day_uses - taken.day_uses,
        rules.month_uses - taken.month_uses,
        rules.day_discount_minor - taken.day_minor,
        rules.month_discount_minor - taken.month_minor,
    )
}

/// What a card's code would give for a purchase; nothing is recorded, and the code stays good.
///
/// # Errors
/// See [`Refused`].
pub fn check(
    sql: &dyn Sql,
    asked: &Asked<'_>,
    secrets: &Secrets,
    now: Timestamp,
) -> Result<Allowed, Refused> {
    let counted_on = counted_on(asked, now)?;
    let (card, _) = prove(sql, asked.code, secrets, now)?;
    allow(sql, card, asked, counted_on, now)
}

/// The day whose limits a discount is of.
///
/// # Errors
/// [`Refused::BusinessDate`].
fn counted_on(asked: &Asked<'_>, now: Timestamp) -> Result<Date, Refused> {
    let zone = &asked.outlet.zone;
    let today = now.date_in(zone);
    let away = asked.business_date.days_since(today);
    if away.abs() > DAYS_OFF_MAX {
        return Err(Refused::BusinessDate);
    }
    let goes_on = away < 0 && now.hour_in(zone) < DAY_ENDS_HOUR;
    Ok(if goes_on { asked.business_date } else { today })
}

fn allow(
    sql: &dyn Sql,
    card: StaffCard,
    asked: &Asked<'_>,
    counted_on: Date,
    now: Timestamp,
) -> Result<Allowed, Refused> {
    let currency = asked.outlet.currency;
    let rules = staff_cards::load_rules(sql, currency, now)?.ok_or(Refused::NoCardRules)?;
    if !rules.own_hand && asked.rung_by == Some(card.staff_code.as_str()) {
        return Err(Refused::OwnHand);
    }
    let taken = staff_cards::load_taken(sql, card.staff, counted_on, currency)?;
    let (day_uses, month_uses, day_minor, month_minor) = left(&rules, &taken);
    let full = i128::from(asked.amount.minor()) * i128::from(rules.percent) / PERCENT;
    let full = i64::try_from(full).map_err(|_| Refused::Inconsistent("a discount is out of range"))?;
    let discount = full.min(day_minor).min(month_minor);
    if day_uses <= 0 || month_uses <= 0 || discount <= 0 {
        return Err(Refused::CardLimit {
            day_left: Money::new(day_minor.max(0), currency),
            month_left: Money::new(month_minor.max(0), currency),
            day_uses_left: day_uses.max(0),
            month_uses_left: month_uses.max(0),
        });
    }
    Ok(Allowed { card, rules, taken, discount: Money::new(discount, currency) })
}

/// Records the discount on a receipt and uses the code up. The same again is answered with what was recorded, and
/// `false`.
///
/// # Errors
/// See [`Refused`].
pub fn take(
    tx: &dyn Sql,
    asked: &Asked<'_>,
    number: &str,
    secrets: &Secrets,
    moment: &mut Moment<'_>,
) -> Result<(Use, bool), Refused> {
    if let Some(known) = staff_cards::load_use(tx, asked.outlet.id, asked.business_date, number)? {
        let holder = card_of(tx, asked.code)?;
        let same = holder.staff == known.staff
            && asked.amount.minor() == known.amount_minor
            && known.voided_at.is_none();
        return if same { Ok((known, false)) } else { Err(Refused::UseConflict) };
    }
    let counted_on = counted_on(asked, moment.now)?;
    let (card, step) = prove(tx, asked.code, secrets, moment.now)?;
    if !guests::spend_code(tx, CODES, &card.number, step, asked.outlet.id, moment.now)? {
        return Err(Refused::CodeSpent);
    }
    let allowed = allow(tx, card, asked, counted_on, moment.now)?;
    let used = Use {
        id: moment.ids.next(moment.now),
        staff: allowed.card.staff,
        rules: allowed.rules.id,
        outlet: asked.outlet.id,
        business_date: asked.business_date,
        number: number.to_owned(),
        rung_by: asked.rung_by.map(str::to_owned),
        currency: asked.outlet.currency,
        amount_minor: asked.amount.minor(),
        discount_minor: allowed.discount.minor(),
        used_at: moment.now,
        voided_at: None,
    };
    staff_cards::insert_use(tx, &used, counted_on, moment.now)?;
    Ok((used, true))
}

/// Gives a discount's limit back: the sale did not happen.
///
/// # Errors
/// [`Refused::UnknownUse`], also for another outlet's; [`Refused::SaleStands`].
pub fn void(tx: &dyn Sql, outlet: &Outlet, day: Date, number: &str, now: Timestamp) -> Result<Use, Refused> {
    let used = staff_cards::load_use(tx, outlet.id, day, number)?.ok_or(Refused::UnknownUse)?;
    if used.voided_at.is_none() && staff_cards::has_sale(tx, outlet.id, day, number)? {
        return Err(Refused::SaleStands);
    }
    staff_cards::void(tx, used.id, now)?;
    staff_cards::load_use_by_id(tx, used.id)?.ok_or(Refused::UnknownUse)
}

/// The card that a code names, whatever it proves.
fn card_of(sql: &dyn Sql, code: &str) -> Result<StaffCard, Refused> {
    let scan = Scan::parse(code).map_err(|_| Refused::UnknownCard)?;
    let number = scan.card().ok_or(Refused::UnknownCard)?;
    staff_cards::load_by_number(sql, number.as_str())?.ok_or(Refused::UnknownCard)
}

/// The card whose code this is, and the code's step.
fn prove(sql: &dyn Sql, code: &str, secrets: &Secrets, now: Timestamp) -> Result<(StaffCard, i64), Refused> {
    let scan = Scan::parse(code).map_err(|_| Refused::UnknownCard)?;
    let card = card_of(sql, code)?;
    let wrong = counters::load(sql, WRONG_CODES_COUNTER, card.number.as_bytes())?;
    let wait_ms = WRONG_CODES.wait_ms(wrong, now);
    if wait_ms > 0 {
        return Err(Refused::TooManyCodes { wait_ms });
    }
    if !card.is_active || !card.works_here {
        return Err(Refused::CardInactive);
    }
    let number = CardNumber::parse(&card.number).map_err(|_| Refused::UnknownCard)?;
    let key = CardKey::derive(&secrets.key(Purpose::RotatingCodes), card.key_version, &number);
    let step = rotating_code::verify(&scan, &key, now)
        .map_err(|why| Refused::Code { card: card.number.clone(), why })?;
    Ok((card, step.number()))
}

/// Counts a wrong code against its card, in a transaction of its own: the refused one is gone.
///
/// # Errors
/// A failure of storage.
pub fn note_wrong_code(tx: &dyn Sql, card: &str, now: Timestamp) -> Result<(), Refused> {
    let counter = counters::load(tx, WRONG_CODES_COUNTER, card.as_bytes())?;
    Ok(counters::save(tx, WRONG_CODES_COUNTER, card.as_bytes(), WRONG_CODES.hit(counter, now))?)
}

/// Blocks somebody's card, or lets it work again.
///
/// # Errors
/// [`Refused::UnknownCard`].
pub fn set_active(tx: &dyn Sql, staff: StaffId, active: bool, now: Timestamp) -> Result<StaffCard, Refused> {
    staff_cards::set_active(tx, staff, active, now)?;
    staff_cards::load(tx, staff)?.ok_or(Refused::UnknownCard)
}

/// Links a guest's account with the member of staff whose card's code they show: both are in the same hands. Answers
/// with whom; the same again changes nothing.
///
/// # Errors
/// See [`Refused`].
pub fn link(
    tx: &dyn Sql,
    member: MemberId,
    code: &str,
    secrets: &Secrets,
    moment: &mut Moment<'_>,
) -> Result<StaffId, Refused> {
    let (card, step) = prove(tx, code, secrets, moment.now)?;
    if let Some(known) = staff_cards::load_member(tx, card.staff)? {
        // An account that was erased makes room for another.
        let status = guests::load(tx, known)?.map(|guest| guest.status);
        if status.is_none_or(|status| status == MemberStatus::Erased) {
            staff_cards::unlink(tx, card.staff, moment.now)?;
        }
    }
    match (staff_cards::load_member(tx, card.staff)?, staff_cards::load_staff_of(tx, member)?) {
        (Some(known), Some(staff)) if known == member && staff == card.staff => return Ok(staff),
        (None, None) => {}
        _ => return Err(Refused::Linked),
    }
    // Codes are used up at an outlet; this one at none.
    let nowhere = kernel::OutletId::from_raw(0);
    if !guests::spend_code(tx, CODES, &card.number, step, nowhere, moment.now)? {
        return Err(Refused::CodeSpent);
    }
    let id = moment.ids.next(moment.now);
    staff_cards::link(tx, id, card.staff, member, moment.now)?;
    Ok(card.staff)
}

/// Ends the link of a guest's account with staff.
///
/// # Errors
/// [`Refused::NotLinked`].
pub fn unlink(tx: &dyn Sql, member: MemberId, now: Timestamp) -> Result<(), Refused> {
    let staff = staff_cards::load_staff_of(tx, member)?.ok_or(Refused::NotLinked)?;
    if staff_cards::unlink(tx, staff, now)? { Ok(()) } else { Err(Refused::NotLinked) }
}
