//! What people see of messages that reached nobody, and what they may do about them; what guests read.

use std::collections::BTreeMap;

use club::Moment;
use kernel::time::DAY_MS;
use kernel::{Currency, Date, Lang, Money, NotificationId, Points, Timestamp, Zone};
use messaging::Topic;
use messaging::plan::Plan;
use messaging::topic::{Again, FieldKind};
use messaging::words::{Content, Value, Words};
use store::Sql;
use store::deliveries::{self, Delivery, Status, desk, tries};
use store::notifications::{self, Intent};

use crate::carry::Carriers;
use crate::facts::Person;
use crate::refusal::Refusal;
use crate::still;
use crate::words::{self, Unsayable};

/// Calls shown of one message.
pub const TRIES_SHOWN: i64 = 100;
/// How long a message that is told anew is of use, at least.
const AGAIN_MS: i64 = DAY_MS;
/// Why a message is not told again: what it tells of, or asks for, is over.
const OVER: &str = "over";
/// Why a message is not told again: its code is for whoever asked for it then.
const ONE_TIME_CODE: &str = "one_time_code";

/// A message with the calls for it, the latest first.
///
/// # Errors
/// [`Refusal::Unknown`]; a failure of storage.
pub fn show(sql: &dyn Sql, id: NotificationId) -> Result<(Delivery, Vec<tries::Try>), Refusal> {
    let delivery = deliveries::load(sql, id.raw())?.ok_or(Refusal::Unknown)?;
    let calls = tries::list(sql, id.raw(), TRIES_SHOWN)?;
    Ok((delivery, calls))
}

/// Puts a message that reached nobody back into the outbox: every way is open anew.
///
/// # Errors
/// [`Refusal::Unknown`], [`Refusal::NotFailed`], [`Refusal::Outdated`], [`Refusal::NoWay`]; a failure of storage.
pub fn requeue(
    tx: &dyn Sql,
    id: NotificationId,
    carriers: &Carriers,
    moment: &Moment<'_>,
) -> Result<(), Refusal> {
    let now = moment.now;
    let delivery = deliveries::load(tx, id.raw())?.ok_or(Refusal::Unknown)?;
    if !desk::UNSENT.contains(&delivery.status) {
        return Err(Refusal::NotFailed);
    }
    let mut intent = notifications::load(tx, id.raw())?.ok_or(Refusal::Unknown)?;
    intent.expires_at = useful_until(&intent, delivery.status, now)?;
    if !still::is_so(tx, &intent, now)? {
        return Err(Refusal::Outdated(OVER));
    }
    let person = Person::load(tx, &intent, now)?;
    let (way, at) = match person.plan(&intent, &[], &|channel| carriers.have(channel), now) {
        Plan::Tell { way, at } => (way, at),
        Plan::Withhold(why) => return Err(Refusal::NoWay(why.code())),
    };
    notifications::extend(tx, intent.id, intent.expires_at)?;
    desk::requeue(tx, id.raw(), way, at, intent.expires_at, tries::load_last(tx, id.raw())?)?;
    Ok(())
}

/// Until when a message is of use that is told again.
fn useful_until(intent: &Intent, status: Status, now: Timestamp) -> Result<Timestamp, Refusal> {
    // A link was forgotten when the message expired.
    let is_forgotten = status == Status::Expired && intent.topic.has_sealed_link();
    match intent.topic.again() {
        Again::Anew => Ok(intent.expires_at.max(now.plus_millis(AGAIN_MS))),
        Again::InTime if intent.expires_at > now && !is_forgotten => {
            // What ends by itself is not told beyond its end.
            Ok(still::until(intent).map_or(intent.expires_at, |until| until.min(intent.expires_at)))
        }
        Again::InTime => Err(Refusal::Outdated(OVER)),
        Again::Never => Err(Refusal::Outdated(ONE_TIME_CODE)),
    }
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
