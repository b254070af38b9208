//! What people see of messages that failed, and what they may do about them; what guests read.

use std::collections::BTreeMap;

use club::Moment;
use kernel::time::DAY_MS;
use kernel::{Currency, Date, Lang, Money, NotificationId, Points, Timestamp, Zone};
use messaging::Topic;
use messaging::plan::Plan;
use messaging::topic::FieldKind;
use messaging::words::{Content, Value, Words};
use store::deliveries::{self, Delivery, Status, desk, tries};
use store::{Sql, notifications};

use crate::carry::Carriers;
use crate::facts::Person;
use crate::refusal::Refusal;
use crate::words::{self, Unsayable};

/// Calls shown of one message.
pub const TRIES_SHOWN: i64 = 100;
/// How long a message that is told again is of use, at least.
const AGAIN_MS: i64 = DAY_MS;

/// A message with the calls for it, the latest first.
///
/// # Errors
/// [`Refusal::Unknown`]; a failure of storage.
pub fn show(sql: &dyn Sql, id: NotificationId) -> Result<(Delivery, Vec<tries::Try>), Refusal> {
    let delivery = deliveries::load(sql, id.raw())?.ok_or(Refusal::Unknown)?;
    let calls = tries::list(sql, id.raw(), TRIES_SHOWN)?;
    Ok((delivery, calls))
}

/// Puts a message that failed back into the outbox: every way is open anew.
///
/// # Errors
/// [`Refusal::Unknown`], [`Refusal::NotFailed`], [`Refusal::NoWay`]; a failure of storage.
pub fn requeue(
    tx: &dyn Sql,
    id: NotificationId,
    carriers: &Carriers,
    moment: &Moment<'_>,
) -> Result<(), Refusal> {
    let now = moment.now;
    let delivery = deliveries::load(tx, id.raw())?.ok_or(Refusal::Unknown)?;
    if !matches!(delivery.status, Status::Dead | Status::Unconfirmed) {
        return Err(Refusal::NotFailed);
    }
    let mut intent = notifications::load(tx, id.raw())?.ok_or(Refusal::Unknown)?;
    intent.expires_at = intent.expires_at.max(now.plus_millis(AGAIN_MS));
    let person = Person::load(tx, &intent, now)?;
    let (way, at) = match person.plan(&intent, &[], &|channel| carriers.have(channel), now) {
        Plan::Tell { way, at } => (way, at),
        Plan::Withhold(why) => return Err(Refusal::NoWay(why.code())),
    };
    notifications::extend(tx, intent.id, intent.expires_at)?;
    desk::requeue(tx, id.raw(), way, at, intent.expires_at, tries::load_last(tx, id.raw())?)?;
    Ok(())
}

/// What guests read about a topic, with made-up values.
///
/// # Errors
/// When the texts do not fit: a defect of ours.
pub fn sample(topic: Topic, lang: Lang, now: Timestamp) -> Result<Words, Unsayable> {
    let mut values = BTreeMap::new();
    for field in topic.fields() {
        let value = match field.kind {
            FieldKind::Link => continue,
            FieldKind::Text => Value::Text("T-17".to_owned()),
            FieldKind::Tier => Value::Text("Gold".to_owned()),
            FieldKind::Outlet => Value::Text("Nº 17".to_owned()),
            FieldKind::Count => Value::Count(14),
            FieldKind::Points => Value::Points(Points::from_hundredths(12_000)),
            FieldKind::Money => Value::Money(Money::new(21_000, Currency::Rub)),
            FieldKind::Date => Value::Date(today(now)),
            FieldKind::PointInTime => Value::PointInTime(now),
            FieldKind::Flag => Value::Flag(true),
        };
        values.insert(field.name, value);
    }
    let content = Content {
        topic,
        brand: "Brand".to_owned(),
        values,
        link: None,
        body: topic.has_body().then(|| "…".to_owned()),
    };
    words::say(&content, lang, &Zone::UTC)
}

fn today(now: Timestamp) -> Date {
    now.date_in(&Zone::UTC)
}
