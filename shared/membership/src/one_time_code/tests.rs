use super::*;

const POLICY: Policy = Policy::DEFAULT;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000 + seconds * SECOND_MS)
}

fn key() -> Key {
    Key::from_bytes([5; 32])
}

fn code(text: &str) -> Code {
    Code::parse(text).expect("six digits")
}

fn id(raw: i64) -> ChallengeId {
    ChallengeId::from_raw(raw)
}

fn refusal(history: &History, seconds: i64) -> Option<(Limit, i64)> {
    POLICY.may_send(history, at(seconds)).err().map(|refusal| (refusal.limit, refusal.retry_after_seconds))
}

#[test]
fn one_message_a_minute_and_five_a_day() {
    let mut history = History::NONE;
    let mut sent = Vec::new();
    for second in 0..90_000 {
        if POLICY.may_send(&history, at(second)).is_ok() {
            history = POLICY.after_send(history, at(second));
            sent.push(second);
        }
    }
    assert_eq!(sent, [0, 60, 120, 180, 240, 86_400, 86_460, 86_520, 86_580, 86_640]);
}

#[test]
fn says_which_limit_and_for_how_long() {
    let once = POLICY.after_send(History::NONE, at(0));
    assert_eq!(refusal(&once, 1), Some((Limit::Pause, 59)));
    assert_eq!(refusal(&once, 60), None);
    let five = (0..5).fold(History::NONE, |history, minute| POLICY.after_send(history, at(minute * 60)));
    assert_eq!(refusal(&five, 241), Some((Limit::Phone, 86_400 - 241)));
    let busy_address = History { address: Counter { since: at(0), count: 20 }, ..History::NONE };
    assert_eq!(refusal(&busy_address, 10), Some((Limit::Address, 3_590)));
    assert_eq!(refusal(&busy_address, 3_600), None);
    let busy_service = History { overall: Counter { since: at(0), count: 300 }, ..History::NONE };
    assert_eq!(refusal(&busy_service, 10), Some((Limit::Overall, 50)));
    // Part of a second still has to be waited for.
    let early = POLICY.may_send(&once, at(59).plus_millis(999)).expect_err("a millisecond early");
    assert_eq!(early.retry_after_seconds, 1);
}

#[test]
fn a_clock_set_back_locks_nobody_out() {
    let ahead = (0..5).fold(History::NONE, |history, _| POLICY.after_send(history, at(1_000_000)));
    assert_eq!(refusal(&ahead, 0), Some((Limit::Pause, 60)));
    let counters_only = History { last_sent: None, ..ahead };
    assert_eq!(refusal(&counters_only, 0), None);
}

#[test]
fn the_right_code_counts_once() {
    let challenge = POLICY.challenge(&key(), id(1), &code("004821"), at(0));
    assert_eq!(POLICY.check(&key(), &challenge, &code("004821"), at(299)), Verdict::Right);
    let answered = challenge.clone().after(Verdict::Right);
    assert_eq!(POLICY.check(&key(), &answered, &code("004821"), at(299)), Verdict::Used);
    assert_eq!(POLICY.check(&key(), &challenge, &code("004821"), at(300)), Verdict::Expired);
    // Bound to key and challenge.
    let moved = Challenge { id: id(2), ..challenge.clone() };
    assert_eq!(POLICY.check(&key(), &moved, &code("004821"), at(1)), Verdict::Wrong { tries_left: 4 });
    let other_key = Key::from_bytes([6; 32]);
    assert_eq!(
        POLICY.check(&other_key, &challenge, &code("004821"), at(1)),
        Verdict::Wrong { tries_left: 4 }
    );
}

#[test]
fn five_wrong_answers_end_it() {
    let mut challenge = POLICY.challenge(&key(), id(1), &code("123456"), at(0));
    for tries_left in (0..5).rev() {
        let verdict = POLICY.check(&key(), &challenge, &code("123457"), at(1));
        assert_eq!(verdict, Verdict::Wrong { tries_left });
        challenge = challenge.after(verdict);
    }
    assert_eq!(POLICY.check(&key(), &challenge, &code("123456"), at(1)), Verdict::Exhausted);
}

#[test]
fn draws_without_bias() {
    // 4,294,000,000 is the first word of the biased rest: it is skipped, the next word counts.
    let draw = |words: [u32; 8]| {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        Code::draw(bytes.try_into().expect("32 bytes")).map(|code| code.expose())
    };
    assert_eq!(draw([4_293_999_999, 0, 0, 0, 0, 0, 0, 0]).as_deref(), Some("999999"));
    assert_eq!(draw([4_294_000_000, u32::MAX, 7, 0, 0, 0, 0, 0]).as_deref(), Some("000007"));
    assert_eq!(draw([u32::MAX; 8]), None);
}

#[test]
fn reads_six_digits_only() {
    for text in ["123456", " 123 456 ", "000000"] {
        assert!(Code::parse(text).is_ok(), "{text}");
    }
    for text in ["", "12345", "1234567", "12345a", "１２３４５６", "-12345", "123456789012345678901234567890"]
    {
        assert_eq!(Code::parse(text), Err(NotACode), "{text}");
    }
    assert_eq!(format!("{:?}", code("123456")), "Code(hidden)");
}

proptest::proptest! {
    /// However messages are asked for, no window of a minute from its first message sees two to one phone.
    #[test]
    fn limits_hold_for_any_pattern(gaps in proptest::collection::vec(0_i64..200, 1..200)) {
        let mut history = History::NONE;
        let (mut now, mut sent) = (0, Vec::new());
        for gap in gaps {
            now += gap;
            if POLICY.may_send(&history, at(now)).is_ok() {
                history = POLICY.after_send(history, at(now));
                sent.push(now);
            }
        }
        proptest::prop_assert!(sent.windows(2).all(|pair| pair[1] - pair[0] >= 60));
        proptest::prop_assert!(sent.len() <= 5 || sent[5] - sent[0] >= 86_400);
    }

    #[test]
    fn what_is_drawn_is_read(random: [u8; RANDOM_LEN]) {
        if let Some(code) = Code::draw(random) {
            proptest::prop_assert_eq!(Code::parse(&code.expose()), Ok(code));
        }
    }
}
