//! The invariants under random sequences of operations, checked after each by an auditor.

use kernel::time::DAY_MS;
use kernel::{HoldId, IdSource, OutletId, Points, ReceiptId, Timestamp};
use ledger::age::{OpenHold, age};
use ledger::clawback::{Own, claw_back};
use ledger::error::Refusal;
use ledger::grant::{Grant, accrue, adjust_up, reinstate};
use ledger::model::{Account, ClawbackPolicy, Entry, Hold, LotSource, Wallet};
use ledger::spend::{adjust_down, capture, hold, release};
use proptest::prelude::*;

use crate::audit::{Audit, MEMBERS, empty_wallet, occasion};
use crate::table::day;

#[derive(Debug, Clone)]
enum Op {
    Wait { days: i64 },
    Accrue { points: i64, receipt: i64, delay: Option<i64>, ttl: Option<i64> },
    Open { points: i64, ttl: Option<i64> },
    Reinstate { parts: Vec<(i64, Option<i64>)> },
    Age,
    Hold { points: i64 },
    Capture { which: usize, share: i64 },
    Release { which: usize },
    Deduct { points: i64 },
    Claw { points: i64, receipt: i64, expired: i64, policy: ClawbackPolicy },
}

fn op() -> impl Strategy<Value = Op> {
    let days = || prop::option::of(0..12_i64);
    let policy = prop::sample::select(vec![
        ClawbackPolicy::OnlyPending,
        ClawbackPolicy::WithinBalance,
        ClawbackPolicy::Unlimited,
    ]);
    let amount = || prop_oneof![9 => 1..5_000_i64, 1 => -10..=0_i64, 1 => (i64::MAX - 9)..i64::MAX];
    let receipt = || 0..4_i64;
    prop_oneof![
        2 => (0..6_i64).prop_map(|days| Op::Wait { days }),
        4 => (amount(), receipt(), days(), days())
            .prop_map(|(points, receipt, delay, ttl)| Op::Accrue { points, receipt, delay, ttl }),
        1 => (amount(), days()).prop_map(|(points, ttl)| Op::Open { points, ttl }),
        1 => prop::collection::vec((amount(), days()), 0..4).prop_map(|parts| Op::Reinstate { parts }),
        2 => Just(Op::Age),
        4 => amount().prop_map(|points| Op::Hold { points }),
        2 => (0..4_usize, 0..=110_i64).prop_map(|(which, share)| Op::Capture { which, share }),
        2 => (0..4_usize).prop_map(|which| Op::Release { which }),
        1 => amount().prop_map(|points| Op::Deduct { points }),
        2 => (amount(), receipt(), 0..200_i64, policy)
            .prop_map(|(points, receipt, expired, policy)| Op::Claw { points, receipt, expired, policy }),
    ]
}

struct World {
    wallet: Wallet,
    audit: Audit,
    ids: IdSource,
    now: Timestamp,
    holds: Vec<Hold>,
    step: usize,
}

impl World {
    fn apply(&mut self, op: &Op) -> Result<Vec<Entry>, Refusal> {
        let points = Points::from_hundredths;
        let after = |days: Option<i64>| days.map(|days| self.now.plus_millis(days * DAY_MS));
        let at = |receipt| occasion(format!("step:{}", self.step), receipt, self.now);
        let (wallet, ids) = (&mut self.wallet, &mut self.ids);
        Ok(match op {
            Op::Wait { days } => {
                self.now = self.now.plus_millis(days * DAY_MS);
                Vec::new()
            }
            Op::Accrue { points: amount, receipt, delay, ttl } => {
                let (activates_at, expires_at) = (after(*delay), after(*ttl));
                let grant =
                    Grant { points: points(*amount), source: LotSource::Receipt, activates_at, expires_at };
                let receipt = Some(ReceiptId::from_raw(*receipt));
                accrue(wallet, grant, at(receipt), ids)?.into_iter().collect()
            }
            Op::Open { points: amount, ttl } => {
                let (source, expires_at) = (LotSource::Opening, after(*ttl));
                let grant = Grant { points: points(*amount), source, activates_at: None, expires_at };
                adjust_up(wallet, grant, at(None), ids)?.into_iter().collect()
            }
            Op::Reinstate { parts } => {
                let parts: Vec<_> = parts.iter().map(|&(amount, ttl)| (points(amount), after(ttl))).collect();
                reinstate(wallet, &parts, at(Some(ReceiptId::from_raw(1))), ids)?.into_iter().collect()
            }
            Op::Age => age(wallet, &[], self.now, ids)?.entries,
            Op::Hold { points: amount } => {
                let id = HoldId::from_raw(self.step as i64);
                let (entry, made) = hold(wallet, points(*amount), id, at(None), ids)?;
                self.holds.push(made);
                vec![entry]
            }
            Op::Capture { which, share } => {
                let Some(held) = self.holds.get(*which).cloned() else { return Ok(Vec::new()) };
                let amount = points(
                    (i128::from(held.amount.hundredths()) * i128::from(*share) / 100).min(i64::MAX.into())
                        as i64,
                );
                let done = capture(wallet, held, amount, at(None), ids)?;
                self.holds.remove(*which);
                done.entry.into_iter().chain(done.release).collect()
            }
            Op::Release { which } => {
                let Some(held) = self.holds.get(*which).cloned() else { return Ok(Vec::new()) };
                let entry = release(wallet, held, at(None), ids)?;
                self.holds.remove(*which);
                entry.into_iter().collect()
            }
            Op::Deduct { points: amount } => vec![adjust_down(wallet, points(*amount), at(None), ids)?],
            Op::Claw { points: amount, receipt, expired, policy } => {
                let (receipt, asked) = (ReceiptId::from_raw(*receipt), points(*amount));
                let done = claw_back(
                    wallet,
                    asked,
                    Own::Receipt(receipt),
                    points(*expired),
                    *policy,
                    at(Some(receipt)),
                    ids,
                )?;
                let kept = done.forgiven.checked_add(done.expired);
                assert_eq!(kept.and_then(|kept| kept.checked_add(done.collected)), Some(asked));
                assert!(done.expired <= points(*expired), "L7: more set off than had expired");
                done.entry.into_iter().collect()
            }
        })
    }

    /// What must hold of one step besides what the auditor checks.
    fn check_step(&self, op: &Op, before: &Wallet, refused: bool) {
        if refused {
            assert_eq!(&self.wallet, before, "a refusal changed the wallet");
        }
        let open: i128 = self.holds.iter().map(|hold| i128::from(hold.amount.hundredths())).sum();
        assert_eq!(i128::from(self.wallet.held.hundredths()), open, "L5: held is what open holds reserve");
        match op {
            Op::Hold { .. } if !refused => self.check_spend_order(before),
            Op::Age if !refused => {
                assert_eq!(self.wallet.held, before.held, "L6: held points expired");
                for (lot, before) in self.wallet.lots.iter().zip(&before.lots) {
                    let gone = lot.available.is_zero() && lot.pending.is_zero();
                    let waits = lot.activates_at.is_some_and(|at| at > self.now);
                    let due = before.activates_at.is_some() && !waits;
                    assert!(
                        if lot.is_past(self.now) { gone } else { due || lot == before },
                        "L6: {before:?} to {lot:?}"
                    );
                }
                assert!(
                    self.wallet.next_due(self.now).is_none_or(|due| due > self.now),
                    "something is left due"
                );
            }
            _ => {}
        }
        let debt_may_grow = matches!(op, Op::Claw { policy: ClawbackPolicy::Unlimited, .. });
        let floor = before.available.min(Points::ZERO);
        assert!(debt_may_grow || self.wallet.available >= floor, "L9: {op:?} made a debt");
    }

    /// L6: a hold leaves a lot untouched only if all it took expires no later, and takes nothing expired.
    fn check_spend_order(&self, before: &Wallet) {
        let key = |index: usize| {
            let lot = &self.wallet.lots[index];
            (lot.expires_at.unwrap_or(Timestamp::from_millis(i64::MAX)), lot.id)
        };
        let taken = |index: usize| before.lots[index].available > self.wallet.lots[index].available;
        let last = (0..before.lots.len()).filter(|&index| taken(index)).map(key).max().expect("a lot");
        for (index, lot) in self.wallet.lots.iter().enumerate() {
            assert!(!(taken(index) && lot.is_past(self.now)), "L6: spent after expiry");
            let passed_over = !lot.is_past(self.now) && lot.available.is_positive() && key(index) < last;
            assert!(!passed_over, "L6: passed over {lot:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    /// L1, L2, L4, L5, L6, L9 after every step of any sequence; at the end the programme's side mirrors the member's.
    #[test]
    fn invariants_survive_any_sequence(ops in prop::collection::vec(op(), 1..60)) {
        let mut world = World {
            wallet: empty_wallet(),
            audit: Audit::default(),
            ids: IdSource::new(1),
            now: day(1),
            holds: Vec::new(),
            step: 0,
        };
        for op in &ops {
            world.step += 1;
            let before = world.wallet.clone();
            let result = world.apply(op);
            if let Err(refusal) = &result {
                prop_assert!(!matches!(refusal, Refusal::Inconsistent(_)), "{refusal}");
            }
            world.check_step(op, &before, result.is_err());
            for entry in result.unwrap_or_default() {
                world.audit.post(&entry);
            }
            world.audit.check(&world.wallet);
        }
        let programme = [Account::Issued, Account::Redeemed, Account::Expired, Account::Adjusted];
        let of = |accounts: &[Account]| accounts.iter().map(|&account| world.audit.balance(account)).sum::<i128>();
        prop_assert_eq!(of(&programme), -of(&MEMBERS));
    }

    /// A hold that is given back leaves every lot as it was.
    #[test]
    fn hold_and_release_cancel_out(lots in prop::collection::vec((1..500_i64, prop::option::of(1..9_i64)), 1..8), share in 1..=100_i64) {
        let (mut wallet, mut ids) = (empty_wallet(), IdSource::new(1));
        for (index, (points, ttl)) in lots.into_iter().enumerate() {
            let expires_at = ttl.map(|days| day(1 + days));
            let grant = Grant { points: Points::from_hundredths(points), source: LotSource::Receipt, activates_at: None, expires_at };
            accrue(&mut wallet, grant, occasion(format!("a:{index}"), None, day(1)), &mut ids).expect("an accrual");
        }
        let before = wallet.clone();
        let asked = Points::from_hundredths((wallet.available.hundredths() * share / 100).max(1));
        let (_, held) = hold(&mut wallet, asked, HoldId::from_raw(1), occasion("h", None, day(1)), &mut ids).expect("a hold");
        prop_assert_ne!(&wallet, &before);
        release(&mut wallet, held, occasion("h", None, day(1)), &mut ids).expect("a release");
        prop_assert_eq!(wallet, before);
    }

    /// What a wallet is at a time does not depend on how often time was looked at before.
    #[test]
    fn ageing_in_steps_is_ageing_at_once(
        lots in prop::collection::vec((1..500_i64, prop::option::of(1..9_i64), prop::option::of(1..9_i64)), 1..8),
        holds in prop::collection::vec((1..300_i64, 1..9_i64), 0..4),
        debt in prop::option::of(1..900_i64),
    ) {
        let (mut wallet, mut ids, mut open) = (empty_wallet(), IdSource::new(1), Vec::new());
        for (index, (points, delay, ttl)) in lots.into_iter().enumerate() {
            let (activates_at, expires_at) = (delay.map(|days| day(1 + days)), ttl.map(|days| day(1 + days)));
            let grant = Grant { points: Points::from_hundredths(points), source: LotSource::Receipt, activates_at, expires_at };
            accrue(&mut wallet, grant, occasion(format!("a:{index}"), None, day(1)), &mut ids).expect("an accrual");
        }
        for (index, (points, days)) in holds.into_iter().enumerate() {
            let (id, asked) = (HoldId::from_raw(index as i64), Points::from_hundredths(points));
            let made = hold(&mut wallet, asked, id, occasion(format!("h:{index}"), None, day(1)), &mut ids);
            if let Ok((_, hold)) = made {
                open.push(OpenHold { hold, outlet: OutletId::from_raw(1), expires_at: day(1 + days) });
            }
        }
        if let Some(points) = debt {
            let (points, none) = (Points::from_hundredths(points), ReceiptId::from_raw(9));
            let policy = ClawbackPolicy::Unlimited;
            claw_back(&mut wallet, points, Own::Receipt(none), Points::ZERO, policy, occasion("c", None, day(1)), &mut ids)
                .expect("a clawback");
        }
        let (mut stepped, mut seen, mut ended) = (wallet.clone(), Vec::new(), Vec::new());
        for number in 1..11 {
            let left: Vec<OpenHold> = open.iter().filter(|hold| !ended.contains(&hold.hold.id)).cloned().collect();
            let aged = age(&mut stepped, &left, day(number), &mut ids).expect("ages");
            ended.extend(aged.lapsed.iter().map(|(id, _)| *id));
            seen.extend(aged.entries);
        }
        let aged = age(&mut wallet, &open, day(10), &mut ids).expect("ages");
        prop_assert_eq!(&wallet, &stepped);
        prop_assert_eq!(aged.lapsed.len(), open.len());
        let told = |entries: Vec<Entry>| entries.into_iter()
            .map(|entry| (entry.kind, entry.occasion.event, entry.occasion.effective_at, entry.postings, entry.moves))
            .collect::<Vec<_>>();
        prop_assert_eq!(told(aged.entries), told(seen));
    }
}
