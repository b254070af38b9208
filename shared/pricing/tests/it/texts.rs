//! Every reason has words in every language, and none shows through from another.

use kernel::{Currency, Lang, Money, PromotionId};
use notation::Names;
use pricing::condition::Selector;
use pricing::limit::Scope;
use pricing::priced::{Missing, NearMiss};
use pricing::verdict::{Failure, Holds, Outcome, Verdict};

fn failures() -> Vec<Failure> {
    let money = |minor| Money::new(minor, Currency::Rub);
    let codes = || vec!["a".to_owned(), "b".to_owned()];
    vec![
        Failure::NotNow,
        Failure::Amount { needed: money(100), have: money(50) },
        Failure::Currency,
        Failure::TooFewPieces { needed: 2, have: 1 },
        Failure::TooManyPieces { most: 2, have: 3 },
        Failure::NotSignedIn,
        Failure::Tier { any_of: codes(), have: "c".into() },
        Failure::Segment { any_of: codes() },
        Failure::Tag { any_of: codes() },
        Failure::Birthday,
        Failure::NotFirstPurchase,
        Failure::TooFewVisits { needed: 2, have: 1 },
        Failure::TooManyVisits { most: 2, have: 3 },
        Failure::VisitsToGo { left: 3 },
        Failure::Outlet,
        Failure::City { any_of: codes(), have: "c".into() },
        Failure::Franchisee,
        Failure::Country { any_of: codes(), have: "c".into() },
        Failure::Channel { any_of: codes(), have: "c".into() },
        Failure::TimeOfDay { from: "10:00".into(), until: "12:00".into() },
        Failure::Weekday { any_of: vec![1, 7] },
        Failure::Days { from: Some("2026-11-21".into()), through: None },
        Failure::Days { from: None, through: Some("2026-11-21".into()) },
        Failure::NoCoupon,
        Failure::Payment { any_of: codes() },
        Failure::NoneOf(vec![Failure::NoCoupon, Failure::Birthday]),
        Failure::Unless(Box::new(Holds("coupon"))),
        Failure::NoGoods,
        Failure::IncompleteSet { missing: 2 },
        Failure::NothingLeft,
        Failure::BudgetSpent { scope: Scope::Promotion },
        Failure::BudgetSpent { scope: Scope::Outlet },
        Failure::BudgetSpent { scope: Scope::Guest },
        Failure::Holdout,
        Failure::Outdone { by: vec![PromotionId::from_raw(1)] },
    ]
}

#[test]
fn every_failure_has_words_in_every_language() {
    let cyrillic = |text: &str| text.chars().any(|letter| ('а'..='ӹ').contains(&letter));
    let mut seen: Vec<String> = Vec::new();
    for failure in failures() {
        let [ru, kk, en] = Lang::ALL.map(|lang| failure.text(lang));
        assert!(cyrillic(&ru) && cyrillic(&kk) && !cyrillic(&en), "{ru} | {kk} | {en}");
        assert!(ru != kk && !seen.contains(&en), "{en}");
        seen.push(en);
    }
    assert_eq!(failures().iter().filter(|failure| !failure.is_for_guests()).count(), 1);
}

#[test]
fn verdicts_and_hints_read_well() {
    let title =
        Names {
            ru: "Второй капучино".into(), kk: "Екінші капучино".into(), en: "Second cappuccino".into()
        };
    let verdict = Verdict {
        promotion: PromotionId::from_raw(1),
        version: 1,
        title: title.clone(),
        outcome: Outcome::Failed(Failure::TimeOfDay { from: "08:00".into(), until: "10:00".into() }),
    };
    assert_eq!(verdict.text(Lang::Ru), "«Второй капучино»: действует с 08:00 до 10:00");
    assert_eq!(verdict.text(Lang::En), "“Second cappuccino”: runs from 08:00 to 10:00");
    let miss = NearMiss {
        promotion: PromotionId::from_raw(1),
        version: 1,
        title,
        missing: Missing::Amount { minor: 1_800, of: Selector::default() },
    };
    assert_eq!(miss.text(Lang::En, Currency::Rub), "18.00 RUB more and “Second cappuccino” applies");
    assert_eq!(miss.text(Lang::Ru, Currency::Rub), "ещё 18.00 RUB — и сработает «Второй капучино»");
}
