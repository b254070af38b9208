//! A chain's members with their addresses, what they were told before, and intents.

use anyhow::{Result, anyhow};
use club::Moment;
use club::member::{Field, place};
use club::personal::Personal;
use kernel::time::DAY_MS;
use kernel::{IdSource, MemberId, Timestamp};
use membership::secrets::Indexed;
use messaging::{Channel, Topic};
use post::contacts::{self, Address};
use store::contacts::{self as rows, Form, NewContact, Status, address_place};
use store::native::NativeSql;
use store::notifications::{self, NewIntent, body_place};
use store::telegram::links::{self, Link, chat_place};
use store::telegram::{StoredBot, save_bot, secret_place, token_place};
use store::transaction::transaction;
use store::{Sql, Value};

use super::crowd::{Person, Reached};

const BRAND: &str = "bench";
const OUTLETS: i64 = 1_200;
/// People in one transaction while the database is made.
const PER_TRANSACTION: usize = 2_000;
/// How long an intent is of use.
const LIVES_MS: i64 = 3 * DAY_MS;

/// Members, of whom every `stride`-th is told something while there are people to tell.
#[derive(Debug, Clone, Copy)]
pub struct Spread {
    pub members: i64,
    pub stride: i64,
    pub people: i64,
}

impl Spread {
    /// The member that a person is.
    #[must_use]
    pub const fn member(self, person: Person) -> MemberId {
        MemberId::from_raw(person.0 as i64 * self.stride + 1)
    }
}

/// Counted rows: `n` from 0.
fn counted(count: i64) -> String {
    format!("with recursive c (n) as (select 0 union all select n + 1 from c where n + 1 < {count}) ")
}

/// Everybody, with what they were told ten days ago. Those who are told nothing now have addresses of the same size that
/// nobody can open.
///
/// # Errors
/// When the database refuses something.
pub fn members(sql: &NativeSql, spread: Spread, now: Timestamp) -> Result<()> {
    let Spread { members: count, stride, people } = spread;
    let (outlets, members) = (counted(OUTLETS), counted(count));
    let others = format!("where n % {stride} <> 0 or n / {stride} >= {people}");
    let before = now.plus_millis(-10 * DAY_MS).millis();
    sql.connection().execute_batch(&format!(
        "begin;
         insert into brands (code, name, default_region, card_prefix, created_at) values ('{BRAND}', 'Bench', 'KZ', '21', 0);
         insert into franchisees (id, code, name, created_at) values (1, 'f', 'Owner', 0);
         insert into outlets (id, code, brand, franchisee_id, name, country, currency, zone, city, address, hours, languages, \
           status, created_at, changed_at) {outlets} select n + 1, 'o-' || n, '{BRAND}', 1, 'Outlet ' || n, \
           'KZ', 'KZT', 'Asia/Almaty', 'City ' || (n % 40), 'x', '{{}}', 'ru', 'open', 0, 0 from c;
         insert into members (id, brand, phone_index, phone_sealed, language, status, tier, home_outlet_id, joined_at, \
           changed_at) {members} select n + 1, '{BRAND}', cast(printf('%032d', n) as blob), zeroblob(45), \
           case when n % 5 = 0 then 'kk' when n % 11 = 0 then 'en' else 'ru' end, 'active', 'silver', n % {OUTLETS} + 1, 0, 0 \
           from c;
         insert into contacts (id, member_id, brand, channel, form, address_sealed, address_index, status, created_at, \
           changed_at) {members} select n + 1, n + 1, '{BRAND}', case when n % 20 < 9 then 'push_fcm' when n % 20 < 11 then \
           'push_rustore' when n % 20 < 14 then 'telegram' else 'email' end, case when n % 20 < 11 then 'token' when n % 20 < 14 \
           then 'chat' else 'address' end, zeroblob(180), cast(printf('%032d', n) as blob), 'active', 0, 0 from c {others} and \
           n % 20 < 16;
         insert into notifications (id, member_id, topic, dedupe, data, created_at, expires_at, planned_at) {members} \
           select n + 1, n + 1, 'feedback.request', 'past:' || n, '{{}}', {before}, {before}, {before} from c;
         insert into deliveries (notification_id, member_id, topic, lane, channel, status, due_at, expires_at, created_at, \
           settled_at) {members} select n + 1, n + 1, 'feedback.request', 'direct', 'push_fcm', 'sent', {before}, {before}, \
           {before}, {before} from c;
         commit;"
    ))?;
    Ok(())
}

/// The brand's bot.
///
/// # Errors
/// When the database refuses it.
pub fn bot(sql: &NativeSql, token: &str, personal: Personal<'_>, now: Timestamp) -> Result<()> {
    let id = token.split(':').next().and_then(|id| id.parse().ok()).ok_or_else(|| anyhow!("no bot"))?;
    let bot = StoredBot {
        brand: BRAND.to_owned(),
        bot_id: id,
        username: "brand_bot".to_owned(),
        token_sealed: personal.seal(token_place(id), token),
        secret_sealed: personal.seal(secret_place(id), "a-secret"),
        webhook_url: "https://api.example.com/v1/hooks/telegram/bench".to_owned(),
        app_url: None,
        terms_url: "https://example.com/terms".to_owned(),
        privacy_url: "https://example.com/privacy".to_owned(),
        texts_version: "1".to_owned(),
    };
    Ok(save_bot(sql, &bot, now)?)
}

/// Addresses of those who are told something, sealed, through the product's use cases where there are any.
///
/// # Errors
/// When the database refuses something.
pub fn addresses(
    sql: &NativeSql,
    spread: Spread,
    personal: Personal<'_>,
    moment: &mut Moment<'_>,
) -> Result<()> {
    let everybody: Vec<usize> = (0..spread.people as usize).collect();
    for some in everybody.chunks(PER_TRANSACTION) {
        transaction(sql, |tx| {
            some.iter()
                .try_for_each(|number| address(tx, spread, Person(*number), personal, moment))
                .map_err(|error| store::StoreError::Unreadable { what: "crowd", problem: error.to_string() })
        })?;
    }
    Ok(())
}

fn address(
    tx: &dyn Sql,
    spread: Spread,
    person: Person,
    personal: Personal<'_>,
    moment: &mut Moment<'_>,
) -> Result<()> {
    let member = spread.member(person);
    let phone = personal.seal(place(member, Field::Phone), &person.address(Channel::Sms));
    let known: [Value; 2] = [member.raw().into(), phone.into()];
    tx.execute("update members set phone_sealed = ?2 where id = ?1", &known)
        .map_err(|error| anyhow!("{error}"))?;
    let consent = "insert into consents (id, member_id, kind, granted, text_version, source, at) \
         values (?1, ?2, 'marketing_push', ?3, '1', 'app', 0)";
    let said: [Value; 3] =
        [moment.ids.next(moment.now).into(), member.raw().into(), i64::from(person.agreed()).into()];
    tx.execute(consent, &said).map_err(|error| anyhow!("{error}"))?;
    let link = |channel, form, moment: &mut Moment<'_>| {
        let text = person.address(channel);
        contacts::link(tx, member, Address { channel, form, text: &text }, personal, moment).map(|_| ())
    };
    match person.reached() {
        Reached::Fcm => link(Channel::PushFcm, Form::Token, moment)?,
        Reached::Rustore => link(Channel::PushRustore, Form::Token, moment)?,
        Reached::Telegram => {
            link(Channel::Telegram, Form::Chat, moment)?;
            chat(tx, member, &person.address(Channel::Telegram), personal, moment)?;
        }
        Reached::Email => mailbox(tx, member, person, personal, moment)?,
        Reached::Moved => {
            link(Channel::PushFcm, Form::Token, moment)?;
            mailbox(tx, member, person, personal, moment)?;
        }
        Reached::Phone => {}
    }
    Ok(())
}

fn chat(
    tx: &dyn Sql,
    member: MemberId,
    text: &str,
    personal: Personal<'_>,
    moment: &mut Moment<'_>,
) -> Result<()> {
    let id = moment.ids.next(moment.now);
    let chat = text.parse().map_err(|_| anyhow!("no chat"))?;
    let link = Link {
        id,
        brand: BRAND.to_owned(),
        chat_index: bot::take::chat_index(BRAND, chat, personal),
        chat_sealed: personal.seal(chat_place(id), text),
        member,
        referral: None,
        linked_at: moment.now,
        blocked_at: None,
    };
    Ok(links::insert(tx, &link)?)
}

/// A mailbox whose code came back.
fn mailbox(
    tx: &dyn Sql,
    member: MemberId,
    person: Person,
    personal: Personal<'_>,
    moment: &mut Moment<'_>,
) -> Result<()> {
    let id = moment.ids.next(moment.now);
    let text = person.address(Channel::Email);
    let index = personal.secrets.blind_indexer().index(Indexed::Contact, &format!("email:{text}"));
    let contact = NewContact {
        id,
        member,
        brand: BRAND,
        channel: Channel::Email,
        form: Form::Address,
        address_sealed: &personal.seal(address_place(id), &text),
        address_index: index.bytes(),
        status: Status::Active,
        now: moment.now,
    };
    Ok(rows::insert(tx, &contact)?)
}

/// An intent for each of some people; their ids in order. The same again are none.
///
/// # Errors
/// When the database refuses one.
pub fn intents(
    sql: &NativeSql,
    spread: Spread,
    people: std::ops::Range<usize>,
    personal: Personal<'_>,
    now: Timestamp,
    ids: &mut IdSource,
) -> Result<Vec<i64>> {
    let mut made = Vec::with_capacity(people.len());
    let people: Vec<Person> = people.map(Person).collect();
    for some in people.chunks(PER_TRANSACTION) {
        transaction(sql, |tx| {
            for person in some {
                let (id, topic) = (ids.next(now), person.topic());
                let body = (topic == Topic::TicketAnswer)
                    .then(|| personal.seal(body_place(id), "Мы разобрались: это была наша ошибка."));
                let intent = NewIntent {
                    id,
                    member: spread.member(*person),
                    topic,
                    dedupe: &format!("bench:{}", person.0),
                    data: &person.data(),
                    body_sealed: body.as_deref(),
                    created_at: now,
                    expires_at: now.plus_millis(LIVES_MS),
                };
                notifications::insert(tx, &intent)?;
                made.push(id);
            }
            Ok::<_, store::StoreError>(())
        })?;
    }
    Ok(made)
}
