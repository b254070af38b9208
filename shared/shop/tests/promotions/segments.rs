//! Segments by rule and by list, tags, and what promotions see of them.

use kernel::time::{DAY_MS, HOUR_MS};
use kernel::{Date, Points, Timestamp};
use membership::staff_auth::{Grant, Role, Scope};
use pricing::index::Asks;
use pricing::segment::{SegmentFault, SegmentRule};
use serde_json::{Value, json};
use shop::facts::{self, Known};
use shop::segment::{self, Done, NewSegment, Refused};
use store::segments;

use crate::fixture::{BRAND, GUEST, OTHER, Shop, at, now};

fn put(shop: &mut Shop, code: &str, rule: Option<Value>) -> Result<segments::Segment, Refused> {
    let rule = rule.map(|rule| serde_json::from_value::<SegmentRule>(rule).expect("a rule"));
    let new =
        NewSegment { brand: BRAND.into(), code: code.into(), name: code.into(), rule, refresh_hours: 24 };
    shop.write(now(), |tx, moment| segment::put(tx, &new, None, moment))
}

/// Runs the job at a time.
fn run(shop: &mut Shop, at: Timestamp) -> Done {
    let mut moment = club::Moment { now: at, ids: &mut shop.ids };
    segment::run(&shop.sql, &mut moment).expect("storage").expect("nobody else is at it")
}

/// A purchase of 1000.00 by a member on a day of 2026.
fn buy(shop: &Shop, member: i64, number: i64, day: &str) {
    shop.sql
        .connection()
        .execute(
            "insert into receipts (id, outlet_id, business_date, number, request_hash, sold_at, recorded_at, member_id, \
             identified_by, channel, currency, list_minor, total_minor, points_paid_minor, points_paid, \
             points_earned, reply) values (?1, 1, ?2, ?1, x'00', 0, 0, ?3, 'member', 'app', 'KZT', 100000, 100000, \
             0, 0, 0, '{}')",
            rusqlite::params![number, day, member],
        )
        .expect("a receipt");
}

fn members(shop: &Shop, code: &str) -> Vec<i64> {
    let sql = shop.sql.connection();
    let mut statement = sql
        .prepare("select member_id from member_segments where segment = ?1 order by member_id")
        .expect("a statement");
    let ids = statement.query_map([code], |row| row.get(0)).expect("rows");
    ids.map(|id| id.expect("an id")).collect()
}

fn counted(shop: &Shop, code: &str) -> i64 {
    segments::load(&shop.sql, BRAND, code).expect("storage").expect("a segment").members
}

#[test]
fn a_rule_finds_its_guests_and_lets_them_go() {
    let mut shop = Shop::new();
    buy(&shop, 1, 1, "2026-11-10");
    buy(&shop, 1, 2, "2026-11-12");
    buy(&shop, 2, 3, "2026-05-01");
    put(&mut shop, "often", Some(json!({ "purchases": { "days": 30, "at_least": 2 } }))).expect("made");
    let kzt = |amount: &str| json!([{ "amount": amount, "currency": "KZT" }]);
    put(&mut shop, "rich", Some(json!({ "spent": { "days": 365, "at_least": kzt("1000") } }))).expect("made");
    put(&mut shop, "asleep", Some(json!({ "last_purchase_days_ago": { "at_least": 60 } }))).expect("made");
    let done = run(&mut shop, now());
    assert_eq!((done.segments, done.judged, done.moved, done.more), (3, 6, 4, false));
    assert_eq!(members(&shop, "often"), [1]);
    assert_eq!(members(&shop, "rich"), [1, 2]);
    assert_eq!(members(&shop, "asleep"), [2]);
    assert_eq!(run(&mut shop, now().plus_millis(HOUR_MS)), Done::default(), "not due before a day is over");
    // A day later the sleeper has come by.
    buy(&shop, 2, 4, "2026-11-22");
    let done = run(&mut shop, now().plus_millis(DAY_MS));
    assert_eq!((done.segments, done.moved), (3, 1));
    assert_eq!(members(&shop, "asleep"), [] as [i64; 0]);
    assert_eq!((counted(&shop, "asleep"), counted(&shop, "rich")), (0, 2));
}

#[test]
fn what_came_back_was_not_spent() {
    let mut shop = Shop::new();
    buy(&shop, 1, 1, "2026-11-10");
    shop.sql
        .connection()
        .execute_batch(
            "insert into returns (id, receipt_id, outlet_id, business_date, number, request_hash, returned_at, \
             recorded_at, member_id, refund_minor, points_back_minor, points_back, points_clawed, points_expired, \
             points_forgiven, reply) values (1, 1, 1, '2026-11-11', 'r', x'00', 0, 0, 1, 1, 0, 0, 0, 0, 0, '{}')",
        )
        .expect("a return");
    let least = json!([{ "amount": "1000", "currency": "KZT" }]);
    put(&mut shop, "rich", Some(json!({ "spent": { "days": 365, "at_least": least } }))).expect("made");
    run(&mut shop, now());
    assert_eq!(members(&shop, "rich"), [] as [i64; 0], "999.99 are left");
}

/// A rule that changes in the middle of a pass begins anew; a rule without sense is not stored.
#[test]
fn rules_change_and_are_checked() {
    let mut shop = Shop::new();
    put(&mut shop, "base", Some(json!({ "tiers": ["base"] }))).expect("made");
    run(&mut shop, now());
    assert_eq!((members(&shop, "base"), counted(&shop, "base")), (vec![1, 2], 2));
    put(&mut shop, "base", Some(json!({ "tiers": ["gold"] }))).expect("changed");
    run(&mut shop, now());
    assert_eq!((members(&shop, "base"), counted(&shop, "base")), (vec![], 0));
    let refused = put(&mut shop, "empty", Some(json!({})));
    assert_eq!(refused, Err(Refused::Rule(vec![("", SegmentFault::Empty)])));
    let other = NewSegment {
        brand: "nobody".into(),
        code: "x".into(),
        name: "x".into(),
        rule: None,
        refresh_hours: 24,
    };
    let refused = shop.write(now(), |tx, moment| segment::put(tx, &other, None, moment));
    assert_eq!(refused, Err(Refused::UnknownBrand));
}

fn import(shop: &mut Shop, kind: club::import::Kind, file: &str) -> club::import::Report {
    let secrets = membership::secrets::Secrets::parse(
        "1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    )
    .expect("secrets");
    let (vault, indexer) = (secrets.vault(), secrets.blind_indexer());
    let means = club::import::Means { vault: &vault, indexer: &indexer, random: |count| vec![7; count] };
    shop.sql
        .connection()
        .execute_batch(
            "insert or ignore into staff (id, code, name_sealed, role, status, created_at, changed_at) \
             values (1, 's', x'00', 'administrator', 'active', 0, 0)",
        )
        .expect("staff");
    let grant = Grant::new(Role::Administrator, Scope::Everything).expect("a grant");
    let order = club::import::Order {
        kind,
        brand: BRAND,
        file: file.as_bytes(),
        dry_run: false,
        by: kernel::StaffId::from_raw(1),
        grant: &grant,
        digest: vec![0],
    };
    let mut moment = club::Moment { now: now(), ids: &mut shop.ids };
    club::import::run(&shop.sql, &order, &means, &mut moment).expect("a report")
}

#[test]
fn lists_and_tags_come_by_file_and_prices_see_them() {
    let mut shop = Shop::new();
    shop.sql.connection().execute_batch("update members set external_code = 'c-' || id").expect("codes");
    put(&mut shop, "press", None).expect("made");
    put(&mut shop, "ruled", Some(json!({ "tiers": ["gold"] }))).expect("made");
    let file =
        format!("member,segment\nc-1,press\n{OTHER},press\nc-1,press\nc-9,press\nc-1,ruled\nc-1,nothing\n");
    let report = import(&mut shop, club::import::Kind::Segments, &file);
    assert_eq!((report.applied, report.unchanged, report.refused), (2, 0, 4));
    let lines: Vec<(u64, &str)> =
        report.faults.iter().map(|fault| (fault.line, fault.message.as_str())).collect();
    assert_eq!(
        lines,
        [
            (4, "repeats line 2"),
            (5, "no member with this code or id"),
            (6, "a rule decides who is in this segment"),
            (7, "no such segment; make it first"),
        ]
    );
    assert_eq!(counted(&shop, "press"), 2);
    let report =
        import(&mut shop, club::import::Kind::Segments, "member;segment;in\nc-2;press;no\nc-1;press;yes\n");
    assert_eq!((report.applied, report.unchanged, counted(&shop, "press")), (1, 1, 1));
    let report = import(&mut shop, club::import::Kind::Tags, "member,tag\nc-1,vegan\nc-1,staff-friend\n");
    assert_eq!((report.applied, report.refused), (2, 0));
    let known = Known { member: GUEST, tier: "base", birthday: None, points_available: Points::ZERO };
    let day = Date::parse("2026-11-21").expect("a date");
    let asks = Asks { groups: true, ..Asks::default() };
    let guest = facts::guest(&shop.sql, known, day, asks).expect("storage");
    assert_eq!(
        (guest.segments, guest.tags),
        (vec!["press".into()], vec!["staff-friend".into(), "vegan".into()])
    );
    let guest = facts::guest(&shop.sql, known, day, Asks::default()).expect("storage");
    assert_eq!(guest.tags, [] as [String; 0], "nobody asked");
}

#[test]
fn tags_are_replaced_and_bounded_and_forgotten() {
    let mut shop = Shop::new();
    let set = |shop: &mut Shop, tags: &[&str]| {
        let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        shop.write(now(), |tx, moment| segment::set_tags(tx, GUEST, &tags, moment))
    };
    shop.sql
        .connection()
        .execute_batch("insert into balances (member_id, pending, available, held) values (1, 0, 0, 0)")
        .expect("a balance");
    assert_eq!(set(&mut shop, &["a", "b"]).expect("set").tags, ["a", "b"]);
    assert_eq!(set(&mut shop, &["b", "c"]).expect("set").tags, ["b", "c"]);
    let many: Vec<String> = (0..40).map(|number| format!("c-1,t{number}\n")).collect();
    shop.sql
        .connection()
        .execute_batch("update members set external_code = 'c-1' where id = 1")
        .expect("a code");
    let report = import(&mut shop, club::import::Kind::Tags, &format!("member,tag\n{}", many.concat()));
    assert_eq!((report.applied, report.refused), (30, 10), "two were there");
    put(&mut shop, "press", None).expect("made");
    import(&mut shop, club::import::Kind::Segments, "member,segment\nc-1,press\n");
    shop.write(now(), |tx, _| segments::forget(tx, BRAND, GUEST)).expect("forgotten");
    assert_eq!(shop.count("select count(*) from member_tags"), 0);
    assert_eq!((members(&shop, "press"), counted(&shop, "press")), (vec![], 0));
    assert!(at("2026-11-21T00:00:00Z") < now());
}
