//! A receipt arrives at its turn to write: is it known, and who is its guest? All of it in one reading, because while
//! it is read nobody else can write.

use kernel::{Date, OutletId, Points, Timestamp};

use crate::error::StoreError;
use crate::guests::{self, CardGuest, guest_columns};
use crate::ledger::{account_columns, points};
use crate::port::Sql;
use crate::statement::{Row, Statement};

/// Columns of a known receipt, and the row that is there even if there is none.
macro_rules! known_columns {
    () => {
        "select r.id, r.request_hash, r.reply, r.points_earned"
    };
}
macro_rules! known_from {
    () => {
        " from (select 1 as one) x left join receipts r on r.outlet_id = ?1 and r.business_date = ?2 and r.number = ?3"
    };
}
/// What of the past the programme's rules ask for: a day's caps, and whether there was a first receipt or a welcome.
macro_rules! past_columns {
    () => {
        ", case when ?6 = 1 then (select coalesce(sum(d.points_earned), 0) from receipts d \
         where d.member_id = m.id and d.business_date = ?2) else 0 end, \
         case when ?6 = 1 then (select count(*) from receipts d where d.member_id = m.id \
         and d.business_date = ?2 and d.points_earned > 0) else 0 end, \
         case when ?7 = 1 and not exists (select 1 from receipts f where f.member_id = m.id) \
         and not exists (select 1 from entries e where e.event = 'welcome:' || m.id and e.kind = 'accrual') \
         and not exists (select 1 from fraud_rejoined j where j.member_id = m.id) \
         then 1 else 0 end"
    };
}
/// The country of the guest's home, and the tier that they had when it was sold. The latest change is of before in all but few cases, and then it is the
/// tier that they have; else what is known now of that time, the latest word first.
macro_rules! standing_columns {
    () => {
        ", (select h.country from outlets h where h.id = m.home_outlet_id), \
         case when coalesce((select e.effective_at from tier_events e where e.member_id = m.id \
         order by e.id desc limit 1), ?8) <= ?8 then m.tier \
         else coalesce((select e.tier_after from tier_events e where e.member_id = m.id and e.effective_at <= ?8 \
         order by e.id desc limit 1), \
         (select e.tier_before from tier_events e where e.member_id = m.id order by e.id limit 1)) end"
    };
}

const ANONYMOUS: Statement = Statement::new("arrivals.anonymous", concat!(known_columns!(), known_from!()));
const BY_CARD: Statement = Statement::new(
    "arrivals.by_card",
    concat!(
        known_columns!(),
        ", ",
        guest_columns!(),
        ", c.status, c.key_version",
        past_columns!(),
        standing_columns!(),
        known_from!(),
        " left join cards c on c.brand = ?4 and c.number = ?5 left join members m on m.id = c.member_id \
         left join balances b on b.member_id = m.id"
    ),
);
const BY_PHONE: Statement = Statement::new(
    "arrivals.by_phone",
    concat!(
        known_columns!(),
        ", ",
        guest_columns!(),
        ", 'active', 1",
        past_columns!(),
        standing_columns!(),
        known_from!(),
        " left join members m on m.brand = ?4 and m.phone_index = ?5 left join balances b on b.member_id = m.id"
    ),
);

/// What the till was told when it sent this receipt first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    pub id: i64,
    pub request_hash: Vec<u8>,
    pub reply: String,
    /// Earned by a receipt, given back by a return.
    pub points: Points,
}

/// By what a guest is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key<'a> {
    Nobody,
    /// A card's number.
    Card(&'a str),
    /// The blind index of a phone.
    Phone(&'a [u8]),
}

/// What is asked about an arriving receipt.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub outlet: OutletId,
    pub brand: &'a str,
    pub business_date: Date,
    pub number: &'a str,
    /// When it was sold: its guest's tier is that of then.
    pub sold_at: Timestamp,
    pub guest: Key<'a>,
    /// Whether a cap needs to know what the guest earned on the business day.
    pub day: bool,
    /// Whether the rules have a welcome for a first receipt.
    pub welcome: bool,
}

/// What is known about an arriving receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// It was sent before.
    Known(Recorded),
    /// It is new; `None` when nobody was looked for or found.
    New(Option<Box<Arrived>>),
}

/// The guest of a new receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// Found by phone, they hold an active card as far as anybody cares.
    pub holder: CardGuest,
    /// Points earned on the business day so far; zero unless asked for.
    pub day_points: Points,
    /// Receipts of that day that earned; zero unless asked for.
    pub day_receipts: i64,
    /// This is the first receipt of a member who was never welcomed; false unless asked for.
    pub is_first: bool,
    /// The country of their home outlet; `None` before the first receipt.
    pub home_country: Option<String>,
    /// The tier that the guest had when it was sold (L8).
    pub tier_then: String,
}

/// What is known about an arriving receipt.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, question: &Question<'_>) -> Result<Arrival, StoreError> {
    let mut parameters =
        vec![question.outlet.raw().into(), question.business_date.to_string().into(), question.number.into()];
    let (statement, key) = match question.guest {
        Key::Nobody => (&ANONYMOUS, None),
        Key::Card(number) => (&BY_CARD, Some(number.into())),
        Key::Phone(index) => (&BY_PHONE, Some(index.into())),
    };
    if let Some(key) = key {
        parameters.extend([question.brand.into(), key, question.day.into(), question.welcome.into()]);
        parameters.push(question.sold_at.millis().into());
    }
    let Some(mut row) = statement.query_one(sql, &parameters)? else { return Ok(Arrival::New(None)) };
    if let Some(id) = row.integer_or_null()? {
        return Ok(Arrival::Known(Recorded {
            id,
            request_hash: row.blob()?,
            reply: row.text()?,
            points: points(&mut row)?,
        }));
    }
    for _ in ["request_hash", "reply", "points_earned"] {
        row.skip()?;
    }
    if matches!(question.guest, Key::Nobody) || row.is_null() {
        return Ok(Arrival::New(None));
    }
    read(&mut row).map(|arrived| Arrival::New(Some(Box::new(arrived))))
}

fn read(row: &mut Row) -> Result<Arrived, StoreError> {
    Ok(Arrived {
        holder: guests::read_holder(row)?,
        day_points: points(row)?,
        day_receipts: row.integer()?,
        is_first: row.boolean()?,
        home_country: row.text_or_null()?,
        tier_then: row.text()?,
    })
}
