//! Updates as Telegram posts them.

use telegram::update::{ChatKind, Content, Event, Location, Message, read};

const FROM: &str = r#"{"id":700000001,"is_bot":false,"first_name":"Guest","username":"guest","language_code":"ru","is_premium":true}"#;
const CHAT: &str = r#"{"id":700000001,"type":"private","first_name":"Guest"}"#;

fn event(event: &str) -> Event {
    read(format!(r#"{{"update_id":910000001,{event}}}"#).as_bytes()).expect("an update").event
}

fn message(content: &str) -> Message {
    let text =
        format!(r#""message":{{"message_id":11,"from":{FROM},"chat":{CHAT},"date":1795246800,{content}}}"#);
    match event(&text) {
        Event::Message(message) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_deep_link_carries_its_parameter() {
    for (text, start) in [
        ("/start ref_17", Some("ref_17")),
        ("/start", Some("")),
        ("/start@brand_bot  fb_x-1 ", Some("fb_x-1")),
        ("/started", None),
        ("start", None),
        ("/ start", None),
        ("", None),
    ] {
        let message = message(&format!(r#""text":"{text}""#));
        assert_eq!(message.start(), start, "{text}");
    }
    let message = message(r#""text":"/card now","entities":[{"type":"bot_command","offset":0,"length":5}]"#);
    assert_eq!(message.command(), Some(("card", "now")));
    assert_eq!((message.id, message.chat.id, message.chat.kind), (11, 700_000_001, ChatKind::Private));
    assert_eq!(message.from.and_then(|from| from.language_code).as_deref(), Some("ru"));
}

#[test]
fn only_the_senders_own_number_is_a_proof() {
    let contact = |contact: &str| message(&format!(r#""contact":{contact}"#));
    let own = contact(r#"{"phone_number":"+79120000001","first_name":"Guest","user_id":700000001}"#);
    assert_eq!(own.own_phone(), Some("+79120000001"));
    let others = contact(r#"{"phone_number":"+79120000002","first_name":"Friend","user_id":700000002}"#);
    assert_eq!(others.own_phone(), None);
    let nobodys = contact(r#"{"phone_number":"+79120000002","first_name":"Friend"}"#);
    assert_eq!(nobodys.own_phone(), None);
    let passed_on = message(
        r#""forward_origin":{"type":"user","date":1},"contact":{"phone_number":"+79120000001","user_id":700000001}"#,
    );
    assert_eq!(passed_on.own_phone(), None);
    assert_eq!(format!("{:?}", own.content), "Contact(Contact(hidden))");
}

#[test]
fn a_place_is_whole_millionths() {
    let place = |latitude: &str, longitude: &str| {
        message(&format!(r#""location":{{"latitude":{latitude},"longitude":{longitude}}}"#)).content
    };
    let at = |latitude_e6, longitude_e6| Content::Location(Location { latitude_e6, longitude_e6 });
    assert_eq!(place("43.238949", "76.889709"), at(43_238_949, 76_889_709));
    assert_eq!(place("43.2389494999", "-76.8897096"), at(43_238_949, -76_889_710));
    assert_eq!(place("1e-6", "0"), at(1, 0));
    assert_eq!(place("-90", "180.0"), at(-90_000_000, 180_000_000));
    assert_eq!(place("90.1", "0"), Content::Other);
}

#[test]
fn buttons_and_blocks_are_read() {
    let pressed = event(&format!(
        r#""callback_query":{{"id":"3006500000000000001","from":{FROM},"chat_instance":"-2719","data":"rate:1:5",
        "message":{{"message_id":20,"chat":{CHAT},"date":1,"text":"?"}}}}"#
    ));
    let Event::Callback(callback) = pressed else { panic!("{pressed:?}") };
    assert_eq!((callback.id.as_str(), callback.data.as_str()), ("3006500000000000001", "rate:1:5"));
    assert_eq!(callback.message.map(|(id, chat)| (id, chat.id)), Some((20, 700_000_001)));
    for (status, reachable) in
        [("kicked", false), ("left", false), ("member", true), ("something new", false)]
    {
        let changed = event(&format!(
            r#""my_chat_member":{{"chat":{CHAT},"from":{FROM},"date":1,"old_chat_member":{{"status":"member"}},
            "new_chat_member":{{"user":{{"id":1}},"status":"{status}","until_date":0}}}}"#
        ));
        let Event::Membership(membership) = changed else { panic!("{changed:?}") };
        assert_eq!(membership.is_reachable, reachable, "{status}");
    }
}

#[test]
fn what_is_new_to_us_is_passed_over() {
    assert_eq!(event(r#""poll":{"id":"1"}"#), Event::Other);
    assert_eq!(event(r#""message_reaction":{"chat":{"id":1,"type":"private"}}"#), Event::Other);
    assert_eq!(message(r#""sticker":{"file_id":"x"}"#).content, Content::Other);
    let group =
        event(r#""message":{"message_id":1,"chat":{"id":-100123456789012,"type":"hologram"},"text":"x"}"#);
    let Event::Message(message) = group else { panic!("{group:?}") };
    assert_eq!((message.chat.kind, message.chat.id), (ChatKind::Other, -100_123_456_789_012));
    for body in ["", "[]", "{}", r#"{"update_id":"1"}"#, r#"{"update_id":1,"message":{}}"#] {
        assert!(read(body.as_bytes()).is_err(), "{body}");
    }
    let error = read(br#"{"update_id":1,"message":{"message_id":"+79120000001"}}"#).expect_err("no number");
    assert!(!error.to_string().contains("7912"), "{error}");
}
