//! Rewards for bringing friends: once for each, within the cap, taken back with the purchase.

use club::referral::{self, Brought, Settled};
use club::returning::{self, NewReturnOf};
use kernel::{
    CouponBatchId, Currency, Date, MemberId, Money, OutletId, Points, Quantity, ReceiptId, Timestamp,
};
use loyalty::referral::NotRewarded;
use serde_json::json;
use shop::coupon::{self, NewBatch, Refused};
use store::coupons::Kind;
use store::outlets;
use store::referrals::Terms;

use crate::fixture::{BRAND, GUEST, Shop, at, now};

/// What a friend is worth, hundredths.
const REWARD: i64 = 20_000;
/// The least that the friend's purchase costs, minor units.
const MINIMUM: i64 = 100_000;

fn programme(shop: &Shop) {
    let rules = json!({
        "brand": BRAND, "zone": "Asia/Almaty",
        "point_values": [{ "amount": "1.00", "currency": "KZT" }],
        "tiers": [{ "code": "base", "name": { "ru": "Б", "kk": "Б", "en": "B" }, "earn_rate": "0.05" }],
        "earning": {
            "promo_lines_earn": true, "earn_on_points_paid": false, "points_step": "0.01", "caps": {},
            "pending_delay": { "kind": "none" }, "expiry": { "kind": "days", "days": 180 }
        },
        "redemption": {
            "min_points": "1.00", "step": "1.00", "share_max": "0.50", "hold_minutes": 15,
            "static_code_may_spend": false
        },
        "returns": { "clawback": "unlimited", "reinstatement_grace_days": 14 }
    });
    let insert = "insert into programme_versions values (1, 'bean', 1, 0, ?1, null, 0, 'first')";
    shop.sql.connection().execute(insert, [rules.to_string()]).expect("a programme");
}

/// A brand with a programme, a batch of referral codes, and friends 11 to 19; guest 1 brings them.
fn world() -> (Shop, CouponBatchId) {
    let mut shop = Shop::new();
    programme(&shop);
    for member in [1, 2, 11, 12, 13, 14, 15, 16, 17, 18, 19] {
        shop.sql
            .connection()
            .execute_batch(&format!(
                "insert or ignore into members (id, brand, language, status, tier, joined_at, changed_at) \
                 values ({member}, 'bean', 'ru', 'active', 'base', 0, 0); \
                 insert into balances (member_id, pending, available, held) values ({member}, 0, 0, 0);"
            ))
            .expect("a member");
    }
    let promotion = shop.live(json!({ "condition": { "kind": "coupon" } }));
    let new = NewBatch {
        promotion,
        kind: Kind::Referral,
        label: "friends".into(),
        uses_per_code: None,
        uses_per_guest: Some(1),
        valid_from: None,
        valid_until: None,
        reward: Some(terms()),
    };
    let batch =
        shop.write(now(), |tx, moment| coupon::create_batch(tx, &new, None, moment)).expect("a batch");
    (shop, batch.id)
}

fn terms() -> Terms {
    Terms {
        points: Points::from_hundredths(REWARD),
        purchase_min: vec![Money::new(MINIMUM, Currency::Kzt)],
        rewards_max: 2,
        within_days: 30,
        expires_days: Some(90),
    }
}

/// A receipt of three coffees of 500.00 that a friend bought at a time.
fn buy(shop: &Shop, friend: i64, number: i64, sold_at: Timestamp) -> ReceiptId {
    let sql = shop.sql.connection();
    sql.execute(
        "insert into receipts (id, outlet_id, business_date, number, request_hash, sold_at, recorded_at, member_id, \
         identified_by, channel, currency, list_minor, total_minor, points_paid_minor, points_paid, points_earned, reply) \
         values (?1, 1, ?2, ?1, x'00', ?3, ?3, ?4, 'member', 'app', 'KZT', 150000, 150000, 0, 0, 0, '{}')",
        rusqlite::params![number, sold_at.date_in(&zone()).to_string(), sold_at.millis(), friend],
    )
    .expect("a receipt");
    sql.execute(
        "insert into receipt_lines (receipt_id, line_no, product_code, name, category, quantity, unit_price_minor, \
         discount_minor, amount_minor, points_paid_minor, points_paid, points_earned, fractional) \
         values (?1, 1, 'latte', 'Latte', 'drinks', 3000, 50000, 0, 150000, 0, 0, 0, 0)",
        [number],
    )
    .expect("a line");
    ReceiptId::from_raw(number)
}

fn zone() -> kernel::Zone {
    kernel::Zone::parse("Asia/Almaty").expect("a zone")
}

fn settle(shop: &mut Shop, batch: CouponBatchId, friend: i64, receipt: ReceiptId, minor: i64) -> Settled {
    let brought = Brought {
        brand: BRAND,
        friend: MemberId::from_raw(friend),
        referrer: GUEST,
        batch,
        receipt,
        outlet: OutletId::from_raw(1),
        sold_at: now(),
        amount: Money::new(minor, Currency::Kzt),
    };
    shop.write(now(), |tx, moment| referral::settle(tx, &brought, moment)).expect("storage")
}

fn points_of(shop: &Shop, member: i64) -> i64 {
    shop.count(&format!("select available from balances where member_id = {member}"))
}

/// Returns so many of the three coffees.
fn give_back(shop: &mut Shop, receipt: i64, number: &str, pieces: i64) {
    let outlet = outlets::load(&shop.sql, OutletId::from_raw(1)).expect("storage").expect("an outlet");
    let day = Date::parse("2026-11-21").expect("a date");
    let new = NewReturnOf {
        business_date: day,
        number: number.into(),
        staff_code: None,
        returned_at: now().plus_millis(60_000),
        receipt: ("001".into(), day, receipt.to_string()),
        lines: Some(vec![(1, Quantity::from_thousandths(pieces * 1_000))]),
        request_hash: number.as_bytes().to_vec(),
    };
    shop.write(now().plus_millis(60_000), |tx, moment| {
        returning::record(tx, &outlet, &new, moment, |_| "{}".to_owned())
    })
    .expect("a return");
}

#[test]
fn a_friend_brings_one_reward_whatever_is_repeated() {
    let (mut shop, batch) = world();
    let receipt = buy(&shop, 11, 1, now());
    let rewarded = Settled::Rewarded(Points::from_hundredths(REWARD));
    assert_eq!(settle(&mut shop, batch, 11, receipt, 150_000), rewarded);
    assert_eq!(settle(&mut shop, batch, 11, receipt, 150_000), Settled::Nothing);
    let second = buy(&shop, 11, 2, now());
    assert_eq!(settle(&mut shop, batch, 11, second, 150_000), Settled::Nothing, "the same friend once more");
    assert_eq!(points_of(&shop, 1), REWARD);
    assert_eq!(points_of(&shop, 11), 0);
    assert_eq!(shop.count("select count(*) from entries where kind = 'accrual' and receipt_id is null"), 1);
    let told = "select count(*) from notifications where topic = 'referral.rewarded' and member_id = 1 \
                and data = '{\"points\":\"200.00\"}'";
    assert_eq!(shop.count(told), 1);
    let expires = "select expires_at from lots where source = 'referral'";
    assert_eq!(shop.count(expires), now().plus_millis(90 * kernel::time::DAY_MS).millis());
}

#[test]
fn what_earns_no_reward_says_why() {
    let (mut shop, batch) = world();
    let refused = Settled::Refused;
    let own = buy(&shop, 1, 1, now());
    assert_eq!(settle(&mut shop, batch, 1, own, 150_000), refused(NotRewarded::OwnCode));
    let small = buy(&shop, 11, 2, now());
    assert_eq!(settle(&mut shop, batch, 11, small, MINIMUM - 1), refused(NotRewarded::PurchaseTooSmall));
    buy(&shop, 12, 3, at("2026-11-20T12:00:00+05:00"));
    let later = buy(&shop, 12, 4, now());
    assert_eq!(settle(&mut shop, batch, 12, later, 150_000), refused(NotRewarded::NotFirstPurchase));
    shop.sql.connection().execute("update members set status = 'blocked' where id = 1", []).expect("blocked");
    let blocked = buy(&shop, 13, 5, now());
    assert_eq!(settle(&mut shop, batch, 13, blocked, 150_000), refused(NotRewarded::ReferrerInactive));
    assert_eq!(points_of(&shop, 1), 0);
    assert_eq!(shop.count("select count(*) from notifications"), 0);
    assert_eq!(shop.count("select count(*) from referrals where status = 'refused'"), 3);
}

/// Two within thirty days; what was taken back makes room.
#[test]
fn a_referrer_has_so_many_rewards_in_a_period() {
    let (mut shop, batch) = world();
    for friend in [11, 12] {
        let receipt = buy(&shop, friend, friend, now());
        assert!(matches!(settle(&mut shop, batch, friend, receipt, 150_000), Settled::Rewarded(_)));
    }
    let third = buy(&shop, 13, 13, now());
    let full = Settled::Refused(NotRewarded::TooManyRewards);
    assert_eq!(settle(&mut shop, batch, 13, third, 150_000), full);
    assert_eq!(points_of(&shop, 1), 2 * REWARD);
    give_back(&mut shop, 11, "r-1", 3);
    let fourth = buy(&shop, 14, 14, now());
    assert!(matches!(settle(&mut shop, batch, 14, fourth, 150_000), Settled::Rewarded(_)));
}

/// One of three coffees comes back and 1000.00 are left: enough. The second is not.
#[test]
fn a_reward_is_taken_back_with_the_purchase_once() {
    let (mut shop, batch) = world();
    let receipt = buy(&shop, 11, 1, now());
    settle(&mut shop, batch, 11, receipt, 150_000);
    give_back(&mut shop, 1, "r-1", 1);
    assert_eq!(points_of(&shop, 1), REWARD, "what is left would have earned it");
    give_back(&mut shop, 1, "r-2", 1);
    assert_eq!(points_of(&shop, 1), 0);
    give_back(&mut shop, 1, "r-3", 1);
    assert_eq!(points_of(&shop, 1), 0, "once");
    assert_eq!(
        shop.count("select count(*) from entries where kind = 'clawback' and event = 'referral:11'"),
        1
    );
    assert_eq!(shop.count("select count(*) from referrals where status = 'taken_back'"), 1);
    let again = buy(&shop, 11, 2, now());
    assert_eq!(settle(&mut shop, batch, 11, again, 150_000), Settled::Nothing, "a friend is brought once");
}

#[test]
fn rewards_belong_to_referral_codes() {
    let (mut shop, _) = world();
    let promotion = shop.live(json!({}));
    let new = NewBatch {
        promotion,
        kind: Kind::Generated,
        label: "spring".into(),
        uses_per_code: None,
        uses_per_guest: None,
        valid_from: None,
        valid_until: None,
        reward: Some(terms()),
    };
    let made = shop.write(now(), |tx, moment| coupon::create_batch(tx, &new, None, moment));
    assert_eq!(made, Err(Refused::RewardWithoutReferral));
}

/// The use of the code by the friend 11 was found worth a delay, in the case 1.
fn suspect(shop: &Shop) {
    shop.sql
        .connection()
        .execute_batch(
            "insert into staff (id, code, name_sealed, role, status, created_at, changed_at) \
             values (77, 'reviewer', x'00', 'support', 'active', 0, 0); \
             insert into fraud_cases (id, brand, member_id, status, score, action, opened_at, changed_at) \
             values (1, 'bean', 11, 'open', 500, 'challenge', 0, 0); \
             insert into fraud_decisions (id, case_id, brand, event, member_id, mode, score, action, reasons, \
             effective_at, recorded_at) values (1, 1, 'bean', 'referral', 11, 'live', 500, 'delay_points', '[]', 0, 0)",
        )
        .expect("a decision");
}

fn rule(shop: &mut Shop, outcome: watch::review::Outcome, at: Timestamp) {
    shop.write(at, |tx, moment| {
        club::watching::ruling::decide(tx, 1, outcome, "looked at", kernel::StaffId::from_raw(77), moment)
    })
    .expect("decided");
}

/// Points of the referrer in all.
fn points_in_all(shop: &Shop) -> i64 {
    shop.count("select available + pending from balances where member_id = 1")
}

#[test]
fn a_reward_that_waits_goes_back_with_the_purchase_and_nothing_else_does() {
    let (mut shop, batch) = world();
    suspect(&shop);
    // Something of the referrer's own beside it.
    let receipt = buy(&shop, 12, 2, now());
    settle(&mut shop, batch, 12, receipt, 150_000);
    let receipt = buy(&shop, 11, 1, now());
    settle(&mut shop, batch, 11, receipt, 150_000);
    assert_eq!((points_of(&shop, 1), points_in_all(&shop)), (REWARD, 2 * REWARD));
    give_back(&mut shop, 1, "r-1", 3);
    assert_eq!((points_of(&shop, 1), points_in_all(&shop)), (REWARD, REWARD), "what waited is gone");
    rule(
        &mut shop,
        watch::review::Outcome::Uphold { action: fraud::Action::Notify, withheld: true },
        now().plus_millis(120_000),
    );
    assert_eq!(points_in_all(&shop), REWARD, "not twice");
}

#[test]
fn a_withheld_reward_whose_purchase_went_back_does_not_come_back_with_the_case() {
    let (mut shop, batch) = world();
    suspect(&shop);
    let receipt = buy(&shop, 11, 1, now());
    settle(&mut shop, batch, 11, receipt, 150_000);
    rule(
        &mut shop,
        watch::review::Outcome::Uphold { action: fraud::Action::Notify, withheld: true },
        now().plus_millis(30_000),
    );
    assert_eq!(points_in_all(&shop), 0);
    give_back(&mut shop, 1, "r-1", 3);
    rule(&mut shop, watch::review::Outcome::Overturn { trust_days: 0 }, now().plus_millis(120_000));
    assert_eq!(points_in_all(&shop), 0);
}

#[test]
fn a_reward_waits_where_the_use_of_the_code_was_found_worth_a_delay() {
    let (mut shop, batch) = world();
    suspect(&shop);
    let rewarded = Settled::Rewarded(Points::from_hundredths(REWARD));
    let receipt = buy(&shop, 11, 1, now());
    assert_eq!(settle(&mut shop, batch, 11, receipt, 150_000), rewarded);
    assert_eq!(points_of(&shop, 1), 0);
    assert_eq!(shop.count("select pending from balances where member_id = 1"), REWARD);
    let waits =
        "select count(*) from fraud_delays where event = 'referral:11' and member_id = 1 and case_id = 1";
    assert_eq!(shop.count(waits), 1, "released or taken with the friend's case");
    let receipt = buy(&shop, 12, 2, now());
    assert_eq!(settle(&mut shop, batch, 12, receipt, 150_000), rewarded);
    assert_eq!(points_of(&shop, 1), REWARD, "another friend's is spendable at once");
}
