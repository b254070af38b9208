//! Coupons: made, imported, checked, used once.

use kernel::{CouponBatchId, MemberId, PromotionId};
use pricing::coupon::{ENTROPY_LEN, is_ours};
use serde_json::json;
use shop::coupon::{self, NewBatch, Refused as NotMade, Unusable};
use shop::promotion::reserve::{Refused, Wanted};
use store::coupons::Kind;

use crate::fixture::{BRAND, GUEST, OTHER, Shop, at, now, wanted};

fn batch(shop: &mut Shop, change: impl FnOnce(&mut NewBatch)) -> (PromotionId, CouponBatchId) {
    let promotion = shop.live(json!({ "condition": { "kind": "coupon" } }));
    let mut new = NewBatch {
        promotion,
        kind: Kind::Generated,
        label: "spring".into(),
        uses_per_code: Some(1),
        uses_per_guest: None,
        valid_from: None,
        valid_until: None,
        reward: None,
    };
    change(&mut new);
    let made = shop.write(now(), |tx, moment| coupon::create_batch(tx, &new, None, moment));
    (promotion, made.expect("a batch").id)
}

fn import(shop: &mut Shop, batch: CouponBatchId, codes: &[&str]) -> Result<i64, NotMade> {
    let codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
    shop.write(now(), |tx, moment| coupon::import(tx, batch, &codes, moment))
}

fn check(shop: &Shop, code: &str, member: Option<MemberId>) -> Result<PromotionId, Unusable> {
    let (good, mut bad) =
        coupon::check(&shop.sql, BRAND, member, &[code.to_owned()], now()).expect("a database");
    good.first().map(|fact| fact.promotion).ok_or_else(|| bad.remove(0).1)
}

fn with(promotion: PromotionId, code: &str) -> [Wanted; 1] {
    [Wanted { coupon: Some(code.into()), ..wanted(promotion, 100) }]
}

#[test]
fn generated_codes_are_good_and_all_different() {
    let mut shop = Shop::new();
    let (promotion, batch) = batch(&mut shop, |_| {});
    // Not random, and all different.
    let random: Vec<u8> =
        (1..=200_u64).flat_map(|seed| seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes()).collect();
    let added = shop.write(now(), |tx, moment| coupon::generate(tx, batch, &random, moment)).expect("codes");
    let codes = store::coupons::list(&shop.sql, batch, 0, 1_000).expect("codes");
    assert_eq!(codes.len() as i64, added);
    assert_eq!(added, 200);
    assert!(codes.iter().all(|coupon| is_ours(&coupon.code)));
    assert_eq!(check(&shop, &codes[0].code.to_lowercase(), None), Ok(promotion));
    let again = shop.write(now(), |tx, moment| coupon::generate(tx, batch, &random, moment));
    assert_eq!(again, Ok(0), "codes that exist are left as they are");
    assert_eq!(import(&mut shop, batch, &["LATTE"]), Err(NotMade::OtherKind("imported")));
}

#[test]
fn a_code_is_used_as_often_as_it_may_be() {
    let mut shop = Shop::new();
    let (promotion, batch) = batch(&mut shop, |new| {
        new.kind = Kind::Imported;
        new.uses_per_code = Some(2);
    });
    assert_eq!(import(&mut shop, batch, &["latte-2026", "LATTE 2026", "mocha"]), Ok(2));
    assert_eq!(import(&mut shop, batch, &["espresso", "?"]), Err(NotMade::BadCode { index: 1 }));
    for owner in ["ord_1", "ord_1", "ord_2"] {
        assert_eq!(shop.reserve(owner, None, &with(promotion, "LATTE2026")), Ok(()), "{owner}");
    }
    assert_eq!(check(&shop, "latte2026", None), Err(Unusable::Used));
    let third = shop.reserve("ord_3", None, &with(promotion, "LATTE2026"));
    assert_eq!(third, Err(Refused::Coupon(Unusable::Used)));
    shop.release("ord_1").expect("released");
    assert_eq!(check(&shop, "latte2026", None), Ok(promotion));
    assert_eq!(shop.reserve("ord_3", None, &with(promotion, "LATTE2026")), Ok(()));
    let wrong = shop.live(json!({ "condition": { "kind": "coupon" } }));
    let refused = shop.reserve("ord_4", None, &with(wrong, "MOCHA"));
    assert_eq!(refused, Err(Refused::Coupon(Unusable::OtherPromotion)));
    assert_eq!(shop.count("select sum(uses) from coupons"), 2);
}

#[test]
fn a_guest_uses_a_batch_as_often_as_they_may() {
    let mut shop = Shop::new();
    let (promotion, batch) = batch(&mut shop, |new| {
        new.kind = Kind::Imported;
        new.uses_per_code = None;
        new.uses_per_guest = Some(1);
    });
    import(&mut shop, batch, &["ONEONE", "TWOTWO"]).expect("codes");
    assert_eq!(check(&shop, "oneone", None), Err(Unusable::NeedsGuest));
    assert_eq!(shop.reserve("ord_1", Some(GUEST), &with(promotion, "ONEONE")), Ok(()));
    assert_eq!(check(&shop, "twotwo", Some(GUEST)), Err(Unusable::UsedByGuest));
    let second = shop.reserve("ord_2", Some(GUEST), &with(promotion, "TWOTWO"));
    assert_eq!(second, Err(Refused::Coupon(Unusable::UsedByGuest)));
    assert_eq!(shop.reserve("ord_3", Some(OTHER), &with(promotion, "ONEONE")), Ok(()));
    shop.release("ord_1").expect("released");
    assert_eq!(check(&shop, "twotwo", Some(GUEST)), Ok(promotion));
}

#[test]
fn codes_hold_between_their_times_and_can_be_withdrawn() {
    let mut shop = Shop::new();
    let (_, early) = batch(&mut shop, |new| {
        new.kind = Kind::Imported;
        new.valid_from = Some(at("2027-01-01T00:00:00Z"));
    });
    let (_, late) = batch(&mut shop, |new| {
        new.kind = Kind::Imported;
        new.valid_from = Some(at("2025-01-01T00:00:00Z"));
        new.valid_until = Some(now());
    });
    let (promotion, held) = batch(&mut shop, |new| new.kind = Kind::Imported);
    for (batch, code) in [(early, "EARLY"), (late, "LATE"), (held, "HELD")] {
        import(&mut shop, batch, &[code]).expect("a code");
    }
    assert_eq!(check(&shop, "early", None), Err(Unusable::NotYet));
    assert_eq!(check(&shop, "late", None), Err(Unusable::Expired));
    assert_eq!(check(&shop, "nothing", None), Err(Unusable::Unknown));
    assert_eq!(check(&shop, "held", None), Ok(promotion));
    shop.write(now(), |tx, moment| coupon::block(tx, held, moment)).expect("blocked");
    assert_eq!(check(&shop, "held", None), Err(Unusable::Withdrawn));
}

/// One's own referral code is for friends, each of whom may use one such code.
#[test]
fn referral_codes_are_for_friends() {
    let mut shop = Shop::new();
    let promotion = shop.live(json!({ "condition": { "kind": "coupon" } }));
    let mut new = NewBatch {
        promotion,
        kind: Kind::Referral,
        label: "friends".into(),
        uses_per_code: None,
        uses_per_guest: None,
        valid_from: None,
        valid_until: None,
        reward: None,
    };
    let refused = shop.write(now(), |tx, moment| coupon::create_batch(tx, &new, None, moment));
    assert_eq!(refused, Err(NotMade::ReferralLimit));
    let own = |shop: &mut Shop, seed: u8| {
        shop.write(now(), |tx, moment| coupon::referral(tx, BRAND, GUEST, [seed; ENTROPY_LEN], moment))
    };
    assert_eq!(own(&mut shop, 1).map(|_| ()), Err(NotMade::NoReferral));
    new.uses_per_guest = Some(1);
    shop.write(now(), |tx, moment| coupon::create_batch(tx, &new, None, moment)).expect("a batch");
    let code = own(&mut shop, 1).expect("a code").0.code;
    assert_eq!(own(&mut shop, 2).expect("a code").0.code, code, "one for each guest");
    assert_eq!(check(&shop, &code, Some(GUEST)), Err(Unusable::OwnReferral));
    assert_eq!(check(&shop, &code, None), Err(Unusable::NeedsGuest));
    let own_order = shop.reserve("ord_0", Some(GUEST), &with(promotion, &code));
    assert_eq!(own_order, Err(Refused::Coupon(Unusable::OwnReferral)), "nor with an order");
    assert_eq!(shop.reserve("ord_1", Some(OTHER), &with(promotion, &code)), Ok(()));
    assert_eq!(check(&shop, &code, Some(OTHER)), Err(Unusable::UsedByGuest));
}
