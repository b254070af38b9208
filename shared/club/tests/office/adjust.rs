//! Corrections by hand: within the role's limit, never into debt.

use club::adjust::{self, Adjustment, Outcome, Refused};
use kernel::time::DAY_MS;
use kernel::{MemberId, Points, Timestamp};
use membership::staff_auth::Role;
use store::transaction::transaction;

use crate::fixture::{ADMINISTRATOR, Chain, points, start};

fn adjust(chain: &mut Chain, member: MemberId, amount: &str, role: Role) -> Result<Outcome, Refused> {
    adjust_at(chain, member, amount, role, start())
}

fn adjust_at(
    chain: &mut Chain,
    member: MemberId,
    amount: &str,
    role: Role,
    now: Timestamp,
) -> Result<Outcome, Refused> {
    let asked = Adjustment {
        member,
        points: points(amount),
        reason: "a till broke",
        expires_in_days: Some(30),
        by: ADMINISTRATOR,
        role,
    };
    let mut moment = club::Moment { now, ids: &mut chain.ids };
    transaction(&chain.sql, |tx| adjust::adjust(tx, &asked, &mut moment))
}

#[test]
fn gives_and_takes_within_the_limit() {
    let mut chain = Chain::new();
    let member = chain.member("m");
    let given = adjust(&mut chain, member, "1000.00", Role::Support).expect("given");
    assert_eq!(given.balance, (Points::ZERO, points("1000.00"), Points::ZERO));
    let above = adjust(&mut chain, member, "1000.01", Role::Support);
    assert!(matches!(above, Err(Refused::AboveLimit { .. })), "{above:?}");
    let below = adjust(&mut chain, member, "-1000.01", Role::Support);
    assert!(matches!(below, Err(Refused::AboveLimit { .. })), "{below:?}");
    assert!(matches!(adjust(&mut chain, member, "1.00", Role::Finance), Err(Refused::AboveLimit { .. })));
    adjust(&mut chain, member, "5000.00", Role::Administrator).expect("given");
    adjust(&mut chain, member, "-5999.99", Role::Administrator).expect("taken");
    let debt = adjust(&mut chain, member, "-0.02", Role::Administrator);
    assert!(matches!(debt, Err(Refused::Ledger(_))), "{debt:?}");
    assert_eq!(chain.balance(member).1, "0.01");
    assert!(matches!(adjust(&mut chain, member, "0.00", Role::Administrator), Err(Refused::Ledger(_))));
    let nobody = adjust(&mut chain, MemberId::from_raw(5), "1.00", Role::Administrator);
    assert_eq!(nobody.map(|_| ()), Err(Refused::UnknownMember));
    chain.assert_sound();
    let notes = chain.rows("select distinct note, count(*) from entries where kind = 'adjustment'");
    assert_eq!(notes, [r#"[Text("a till broke"), Integer(3)]"#]);
}

#[test]
fn nobody_corrects_their_own_balance() {
    let mut chain = Chain::new();
    let member = chain.member("m");
    let own = format!(
        "insert into staff_members (id, staff_id, member_id, linked_at, unlinked_at) values (1, {}, {}, 0, 1)",
        ADMINISTRATOR.raw(),
        member.raw()
    );
    chain.sql.connection().execute_batch(&own).expect("linked once");
    for amount in ["1.00", "-1.00"] {
        let refused = adjust(&mut chain, member, amount, Role::Administrator);
        assert_eq!(refused.map(|_| ()), Err(Refused::OwnAccount));
    }
    assert_eq!(chain.rows("select id from entries").len(), 0);
}

#[test]
fn a_day_has_a_limit_of_its_own_whatever_the_members() {
    let mut chain = Chain::new();
    let (one, other) = (chain.member("one"), chain.member("other"));
    for _ in 0..2 {
        adjust(&mut chain, one, "1000.00", Role::Support).expect("given");
        adjust(&mut chain, other, "1000.00", Role::Support).expect("given");
    }
    adjust(&mut chain, one, "-999.99", Role::Support).expect("taken counts as given does");
    let above = adjust(&mut chain, other, "0.02", Role::Support);
    assert_eq!(
        above.map(|_| ()),
        Err(Refused::AboveDayLimit { max: points("5000.00"), left: points("0.01") })
    );
    adjust(&mut chain, other, "0.01", Role::Support).expect("to the last hundredth");
    let almost = start().plus_millis(DAY_MS - 1);
    let early = adjust_at(&mut chain, one, "0.01", Role::Support, almost);
    assert!(matches!(early, Err(Refused::AboveDayLimit { .. })), "{early:?}");
    adjust_at(&mut chain, one, "1000.00", Role::Support, start().plus_millis(DAY_MS)).expect("a day later");
    chain.assert_sound();
}
