//! A chain whose members the bot knows: those of the measurement join through the bot itself, the others weigh as much.

use anyhow::{Result, anyhow};
use care::rules::{self as questions, NewVersion as NewQuestions};
use club::Moment;
use club::programme_admin::{self, NewVersion};
use feedback::rules::FeedbackRules;
use kernel::{IdSource, Timestamp};
use loyalty::programme::Programme;
use store::native::NativeSql;
use store::transaction::transaction;

/// As the programme of the rules names it.
pub const BRAND: &str = "daily";
const OUTLETS: i64 = 1_200;
const PROGRAMME: &str = include_str!("../../../shared/club/tests/guest/programme.json");
const QUESTIONS: &str = include_str!("../../../shared/feedback/tests/example.json");
/// Where the first city is, in millionths of a degree; how far apart cities are, and outlets in one.
const FIRST_E6: (i64, i64) = (43_200_000, 60_900_000);
const CITIES_APART_E6: (i64, i64) = (1_000_000, 2_000_000);
pub const APART_E6: i64 = 9_000;
/// Cities, in rows from west to east; outlets in a city, likewise.
pub const CITIES: i64 = 40;
const CITIES_IN_ROW: i64 = 8;
pub const IN_ROW: i64 = 6;
const HOURS: &str = r#"{"mon":[["08:00","22:00"]],"tue":[["08:00","22:00"]],"wed":[["08:00","22:00"]],"thu":[["08:00","22:00"]],"fri":[["08:00","22:00"]],"sat":[["08:00","22:00"]],"sun":[]}"#;

/// Where a city's first outlet is, in millionths of a degree.
#[must_use]
pub const fn city_e6(city: i64) -> (i64, i64) {
    let (row, column) = (city / CITIES_IN_ROW, city % CITIES_IN_ROW);
    (FIRST_E6.0 + row * CITIES_APART_E6.0, FIRST_E6.1 + column * CITIES_APART_E6.1)
}

/// Fills an empty database with `others` members, who have chats, cards, balances and updates of theirs that nobody opens.
///
/// # Errors
/// When the database refuses something.
pub fn fill(sql: &NativeSql, others: i64, now: Timestamp, ids: &mut IdSource) -> Result<()> {
    let counted = |count: i64| {
        format!("with recursive c (n) as (select 0 union all select n + 1 from c where n + 1 < {count}) ")
    };
    let (outlets, members) = (counted(OUTLETS), counted(others.max(1)));
    let ((latitude, longitude), (north, east)) = (FIRST_E6, CITIES_APART_E6);
    let at = now.plus_millis(-kernel::time::HOUR_MS).millis();
    sql.connection().execute_batch(&format!(
        "begin;
         insert into brands (code, name, default_region, card_prefix, created_at) values ('{BRAND}', 'Daily', 'KZ', '29', 0);
         insert into franchisees (id, code, name, created_at) values (1, 'f', 'Owner', 0);
         insert into outlets (id, code, brand, franchisee_id, name, country, currency, zone, city, address, latitude_e6, \
           longitude_e6, hours, languages, status, created_at, changed_at) {outlets} select n + 1, 'o-' || n, '{BRAND}', 1, \
           'Outlet ' || n, 'KZ', 'KZT', 'Asia/Almaty', 'Almaty', 'Street ' || n, {latitude} + (n % {CITIES}) / {CITIES_IN_ROW} * {north} \
           + n / {CITIES} / {IN_ROW} * {APART_E6}, {longitude} + (n % {CITIES}) % {CITIES_IN_ROW} * {east} \
           + n / {CITIES} % {IN_ROW} * {APART_E6}, '{HOURS}', 'ru', 'open', 0, 0 from c;
         insert into members (id, brand, phone_index, phone_sealed, language, status, tier, home_outlet_id, joined_at, \
           changed_at) {members} select n + 1, '{BRAND}', cast(printf('%032d', n) as blob), zeroblob(45), 'ru', 'active', \
           'bronze', n % {OUTLETS} + 1, 0, 0 from c;
         insert into balances (member_id, pending, available, held) {members} select n + 1, 0, 0, 0 from c;
         insert into telegram_links (id, brand, chat_index, chat_sealed, member_id, linked_at) {members} select n + 1, \
           '{BRAND}', cast(printf('%032d', n) as blob), zeroblob(40), n + 1, 0 from c;
         insert into contacts (id, member_id, brand, channel, form, address_sealed, address_index, status, created_at, \
           changed_at) {members} select n + 1, n + 1, '{BRAND}', 'telegram', 'chat', zeroblob(40), \
           cast(printf('%032d', n) as blob), 'active', 0, 0 from c;
         insert into telegram_updates (brand, update_id, taken_at, answer_sealed) {members} select '{BRAND}', n + 1, \
           {at} + n, zeroblob(300) from c;
         commit; analyze"
    ))?;
    let programme: Programme = serde_json::from_str(PROGRAMME)?;
    let mut rules: FeedbackRules = serde_json::from_str(QUESTIONS)?;
    BRAND.clone_into(&mut rules.brand);
    rules.question_sets.truncate(1);
    let mut moment = Moment { now: now.plus_millis(-kernel::time::DAY_MS), ids };
    transaction(sql, |tx| {
        let new =
            NewVersion { brand: BRAND, rules: &programme, effective_from: None, note: "bench", by: None };
        programme_admin::publish(tx, &new, &mut moment)
    })
    .map_err(|error| anyhow!("{error}"))?;
    transaction(sql, |tx| {
        let new = NewQuestions { brand: BRAND, rules: &rules, effective_from: None, note: "bench", by: None };
        questions::publish(tx, &new, &mut moment)
    })
    .map_err(|error| anyhow!("{error}"))?;
    Ok(())
}
