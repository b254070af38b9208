//! The timer: whole, in pieces, interrupted, twice.

use club::Moment;
use club::lifecycle::{self, Bounds, Done, Outcome};
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use kernel::{IdSource, MemberId, Timestamp};
use store::Sql;
use store::port::{Rows, SqlError};
use store::{Value, jobs};

use crate::fixture::{Chain, start, timed};

const MEMBERS: usize = 40;

/// Members with everything that can fall due: pending, expiring, both at once, under a hold, in several lots.
fn populated() -> (Chain, Vec<MemberId>) {
    let mut chain = Chain::new();
    let later = |hours: i64| Some(start().plus_millis(hours * HOUR_MS));
    let members: Vec<MemberId> = (0..MEMBERS).map(|index| chain.member(&format!("m{index}"))).collect();
    for (index, &member) in members.iter().enumerate() {
        let index = index as i64;
        chain.grant(member, "10.00", later(1 + index % 5), later(100 + index % 3));
        chain.grant(member, "7.50", None, later(2 + index % 4));
        chain.grant(member, "5.00", None, None);
        chain.grant(member, "3.00", later(2), later(3));
        if index % 3 == 0 {
            // The earliest-expiring lot first: it runs out under the hold, and after it.
            chain.hold(member, "8.00", start().plus_millis((1 + index % 6) * HOUR_MS));
        }
    }
    (chain, members)
}

fn run(chain: &mut Chain, now: Timestamp, bounds: Bounds) -> Outcome {
    let mut moment = Moment { now, ids: &mut chain.ids };
    lifecycle::run_points(&chain.sql, &mut moment, bounds).expect("runs")
}

fn done(outcome: Outcome) -> Done {
    match outcome {
        Outcome::Ran(done) => done,
        other => panic!("{other:?}"),
    }
}

/// Everything but ids and times of recording.
fn state(chain: &Chain, members: &[MemberId]) -> Vec<String> {
    let mut state = chain.rows(
        "select m.external_code, b.pending, b.available, b.held from balances b join members m on m.id = b.member_id \
         order by m.external_code",
    );
    state.extend(chain.rows(
        "select m.external_code, l.granted, l.pending, l.available, l.held, l.activates_at, l.expires_at \
         from lots l join members m on m.id = l.member_id order by m.external_code, l.granted",
    ));
    state.extend(chain.rows(
        "select m.external_code, e.kind, p.account, p.amount from entries e join postings p on p.entry_id = e.id \
         join members m on m.id = e.member_id order by m.external_code, e.kind, p.account, p.amount",
    ));
    assert_eq!(members.len(), MEMBERS);
    state
}

#[test]
fn in_pieces_it_does_what_it_does_at_once() {
    let now = start().plus_millis(5 * DAY_MS);
    let (mut whole, members) = populated();
    let all = done(run(&mut whole, now, Bounds::STANDARD));
    assert_eq!((all.failed, all.more), (0, false));
    assert!(all.lapsed == 14 && all.activated == 2 * MEMBERS as i64, "{all:?}");
    whole.assert_sound();
    assert_eq!(whole.balance(members[0]), ("0.00".into(), "5.00".into(), "0.00".into()));

    let (mut pieces, members) = populated();
    let bounds = Bounds { members_per_transaction: 2, members_per_run: 6 };
    let mut runs = 0;
    while done(run(&mut pieces, now, bounds)).more {
        pieces.assert_sound();
        runs += 1;
    }
    assert!(runs > 5, "{runs} runs");
    assert_eq!(state(&pieces, &members), state(&whole, &members));

    assert_eq!(
        run(&mut whole, now, Bounds::STANDARD),
        Outcome::NotDue(None),
        "a second time there is nothing"
    );
}

#[test]
fn hour_by_hour_it_comes_to_the_same_as_after_a_long_absence() {
    // Neither what a member sees nor what the books say depends on when the timer ran.
    let books = |chain: &Chain, members: &[MemberId]| {
        let times = "select m.external_code, e.kind, e.effective_at from entries e join members m on m.id = e.member_id \
                     order by m.external_code, e.kind, e.effective_at";
        (state(chain, members), chain.rows(times))
    };
    let (mut steady, members) = populated();
    for hour in 1..=120 {
        run(&mut steady, start().plus_millis(hour * HOUR_MS), Bounds::STANDARD);
        steady.assert_sound();
    }
    let (mut late, others) = populated();
    run(&mut late, start().plus_millis(120 * HOUR_MS), Bounds::STANDARD);
    assert_eq!(books(&steady, &members), books(&late, &others));
}

/// Fails every statement after so many.
struct Failing<'a> {
    sql: &'a dyn Sql,
    left: std::cell::Cell<u32>,
}

impl Sql for Failing<'_> {
    fn execute(&self, statement: &str, parameters: &[Value]) -> Result<Rows, SqlError> {
        let left = self.left.get();
        if left == 0 && statement != "rollback" {
            return Err(SqlError::Unavailable("pulled the plug".to_owned()));
        }
        self.left.set(left.saturating_sub(1));
        self.sql.execute(statement, parameters)
    }
}

#[test]
fn interrupted_anywhere_it_is_finished_by_the_next_run() {
    let now = start().plus_millis(5 * DAY_MS);
    let (mut whole, members) = populated();
    done(run(&mut whole, now, Bounds::STANDARD));
    let (mut broken, others) = populated();
    let bounds = Bounds { members_per_transaction: 5, members_per_run: 1_000 };
    let mut ids = IdSource::new(99);
    let mut interruptions = 0;
    for statements in (11..).step_by(23) {
        let failing = Failing { sql: &broken.sql, left: std::cell::Cell::new(statements) };
        // A dead run's lease ends by time.
        let mut moment =
            Moment { now: now.plus_millis(i64::from(interruptions) * 10 * MINUTE_MS), ids: &mut ids };
        match lifecycle::run_points(&failing, &mut moment, bounds) {
            Ok(Outcome::Ran(_)) => break,
            Ok(Outcome::NotDue(_)) => break,
            Ok(Outcome::Busy) => panic!("the lease of a dead run has ended"),
            Err(_) => interruptions += 1,
        }
        broken.assert_sound();
    }
    assert!(interruptions > 5, "{interruptions}");
    run(&mut broken, now.plus_millis(DAY_MS), Bounds::STANDARD);
    assert_eq!(state(&broken, &others), state(&whole, &members));
}

#[test]
fn two_hosts_do_not_do_the_same_work() {
    let now = start().plus_millis(5 * DAY_MS);
    let (mut chain, _) = populated();
    assert!(jobs::take(&chain.sql, lifecycle::POINTS, 1, now, now.plus_millis(MINUTE_MS)).expect("taken"));
    assert_eq!(run(&mut chain, now, Bounds::STANDARD), Outcome::Busy);
    // And if they did, nothing would happen twice: the lease is over, its owner still at work.
    let later = now.plus_millis(2 * MINUTE_MS);
    assert_eq!(done(run(&mut chain, later, Bounds::STANDARD)).failed, 0);
    assert_eq!(run(&mut chain, later, Bounds::STANDARD), Outcome::NotDue(None));
    chain.assert_sound();
}

#[test]
fn many_runs_at_one_moment_do_not_meet_in_their_ids() {
    const MANY: usize = 2_500;
    let mut chain = Chain::new();
    let mut file = String::from("external_code\n");
    (0..MANY).for_each(|index| file.push_str(&format!("m{index}\n")));
    chain.import(club::import::Kind::Members, &file, false).expect("taken");
    let mut balances = String::from("external_code,points,expires_on\n");
    (0..MANY).for_each(|index| balances.push_str(&format!("m{index},1,2026-11-22\n")));
    chain.import(club::import::Kind::Balances, &balances, false).expect("taken");
    let now = start().plus_millis(5 * DAY_MS);
    let mut expired = 0;
    for seed in 0.. {
        // As in components: every run has a source of its own.
        let mut ids = IdSource::new(seed);
        let mut moment = Moment { now, ids: &mut ids };
        let bounds = Bounds { members_per_transaction: 64, members_per_run: 500 };
        let Outcome::Ran(all) = lifecycle::run_points(&chain.sql, &mut moment, bounds).expect("runs") else {
            break;
        };
        assert_eq!(all.failed, 0, "{all:?}");
        expired += all.expired;
    }
    assert_eq!(expired, MANY as i64);
    chain.assert_sound();
}

#[test]
fn what_is_due_stands_in_the_data() {
    let mut chain = Chain::new();
    let member = chain.member("m");
    assert_eq!(lifecycle::due_at(&chain.sql, lifecycle::POINTS), Ok(None));
    let (soon, later) = (start().plus_millis(HOUR_MS), start().plus_millis(DAY_MS));
    chain.grant(member, "10.00", None, Some(later));
    assert_eq!(lifecycle::due_at(&chain.sql, lifecycle::POINTS), Ok(Some(later)));
    chain.grant(member, "1.00", Some(soon), None);
    assert_eq!(lifecycle::due_at(&chain.sql, lifecycle::POINTS), Ok(Some(soon)));
    let minute = start().plus_millis(MINUTE_MS);
    chain.hold(member, "2.00", minute);
    assert_eq!(lifecycle::due_at(&chain.sql, lifecycle::POINTS), Ok(Some(minute)));
    let before = minute.plus_millis(-1);
    assert_eq!(run(&mut chain, before, Bounds::STANDARD), Outcome::NotDue(Some(minute)));
    assert_eq!(done(run(&mut chain, minute, Bounds::STANDARD)).lapsed, 1);
    let (job, due) = lifecycle::state(&chain.sql, lifecycle::POINTS).expect("a state");
    let job = job.expect("it has run");
    assert_eq!((job.due_at, due, job.last_done, job.last_error), (soon, Some(soon), 1, None));
    assert_eq!(job.lease_until, Timestamp::from_millis(0));
}

#[test]
fn a_wallet_that_does_not_add_up_keeps_nobody_else_waiting() {
    let now = start().plus_millis(5 * DAY_MS);
    let (mut chain, members) = populated();
    chain
        .sql
        .connection()
        .execute("update balances set available = available + 1 where member_id = ?1", [members[7].raw()])
        .expect("spoilt");
    let all = done(run(&mut chain, now, Bounds { members_per_transaction: 4, members_per_run: 10_000 }));
    assert!(all.failed > 0 && !all.more, "{all:?}");
    for (index, &member) in members.iter().enumerate().filter(|(index, _)| *index != 7) {
        assert_eq!(chain.balance(member), ("0.00".into(), "5.00".into(), "0.00".into()), "member {index}");
    }
    let (job, due) = lifecycle::state(&chain.sql, lifecycle::POINTS).expect("a state");
    assert!(job.expect("it has run").last_error.expect("an error").contains("failed"));
    assert!(due.is_some_and(|due| due <= now), "it stays due");
}

#[test]
fn what_fails_half_way_leaves_nothing_of_itself() {
    let mut chain = Chain::new();
    let member = chain.member("m");
    let (soon, later) = (start().plus_millis(HOUR_MS), start().plus_millis(2 * HOUR_MS));
    chain.grant(member, "10.00", Some(soon), Some(later));
    let lot = chain.number("select id from lots");
    // The expiry of this lot is recorded already: its activation goes well, its expiry cannot (L4).
    let statement = format!(
        "insert into entries (id, kind, event, member_id, effective_at, recorded_at) \
         values (1, 'expiry', 'lot:{lot}', {}, 0, 0)",
        member.raw()
    );
    chain.sql.connection().execute_batch(&statement).expect("planted");
    let all = done(run(&mut chain, later, Bounds::STANDARD));
    assert_eq!((all.activated, all.expired, all.failed), (0, 0, 1));
    assert_eq!(chain.balance(member), ("10.00".into(), "0.00".into(), "0.00".into()));
    assert_eq!(chain.number("select count(*) from entries where kind = 'activation'"), 0);
}

#[test]
fn leftovers_go_after_their_time() {
    let mut chain = Chain::new();
    let now = start();
    let ago = |millis: i64| now.plus_millis(-millis).millis();
    for (key, at) in [("old", ago(8 * DAY_MS)), ("new", ago(6 * DAY_MS))] {
        chain
            .sql
            .connection()
            .execute(
                "insert into idempotency (scope, key, operation, request_hash, status, reply, created_at) \
                 values ('staff:1', ?1, 'x', x'00', 200, '{}', ?2)",
                (key, at),
            )
            .expect("a row");
    }
    let mut moment = Moment { now, ids: &mut chain.ids };
    assert!(matches!(lifecycle::run_housekeeping(&chain.sql, &mut moment), Ok(Outcome::Ran(_))));
    assert_eq!(chain.rows("select key from idempotency"), [r#"[Text("new")]"#]);
    let mut moment = Moment { now, ids: &mut chain.ids };
    assert!(matches!(lifecycle::run_housekeeping(&chain.sql, &mut moment), Ok(Outcome::NotDue(Some(_)))));
}

#[test]
fn spent_codes_go_in_bounded_portions() {
    let chain = Chain::new();
    for step in 1..=5 {
        let statement =
            format!("insert into spent_codes values ('crema', '2100000000001', {step}, {step}, 1)");
        chain.sql.connection().execute_batch(&statement).expect("a row");
    }
    store::guests::delete_spent_codes(&chain.sql, Timestamp::from_millis(5), 3).expect("deletes");
    assert_eq!(chain.rows("select step from spent_codes"), ["[Integer(4)]", "[Integer(5)]"]);
    store::guests::delete_spent_codes(&chain.sql, Timestamp::from_millis(5), 3).expect("deletes");
    assert_eq!(chain.rows("select step from spent_codes"), ["[Integer(5)]"]);
}

/// Prints what a member costs (`cargo test -p club --release --test office -- --nocapture --ignored speed`).
#[test]
#[ignore = "a measurement"]
fn speed() {
    const MANY: usize = 5_000;
    let mut chain = Chain::new();
    let mut file = String::from("external_code\n");
    (0..MANY).for_each(|index| file.push_str(&format!("m{index}\n")));
    chain.import(club::import::Kind::Members, &file, false).expect("taken");
    let members: Vec<MemberId> = chain
        .rows("select id from members")
        .iter()
        .map(|row| {
            row.trim_matches(|c: char| !c.is_ascii_digit()).parse().map(MemberId::from_raw).expect("an id")
        })
        .collect();
    for member in members {
        chain.grant(member, "10.00", Some(start().plus_millis(HOUR_MS)), Some(start().plus_millis(DAY_MS)));
    }
    for (what, hours) in [("activation", 2), ("expiry", 48)] {
        let now = start().plus_millis(hours * HOUR_MS);
        let all = timed(&format!("{what} of {MANY} lots"), || run(&mut chain, now, Bounds::STANDARD));
        assert_eq!(done(all).failed, 0);
    }
}
