//! Who bears what of a sale: stored with its lines, and followed from a line to the rule.

use basket::{Bonus, Discount, PromotionUse, Quote};
use notation::Names;
use pricing::funding::{Part, points_shares, shares};
use serde_json::json;
use shop::order::change;
use shop::promotion::{administration as office, read_rules};
use store::promotions;
use store::promotions::funding::{self, Borne};

use crate::world::{BRAND, World};

/// Taken off the line, and given for it: neither divides evenly by 70, 20 and 10.
const OFF: i64 = 3_333;
const BONUS: i64 = 1_001;

fn live(world: &mut World) -> kernel::PromotionId {
    world.execute("update outlet_tills set discount_type_id = 'discount'");
    let rules = serde_json::from_value(json!({
        "brand": BRAND,
        "title": { "ru": "Акция", "kk": "Акция", "en": "Promotion" },
        "effects": [{ "kind": "percent_off", "percent": "0.1" }],
        "funding": [
            { "funder": { "kind": "brand" }, "weight": 70 },
            { "funder": { "kind": "franchisee" }, "weight": 20 },
            { "funder": { "kind": "partner", "code": "bank" }, "weight": 10 },
        ],
    }))
    .expect("rules");
    let made = world.write(|tx, moment| {
        let (stored, _) = office::create(tx, &rules, "test", None, moment)?;
        office::schedule(tx, stored.id, None, None, moment)
    });
    made.expect("lawful").id
}

fn parts(world: &World, promotion: kernel::PromotionId) -> Vec<Part> {
    let stored = promotions::load_version(&world.sql, promotion, 1).expect("storage").expect("a version");
    read_rules(&stored.rules).expect("rules").funding
}

/// A quote whose one line has a discount and a bonus of the promotion.
fn quote(world: &mut World, promotion: kernel::PromotionId) -> Quote {
    let parts = parts(world, promotion);
    let mut quote = world.quote(None, BONUS);
    let line = &mut quote.lines[0];
    let title = Names { ru: "Акция".into(), kk: "Акция".into(), en: "Promotion".into() };
    line.discounts = vec![Discount {
        promotion: promotion.to_string(),
        version: 1,
        title,
        amount_minor: OFF,
        funding: shares(&parts, 0, OFF),
    }];
    line.bonuses = vec![Bonus {
        promotion: promotion.to_string(),
        version: 1,
        points: BONUS,
        funding: points_shares(&parts, 0, BONUS),
    }];
    line.final_minor -= OFF;
    line.fiscal[0].unit_minor -= OFF;
    quote.totals.discount_minor = OFF;
    quote.totals.payable_minor -= OFF;
    quote.uses = vec![PromotionUse {
        promotion: promotion.to_string(),
        version: 1,
        times: 1,
        discount_minor: OFF,
        points: BONUS,
        coupon: None,
    }];
    quote
}

#[test]
fn funding_is_stored_with_the_line_and_leads_to_the_rule() {
    let mut world = World::new();
    world.programme(&json!({}));
    let promotion = live(&mut world);
    let quote = quote(&mut world, promotion);
    let mut stored = world.place(&quote).expect("an order");
    world.write(|tx, moment| change::record_sale(tx, &mut stored, moment)).expect("recorded");
    let receipt = stored.receipt.expect("a receipt");
    let gifts = funding::list(&world.sql, receipt).expect("storage");
    let [gift] = &gifts[..] else { panic!("one promotion on one line: {gifts:?}") };
    assert_eq!((gift.line_no, gift.promotion, gift.version), (1, promotion, 1));
    assert_eq!((gift.amount_minor, gift.points), (OFF, BONUS));
    let borne = |funder: &str, party: &str, amount_minor, points| Borne {
        funder: funder.into(),
        party: party.into(),
        amount_minor,
        points,
    };
    // 70 % of 33.33 is 23.331: the kopecks that are left over go to whoever is furthest behind.
    assert_eq!(
        gift.funding,
        [
            borne("brand", BRAND, 2_333, 701),
            borne("franchisee", "north", 667, 200),
            borne("partner", "bank", 333, 100),
        ]
    );
    // From the line to the rule that says so.
    assert_eq!(parts(&world, gift.promotion)[2].weight, 10);
    // And the line's own discount is what the promotions took off it.
    let line = "select discount_minor from receipt_lines where line_no = 1";
    assert_eq!(world.count(line), OFF);
    assert_eq!(world.count("select sum(amount_minor) from receipt_funding"), OFF);
    assert_eq!(world.count("select pending + available from balances where member_id = 1"), BONUS);
    // Written once and for ever.
    let again = world.write(|tx, moment| shop::promotion::sold::record(tx, &stored, receipt, &quote, moment));
    assert_eq!(again, Ok(()));
    assert_eq!(world.count("select count(*) from receipt_funding"), 3);
    let sql = world.sql.connection();
    sql.execute("update receipt_funding set amount_minor = 0", []).expect_err("immutable");
    sql.execute("delete from receipt_discounts", []).expect_err("immutable");
    sql.execute(
        "insert into receipt_funding values (?1, 1, ?2, 'partner', 'other', 1, 0)",
        [receipt.raw(), promotion.raw()],
    )
    .expect_err("nobody bears more than was given");
}

/// Shares that do not sum up to the kopeck are no statement: such a sale is not recorded.
#[test]
fn shares_that_do_not_sum_up_are_refused() {
    let mut world = World::new();
    world.programme(&json!({}));
    let promotion = live(&mut world);
    let mut quote = quote(&mut world, promotion);
    quote.lines[0].discounts[0].funding[0].amount_minor -= 1;
    let mut stored = world.place(&quote).expect("an order");
    world.write(|tx, moment| change::record_sale(tx, &mut stored, moment)).expect_err("refused");
    assert_eq!(world.count("select count(*) from receipts"), 0);
}

/// The friend's order with a referral code rewards the code's owner, in the transaction that records the sale.
#[test]
fn an_order_with_a_referral_code_rewards_its_owner() {
    use kernel::{Currency, MemberId, Money, Points};
    use shop::coupon::{self, NewBatch};
    use store::coupons::Kind;
    use store::referrals::Terms;

    let mut world = World::new();
    world.programme(&json!({}));
    world.execute(
        "insert into members (id, brand, language, status, tier, joined_at, changed_at) \
         values (2, 'bean', 'ru', 'active', 'base', 0, 0); \
         insert into balances (member_id, pending, available, held) values (2, 0, 0, 0);",
    );
    let promotion = live(&mut world);
    let new = NewBatch {
        promotion,
        kind: Kind::Referral,
        label: "friends".into(),
        uses_per_code: None,
        uses_per_guest: Some(1),
        valid_from: None,
        valid_until: None,
        reward: Some(Terms {
            points: Points::from_hundredths(10_000),
            purchase_min: vec![Money::new(50_000, Currency::Rub)],
            rewards_max: 5,
            within_days: 30,
            expires_days: None,
        }),
    };
    let owner = MemberId::from_raw(2);
    let code = world
        .write(|tx, moment| {
            coupon::create_batch(tx, &new, None, moment)?;
            coupon::referral(tx, BRAND, owner, [5; pricing::coupon::ENTROPY_LEN], moment)
        })
        .expect("a code")
        .0
        .code;
    let mut quote = quote(&mut world, promotion);
    quote.uses[0].coupon = Some(code);
    let mut stored = world.place(&quote).expect("an order");
    assert_eq!(
        world.count("select available from balances where member_id = 2"),
        0,
        "an order is no purchase yet"
    );
    for _ in 0..2 {
        world.write(|tx, moment| change::record_sale(tx, &mut stored, moment)).expect("recorded");
    }
    assert_eq!(world.count("select available from balances where member_id = 2"), 10_000);
    assert_eq!(world.count("select count(*) from referrals where status = 'rewarded' and friend_id = 1"), 1);
}

/// Two orders at once are not both the first: one that is under way counts as a visit, one that was undone does not.
#[test]
fn an_order_under_way_is_a_visit() {
    let mut world = World::new();
    world.programme(&json!({}));
    let ever = |world: &World| {
        let today = kernel::Date::parse("2026-11-23").expect("a date");
        let visits = store::visits::load(&world.sql, crate::world::GUEST, today).expect("storage");
        (visits.ever, visits.days_7)
    };
    assert_eq!(ever(&world), (0, 0));
    let quote = world.quote(None, 0);
    let mut first = world.place(&quote).expect("an order");
    assert_eq!(ever(&world), (1, 1));
    world.write(|tx, moment| change::record_sale(tx, &mut first, moment)).expect("recorded");
    let receipt = first.receipt.expect("a receipt").raw();
    world.execute(&format!("update orders set stage = 'completed', receipt_id = {receipt}"));
    assert_eq!(ever(&world), (1, 1), "the same visit, now as a receipt");
    let quote = world.quote(None, 0);
    let second = world.place(&quote).expect("an order");
    let reason = ordering::model::CancelReason::Guest;
    world
        .write(|tx, moment| shop::order::desk::cancel(tx, second.order.id, reason, moment))
        .expect("cancelled");
    assert_eq!(ever(&world), (1, 1));
}
