//! A year of answers and tickets, by a few statements over counted rows: places, people, receipts, requests, answers.

use anyhow::{Result, anyhow};
use care::rules::{self, NewVersion};
use club::Moment;
use feedback::rules::FeedbackRules;
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use kernel::{IdSource, StaffId, Timestamp};
use store::native::NativeSql;
use store::transaction::transaction;

use super::FeedbackArgs;

pub const ADMINISTRATOR: StaffId = StaffId::from_raw(1);
/// Of one outlet.
pub const MANAGER: StaffId = StaffId::from_raw(2);
const BRAND: &str = "bench";
const OUTLETS: i64 = 1_200;
const FRANCHISEES: i64 = 280;
const MEMBERS: i64 = 430_000;
/// How long before the run the day's first receipt was sold, and within what time all of them were: the question's moment
/// comes later for each.
pub const SOLD_BEFORE_MS: i64 = HOUR_MS;
pub const SOLD_WITHIN_MS: i64 = 5 * MINUTE_MS;
/// Between two guests of the day. Odd, so that those without a consent, every fourth, are among them in their share.
const GUEST_STEP: i64 = 17;
/// Days over which answers are spread.
const DAYS: i64 = 365;

/// The rules of the tests, asked of every seventh receipt at any hour.
fn bench_rules() -> Result<FeedbackRules> {
    let text = include_str!("../../../shared/feedback/tests/example.json");
    let mut rules: FeedbackRules = serde_json::from_str(text)?;
    BRAND.clone_into(&mut rules.brand);
    rules.question_sets.truncate(1);
    rules.requests.quiet = None;
    rules.requests.sample_per_mille = 143;
    Ok(rules)
}

/// Counted rows: `n` from 0.
fn counted(count: i64) -> String {
    format!("with recursive c (n) as (select 0 union all select n + 1 from c where n + 1 < {count}) ")
}

/// Fills an empty database.
///
/// # Errors
/// When the database refuses something.
pub fn fill(sql: &NativeSql, args: &FeedbackArgs, now: Timestamp) -> Result<()> {
    let connection = sql.connection();
    connection.execute_batch(&places())?;
    let begins = now.plus_millis(-(DAYS + 2) * DAY_MS);
    let mut ids = IdSource::new(3);
    let rules = bench_rules()?;
    let new = NewVersion { brand: BRAND, rules: &rules, effective_from: None, note: "bench", by: None };
    let version = transaction(sql, |tx| rules::publish(tx, &new, &mut Moment { now: begins, ids: &mut ids }))
        .map_err(|error| anyhow!("{error}"))?;
    let answers = Answers { count: args.answers, rules: version.id, begins, ids: ids.next(begins) };
    connection.execute_batch(&format!("begin; {} commit", answers.statements()))?;
    connection
        .execute_batch(&format!("begin; {} commit", tickets(args.tickets, args.answers, answers.ids)))?;
    // The day's receipts have ids of the day.
    let first = ids.next(now.plus_millis(-2 * HOUR_MS));
    connection.execute_batch(&format!("begin; {} commit", day(args.receipts, first, now)))?;
    connection.execute_batch("analyze")?;
    Ok(())
}

fn places() -> String {
    let (franchisees, outlets, members) = (counted(FRANCHISEES), counted(OUTLETS), counted(MEMBERS));
    format!(
        "begin;
         insert into brands (code, name, default_region, card_prefix, created_at) values ('{BRAND}', 'Bench', 'KZ', '21', 0);
         insert into franchisees (id, code, name, created_at) {franchisees} select n + 1, 'f-' || n, 'Owner ' || n, 0 from c;
         insert into outlets (id, code, brand, franchisee_id, name, country, currency, zone, city, address, hours, languages, \
           status, created_at, changed_at) {outlets} select n + 1, 'o-' || n, '{BRAND}', n % {FRANCHISEES} + 1, 'Outlet ' || n, \
           'KZ', 'KZT', 'Asia/Almaty', 'City ' || (n % 40), 'x', '{{}}', 'ru', 'open', 0, 0 from c;
         insert into staff (id, code, name_sealed, role, status, created_at, changed_at) values \
           (1, 'a', x'00', 'administrator', 'active', 0, 0), (2, 'm', x'00', 'outlet_manager', 'active', 0, 0);
         insert into staff_scopes (staff_id, scope, target_id) values (1, 'all', 0), (2, 'outlet', 600);
         insert into members (id, brand, language, status, tier, home_outlet_id, joined_at, changed_at) \
           {members} select n + 1, '{BRAND}', 'ru', 'active', 'silver', n % {OUTLETS} + 1, 0, 0 from c;
         insert into balances (member_id, pending, available, held) {members} select n + 1, 0, 0, 0 from c;
         insert into consents (id, member_id, kind, granted, text_version, source, at) \
           {members} select 2 * n + 1, n + 1, 'personal_data', 1, '1', 'app', 0 from c;
         insert into consents (id, member_id, kind, granted, text_version, source, at) \
           {members} select 2 * n + 2, n + 1, 'marketing_push', n % 4 <> 0, '1', 'app', 0 from c;
         commit;"
    )
}

/// Answers with receipts and requests beneath, evenly over outlets and days. The remainders of large primes stand for
/// chance: four and five stars for most.
struct Answers {
    count: i64,
    rules: i64,
    begins: Timestamp,
    /// Where ids begin.
    ids: i64,
}

impl Answers {
    fn statements(&self) -> String {
        let Self { count, rules, begins, ids } = self;
        let (rows, start) = (counted(*count), begins.millis());
        let at = format!("{start} + (n * 7919 % {DAYS}) * {DAY_MS} + (n * 31 % 14 + 8) * {HOUR_MS}");
        let date = format!("date(({at}) / 1000, 'unixepoch')");
        let stars = "case when n * 104729 % 100 < 5 then 1 when n * 104729 % 100 < 9 then 2 when n * 104729 % 100 < 16 then 3 \
                     when n * 104729 % 100 < 40 then 4 else 5 end";
        let nps = "case when n % 3 = 0 then null else (n * 15485863 % 11) end";
        let outlet = format!("n * 6151 % {OUTLETS} + 1");
        format!(
            "insert into receipts (id, outlet_id, business_date, number, request_hash, sold_at, recorded_at, member_id, \
             identified_by, staff_code, channel, currency, list_minor, total_minor, points_paid_minor, points_paid, \
             points_earned, reply) {rows} select {ids} + n, {outlet}, {date}, 'y' || n, x'00', {at}, {at}, n % {MEMBERS} + 1, \
             'card', 's-' || ({outlet}) || '-' || (n % 6), 'hall', 'KZT', 100000, 100000, 0, 0, 0, '{{}}' from c;
             insert into feedback_requests (id, receipt_id, member_id, outlet_id, rules_id, outlet_type, ask_at, until_at, \
             status, asked_at) select id, id, member_id, outlet_id, {rules}, 'cafe', sold_at, sold_at + {DAY_MS}, 'answered', \
             sold_at from receipts;
             insert into feedback_answers (request_id, member_id, outlet_id, staff_code, business_date, hour, stars, nps, \
             answered_at) {rows} select r.id, r.member_id, r.outlet_id, r.staff_code, r.business_date, n * 31 % 14 + 8, {stars}, \
             {nps}, r.sold_at from c join receipts r on r.id = {ids} + c.n;
             insert into feedback_answer_products (outlet_id, business_date, product_code, request_id, stars, nps) \
             select outlet_id, business_date, 'p-' || (request_id * 17 % 60), request_id, stars, nps from feedback_answers \
             union all select outlet_id, business_date, 'q-' || (request_id * 13 % 40), request_id, stars, nps \
             from feedback_answers where request_id % 2 = 0;
             insert into feedback_answer_tags (request_id, tag) select request_id, case when stars <= 3 then 'slow' else 'tasty' end \
             from feedback_answers where request_id % 3 = 0;"
        )
    }
}

fn tickets(count: i64, answers: i64, ids: i64) -> String {
    let rows = counted(count);
    let step = (answers / count.max(1)).max(1);
    format!(
        "insert into tickets (id, request_id, member_id, outlet_id, desk, topic, priority, state, stars, opened_at, \
         answer_due_at, close_due_at, first_answered_at, closed_at, outcome, changed_process) {rows} \
         select n + 1, a.request_id, a.member_id, a.outlet_id, 'outlet_manager', 'topic-' || (n % 7), 'normal', \
         case when n % 20 = 0 then 'open' else 'closed' end, a.stars, a.answered_at, a.answered_at + 12 * {HOUR_MS}, \
         a.answered_at + 72 * {HOUR_MS}, case when n % 20 = 0 then null else a.answered_at + (n % 18) * {HOUR_MS} end, \
         case when n % 20 = 0 then null else a.answered_at + (n % 90) * {HOUR_MS} end, \
         case when n % 20 = 0 then null else 'explained' end, n % 9 = 0 and n % 20 <> 0 \
         from c join feedback_answers a on a.request_id = {ids} + c.n * {step};"
    )
}

fn day(count: i64, first: i64, now: Timestamp) -> String {
    let rows = counted(count);
    let at = format!("{} + n % {SOLD_WITHIN_MS}", now.plus_millis(-SOLD_BEFORE_MS).millis());
    format!(
        "insert into receipts (id, outlet_id, business_date, number, request_hash, sold_at, recorded_at, member_id, \
         identified_by, staff_code, channel, currency, list_minor, total_minor, points_paid_minor, points_paid, points_earned, \
         reply) {rows} select {first} + n, n % {OUTLETS} + 1, '2026-11-25', 'd' || n, x'00', {at}, {at}, \
         case when n % 2 = 0 then n / 2 * {GUEST_STEP} % {MEMBERS} + 1 else null end, 'card', 's-1', 'hall', 'KZT', 100000, 100000, 0, 0, 0, \
         '{{}}' from c;
         insert into receipt_lines (receipt_id, line_no, product_code, name, category, fractional, quantity, unit_price_minor, \
         discount_minor, amount_minor, points_paid_minor, points_paid, points_earned) {rows} \
         select {first} + n, 1, 'p-' || (n % 60), 'P', 'coffee', 0, 1000, 100000, 0, 100000, 0, 0, 0 from c;"
    )
}
