//! A hold ends once (L5), and only for its own member.

use kernel::{HoldId, IdSource, LotId, MemberId, Timestamp};
use ledger::error::{Refusal, Violation};
use ledger::grant::{Grant, accrue};
use ledger::model::{Hold, HoldState, LotSource, Wallet};
use ledger::spend::{capture, hold, release};

use crate::audit::{empty_wallet, occasion};
use crate::table::{day, points};

fn wallet_with_hold(ids: &mut IdSource) -> (Wallet, Hold) {
    let mut wallet = empty_wallet();
    let grant = |expires_at: Option<Timestamp>| Grant {
        points: points(10),
        source: LotSource::Receipt,
        activates_at: None,
        expires_at,
    };
    accrue(&mut wallet, grant(None), occasion("a", None, day(1)), ids).expect("an accrual");
    accrue(&mut wallet, grant(Some(day(9))), occasion("b", None, day(1)), ids).expect("an accrual");
    let id = HoldId::from_raw(7);
    let (_, held) = hold(&mut wallet, points(15), id, occasion("h", None, day(1)), ids).expect("a hold");
    (wallet, held)
}

#[test]
fn l5_a_closed_hold_stays_closed() {
    for end in [HoldState::Captured, HoldState::Released, HoldState::Lapsed] {
        let closed = HoldState::Open.close(end).expect("an open hold closes");
        assert_eq!(closed, end);
        for again in HoldState::ALL {
            assert_eq!(closed.close(again), Err(Refusal::HoldClosed { state: end }));
        }
    }
    assert_eq!(HoldState::Open.close(HoldState::Open), Err(Refusal::HoldClosed { state: HoldState::Open }));
    for state in HoldState::ALL {
        assert_eq!(HoldState::from_code(state.code()), Some(state));
    }
}

#[test]
fn a_capture_says_what_it_spent_and_when_that_would_have_expired() {
    let mut ids = IdSource::new(1);
    let (mut wallet, held) = wallet_with_hold(&mut ids);
    let done =
        capture(&mut wallet, held, points(12), occasion("c", None, day(2)), &mut ids).expect("a capture");
    let spent: Vec<_> = done.spent.iter().map(|part| (part.points, part.expires_at)).collect();
    assert_eq!(spent, [(points(10), Some(day(9))), (points(2), None)]);
    let (entry, rest) = (done.entry.expect("captured"), done.release.expect("a rest"));
    assert_eq!(entry.occasion.event, rest.occasion.event, "one event, two kinds");
    assert_eq!(wallet.available, points(8));
}

#[test]
fn a_hold_is_good_for_its_own_wallet_only() {
    let mut ids = IdSource::new(1);
    let (mut wallet, held) = wallet_with_hold(&mut ids);
    let before = wallet.clone();
    let foreign = Hold { member: MemberId::from_raw(2), ..held.clone() };
    let refused = capture(&mut wallet, foreign.clone(), points(1), occasion("c", None, day(2)), &mut ids);
    assert_eq!(refused, Err(Refusal::ForeignHold));
    let refused = release(&mut wallet, foreign, occasion("c", None, day(2)), &mut ids);
    assert_eq!(refused, Err(Refusal::ForeignHold));
    assert_eq!(wallet, before);
}

#[test]
fn a_hold_that_the_lots_do_not_bear_out_is_an_inconsistency() {
    let mut ids = IdSource::new(1);
    let (mut wallet, held) = wallet_with_hold(&mut ids);
    let unknown = LotId::from_raw(99);
    let rows = [
        (
            Hold { lots: vec![(unknown, held.amount)], ..held.clone() },
            Violation::HoldDiffers { lot: unknown },
        ),
        (
            Hold { lots: vec![(held.lots[0].0, held.amount)], ..held.clone() },
            Violation::HoldDiffers { lot: held.lots[0].0 },
        ),
        (
            Hold { lots: held.lots[..1].to_vec(), ..held.clone() },
            Violation::HoldSum { amount: points(15), lots: points(10) },
        ),
    ];
    for (broken, violation) in rows {
        let before = wallet.clone();
        let refused = release(&mut wallet, broken, occasion("r", None, day(2)), &mut ids);
        assert_eq!(refused, Err(Refusal::Inconsistent(violation)));
        assert_eq!(wallet, before);
    }
    let short = Hold { lots: held.lots[..1].to_vec(), ..held.clone() };
    let refused = capture(&mut wallet, short, points(12), occasion("c", None, day(2)), &mut ids);
    let violation = Violation::HoldSum { amount: points(15), lots: points(10) };
    assert_eq!(refused.map(|_| ()), Err(Refusal::Inconsistent(violation)));
    // Released twice: the second finds nothing held.
    release(&mut wallet, held.clone(), occasion("r", None, day(2)), &mut ids).expect("a release");
    let first = held.lots[0].0;
    let refused = release(&mut wallet, held, occasion("s", None, day(2)), &mut ids);
    assert_eq!(refused, Err(Refusal::Inconsistent(Violation::HoldDiffers { lot: first })));
}
