//! What Telegram says to a call.

use partner::Answer;
use telegram::answer::{self, Failure, Gone, Me, Sent, WebhookInfo};

fn answered(status: u16, body: &str) -> Answer {
    Answer { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
}

fn refused(code: u16, rest: &str) -> Failure {
    let answer = answered(code, &format!(r#"{{"ok":false,"error_code":{code},{rest}}}"#));
    answer::sent(&answer).expect_err("a failure")
}

#[test]
fn results_are_read() {
    let sent = answered(
        200,
        r#"{"ok":true,"result":{"message_id":5,"date":1,"chat":{"id":1,"type":"private"},"text":"x"}}"#,
    );
    assert_eq!(answer::sent(&sent), Ok(Sent { message: 5, file: None }));
    let photo = answered(
        200,
        r#"{"ok":true,"result":{"message_id":6,"photo":[{"file_id":"small","width":90},{"file_id":"large","width":320}]}}"#,
    );
    assert_eq!(answer::sent(&photo), Ok(Sent { message: 6, file: Some("large".to_owned()) }));
    assert_eq!(
        answer::done(&answered(200, r#"{"ok":true,"result":true,"description":"Webhook was set"}"#)),
        Ok(())
    );
    let info: WebhookInfo = answer::read(&answered(
        200,
        r#"{"ok":true,"result":{"url":"","has_custom_certificate":false,"pending_update_count":3}}"#,
    ))
    .expect("info");
    assert_eq!((info.url.as_str(), info.pending_update_count), ("", 3));
    let me: Me = answer::read(&answered(
        200,
        r#"{"ok":true,"result":{"id":6000000001,"is_bot":true,"username":"brand_bot"}}"#,
    ))
    .expect("me");
    assert_eq!(me, Me { id: 6_000_000_001, username: "brand_bot".to_owned() });
}

#[test]
fn failures_say_what_to_do() {
    for (code, rest, expected) in [
        (
            429,
            r#""description":"Too Many Requests: retry after 5","parameters":{"retry_after":5}"#,
            Failure::TooMany { retry_after_seconds: 5 },
        ),
        (429, r#""description":"Too Many Requests""#, Failure::TooMany { retry_after_seconds: 5 }),
        (
            403,
            r#""description":"Forbidden: bot was blocked by the user""#,
            Failure::Unreachable(Gone::Blocked),
        ),
        (403, r#""description":"Forbidden: user is deactivated""#, Failure::Unreachable(Gone::Deactivated)),
        (
            403,
            r#""description":"Forbidden: bot can't initiate conversation with a user""#,
            Failure::Unreachable(Gone::Blocked),
        ),
        (
            403,
            r#""description":"Forbidden: bot was kicked from the supergroup chat""#,
            Failure::Unreachable(Gone::Removed),
        ),
        (400, r#""description":"Bad Request: chat not found""#, Failure::Unreachable(Gone::NotFound)),
        (
            400,
            r#""description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1001}"#,
            Failure::Moved { chat: -1_001 },
        ),
        (
            400,
            r#""description":"Bad Request: message is not modified: specified new message content and reply markup are exactly the same""#,
            Failure::NotModified,
        ),
        (401, r#""description":"Unauthorized""#, Failure::Unauthorised),
        (404, r#""description":"Not Found""#, Failure::Unauthorised),
        (
            400,
            r#""description":"Bad Request: message text is empty""#,
            Failure::Refused { code: 400, words: "Bad Request: message text is empty".to_owned() },
        ),
        (
            502,
            r#""description":"Bad Gateway""#,
            Failure::Unavailable { code: 502, words: "Bad Gateway".to_owned() },
        ),
    ] {
        let failure = refused(code, rest);
        assert_eq!(failure, expected, "{rest}");
        assert_eq!(failure.is_transient(), matches!(code, 429 | 502), "{rest}");
    }
    let html = answer::done(&answered(502, "<html>Bad Gateway</html>"));
    assert_eq!(html, Err(Failure::Unavailable { code: 502, words: String::new() }));
    assert!(matches!(answer::done(&answered(200, "x")), Err(Failure::Unreadable(_))));
    assert!(matches!(
        answer::done(&answered(200, r#"{"ok":true,"result":false}"#)),
        Err(Failure::Unreadable(_))
    ));
}
