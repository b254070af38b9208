//! The state machine alone: no database, no words.

use bot::dialogue::{Act, Facts, Turn, decide};
use bot::input::{Command, Input, Start};
use bot::state::{Marks, StepV1};
use telegram::press::{Agreement, Press, Setting};

const BOTH: Marks = Marks { terms: true, personal_data: true, marketing: false };

fn stranger() -> Facts {
    Facts::default()
}

fn member() -> Facts {
    Facts { is_member: true, ..Facts::default() }
}

fn joining(marks: Marks, referral: Option<&str>) -> StepV1 {
    StepV1::Joining { marks, referral: referral.map(str::to_owned) }
}

fn pressed(press: Press) -> Input {
    Input::Press { press, message: Some(20) }
}

#[test]
fn a_stranger_is_led_to_the_consents_whatever_they_want() {
    for input in [
        Input::Start(Start::Plain),
        Input::Start(Start::Card),
        Input::Command(Command::Card),
        Input::Command(Command::Balance),
        Input::Command(Command::History),
        Input::Command(Command::Tier),
        Input::Command(Command::Write),
        Input::Command(Command::Invite),
        Input::Command(Command::Consents),
        Input::Command(Command::Unlink),
        Input::Command(Command::Erase),
        pressed(Press::UnlinkConfirmed),
        pressed(Press::EraseConfirmed),
        pressed(Press::CardRotating),
        pressed(Press::Ticket("tkt_1".to_owned())),
        pressed(Press::HistoryBefore("ent_1".to_owned())),
    ] {
        let turn = decide(&StepV1::Idle, &stranger(), input.clone());
        let expected = match input {
            // A question that lapsed is answered before anybody asks whose it was.
            Input::Press { press: Press::EraseConfirmed, .. } => Act::TooLate,
            _ => Act::AskConsents { marks: Marks::default() },
        };
        assert_eq!(turn.act, expected, "{input:?}");
    }
    for (step, input) in [
        (StepV1::Erasing, pressed(Press::EraseConfirmed)),
        (StepV1::Writing { ticket: None }, Input::Words("x".to_owned())),
    ] {
        let turn = decide(&step, &stranger(), input);
        assert!(matches!(turn.act, Act::AskConsents { .. }), "{turn:?}");
    }
}

#[test]
fn consents_are_turned_on_and_off_and_lead_to_the_contact() {
    let mut step = decide(&StepV1::Idle, &stranger(), Input::Start(Start::Referral("AB12".to_owned()))).step;
    assert_eq!(step, joining(Marks::default(), Some("AB12")));
    for (agreement, marks) in [
        (Agreement::Marketing, Marks { marketing: true, ..Marks::default() }),
        (Agreement::Terms, Marks { marketing: true, terms: true, ..Marks::default() }),
        (Agreement::Marketing, Marks { terms: true, ..Marks::default() }),
    ] {
        let turn = decide(&step, &stranger(), pressed(Press::Agree(agreement)));
        assert_eq!((&turn.act, turn.edit), (&Act::AskConsents { marks }, Some(20)));
        step = turn.step;
    }
    let early = decide(&step, &stranger(), pressed(Press::AgreeDone));
    assert_eq!((early.act, &early.step), (Act::ConsentsMissing, &step));
    let step = decide(&step, &stranger(), pressed(Press::Agree(Agreement::PersonalData))).step;
    assert_eq!(step, joining(BOTH, Some("AB12")));
    let done = decide(&step, &stranger(), pressed(Press::AgreeDone));
    assert_eq!((done.act, &done.step), (Act::AskContact, &step));
    let joined = decide(&step, &stranger(), Input::OwnContact("+7701".to_owned()));
    let join = Act::Join { phone: "+7701".to_owned(), marks: BOTH, referral: Some("AB12".to_owned()) };
    assert_eq!(joined.act, join);
    assert_eq!(decide(&step, &stranger(), Input::ForeignContact).act, Act::NotYourNumber);
}

#[test]
fn asking_for_something_else_does_not_lose_the_way_to_joining() {
    let step = joining(BOTH, Some("AB12"));
    for input in [
        Input::Command(Command::Outlets),
        Input::Command(Command::Help),
        Input::Command(Command::Language),
        Input::Words("?".to_owned()),
        Input::Unreadable,
        Input::ForeignContact,
    ] {
        assert_eq!(decide(&step, &stranger(), input.clone()).step, step, "{input:?}");
    }
}

#[test]
fn words_go_where_they_were_asked_for() {
    let words = || Input::Words("cold".to_owned());
    let writing = |ticket: Option<&str>| StepV1::Writing { ticket: ticket.map(str::to_owned) };
    let write =
        |ticket: Option<&str>| Act::Write { ticket: ticket.map(str::to_owned), words: "cold".to_owned() };
    let asked = decide(&StepV1::Idle, &member(), Input::Command(Command::Write));
    assert_eq!((&asked.act, &asked.step), (&Act::AskWords { ticket: None }, &writing(None)));
    assert_eq!(
        decide(&asked.step, &member(), words()),
        Turn { step: StepV1::Idle, act: write(None), edit: None }
    );
    let about = decide(&StepV1::Idle, &member(), pressed(Press::Ticket("tkt_1".to_owned())));
    assert_eq!(decide(&about.step, &member(), words()).act, write(Some("tkt_1")));
    // Without a step: to the question that was talked about, or nowhere.
    let talking = Facts { ticket: Some("tkt_2".to_owned()), ..member() };
    assert_eq!(decide(&StepV1::Idle, &talking, words()).act, write(Some("tkt_2")));
    assert_eq!(decide(&StepV1::Idle, &member(), words()).act, Act::NotUnderstood);
    // A command in between ends the wait.
    assert_eq!(decide(&writing(None), &member(), Input::Command(Command::Balance)).step, StepV1::Idle);
    let comment = StepV1::Comment { token: "t".to_owned() };
    assert_eq!(
        decide(&comment, &stranger(), words()).act,
        Act::Comment { token: "t".to_owned(), words: "cold".to_owned() }
    );
}

#[test]
fn an_account_is_erased_only_in_answer_to_the_question() {
    let asked = decide(&StepV1::Idle, &member(), pressed(Press::Settings(Setting::Erase)));
    assert_eq!((&asked.act, &asked.step, asked.edit), (&Act::AskErase, &StepV1::Erasing, Some(20)));
    let yes = || pressed(Press::EraseConfirmed);
    assert_eq!(decide(&asked.step, &member(), yes()).act, Act::Erase);
    assert_eq!(decide(&StepV1::Idle, &member(), yes()).act, Act::TooLate, "an old message");
    let no = decide(&asked.step, &member(), pressed(Press::Never));
    assert_eq!((no.act, &no.step), (Act::Leave, &StepV1::Idle));
    assert_eq!(decide(&no.step, &member(), yes()).act, Act::TooLate);
}
