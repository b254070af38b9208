//! Homes that people move: from a day on, with a reason, so often, and not their own.

use club::tiers::grants;
use club::tiers::moving::{self, Refused, SUPPORT_MOVES_PER_DAY_MAX, View, Wanted};
use kernel::{MemberId, Timestamp};
use membership::staff_auth::Role;
use serde_json::json;
use store::transaction::transaction;

use crate::fixture::{ADMINISTRATOR, Chain, at};

const REASON: &str = "Переехал, позвонил в поддержку";

impl Chain {
    fn moves(&mut self, member: MemberId, outlet: &str, role: Role, now: Timestamp) -> Result<View, Refused> {
        let wanted = Wanted { member, outlet, reason: REASON, by: ADMINISTRATOR, role };
        let mut moment = club::Moment { now, ids: &mut self.ids };
        transaction(&self.sql, |tx| moving::move_home(tx, &wanted, &mut moment))
    }

    fn run_sql(&self, statement: &str) {
        self.sql.connection().execute_batch(statement).expect("done");
    }
}

#[test]
fn a_move_by_hand_holds_from_its_day_on() {
    let mut chain = Chain::abroad(json!({}));
    let member = chain.resident();
    // November in Almaty: gold by tenge.
    chain.buys(member, 60_000, at("2026-11-22T10:00:00+05:00"));
    let moved = chain.moves(member, "201", Role::Support, at("2026-11-25T01:30:00+05:00")).expect("moved");
    assert_eq!(moved.home, Some(("201".to_owned(), "Europe/Moscow".to_owned())));
    let one = &moved.moves[0];
    assert_eq!(
        (one.before.as_str(), one.after.as_str(), one.on.to_string().as_str()),
        ("101", "201", "2026-11-25")
    );
    assert_eq!((one.by, one.reason.as_deref()), (Some(ADMINISTRATOR), Some(REASON)));
    assert_eq!(chain.tick("2026-11-25T02:00:00+05:00").changed, 0, "a move alone changes no tier");
    // November has days of both homes: the tenge of before are enough, at the midnight of the new one.
    chain.tick("2026-12-01T00:00:00+05:00");
    assert_eq!(chain.tier(member), "bronze");
    chain.tick("2026-12-01T00:00:00+03:00");
    assert_eq!(chain.tier(member), "gold");
    // December is Moscow's alone.
    chain.buys(member, 60_000, at("2026-12-05T10:00:00+05:00"));
    chain.tick("2027-01-01T00:00:00+03:00");
    chain.tick("2027-02-01T00:00:00+03:00");
    assert_eq!(chain.tier(member), "bronze", "tenge count nothing there");
}

/// Gold for November at Almaty's midnight; for two hours it is still November in Moscow.
#[test]
fn a_boundary_that_is_over_at_home_is_not_taken_back_in_the_west() {
    let mut chain = Chain::abroad(json!({}));
    let member = chain.resident();
    chain.buys(member, 60_000, at("2026-11-22T10:00:00+05:00"));
    chain.tick("2026-12-01T00:00:00+05:00");
    assert_eq!(chain.tier(member), "gold");
    let until = at("2026-12-01T00:00:00+03:00");
    for now in ["2026-12-01T00:00:00+05:00", "2026-12-01T01:00:00+05:00", "2026-12-01T01:59:59+05:00"] {
        assert_eq!(chain.moves(member, "201", Role::Support, at(now)), Err(Refused::BetweenMonths { until }));
        chain.tick("2026-12-01T01:59:59+05:00");
        assert_eq!((chain.home(member).as_str(), chain.tier(member).as_str()), ("101", "gold"), "{now}");
    }
    chain.moves(member, "201", Role::Support, until).expect("both have the new month");
    assert_eq!(chain.tick("2026-12-01T00:00:00+03:00").changed, 0);
    assert_eq!((chain.tier(member).as_str(), chain.changes(member).len()), ("gold", 1));
}

/// At home in Moscow, where the last two hours of November are December in Almaty.
#[test]
fn a_boundary_is_not_judged_ahead_of_the_purchases_that_count_for_it() {
    let mut chain = Chain::abroad(json!({}));
    let member = chain.resident();
    chain.run_sql("update members set home_outlet_id = (select id from outlets where code = '201')");
    chain.sells_abroad("a", 9_000, at("2026-11-22T10:00:00+03:00"));
    chain.tick("2026-12-01T00:00:00+05:00");
    let until = at("2026-12-01T00:00:00+03:00");
    let early = chain.moves(member, "101", Role::Support, at("2026-11-30T22:30:00+03:00"));
    assert_eq!(early, Err(Refused::BetweenMonths { until }));
    chain.sells_abroad("b", 1_500, at("2026-11-30T23:00:00+03:00"));
    chain.tick("2026-11-30T23:59:00+03:00");
    assert_eq!(chain.tier(member), "bronze", "not before its midnight");
    // Both have the new month. The boundary is its own of before, though no job has come by.
    chain.moves(member, "101", Role::Support, until).expect("moved");
    chain.tick("2026-12-01T00:00:30+03:00");
    assert_eq!(
        (chain.tier(member).as_str(), chain.changes(member).len()),
        ("gold", 1),
        "with the last evening"
    );
    assert_eq!(chain.tick("2026-12-01T00:01:30+03:00").changed, 0);
}

#[test]
fn grace_that_is_over_at_home_does_not_begin_again_in_the_west() {
    let mut chain = Chain::abroad(json!({ "grace_days": 10 }));
    let member = chain.resident();
    chain.buys(member, 60_000, at("2026-11-22T10:00:00+05:00"));
    chain.tick("2026-12-01T00:00:00+05:00");
    chain.tick("2027-01-01T00:00:00+05:00");
    chain.tick("2027-01-11T00:00:00+05:00");
    assert_eq!(chain.tier(member), "bronze", "eleven days into January");
    chain.moves(member, "201", Role::Support, at("2027-01-11T01:00:00+05:00")).expect("within a month");
    assert_eq!(chain.tick("2027-01-11T01:01:00+05:00").changed, 0);
    assert_eq!(chain.tier(member), "bronze");
}

#[test]
fn past_windows_stay_as_they_were_judged() {
    let mut chain = Chain::abroad(json!({}));
    let member = chain.resident();
    chain.buys(member, 60_000, at("2026-11-22T10:00:00+05:00"));
    chain.tick("2026-12-01T00:00:00+05:00");
    assert_eq!(chain.tier(member), "gold");
    let judged = "select id || on_date || tier_after || floor from tier_judgements order by id";
    let before = chain.rows(judged);
    chain.moves(member, "201", Role::Support, at("2026-12-10T10:00:00+05:00")).expect("moved");
    chain.tick("2026-12-10T10:01:00+05:00");
    chain.buys(member, 100, at("2026-11-30T10:00:00+05:00"));
    chain.tick("2026-12-11T10:00:00+05:00");
    assert_eq!(chain.tier(member), "gold", "November is judged at the home of then, also late");
    assert_eq!(chain.rows(judged), before);
}

#[test]
fn the_same_again_writes_nothing_and_the_same_member_is_left_alone() {
    let mut chain = Chain::abroad(json!({}));
    let member = chain.resident();
    let day = |day: u8| at(&format!("2026-12-{day:02}T10:00:00+05:00"));
    let first = chain.moves(member, "201", Role::Support, day(1)).expect("moved");
    assert_eq!(chain.moves(member, "201", Role::Support, day(2)).expect("there already"), first);
    assert_eq!(chain.rows("select id from member_homes").len(), 1);
    for role in [Role::Support, Role::Administrator] {
        assert_eq!(chain.moves(member, "101", role, day(30)), Err(Refused::MovedLately));
    }
    chain.moves(member, "101", Role::Support, day(31)).expect("thirty days are over");
}

#[test]
fn what_was_bought_before_says_nothing_against_a_move() {
    let mut chain = Chain::abroad(json!({}));
    let member = chain.resident();
    let day = |day: u8| at(&format!("2026-12-{day:02}T10:00:00+05:00"));
    for number in 1..=6 {
        chain.sells_abroad(&format!("a{number}"), 100, day(number));
    }
    assert_eq!(chain.home(member), "201", "it followed");
    chain.moves(member, "101", Role::Support, day(7)).expect("moved back");
    for number in 8..=11 {
        chain.sells_abroad(&format!("b{number}"), 100, day(number));
        assert_eq!(chain.home(member), "101", "on day {number}");
    }
    chain.sells_abroad("b12", 100, day(12));
    assert_eq!(chain.home(member), "201", "five since");
}

#[test]
fn moves_are_refused_without_a_trace() {
    let mut chain = Chain::abroad(json!({}));
    let (member, newcomer) = (chain.resident(), chain.regular("newcomer"));
    let now = at("2026-12-01T10:00:00+05:00");
    chain.run_sql(&format!("update members set home_outlet_id = null where id = {}", newcomer.raw()));
    let moves = |chain: &mut Chain, member, outlet| chain.moves(member, outlet, Role::Support, now);
    assert_eq!(moves(&mut chain, MemberId::from_raw(1), "201"), Err(Refused::UnknownMember));
    assert_eq!(moves(&mut chain, member, "999"), Err(Refused::UnknownOutlet));
    assert_eq!(moves(&mut chain, newcomer, "201"), Err(Refused::NoHome));
    assert_eq!(chain.moves(member, "201", Role::Franchisee, now), Err(Refused::AboveDayLimit { max: 0 }));
    chain.run_sql("update outlets set status = 'closed' where code = '201'");
    assert_eq!(moves(&mut chain, member, "201"), Err(Refused::UnknownOutlet), "nobody is at home there");
    chain.run_sql("update outlets set status = 'open' where code = '201'");
    // One's own account, also when the link has ended.
    let own = format!(
        "insert into staff_members (id, staff_id, member_id, linked_at, unlinked_at) values (1, {}, {}, 0, 1)",
        ADMINISTRATOR.raw(),
        member.raw()
    );
    chain.run_sql(&own);
    assert_eq!(moves(&mut chain, member, "201"), Err(Refused::OwnAccount));
    chain.run_sql("delete from staff_members");
    assert_eq!(chain.rows("select id from member_homes").len(), 0);
    chain.moves(member, "201", Role::Support, now).expect("moved");
    let moved = "insert into member_homes (id, member_id, outlet_before, outlet_after, moved_on, moved_at, moved_by, reason) \
                 select id + ?1, member_id, outlet_before, outlet_after, moved_on, moved_at, moved_by, reason from member_homes limit 1";
    for number in 1..SUPPORT_MOVES_PER_DAY_MAX {
        chain.sql.connection().execute(moved, [number]).expect("another");
    }
    let other = chain.regular("other");
    chain.run_sql(&format!(
        "update members set home_outlet_id = (select id from outlets where code = '101') where id = {}",
        other.raw()
    ));
    let over = Err(Refused::AboveDayLimit { max: SUPPORT_MOVES_PER_DAY_MAX });
    assert_eq!(moves(&mut chain, other, "201"), over);
    let later = at("2026-12-02T10:00:01+05:00");
    chain.moves(other, "201", Role::Support, later).expect("the next day");
}

#[test]
fn nobody_grants_a_tier_to_their_own_account() {
    let mut chain = Chain::abroad(json!({}));
    let member = chain.resident();
    let now = at("2026-12-01T10:00:00+05:00");
    let until = at("2026-12-20T10:00:00+05:00");
    let link = format!(
        "insert into staff_members (id, staff_id, member_id, linked_at, unlinked_at) values (1, {}, {}, 0, 1)",
        ADMINISTRATOR.raw(),
        member.raw()
    );
    chain.run_sql(&link);
    let refused = chain.grants((member, "gold"), (now, until), Role::Support, now);
    assert_eq!(refused, Err(grants::Refused::OwnAccount), "also where the link has ended");
    chain.run_sql("delete from staff_members");
    chain.grants((member, "gold"), (now, until), Role::Support, now).expect("a stranger's");
}

#[test]
fn a_reason_is_forgotten_with_its_member() {
    let mut chain = Chain::abroad(json!({}));
    let member = chain.resident();
    chain.moves(member, "201", Role::Support, at("2026-12-01T10:00:00+05:00")).expect("moved");
    let rewritten = chain.sql.connection().execute("update member_homes set reason = 'x'", []);
    assert!(rewritten.is_err(), "append-only");
    chain.run_sql(&format!("update members set status = 'erased' where id = {}", member.raw()));
    let moves = moving::read(&chain.sql, member).expect("read").moves;
    assert_eq!((moves.len(), moves[0].reason.as_deref()), (1, None), "the move stays, its words do not");
}
