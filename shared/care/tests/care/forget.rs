//! A guest's copy and their right to be forgotten; reports and what they keep to themselves.

use care::report;
use club::member::erase::{self, Through};
use club::member::export::{self, Content, Cursor};
use club::personal::Personal;
use feedback::answer::Answer;
use feedback::ticket::{Outcome, Refused, State};
use kernel::Date;
use store::feedback::report::{Asked, By};

use crate::world::{ANNA, MANAGER, OTHER_MANAGER, SUPPORT, World, bytes, hours, noon, stars};
use care::tickets::{self, Command};

fn act(world: &mut World, ticket: i64, command: &Command<'_>) -> Result<tickets::Seen, care::Refusal> {
    world.write(hours(4), |tx, personal, moment| tickets::act(tx, ticket, SUPPORT, command, personal, moment))
}

fn answered(world: &mut World) -> i64 {
    let request = world.asked(11, ANNA, noon());
    let text = Some("Меня зовут Анна, звоните".to_owned());
    let answer = Answer { text, photo: Some("2026/cup.jpg".to_owned()), nps: Some(3), ..stars(2) };
    let ticket = world.submit(request, &answer, hours(1)).expect("lawful").ticket.expect("lawful");
    for command in [Command::Comment("между нами"), Command::Answer("Простите")] {
        world
            .write(hours(2), |tx, personal, moment| {
                tickets::act(tx, ticket, MANAGER, &command, personal, moment)
            })
            .expect("lawful");
    }
    ticket
}

#[test]
fn words_are_encrypted_copied_and_forgotten() {
    let mut world = World::new();
    let ticket = answered(&mut world);
    let sealed: Vec<u8> = world
        .sql
        .connection()
        .query_row("select text_sealed from feedback_answers", [], |row| row.get(0))
        .expect("lawful");
    assert!(!sealed.windows(8).any(|window| window == "Анна".as_bytes()), "encrypted at rest");

    let personal = Personal { secrets: &world.secrets, random: &bytes };
    let (mut cursor, mut words) = (Cursor::Answers(0), Vec::new());
    loop {
        let page = export::page(&world.sql, ANNA, cursor, personal).expect("lawful");
        match page.content {
            Content::Answers(items) => words.extend(items.into_iter().flat_map(|one| [one.text, one.photo])),
            Content::Tickets(lines) => words.extend(lines.into_iter().map(|line| line.text)),
            _ => {}
        }
        let Some(next) = page.next else { break };
        assert_eq!(Cursor::parse(&next.to_string()), Ok(next), "cursors are text");
        cursor = next;
    }
    let words: Vec<String> = words.into_iter().flatten().collect();
    assert_eq!(words, ["Меня зовут Анна, звоните", "2026/cup.jpg", "Простите"]);

    let close = Command::Close {
        outcome: Outcome::Fixed,
        changed_process: true,
        lesson: Some("Анне перезвонили, смена знает"),
        in_kind: None,
    };
    let seen = act(&mut world, ticket, &close).expect("lawful");
    assert_eq!(seen.head.lesson.as_deref(), Some("Анне перезвонили, смена знает"));
    assert_eq!(world.number("select count(*) from tickets where lesson is not null"), 0, "sealed");
    let clear = "update tickets set lesson = 'x'";
    assert!(world.sql.connection().execute(clear, []).is_err(), "never plain again");
    let sealed: Vec<u8> = world
        .sql
        .connection()
        .query_row("select lesson_sealed from tickets", [], |row| row.get(0))
        .expect("lawful");
    assert!(!sealed.windows(8).any(|window| window == "Анне".as_bytes()), "encrypted at rest");

    world.sell(11, Some(ANNA), hours(3));
    world.run(hours(3));
    world
        .write(hours(3), |tx, _, moment| erase::erase(tx, ANNA, Through::Themselves, moment))
        .expect("lawful");
    for left in [
        "select count(*) from feedback_answers where text_sealed is not null or photo_sealed is not null",
        "select count(*) from ticket_events where body_sealed is not null",
        "select count(*) from feedback_requests where status = 'planned'",
        "select count(*) from tickets where lesson_sealed is not null or lesson is not null",
    ] {
        assert_eq!(world.number(left), 0, "{left}");
    }
    assert_eq!(world.number("select count(*) from feedback_answers"), 1, "the stars stay, nobody's");
    let seen =
        tickets::read(&world.sql, ticket, SUPPORT, Personal { secrets: &world.secrets, random: &bytes });
    let seen = seen.expect("lawful");
    assert_eq!((seen.text, seen.head.lesson, seen.ticket.state), (None, None, State::Closed));
}

#[test]
fn nothing_is_written_about_the_forgotten() {
    let mut world = World::new();
    let ticket = answered(&mut world);
    let told = "select count(*) from notifications where topic like 'ticket%'";
    world
        .write(hours(3), |tx, _, moment| erase::erase(tx, ANNA, Through::Themselves, moment))
        .expect("lawful");
    let before = world.number(told);
    let close = |lesson: Option<&'static str>| Command::Close {
        outcome: Outcome::Fixed,
        changed_process: lesson.is_some(),
        lesson,
        in_kind: None,
    };
    let points = kernel::Points::from_hundredths(100);
    for command in [
        Command::Comment("это была Анна"),
        Command::Answer("Анна, простите"),
        Command::Compensate { points, reason: "Анне" },
        close(Some("перезвонить Анне")),
    ] {
        let refused = act(&mut world, ticket, &command).unwrap_err();
        assert_eq!(refused, care::Refusal::Ticket(Refused::Erased), "{command:?}");
    }
    act(&mut world, ticket, &Command::Assign(None)).expect("work goes on");
    act(&mut world, ticket, &close(None)).expect("and ends");
    assert_eq!(world.number(told), before, "nobody is told");
    assert_eq!(world.number("select count(*) from ticket_events where body_sealed is not null"), 0);
}

#[test]
fn reports_are_narrowed_to_the_scope_and_hide_the_few() {
    let mut world = World::new();
    answered(&mut world);
    for index in 0..6 {
        world
            .sql
            .connection()
            .execute_batch(&format!(
                "insert into members (id, brand, language, status, tier, joined_at, changed_at) \
                 values ({id}, 'north', 'ru', 'active', 'silver', 0, 0); \
                 insert into balances (member_id, pending, available, held) values ({id}, 0, 0, 0); \
                 insert into consents (id, member_id, kind, granted, text_version, source, at) values \
                 ({id}0, {id}, 'personal_data', 1, '1', 'app', 0), ({id}1, {id}, 'marketing_push', 1, '1', 'app', 0);",
                id = 200 + index
            ))
            .expect("lawful");
        let request = world.asked(12, kernel::MemberId::from_raw(200 + index), noon());
        world.submit(request, &stars(5), noon()).expect("lawful");
    }
    let days = (Date::parse("2026-11-01").expect("lawful"), Date::parse("2026-12-01").expect("lawful"));
    let asked = |actor: care::tickets::Actor| Asked { staff: actor.staff, days, brand: None, outlet: None };
    let rows = report::ratings(&world.sql, By::Outlet, &asked(SUPPORT)).expect("lawful");
    let shown: Vec<_> =
        rows.iter().map(|row| (row.key.as_str(), row.answers, row.rating.map(|r| r.mean))).collect();
    assert_eq!(shown, [("msk-9", 6, Some(500)), ("ala-1", 1, None)], "one answer is shown as a number");
    let rows = report::ratings(&world.sql, By::Outlet, &asked(MANAGER)).expect("lawful");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].key, "ala-1");
    for by in [By::Brand, By::Franchisee, By::City, By::Staff, By::Hour, By::Product] {
        let rows = report::ratings(&world.sql, by, &asked(OTHER_MANAGER)).expect("lawful");
        let answers: u64 = rows.iter().map(|row| row.answers).sum();
        assert_eq!(answers, if by == By::Product { 12 } else { 6 }, "{by:?}");
        assert!(rows.iter().all(|row| row.rating.is_some_and(|rating| rating.mean == 500)), "{by:?}");
    }
}
