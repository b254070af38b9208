//! Versions, states, and the set that holds.

use kernel::Timestamp;
use serde_json::json;
use shop::promotion::administration::{self as office, Refused, Shown};
use shop::promotion::{Kept, snapshot};

use crate::fixture::{BRAND, Shop, at, now, rules};

#[test]
fn a_promotion_lives_from_draft_to_end() {
    let mut shop = Shop::new();
    let made = shop.write(now(), |tx, moment| office::create(tx, &rules(json!({})), "first", None, moment));
    let (stored, version) = made.expect("a draft");
    let id = stored.id;
    assert_eq!((Shown::of(&stored, now()), version.version), (Shown::Draft, 1));
    let (start, end) = (at("2026-11-22T00:00:00Z"), at("2026-11-23T00:00:00Z"));
    let past = shop
        .write(now(), |tx, moment| office::schedule(tx, id, Some(at("2026-11-20T00:00:00Z")), None, moment));
    assert_eq!(past, Err(Refused::InPast));
    let odd = shop.write(now(), |tx, moment| office::schedule(tx, id, Some(end), Some(start), moment));
    assert_eq!(odd, Err(Refused::EndsBeforeStart));
    let stored = shop
        .write(now(), |tx, moment| office::schedule(tx, id, Some(start), Some(end), moment))
        .expect("scheduled");
    assert_eq!(Shown::of(&stored, now()), Shown::Scheduled);
    assert_eq!(Shown::of(&stored, start), Shown::Active);
    assert_eq!(Shown::of(&stored, end), Shown::Ended);
    let paused = shop.write(start, |tx, moment| office::pause(tx, id, moment)).expect("paused");
    assert_eq!(Shown::of(&paused, start), Shown::Paused);
    let resumed = shop.write(start, |tx, moment| office::resume(tx, id, moment)).expect("resumed");
    assert_eq!(Shown::of(&resumed, start), Shown::Active);
    let revised = shop.write(start, |tx, moment| {
        office::revise(tx, id, &rules(json!({ "priority": 5 })), "up", None, moment)
    });
    assert_eq!(revised.expect("a version").0.version, 2);
    let ended = shop.write(start, |tx, moment| office::end(tx, id, moment)).expect("ended");
    assert_eq!(Shown::of(&ended, start), Shown::Ended);
    let late = shop.write(start, |tx, moment| office::resume(tx, id, moment));
    assert_eq!(late, Err(Refused::State { state: Shown::Ended, asked: "resumed" }));
}

#[test]
fn versions_are_immutable_in_the_database_itself() {
    let mut shop = Shop::new();
    shop.live(json!({}));
    for statement in ["update promotion_versions set rules = '{}'", "delete from promotion_versions"] {
        let refused = shop.sql.connection().execute(statement, []).expect_err("a trigger");
        assert!(refused.to_string().contains("immutable"), "{refused}");
    }
}

#[test]
fn rules_that_make_no_sense_are_refused_with_places() {
    let mut shop = Shop::new();
    let bad = rules(json!({ "effects": [] }));
    let refused = shop.write(now(), |tx, moment| office::create(tx, &bad, "bad", None, moment));
    let Err(Refused::Rules(problems)) = refused else { panic!("{refused:?}") };
    assert_eq!(problems[0].pointer, "/effects");
    let elsewhere = rules(json!({ "brand": "tea" }));
    let refused = shop.write(now(), |tx, moment| office::create(tx, &elsewhere, "bad", None, moment));
    assert_eq!(refused.map(|_| ()), Err(Refused::UnknownBrand));
}

/// What is kept is used while nothing changes, and never after.
#[test]
fn the_kept_set_follows_every_change() {
    let mut shop = Shop::new();
    let kept = Kept::new();
    let names = |shop: &Shop, at: Timestamp| -> Vec<(i64, u32)> {
        let (_, index) = snapshot(&shop.sql, BRAND, at, &kept).expect("a set");
        index.live().iter().map(|live| (live.promotion.raw(), live.version)).collect()
    };
    assert_eq!(names(&shop, now()), []);
    let id = shop.live(json!({}));
    assert_eq!(names(&shop, now()), [(id.raw(), 1)]);
    let first = snapshot(&shop.sql, BRAND, now(), &kept).expect("a set").1;
    let again = snapshot(&shop.sql, BRAND, now(), &kept).expect("a set").1;
    assert!(std::sync::Arc::ptr_eq(&first, &again), "nothing changed, nothing was read anew");
    shop.write(now(), |tx, moment| office::revise(tx, id, &rules(json!({})), "again", None, moment))
        .expect("revised");
    assert_eq!(names(&shop, now()), [(id.raw(), 2)]);
    shop.write(now(), |tx, moment| office::pause(tx, id, moment)).expect("paused");
    assert_eq!(names(&shop, now()), []);
}
