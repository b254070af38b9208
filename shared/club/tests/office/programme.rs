//! Versions follow one another in time and never lose a tier that has members.

use club::programme_admin::{self, EARLY_MS, Refused};
use kernel::Rate;
use kernel::time::DAY_MS;

use crate::fixture::{BRAND, Chain, rules, start};

#[test]
fn versions_follow_one_another() {
    let mut chain = Chain::new();
    let tomorrow = start().plus_millis(DAY_MS);
    let past = start().plus_millis(-EARLY_MS - 1);
    assert_eq!(chain.publish(&rules(), Some(past), start()), Err(Refused::InPast));
    let same = chain.publish(&rules(), Some(start()), start());
    assert_eq!(same, Err(Refused::NotAfterNewest { newest: start() }));
    assert_eq!(chain.publish(&rules(), Some(tomorrow), start()), Ok(2));
    let between = chain.publish(&rules(), None, start().plus_millis(1));
    assert_eq!(between, Err(Refused::NotAfterNewest { newest: tomorrow }));
    assert_eq!(chain.publish(&rules(), Some(tomorrow.plus_millis(1)), start()), Ok(3));
    let in_force = |at| club::programme::in_force(&chain.sql, BRAND, at).expect("a version").version;
    assert_ne!(in_force(start()), in_force(tomorrow));
    for statement in ["update programme_versions set note = 'x'", "delete from programme_versions"] {
        assert!(chain.sql.connection().execute_batch(statement).is_err(), "{statement}");
    }
}

#[test]
fn rules_are_checked_before_they_are_published() {
    let mut chain = Chain::new();
    chain.member("m");
    let later = start().plus_millis(DAY_MS);
    let mut broken = rules();
    broken.tiers[1].earn_rate = Rate::parse("2").unwrap_or(broken.tiers[1].earn_rate);
    broken.zone = "Mars/Olympus".into();
    let Err(Refused::Rules(problems)) = chain.publish(&broken, Some(later), start()) else {
        panic!("refused")
    };
    assert!(problems.iter().any(|problem| problem.pointer == "/zone"), "{problems:?}");
    let mut other = rules();
    other.brand = "other".into();
    assert_eq!(chain.publish(&other, Some(later), start()), Err(Refused::OtherBrand));
    // The member has the entry tier; the other one can go.
    let mut without_gold = rules();
    without_gold.tiers.remove(1);
    assert_eq!(programme_admin::check(&chain.sql, BRAND, &without_gold), Ok(()));
    let mut renamed = rules();
    renamed.tiers[0].code = "iron".into();
    let refused = chain.publish(&renamed, Some(later), start());
    assert_eq!(refused, Err(Refused::TierInUse { tier: "bronze".into(), members: 1 }));
    assert_eq!(programme_admin::check(&chain.sql, "nowhere", &rules()), Err(Refused::UnknownBrand));
}
