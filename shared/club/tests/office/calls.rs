//! How many calls a receipt and a hold make within their turn to write. Everybody else waits for each of them.

use club::Moment;
use kernel::time::HOUR_MS;

use crate::fixture::{Chain, rules, start};
use crate::till::{Counting, authorise, guest, line, new_sale, outlet, record};

/// A chain whose rules ask everything: caps by the day, a welcome for the first receipt, static codes.
fn chain() -> Chain {
    let mut chain = Chain::new();
    let mut all = rules();
    all.redemption.static_code_may_spend = true;
    all.earning.caps.points_per_day = Some(crate::fixture::points("1000.00"));
    all.earning.caps.receipts_per_day = Some(20);
    all.earning.pending_delay = loyalty::programme::PendingDelay::None {};
    chain.publish(&all, Some(start().plus_millis(1)), start()).expect("a version");
    guest(&mut chain);
    chain
}

#[test]
fn a_receipt_makes_sixteen_calls_in_its_turn() {
    let mut chain = chain();
    let outlet = outlet(&chain);
    let now = start().plus_millis(HOUR_MS);
    for (number, lines) in [("first", 1), ("second", 2), ("third", 7)] {
        let lines = (1..=lines).map(|no| line(no, 1_000, 100_000, false)).collect();
        let sql = Counting::new(&chain.sql);
        let mut moment = Moment { now, ids: &mut chain.ids };
        record(&sql, &outlet, &new_sale(number, now, lines, None), &mut moment).expect("taken");
        let (before, within) = sql.calls();
        let rules = usize::from(number == "first");
        // The programme and the rules of fraud control in force.
        assert_eq!(before, 2 + rules, "{:#?}", sql.heard.borrow());
        // The first receipt makes its outlet the guest's home, and is a sign-up. Two are fraud control's: what was counted, read
        // and written. Three are staff goals': what the receipt meets, its day, its categories.
        assert_eq!(within, 16 + 2 * usize::from(number == "first"), "{:#?}", sql.heard.borrow());
    }
    let sql = Counting::new(&chain.sql);
    let mut moment = Moment { now, ids: &mut chain.ids };
    let again = new_sale("third", now, vec![line(1, 1_000, 100_000, false)], None);
    record(&sql, &outlet, &again, &mut moment).expect("known");
    assert_eq!(sql.calls().1, 3, "a repetition reads once: {:#?}", sql.heard.borrow());
    chain.assert_sound();
}

#[test]
fn paying_with_points_adds_three_calls_however_many_lots_pay() {
    let mut chain = chain();
    let outlet = outlet(&chain);
    let member = club_member(&chain);
    for _ in 0..6 {
        chain.grant(member, "10.00", None, Some(start().plus_millis(900 * HOUR_MS)));
    }
    let now = start().plus_millis(HOUR_MS);
    let sql = Counting::new(&chain.sql);
    let mut moment = Moment { now, ids: &mut chain.ids };
    let held = authorise(&sql, &outlet, "55", &mut moment).expect("held");
    assert_eq!(held.hold.hold.lots.len(), 6);
    assert_eq!(sql.calls().1, 13, "{:#?}", sql.heard.borrow());
    // A part of it, so that the rest comes back: three entries over six lots.
    let paid = Some((held.hold.hold.id, 3_500));
    let sale = new_sale("1", now, vec![line(1, 1_000, 100_000, false)], paid);
    let sql = Counting::new(&chain.sql);
    let mut moment = Moment { now, ids: &mut chain.ids };
    record(&sql, &outlet, &sale, &mut moment).expect("taken");
    // And once in a lifetime two more: the guest's home, and the sign-up.
    assert_eq!(sql.calls().1, 16 + 3 + 2, "{:#?}", sql.heard.borrow());
    chain.assert_sound();
}

#[test]
fn statements_of_many_rows_have_few_texts() {
    let mut chain = chain();
    let outlet = outlet(&chain);
    let now = start().plus_millis(HOUR_MS);
    let mut texts = std::collections::BTreeSet::new();
    for count in 1..=200 {
        let lines = (1..=count).map(|no| line(no, 1_000, 1_000, false)).collect();
        let sql = Counting::new(&chain.sql);
        let mut moment = Moment { now, ids: &mut chain.ids };
        record(&sql, &outlet, &new_sale(&count.to_string(), now, lines, None), &mut moment).expect("taken");
        let heard = sql.heard.borrow();
        texts.extend(heard.iter().filter(|text| text.starts_with("insert into receipt_lines")).cloned());
    }
    assert_eq!(texts.len(), 17, "one to fifteen rows, sixteen, sixty-four");
}

fn club_member(chain: &Chain) -> kernel::MemberId {
    kernel::MemberId::from_raw(chain.number("select id from members where external_code = 'guest'"))
}
