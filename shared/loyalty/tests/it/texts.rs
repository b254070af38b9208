//! Words in every language, and the stored form of reasons.

use kernel::Lang;
use kernel::{Currency, Rate};
use loyalty::problem::Fault;
use loyalty::reason::Reason;
use loyalty::redemption::Limit;

use crate::samples::{points, programme, rub};

fn reasons() -> Vec<Reason> {
    vec![
        Reason::TierRate { tier: "gold".into(), rate: Rate::from_millionths(50_000), base: rub("210") },
        Reason::ReceiptCap { wanted: points("10.50"), given: points("5") },
        Reason::TierAbsent { tier: "platinum".into(), instead: "gold".into() },
        Reason::DayCap { wanted: points("10.50"), given: points("5") },
        Reason::ReceiptsPerDay { limit: 3 },
        Reason::ExcludedCategory { category: "tea".into() },
        Reason::ExcludedProduct { product: "bag".into() },
        Reason::PromoLine {},
        Reason::PaidWithPoints { amount: rub("120") },
        Reason::ZeroAmount {},
        Reason::RoundedDown {},
    ]
}

#[test]
fn reasons_say_their_numbers_in_every_language() {
    let [rate, ..] = &reasons()[..] else { panic!("no reasons") };
    assert_eq!(
        Lang::ALL.map(|lang| rate.text(lang)),
        ["5% от 210.00 RUB", "210.00 RUB сомасынан 5%", "5% of 210.00 RUB"]
    );
    for reason in reasons() {
        let [ru, kk, en] = Lang::ALL.map(|lang| reason.text(lang));
        assert!(ru != kk && kk != en && ru != en, "{reason:?}");
        if let Reason::ReceiptCap { .. } | Reason::DayCap { .. } = reason {
            assert!([ru, kk, en].iter().all(|text| text.contains("10.50") && text.contains("5.00")));
        }
    }
}

#[test]
fn reasons_are_stored_by_code() {
    let stored = serde_json::to_string(&reasons()[..2]).expect("JSON");
    assert_eq!(
        stored,
        r#"[{"code":"tier_rate","tier":"gold","rate":"0.05","base":{"amount":"210.00","currency":"RUB"}},"#
            .to_owned()
            + r#"{"code":"receipt_cap","wanted":"10.50","given":"5.00"}]"#
    );
    for reason in reasons() {
        let text = serde_json::to_string(&reason).expect("JSON");
        assert_eq!(serde_json::from_str::<Reason>(&text).expect("a reason"), reason);
    }
    assert!(serde_json::from_str::<Reason>(r#"{"code":"promo_line","why":"so"}"#).is_err());
}

#[test]
fn limits_and_names_speak_every_language() {
    let limits = [
        Limit::Balance,
        Limit::Share { rate: Rate::from_millionths(500_000) },
        Limit::Eligible { amount: rub("300") },
        Limit::Minimum { min: points("10") },
    ];
    for limit in limits {
        let [ru, kk, en] = Lang::ALL.map(|lang| limit.text(lang));
        assert!(ru != kk && kk != en && ru != en, "{limit:?}");
    }
    assert_eq!(
        Lang::ALL.map(|lang| programme().tiers[0].name.text(lang).to_owned()),
        ["Серебро", "Күміс", "Silver"]
    );
    for lang in Lang::ALL {
        assert_eq!(Lang::from_code(lang.code()), Some(lang));
    }
}

#[test]
fn faults_speak_every_language() {
    let faults = [
        Fault::Empty,
        Fault::TooLong { max: 7 },
        Fault::PaymentsDiffer { due: rub("1"), paid: rub("2") },
        Fault::NotIncreasing { currency: Currency::Kzt },
        Fault::BusinessDateOff,
    ];
    for fault in faults {
        let [ru, kk, en] = Lang::ALL.map(|lang| fault.text(lang));
        assert!(ru != kk && kk != en && ru != en, "{fault:?}");
    }
    assert_eq!(
        Fault::PaymentsDiffer { due: rub("1"), paid: rub("2") }.text(Lang::Ru),
        "к оплате 1.00 RUB, оплачено 2.00 RUB"
    );
}
