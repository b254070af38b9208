//! Issue, link, check, take, void.

use api::problem as p;
use api::wire::MoneyBody;
use api::wire::staff_cards::{
    StaffCardCodeBody, StaffCardReply, StaffCardRulesBody, StaffCardRulesReply, StaffCardStatusBody,
    StaffCardStatusReply, StaffDiscountBody, StaffDiscountCheckBody, StaffDiscountReply,
    StaffDiscountVoidBody, StaffDiscountVoidReply, StaffLinkReply,
};
use club::Moment;
use crew::Refused;
use crew::card::{self, Asked};
use kernel::{Currency, Date, Money, StaffId, Timestamp};
use membership::rotating_code::Unproven;
use membership::staff_auth::Permission;
use store::staff_cards::{self, Rules, StaffCard};
use store::transaction::transaction;
use web::fields::Fields;
use web::{Call, Problem, Reply, body, idempotency, till};

/// Most characters of a code, a receipt's number, a staff code.
const CODE_LEN_MAX: usize = 128;
const NUMBER_LEN_MAX: usize = 64;
const STAFF_LEN_MAX: usize = 32;
/// Limits of the limits.
const DAY_USES_MAX: i64 = 100;
const MONTH_USES_MAX: i64 = 1_000;
const PERCENT_MAX: i64 = 100;

/// Serves the operations on staff's cards.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "issue_staff_card" => issue(call),
        "set_staff_card" => set(call),
        "set_staff_card_rules" => set_rules(call),
        "link_staff_account" => link(call),
        "unlink_staff_account" => {
            let member = call.guest()?.member;
            transaction(call.sql, |tx| card::unlink(tx, member, call.now))?;
            Ok(Reply::empty(204))
        }
        "check_staff_discount" => check(call),
        "record_staff_discount" => take(call),
        "void_staff_discount" => void(call),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

fn issue(call: &Call<'_>) -> Result<Reply, Problem> {
    let staff = call.staff(Permission::OwnStaffCard)?.id;
    let secrets = till::secrets(call.settings)()?;
    let issued = transaction(call.sql, |tx| card::issue(tx, staff, call.now));
    let issued = match issued {
        Err(Refused::UnknownStaff) => return Err(Problem::of(&p::STAFF_LEFT)),
        other => other?,
    };
    let (code, changes_at) = card::code(&issued, &secrets, call.now)?;
    let linked = staff_cards::load_member(call.sql, staff)?.is_some();
    Reply::json(
        200,
        &StaffCardReply {
            number: issued.number,
            code,
            changes_at: changes_at.to_string(),
            issued_at: issued.issued_at.to_string(),
            linked,
        },
    )
}

fn set(call: &Call<'_>) -> Result<Reply, Problem> {
    let id = call.parameter("id", StaffId::parse)?;
    let body: StaffCardStatusBody = body::json(&call.request)?;
    let StaffCard { staff, is_active, issued_at, .. } =
        transaction(call.sql, |tx| card::set_active(tx, id, body.active, call.now))?;
    let (staff, issued_at) = (staff.to_string(), issued_at.to_string());
    Reply::json(200, &StaffCardStatusReply { staff, active: is_active, issued_at })
}

fn set_rules(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let by = call.staff(Permission::PayStaff)?.id;
    let body: StaffCardRulesBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    for (pointer, value, max) in [
        ("/percent", body.percent, PERCENT_MAX),
        ("/day_uses", body.day_uses, DAY_USES_MAX),
        ("/month_uses", body.month_uses, MONTH_USES_MAX),
    ] {
        if !(1..=max).contains(&value) {
            fields.fault(&p::INVALID_FIELD, pointer, format!("must be from 1 to {max}"));
        }
    }
    let currency = fields.read("/day_discount/currency", Currency::parse(&body.day_discount.currency));
    let mut money = |pointer: &str, body: &MoneyBody| {
        let amount = fields.money(pointer, body, currency?)?;
        if amount.minor() <= 0 {
            fields.fault(&p::INVALID_FIELD, format!("{pointer}/amount"), "must be above zero");
        }
        Some(amount.minor())
    };
    let day = money("/day_discount", &body.day_discount);
    let month = money("/month_discount", &body.month_discount);
    let from = body.effective_from.as_deref().map(Timestamp::parse);
    let effective_from = from.map_or(Some(call.now), |from| fields.read("/effective_from", from));
    fields.finish()?;
    let (Some(currency), Some(day), Some(month), Some(effective_from)) =
        (currency, day, month, effective_from)
    else {
        return Err(Problem::internal("a field without a value passed the check"));
    };
    if effective_from < call.now {
        return Err(
            Problem::of(&p::INVALID_FIELD).at("/effective_from", "rules hold from now on, not before")
        );
    }
    idempotency::once(call, |call, tx| {
        let rules = Rules {
            id: call.ids.next(call.now),
            currency,
            version: 0,
            effective_from,
            percent: body.percent,
            day_uses: body.day_uses,
            month_uses: body.month_uses,
            day_discount_minor: day,
            month_discount_minor: month,
            own_hand: body.own_hand,
        };
        let version = staff_cards::insert_rules(tx, &rules, by, call.now)?;
        let currency = currency.code().to_owned();
        Reply::json(
            201,
            &StaffCardRulesReply { currency, version, effective_from: effective_from.to_string() },
        )
    })
}

fn link(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let member = call.guest()?.member;
    let body: StaffCardCodeBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    fields.length("/code", &body.code, CODE_LEN_MAX);
    fields.finish()?;
    let secrets = till::secrets(call.settings)()?;
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let staff = transaction(call.sql, |tx| card::link(tx, member, &body.code, &secrets, &mut moment))
        .inspect_err(|refused| count_wrong(call.sql, call.now, refused))?;
    Reply::json(200, &StaffLinkReply { staff: staff.to_string() })
}

/// Counts a wrong code against its card, in a transaction of its own. The refusal stands even if that fails.
fn count_wrong(sql: &dyn store::Sql, now: Timestamp, refused: &Refused) {
    let Refused::Code { card, why: Unproven::Wrong } = refused else { return };
    if let Err(error) = transaction(sql, |tx| card::note_wrong_code(tx, card, now)) {
        eprintln!("code.count failed: {error}");
    }
}

/// What a till says of a purchase, checked.
struct Purchase {
    date: Date,
    amount: Money,
}

fn purchase(
    call: &Call<'_>,
    mut fields: Fields,
    (code, date, rung_by): (&str, &str, &str),
    amount: &MoneyBody,
) -> Result<Purchase, Problem> {
    fields.length("/code", code, CODE_LEN_MAX);
    fields.length("/rung_by", rung_by, STAFF_LEN_MAX);
    let date = fields.read("/business_date", Date::parse(date));
    let amount = fields.money("/amount", amount, call.till()?.outlet.currency);
    if amount.is_some_and(|amount| amount.minor() <= 0) {
        fields.fault(&p::INVALID_FIELD, "/amount/amount", "must be above zero");
    }
    fields.finish()?;
    let (Some(date), Some(amount)) = (date, amount) else {
        return Err(Problem::internal("a field without a value passed the check"));
    };
    Ok(Purchase { date, amount })
}

fn check(call: &Call<'_>) -> Result<Reply, Problem> {
    let body: StaffDiscountCheckBody = body::json(&call.request)?;
    let named = (body.code.as_str(), body.business_date.as_str(), body.rung_by.as_str());
    let bought = purchase(call, Fields::new(), named, &body.amount)?;
    let secrets = till::secrets(call.settings)()?;
    let asked = Asked {
        code: &body.code,
        outlet: &call.till()?.outlet,
        business_date: bought.date,
        rung_by: Some(&body.rung_by),
        amount: bought.amount,
    };
    let allowed = card::check(call.sql, &asked, &secrets, call.now)
        .inspect_err(|refused| count_wrong(call.sql, call.now, refused))?;
    let discount = allowed.discount.into();
    Reply::json(200, &StaffDiscountReply { staff: allowed.card.staff_code, discount })
}

fn take(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let body: StaffDiscountBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    fields.length("/number", &body.number, NUMBER_LEN_MAX);
    let named = (body.code.as_str(), body.business_date.as_str(), body.rung_by.as_str());
    let bought = purchase(call, fields, named, &body.amount)?;
    let secrets = till::secrets(call.settings)()?;
    let outlet = call.till()?.outlet.clone();
    let asked = Asked {
        code: &body.code,
        outlet: &outlet,
        business_date: bought.date,
        rung_by: Some(&body.rung_by),
        amount: bought.amount,
    };
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let (used, is_new) =
        transaction(call.sql, |tx| card::take(tx, &asked, &body.number, &secrets, &mut moment))
            .inspect_err(|refused| count_wrong(call.sql, call.now, refused))?;
    let holder = staff_cards::load(call.sql, used.staff)?.map(|card| card.staff_code).unwrap_or_default();
    let discount = Money::new(used.discount_minor, used.currency).into();
    Reply::json(if is_new { 201 } else { 200 }, &StaffDiscountReply { staff: holder, discount })
}

fn void(call: &Call<'_>) -> Result<Reply, Problem> {
    let body: StaffDiscountVoidBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    fields.length("/number", &body.number, NUMBER_LEN_MAX);
    let date = fields.read("/business_date", Date::parse(&body.business_date));
    fields.finish()?;
    let date = date.ok_or_else(|| Problem::internal("a date without a value passed the check"))?;
    let outlet = &call.till()?.outlet;
    let used = transaction(call.sql, |tx| card::void(tx, outlet, date, &body.number, call.now))?;
    Reply::json(
        200,
        &StaffDiscountVoidReply {
            discount: Money::new(used.discount_minor, used.currency).into(),
            voided_at: used.voided_at.unwrap_or(call.now).to_string(),
        },
    )
}
