//! Discount cards of staff, their rules and uses, and who of the staff is which guest.

use kernel::{Currency, Date, MemberId, OutletId, StaffId, Timestamp};

use crate::error::StoreError;
use crate::kpi::{counting, periods};
use crate::port::Sql;
use crate::statement::{Row, Statement};

const BY_STAFF: Statement = Statement::new(
    "staff_cards.by_staff",
    "select c.staff_id, c.number, c.key_version, c.status, c.issued_at, s.code, s.status from staff_cards c \
     join staff s on s.id = c.staff_id where c.staff_id = ?1",
);
const BY_NUMBER: Statement = Statement::new(
    "staff_cards.by_number",
    "select c.staff_id, c.number, c.key_version, c.status, c.issued_at, s.code, s.status from staff_cards c \
     join staff s on s.id = c.staff_id where c.number = ?1",
);
const INSERT: Statement = Statement::new(
    "staff_cards.insert",
    "insert into staff_cards (staff_id, number, key_version, status, issued_at, changed_at) \
     values (?1, ?2, 1, 'active', ?3, ?3) on conflict (staff_id) do nothing",
);
const SET_STATUS: Statement = Statement::new(
    "staff_cards.set_status",
    "update staff_cards set status = ?2, key_version = key_version + 1, changed_at = ?3 \
     where staff_id = ?1 and status <> ?2 returning staff_id",
);
const RULES: Statement = Statement::new(
    "staff_cards.rules",
    "select id, currency, version, effective_from, percent, day_uses, month_uses, day_discount_minor, \
     month_discount_minor, own_hand from staff_card_rules where currency = ?1 and effective_from <= ?2 \
     order by effective_from desc, version desc limit 1",
);
const INSERT_RULES: Statement = Statement::new(
    "staff_cards.insert_rules",
    "insert into staff_card_rules (id, currency, version, effective_from, percent, day_uses, month_uses, \
     day_discount_minor, month_discount_minor, own_hand, created_by, created_at) \
     select ?1, ?2, coalesce(max(version), 0) + 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 \
     from staff_card_rules where currency = ?2 returning version",
);
const USED: Statement = Statement::new(
    "staff_cards.used",
    "select coalesce(sum(case when coalesce(counted_on, business_date) = ?3 then 1 else 0 end), 0), count(*), \
     coalesce(sum(case when coalesce(counted_on, business_date) = ?3 and currency = ?5 then discount_minor else 0 end), 0), \
     coalesce(sum(case when currency = ?5 then discount_minor else 0 end), 0) from staff_card_uses \
     where staff_id = ?1 and coalesce(counted_on, business_date) >= ?2 and coalesce(counted_on, business_date) < ?4 \
     and voided_at is null",
);
const USE_BY_KEY: Statement = Statement::new(
    "staff_cards.use_by_key",
    "select id, staff_id, rules_id, outlet_id, business_date, number, rung_by, currency, amount_minor, discount_minor, \
     used_at, voided_at from staff_card_uses where outlet_id = ?1 and business_date = ?2 and number = ?3",
);
const USE_BY_ID: Statement = Statement::new(
    "staff_cards.use_by_id",
    "select id, staff_id, rules_id, outlet_id, business_date, number, rung_by, currency, amount_minor, discount_minor, \
     used_at, voided_at from staff_card_uses where id = ?1",
);
const INSERT_USE: Statement = Statement::new(
    "staff_cards.insert_use",
    "insert into staff_card_uses (id, staff_id, rules_id, outlet_id, business_date, number, rung_by, currency, \
     amount_minor, discount_minor, used_at, recorded_at, counted_on) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
);
const SALE: Statement = Statement::new(
    "staff_cards.sale",
    "select 1 from receipts r join kpi_kept k on k.receipt_id = r.id where r.outlet_id = ?1 and r.business_date = ?2 \
     and r.number = ?3 and k.items > 0 limit 1",
);
const VOID: Statement = Statement::new(
    "staff_cards.void",
    "update staff_card_uses set voided_at = ?2 where id = ?1 and voided_at is null",
);
const LINKED: Statement = Statement::new(
    "staff_cards.linked",
    "select member_id from staff_members where staff_id = ?1 and unlinked_at is null",
);
const LINKED_TO: Statement = Statement::new(
    "staff_cards.linked_to",
    "select staff_id from staff_members where member_id = ?1 and unlinked_at is null",
);
const LINK: Statement = Statement::new(
    "staff_cards.link",
    "insert into staff_members (id, staff_id, member_id, linked_at) values (?1, ?2, ?3, ?4)",
);
const UNLINK: Statement = Statement::new(
    "staff_cards.unlink",
    "update staff_members set unlinked_at = ?2 where staff_id = ?1 and unlinked_at is null returning id",
);

/// A discount card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffCard {
    pub staff: StaffId,
    pub number: String,
    /// Of the rotating code's key.
    pub key_version: u32,
    pub is_active: bool,
    pub issued_at: Timestamp,
    /// The holder's code, as tills send it.
    pub staff_code: String,
    /// Whether the holder works here.
    pub works_here: bool,
}

/// What a card gives at outlets of a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    pub id: i64,
    pub currency: Currency,
    pub version: i64,
    pub effective_from: Timestamp,
    /// 1 to 100.
    pub percent: i64,
    pub day_uses: i64,
    pub month_uses: i64,
    pub day_discount_minor: i64,
    pub month_discount_minor: i64,
    /// Whether one may ring up one's own discount.
    pub own_hand: bool,
}

/// A discount taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    pub id: i64,
    pub staff: StaffId,
    pub rules: i64,
    pub outlet: OutletId,
    pub business_date: Date,
    pub number: String,
    pub rung_by: Option<String>,
    pub currency: Currency,
    /// Before the discount.
    pub amount_minor: i64,
    pub discount_minor: i64,
    pub used_at: Timestamp,
    pub voided_at: Option<Timestamp>,
}

/// What was taken already: times and money, on a day and in its month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    pub day_uses: i64,
    pub month_uses: i64,
    pub day_minor: i64,
    pub month_minor: i64,
}

/// Somebody's card.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, staff: StaffId) -> Result<Option<StaffCard>, StoreError> {
    BY_STAFF.query_one(sql, &[staff.raw().into()])?.map(|mut row| read_card(&mut row)).transpose()
}

/// The card with a number.
///
/// # Errors
/// A failure of storage.
pub fn load_by_number(sql: &dyn Sql, number: &str) -> Result<Option<StaffCard>, StoreError> {
    BY_NUMBER.query_one(sql, &[number.into()])?.map(|mut row| read_card(&mut row)).transpose()
}

/// Issues a card, unless there is one.
///
/// # Errors
/// A failure of storage.
pub fn insert(tx: &dyn Sql, staff: StaffId, number: &str, now: Timestamp) -> Result<(), StoreError> {
    INSERT.run(tx, &[staff.raw().into(), number.into(), now.millis().into()])
}

/// Blocks a card or lets it work again; either way phones need its key anew. False when nothing changed.
///
/// # Errors
/// A failure of storage.
pub fn set_active(tx: &dyn Sql, staff: StaffId, active: bool, now: Timestamp) -> Result<bool, StoreError> {
    let status = if active { "active" } else { "blocked" };
    Ok(SET_STATUS.query_one(tx, &[staff.raw().into(), status.into(), now.millis().into()])?.is_some())
}

/// The rules of a currency in force at a moment.
///
/// # Errors
/// A failure of storage.
pub fn load_rules(sql: &dyn Sql, currency: Currency, at: Timestamp) -> Result<Option<Rules>, StoreError> {
    let Some(mut row) = RULES.query_one(sql, &[currency.code().into(), at.millis().into()])? else {
        return Ok(None);
    };
    Ok(Some(Rules {
        id: row.integer()?,
        currency: row.parsed(Currency::parse)?,
        version: row.integer()?,
        effective_from: Timestamp::from_millis(row.integer()?),
        percent: row.integer()?,
        day_uses: row.integer()?,
        month_uses: row.integer()?,
        day_discount_minor: row.integer()?,
        month_discount_minor: row.integer()?,
        own_hand: row.boolean()?,
    }))
}

/// Records a version of the rules under `rules.id` and answers with its number; `rules.version` is not read.
///
/// # Errors
/// A failure of storage.
pub fn insert_rules(tx: &dyn Sql, rules: &Rules, by: StaffId, now: Timestamp) -> Result<i64, StoreError> {
    let parameters = [
        rules.id.into(),
        rules.currency.code().into(),
        rules.effective_from.millis().into(),
        rules.percent.into(),
        rules.day_uses.into(),
        rules.month_uses.into(),
        rules.day_discount_minor.into(),
        rules.month_discount_minor.into(),
        rules.own_hand.into(),
        by.raw().into(),
        now.millis().into(),
    ];
    INSERT_RULES.query_one(tx, &parameters)?.map_or(Ok(0), |mut row| row.integer())
}

/// What somebody took on a business day and in its month, wherever it was; money of one currency.
///
/// # Errors
/// A failure of storage.
pub fn load_taken(sql: &dyn Sql, staff: StaffId, day: Date, currency: Currency) -> Result<Taken, StoreError> {
    let month = day.month_start();
    let parameters = [
        staff.raw().into(),
        month.to_string().into(),
        day.to_string().into(),
        month.plus_months(1).to_string().into(),
        currency.code().into(),
    ];
    let Some(mut row) = USED.query_one(sql, &parameters)? else { return Ok(Taken::default()) };
    Ok(Taken {
        day_uses: row.integer()?,
        month_uses: row.integer()?,
        day_minor: row.integer()?,
        month_minor: row.integer()?,
    })
}

/// The discount taken on a receipt.
///
/// # Errors
/// A failure of storage.
pub fn load_use(
    sql: &dyn Sql,
    outlet: OutletId,
    business_date: Date,
    number: &str,
) -> Result<Option<Use>, StoreError> {
    let key = [outlet.raw().into(), business_date.to_string().into(), number.into()];
    USE_BY_KEY.query_one(sql, &key)?.map(|mut row| read_use(&mut row)).transpose()
}

/// The discount with this id.
///
/// # Errors
/// A failure of storage.
pub fn load_use_by_id(sql: &dyn Sql, id: i64) -> Result<Option<Use>, StoreError> {
    USE_BY_ID.query_one(sql, &[id.into()])?.map(|mut row| read_use(&mut row)).transpose()
}

/// Records a discount.
///
/// # Errors
/// A failure of storage; a unique violation when the receipt has one.
pub fn insert_use(tx: &dyn Sql, used: &Use, counted_on: Date, now: Timestamp) -> Result<(), StoreError> {
    INSERT_USE.run(
        tx,
        &[
            used.id.into(),
            used.staff.raw().into(),
            used.rules.into(),
            used.outlet.raw().into(),
            used.business_date.to_string().into(),
            used.number.as_str().into(),
            used.rung_by.as_deref().into(),
            used.currency.code().into(),
            used.amount_minor.into(),
            used.discount_minor.into(),
            used.used_at.millis().into(),
            now.millis().into(),
            counted_on.to_string().into(),
        ],
    )
}

/// Whether there is a receipt of this number of which something was kept.
///
/// # Errors
/// A failure of storage.
pub fn has_sale(
    sql: &dyn Sql,
    outlet: OutletId,
    business_date: Date,
    number: &str,
) -> Result<bool, StoreError> {
    let key = [outlet.raw().into(), business_date.to_string().into(), number.into()];
    Ok(SALE.query_one(sql, &key)?.is_some())
}

/// Gives a discount's limit back; the receipt does not count towards goals all the same.
///
/// # Errors
/// A failure of storage.
pub fn void(tx: &dyn Sql, id: i64, now: Timestamp) -> Result<(), StoreError> {
    VOID.run(tx, &[id.into(), now.millis().into()])
}

/// The guest account that a member of staff linked.
///
/// # Errors
/// A failure of storage.
pub fn load_member(sql: &dyn Sql, staff: StaffId) -> Result<Option<MemberId>, StoreError> {
    LINKED
        .query_one(sql, &[staff.raw().into()])?
        .map_or(Ok(None), |mut row| row.integer().map(|id| Some(MemberId::from_raw(id))))
}

/// The member of staff who linked a guest account.
///
/// # Errors
/// A failure of storage.
pub fn load_staff_of(sql: &dyn Sql, member: MemberId) -> Result<Option<StaffId>, StoreError> {
    LINKED_TO
        .query_one(sql, &[member.raw().into()])?
        .map_or(Ok(None), |mut row| row.integer().map(|id| Some(StaffId::from_raw(id))))
}

/// Links a guest account. What they rang up for themselves counts for nothing from now on, and periods that it counted in
/// are looked at again.
///
/// # Errors
/// A failure of storage; a unique violation when either has a link.
pub fn link(
    tx: &dyn Sql,
    id: i64,
    staff: StaffId,
    member: MemberId,
    now: Timestamp,
) -> Result<(), StoreError> {
    LINK.run(tx, &[id.into(), staff.raw().into(), member.raw().into(), now.millis().into()])?;
    counting::exclude_self(tx, member, staff)?;
    periods::recheck(tx, now)
}

/// Ends a link; false when there was none.
///
/// # Errors
/// A failure of storage.
pub fn unlink(tx: &dyn Sql, staff: StaffId, now: Timestamp) -> Result<bool, StoreError> {
    Ok(UNLINK.query_one(tx, &[staff.raw().into(), now.millis().into()])?.is_some())
}

fn read_card(row: &mut Row) -> Result<StaffCard, StoreError> {
    let (staff, number, key_version) = (row.integer()?, row.text()?, row.integer()?);
    Ok(StaffCard {
        staff: StaffId::from_raw(staff),
        number,
        key_version: u32::try_from(key_version).map_err(|_| row.inconsistent("not a version"))?,
        is_active: row.text()? == "active",
        issued_at: Timestamp::from_millis(row.integer()?),
        staff_code: row.text()?,
        works_here: row.text()? == "active",
    })
}

fn read_use(row: &mut Row) -> Result<Use, StoreError> {
    Ok(Use {
        id: row.integer()?,
        staff: StaffId::from_raw(row.integer()?),
        rules: row.integer()?,
        outlet: OutletId::from_raw(row.integer()?),
        business_date: row.parsed(Date::parse)?,
        number: row.text()?,
        rung_by: row.text_or_null()?,
        currency: row.parsed(Currency::parse)?,
        amount_minor: row.integer()?,
        discount_minor: row.integer()?,
        used_at: Timestamp::from_millis(row.integer()?),
        voided_at: row.integer_or_null()?.map(Timestamp::from_millis),
    })
}
