use club::guest::Named;
use club::hold::{self, NewHold};
use club::member::erase::{self, Through};
use club::member::export::{self, Content, Cursor};
use club::member::profile::{self, Change, Edit};
use club::member::{Refusal, consents};
use club::{card, session};
use kernel::{Currency, Date, MemberId, Money, Points};
use membership::profile::{Birthday, Consent, ConsentKind, ConsentWord, DisplayName, Email, Language};
use membership::secrets::Secrets;
use store::{Value, outlets};

use crate::world::{OUTLET, PHONE, World, key_of};

fn said(world: &World, kind: ConsentKind, granted: bool, version: &str) -> Consent {
    let word = |text| ConsentWord::parse(text).unwrap();
    Consent { kind, granted, text_version: word(version), at: world.now, source: word("app") }
}

fn change(world: &mut World, member: MemberId, change: Change) -> profile::Profile {
    world.tx(|tx, personal, moment| profile::change(tx, member, change, personal, moment.now)).unwrap()
}

#[test]
fn a_profile_is_changed_field_by_field() {
    let mut world = World::new();
    let member = world.member();
    let today = Date::parse("2026-11-21").unwrap();
    let full = Change {
        name: Edit::Set(DisplayName::parse("Әсел").unwrap()),
        birthday: Edit::Set(Birthday::parse("--02-29", today).unwrap()),
        email: Edit::Set(Email::parse("a@Example.org").unwrap()),
        language: Some(Language::Kk),
    };
    let changed = change(&mut world, member, full);
    assert_eq!(changed.phone.as_deref(), Some("+77010000001"));
    assert_eq!(changed.name.as_deref(), Some("Әсел"));
    assert_eq!(changed.birthday.as_deref(), Some("--02-29"));
    assert_eq!(changed.email.as_deref(), Some("a@example.org"));
    assert_eq!(changed.language, Language::Kk);
    let changed = change(&mut world, member, Change { email: Edit::Clear, ..Change::default() });
    assert_eq!((changed.name.as_deref(), changed.email), (Some("Әсел"), None));
    let stored = world.one("select name_sealed from members", &[]);
    assert!(matches!(stored, Value::Blob(bytes) if !bytes.windows(2).any(|part| part == "Ә".as_bytes())));
}

#[test]
fn consents_are_added_never_changed() {
    let mut world = World::new();
    let member = world.member();
    let rows = [
        (ConsentKind::MarketingSms, true, "3", 3),
        (ConsentKind::MarketingSms, true, "3", 3), // nothing new
        (ConsentKind::MarketingSms, true, "4", 4),
        (ConsentKind::MarketingSms, false, "4", 5),
        (ConsentKind::Terms, true, "2", 6),
    ];
    for (kind, granted, version, expected) in rows {
        let said = said(&world, kind, granted, version);
        let all = world.tx(|tx, _, moment| consents::record(tx, member, vec![said], moment)).unwrap();
        assert_eq!(all.len(), expected, "{kind:?} {version}");
        world.wait(1);
    }
    let all = consents::list(&world.sql, member).unwrap();
    let in_force: Vec<_> = Consent::in_force(&all)
        .into_iter()
        .map(|consent| (consent.kind.code(), consent.granted, consent.text_version.as_str().to_owned()))
        .collect();
    assert_eq!(
        in_force,
        [
            ("terms", true, "2".to_owned()),
            ("personal_data", true, "1".to_owned()),
            ("marketing_sms", false, "4".to_owned()),
        ]
    );
    let withdrawn = said(&world, ConsentKind::PersonalData, false, "1");
    let refused = world.tx(|tx, _, moment| consents::record(tx, member, vec![withdrawn], moment));
    assert_eq!(refused.unwrap_err(), Refusal::ConsentRequired(ConsentKind::PersonalData));
    store::Sql::execute(&world.sql, "update consents set granted = 0", &[]).expect_err("append-only");
}

#[test]
fn consents_change_only_so_often() {
    let mut world = World::new();
    let member = world.member();
    for round in 0.. {
        let said = said(&world, ConsentKind::MarketingPush, round % 2 == 0, "1");
        match world.tx(|tx, _, moment| consents::record(tx, member, vec![said], moment)) {
            Ok(_) => assert!(round < consents::CHANGES.max),
            Err(Refusal::Limited { retry_after_seconds }) => {
                assert_eq!(round, consents::CHANGES.max);
                assert!(retry_after_seconds > 0);
                break;
            }
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn erasure_forgets_the_guest_and_keeps_the_books() {
    let mut world = World::new();
    let (opened, _) = world.sign_in(PHONE);
    let member = opened.member;
    let name = Edit::Set(DisplayName::parse("Әсел").unwrap());
    change(&mut world, member, Change { name, ..Change::default() });
    let issued =
        world.tx(|tx, personal, moment| card::issue(tx, member, personal.secrets, moment.now)).unwrap();
    hold_some(&mut world, &issued.number);
    assert_eq!(world.count("select held from balances"), 4000);
    order_some(&world, member);
    let entries = world.count("select count(*) from entries");

    let keys = world.tx(|tx, _, moment| erase::erase(tx, member, Through::Themselves, moment)).unwrap();

    assert_eq!(keys, [opened.access_key.as_str()]);
    let left = "select count(*) from members where phone_index is null and phone_sealed is null and \
         name_sealed is null and birthday_sealed is null and email_sealed is null and status = 'erased'";
    assert_eq!(world.count(left), 1);
    assert_eq!(world.count("select count(*) from cards where status = 'blocked' and reason = 'erased'"), 1);
    assert_eq!(world.count("select count(*) from holds where status = 'released'"), 1);
    assert_eq!(world.count("select count(*) from challenges"), 0);
    assert_eq!(
        world.count("select count(*) from sessions where ended_at is null or label_sealed is not null"),
        0
    );
    assert_eq!(world.count("select count(*) from orders where comment is null"), 1, "the order stays");
    assert_eq!(world.count("select held from balances"), 0);
    assert_eq!(world.count("select available from balances"), 10_000);
    assert_eq!(world.count("select count(*) from entries"), entries + 1, "the release, and nothing is gone");
    assert_eq!(world.count("select count(*) from consents where granted = 0 and source = 'erased'"), 2);
    world.check_ledger();

    let token = opened.refresh.clone();
    let refused = world.tx(|tx, personal, moment| session::renew(tx, &token, personal, key_of, moment.now));
    assert_eq!(refused.unwrap_err(), session::Refusal::Ended);
    let again = world.tx(|tx, _, moment| erase::erase(tx, member, Through::Themselves, moment));
    assert_eq!(again.unwrap_err(), Refusal::Club(club::Refusal::MemberInactive));
    let (anew, is_new) = world.sign_in(PHONE);
    assert!(is_new, "the phone is free");
    assert_ne!(anew.member, member);
    world.check_ledger();
}

#[test]
fn a_blocked_account_is_erased_through_support_only() {
    let mut world = World::new();
    let member = world.member();
    let block = "update members set status = 'blocked'";
    world.sql.connection().execute(block, []).unwrap();
    let own = world.tx(|tx, _, moment| erase::erase(tx, member, Through::Themselves, moment));
    assert_eq!(own, Err(Refusal::Club(club::Refusal::MemberInactive)));
    world.tx(|tx, _, moment| erase::erase(tx, member, Through::Support, moment)).unwrap();
    assert_eq!(
        world.count("select count(*) from members where status = 'erased' and phone_index is null"),
        1
    );
    let again = world.tx(|tx, _, moment| erase::erase(tx, member, Through::Support, moment));
    assert_eq!(again, Err(Refusal::Club(club::Refusal::MemberInactive)));
    world.check_ledger();
}

/// An order with words to the barista.
fn order_some(world: &World, member: MemberId) {
    let insert = "insert into orders (id, quote_id, brand, outlet_id, member_id, number, channel, currency, quote, \
                  comment, payable_minor, stage, created_at, pay_until, changed_at, till_id, till_account, \
                  till_organization, till_group, till_service, dispatch, progress) values (1, 1, 'daily', 1, ?1, '0001', \
                  'app', 'KZT', '{}', 'я Әсел, у окна', 0, 'cancelled', 0, 0, 0, 't', 1, 'o', 'g', 'till', 'absent', 'none')";
    store::Sql::execute(&world.sql, insert, &[member.raw().into()]).unwrap();
}

fn hold_some(world: &mut World, number: &str) {
    let outlet = outlets::load(&world.sql, OUTLET).unwrap().unwrap();
    let new = NewHold {
        named: Named::Card(number.to_owned()),
        points: Some(Points::parse("40").unwrap()),
        receipt_total: Money::new(50_000, Currency::Kzt),
    };
    let secrets = || -> Result<Secrets, club::Refusal> { panic!("a card needs no secrets") };
    world
        .tx(|tx, _, moment| {
            let prepared = hold::prepare(tx, &outlet, &new, &secrets, moment.now);
            hold::authorise(tx, &outlet, &new, prepared, &secrets, moment)
        })
        .unwrap();
}

#[test]
fn an_export_has_everything_and_an_end() {
    let mut world = World::new();
    let member = world.member();
    let issued =
        world.tx(|tx, personal, moment| card::issue(tx, member, personal.secrets, moment.now)).unwrap();
    hold_some(&mut world, &issued.number);
    order_some(&world, member);
    let mut cursor = Cursor::Record;
    let mut seen = Vec::new();
    for _ in 0..10 {
        let page = world.tx(|tx, personal, _| export::page(tx, member, cursor, personal)).unwrap();
        seen.push(match page.content {
            Content::Record(record) => {
                assert_eq!(record.profile.phone.as_deref(), Some("+77010000001"));
                assert_eq!(record.devices[0].label.as_deref(), Some("Phone"));
                ("record", record.consents.len() + record.cards.len())
            }
            Content::Receipts(items) => ("receipts", items.len()),
            Content::Returns(items) => ("returns", items.len()),
            Content::Holds(items) => ("holds", items.len()),
            Content::Orders(items) => {
                assert_eq!(items[0].facts.comment.as_deref(), Some("я Әсел, у окна"));
                ("orders", items.len())
            }
            Content::Messages(items) => ("messages", items.len()),
            Content::Movements(items) => ("movements", items.len()),
            Content::Answers(items) => ("answers", items.len()),
            Content::Tickets(items) => ("tickets", items.len()),
        });
        let Some(next) = page.next else { break };
        cursor = Cursor::parse(&next.to_string()).expect("a cursor reads back");
        assert_eq!(cursor, next);
    }
    assert_eq!(
        seen,
        [
            ("record", 3),
            ("receipts", 0),
            ("returns", 0),
            ("holds", 1),
            ("orders", 1),
            ("messages", 0),
            ("movements", 2),
            ("answers", 0),
            ("tickets", 0)
        ]
    );
    assert!(Cursor::parse(&member.to_string()).is_err());
}
