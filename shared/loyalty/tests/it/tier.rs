//! The way to the next tier by a calendar month's spend.

use kernel::{Currency, Money};
use loyalty::error::Refusal;
use loyalty::tier::progress;

use crate::samples::{programme, rub};

#[test]
fn progress_counts_down_to_the_next_tier() {
    let programme = programme();
    let rows = [
        ("silver", "0", Some(("gold", "5000", "5000"))),
        ("silver", "4999.99", Some(("gold", "5000", "0.01"))),
        ("silver", "7000", Some(("gold", "5000", "0"))),
        ("gold", "7000", Some(("platinum", "10000", "3000"))),
        ("platinum", "7000", None),
    ];
    for (current, spent, expected) in rows {
        let progress = progress(&programme, current, rub(spent)).expect("progress");
        let next = progress.next.map(|next| (next.tier.code.as_str(), next.threshold, next.left));
        let expected = expected.map(|(code, threshold, left)| (code, rub(threshold), rub(left)));
        assert_eq!(next, expected, "{current} after {spent}");
    }
    assert_eq!(progress(&programme, "bronze", rub("0")), Err(Refusal::UnknownTier));
    let currency = Currency::Usd;
    assert_eq!(
        progress(&programme, "silver", Money::zero(currency)),
        Err(Refusal::CurrencyNotInProgramme { currency })
    );
}
