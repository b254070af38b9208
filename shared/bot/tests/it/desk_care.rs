//! The desk over the chain's own questions and tickets: what a press or a word in the chat really does.

use bot::Refusal;
use bot::desk::{At, Desk, Rated};
use bot::desk_care::Care;
use care::ask::{self, Bounds, Links, Outcome};
use care::guest::OPENED;
use care::rules::{self, NewVersion};
use club::Moment;
use kernel::time::{DAY_MS, HOUR_MS};
use kernel::{MemberId, Points};
use membership::secrets::{LinkSigner, Purpose};
use messaging::Topic;
use post::chat::Ask;

use crate::world::World;

/// Enough for the game's prizes to be drawn from.
const GRANT: &str = "insert into consents (id, member_id, kind, granted, text_version, source, at) \
    select id + 1, id, 'marketing_push', 1, '1', 'test', 0 from members";

struct Story {
    world: World,
    member: MemberId,
}

impl Story {
    /// A member of a brand that asks after visits.
    fn begin() -> Self {
        let mut world = World::new();
        world.join();
        world.sql_run(GRANT);
        let text = include_str!("../../../feedback/tests/example.json").replace("\"north\"", "\"daily\"");
        let rules = serde_json::from_str(&text).expect("rules");
        let now = world.now;
        world.now = now.plus_millis(-30 * DAY_MS);
        let new = NewVersion { brand: "daily", rules: &rules, effective_from: None, note: "test", by: None };
        world.tx(|tx, _, moment| rules::publish(tx, &new, moment)).expect("published");
        world.now = now;
        let member = MemberId::from_raw(world.count("select id from members"));
        Self { world, member }
    }

    /// A visit, and the token of the question about it.
    fn visit(&mut self) -> String {
        let sold = self.world.now.plus_millis(-HOUR_MS);
        let number = self.world.count("select count(*) from receipts");
        let receipt =
            self.world.tx(|_, _, moment| Ok::<_, store::StoreError>(moment.ids.next(sold))).expect("an id");
        self.world.sql_run(&format!(
            "insert into receipts (id, outlet_id, business_date, number, request_hash, sold_at, recorded_at, member_id, \
             identified_by, staff_code, channel, currency, list_minor, total_minor, points_paid_minor, points_paid, \
             points_earned, reply) values ({receipt}, 1, '2026-11-25', '{number}', x'00', {at}, {at}, {member}, 'card', \
             'bar', 'hall', 'KZT', 100, 100, 0, 0, 0, '{{}}')",
            at = sold.millis(),
            member = self.member.raw(),
        ));
        let url = format!("https://club.example/f/{}", ask::TOKEN);
        let links = Links { signer: care::signer(&self.world.secrets), url };
        let ran = self
            .world
            .outside(|sql, personal, moment| ask::run(sql, moment, &links, personal, Bounds::STANDARD));
        assert!(matches!(&ran, Ok(Outcome::Ran(done)) if done.asked == 1), "{ran:?}");
        let request = format!("select id from feedback_requests where receipt_id = {receipt}");
        care::signer(&self.world.secrets).sign(self.world.count(&request))
    }

    fn desk<T>(
        &mut self,
        act: impl FnOnce(&Care, &mut At<'_, '_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.world.tx(|tx, personal, moment: &mut Moment<'_>| act(&Care, &mut At { tx, personal, moment }))
    }

    fn rate(&mut self, token: &str, stars: u8) -> Result<Rated, Refusal> {
        self.desk(|desk, at| desk.rate(at, token, stars))
    }

    fn comment(&mut self, token: &str, words: &str) -> Result<String, Refusal> {
        self.desk(|desk, at| desk.comment(at, token, words))
    }
}

#[test]
fn a_bad_visit_is_rated_once_and_its_ticket_goes_on() {
    let mut story = Story::begin();
    let token = story.visit();
    assert_eq!(story.desk(|desk, at| desk.visit(at, &token)), Ok("One".to_owned()));
    assert_eq!(story.comment(&token, "before any stars"), Err(Refusal::FeedbackClosed));
    let rated = story.rate(&token, 1).expect("rated");
    let ticket = rated.ticket.expect("a bad rating opens a ticket");
    assert_eq!(story.rate(&token, 5), Err(Refusal::FeedbackClosed), "once");
    assert_eq!(story.desk(|desk, at| desk.visit(at, &token)), Err(Refusal::FeedbackClosed));
    let member = story.member;
    story.desk(|desk, at| desk.answer(at, member, &ticket, "It was cold")).expect("written");
    assert_eq!(story.world.count("select count(*) from tickets"), 1);
    assert_eq!(story.world.count("select count(*) from ticket_events where act = 'guest_wrote'"), 1);
    // Another member knows no such ticket, and neither does anybody with a made-up name.
    let other = MemberId::from_raw(member.raw() + 1);
    for (member, ticket) in
        [(other, ticket.as_str()), (member, "tkt_0000000000000"), (member, "T-1"), (member, "")]
    {
        let refused = story.desk(|desk, at| desk.answer(at, member, ticket, "?"));
        assert_eq!(refused, Err(Refusal::UnknownTicket), "{ticket:?}");
    }
}

#[test]
fn a_good_visit_is_played_once_and_a_word_about_it_opens_a_ticket() {
    let mut story = Story::begin();
    let token = story.visit();
    let rated = story.rate(&token, 5).expect("rated");
    assert_eq!((rated.ticket, rated.may_play), (None, true));
    let won = story.desk(|desk, at| desk.play(at, &token)).expect("played");
    let prizes = [0, 1_000, 5_000].map(Points::from_hundredths);
    assert!(prizes.contains(&won), "{won}");
    let held = "select available + pending from balances";
    let after = story.world.count(held);
    let again = story.desk(|desk, at| desk.play(at, &token));
    assert!(again.is_err() || again == Ok(won), "{again:?}");
    assert_eq!(story.world.count(held), after, "nothing is won twice");
    let ticket = story.comment(&token, "The music was too loud").expect("a ticket");
    assert!(ticket.starts_with("tkt_"), "{ticket}");
    assert_eq!(story.world.count("select count(*) from tickets where outlet_id = 1"), 1);
}

#[test]
fn a_token_that_was_not_signed_here_opens_nothing() {
    let mut story = Story::begin();
    let token = story.visit();
    let id = care::signer(&story.world.secrets).open(&token).expect("ours");
    let other_kind = LinkSigner::new(story.world.secrets.key(Purpose::Links), "unsubscribe").sign(id);
    let unknown = care::signer(&story.world.secrets).sign(id + 1);
    let mut changed = token.clone().into_bytes();
    changed[20] = if changed[20] == b'0' { b'1' } else { b'0' };
    let changed = String::from_utf8(changed).expect("ASCII");
    for forged in [other_kind.as_str(), unknown.as_str(), changed.as_str(), "", "x", &"9".repeat(64)] {
        assert_eq!(story.desk(|desk, at| desk.visit(at, forged)), Err(Refusal::FeedbackClosed), "{forged}");
        assert_eq!(story.rate(forged, 5), Err(Refusal::FeedbackClosed), "{forged}");
        assert_eq!(story.comment(forged, "words"), Err(Refusal::FeedbackClosed), "{forged}");
        assert!(story.desk(|desk, at| desk.play(at, forged)).is_err(), "{forged}");
    }
    assert_eq!(story.world.count("select count(*) from feedback_answers"), 0);
    story.world.wait(4 * DAY_MS);
    assert_eq!(story.rate(&token, 5), Err(Refusal::FeedbackClosed), "its time is over");
}

#[test]
fn questions_are_asked_and_not_without_end() {
    let mut story = Story::begin();
    let member = story.member;
    let mut ask = |words: &str| story.desk(|desk, at| desk.ask(at, member, words));
    for number in 0..OPENED.max {
        ask(&format!("Question {number}")).expect("a ticket");
    }
    assert!(
        matches!(ask("One more"), Err(Refusal::Limited { retry_after_seconds }) if retry_after_seconds > 0)
    );
    assert_eq!(story.world.count("select count(*) from tickets"), i64::from(OPENED.max));
    let sealed = "select count(*) from ticket_events where instr(cast(body_sealed as blob), cast('Question' as blob)) > 0";
    assert_eq!(story.world.count(sealed), 0, "what guests write is nowhere in clear");
}

/// A brand that asks nothing has nobody to write to.
#[test]
fn without_rules_there_is_no_desk() {
    let mut world = World::new();
    world.join();
    let member = MemberId::from_raw(world.count("select id from members"));
    let asked: Result<String, Refusal> =
        world.tx(|tx, personal, moment| Care.ask(&mut At { tx, personal, moment }, member, "Anybody?"));
    assert_eq!(asked, Err(Refusal::NoDesk));
}

/// The outbox finds the token of a question in its link by the signature that the desk opens it by.
#[test]
fn the_outbox_knows_the_token_that_the_desk_opens() {
    let mut story = Story::begin();
    let token = story.visit();
    let intent = "from notifications where topic = 'feedback.request'";
    let id = story.world.count(&format!("select id {intent}"));
    let sealed = story.world.text(&format!("select hex(body_sealed) {intent}"));
    let sealed: Vec<u8> = sealed
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("hex"), 16).expect("hex"))
        .collect();
    let link =
        story.world.personal().open(store::notifications::body_place(id), Some(&sealed)).expect("opens");
    let ask = Ask::of(Topic::FeedbackRequest, "{}", link.as_deref(), story.world.personal());
    assert_eq!(ask, Some(Ask::Stars(token)));
}
