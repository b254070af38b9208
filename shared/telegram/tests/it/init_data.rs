//! Who opened a Mini App.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use ed25519_compact::{KeyPair, Seed};
use kernel::Timestamp;
use telegram::init_data::{InitData, Unproven, verify, verify_for};

/// Of no bot.
const TOKEN: &str = "6000000001:AAExampleExampleExampleExampleExample00";
const OPENED: i64 = 1_795_246_900;
const HOUR_MS: i64 = 3_600_000;
/// Signed by another implementation (Python's `hmac`), as Telegram's documentation says.
const SIGNED: &str = "query_id=AAHdF6IQAAAAAN0XohDhrOrc&user=%7B%22id%22%3A700000001%2C%22is_bot%22%3Afalse%2C%22first_name%22%3A%22%D0%93%D0%BE%D1%81%D1%82%D1%8C%22%2C%22language_code%22%3A%22ru%22%7D&auth_date=1795246900&signature=c2lnbmF0dXJlLXRlc3Q&hash=c8676569e59dc64b578ebe3c8e66b7578b70314fc113f9495ef5e20235448182";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis((OPENED + seconds) * 1_000)
}

fn check(text: &str, seconds: i64) -> Result<InitData, Unproven> {
    verify(text, TOKEN, at(seconds), HOUR_MS)
}

#[test]
fn what_telegram_signed_is_believed_for_a_while() {
    let data = check(SIGNED, 60).expect("proven");
    assert_eq!((data.user.id, data.user.is_bot), (700_000_001, false));
    assert_eq!(data.user.language_code.as_deref(), Some("ru"));
    assert_eq!((data.auth_date, data.start_param), (at(0), None));
    assert_eq!(check(SIGNED, 3_600).map(|data| data.proof), Ok(data.proof));
    assert_eq!(check(SIGNED, 3_601), Err(Unproven::Stale));
    assert!(check(SIGNED, -30).is_ok());
    assert_eq!(check(SIGNED, -31), Err(Unproven::Future));
}

#[test]
fn what_was_touched_is_not() {
    for touched in [
        SIGNED.replace("700000001", "700000002"),
        SIGNED.replace("auth_date=1795246900", "auth_date=1795246901"),
        SIGNED.replace("hash=c8", "hash=c9"),
        SIGNED.replace("signature=c2", "signature=d2"),
        format!("{SIGNED}&start_param=ref_1"),
        SIGNED.replace("query_id=AAHdF6IQAAAAAN0XohDhrOrc&", ""),
    ] {
        assert_eq!(check(&touched, 60), Err(Unproven::Signature), "{touched}");
    }
    assert_eq!(verify(SIGNED, "6000000001:AAOther", at(60), HOUR_MS), Err(Unproven::Signature));
    for shapeless in [
        String::new(),
        "hash=zz".to_owned(),
        SIGNED.replace("&hash=", "&h="),
        format!("{SIGNED}&hash=00"),
        format!("{SIGNED}&auth_date=1"),
        format!("{SIGNED}&x={}", "y".repeat(4_096)),
        (0..40).map(|index| format!("f{index}=1&")).collect(),
    ] {
        assert_eq!(check(&shapeless, 60), Err(Unproven::Shape), "{shapeless}");
    }
}

/// As Telegram does it, with a key of this test's.
fn signed_by_telegram(keys: &KeyPair, bot: i64) -> String {
    let user = r#"{"id":700000001,"first_name":"Guest"}"#;
    let message = format!("{bot}:WebAppData\nauth_date={OPENED}\nstart_param=card\nuser={user}");
    let signature = BASE64URL_NOPAD.encode(keys.sk.sign(message.as_bytes(), None).as_ref());
    let user: String = form_urlencoded::byte_serialize(user.as_bytes()).collect();
    format!("user={user}&auth_date={OPENED}&start_param=card&hash=00&signature={signature}")
}

#[test]
fn a_signature_is_believed_without_the_token() {
    let keys = KeyPair::from_seed(Seed::new([7; 32]));
    let public = HEXLOWER.encode(keys.pk.as_ref());
    let text = signed_by_telegram(&keys, 6_000_000_001);
    let check = |text: &str, bot, key: &str| verify_for(text, bot, key, at(60), HOUR_MS);
    let data = check(&text, 6_000_000_001, &public).expect("proven");
    assert_eq!((data.user.id, data.start_param.as_deref()), (700_000_001, Some("card")));
    assert_eq!(check(&text, 6_000_000_002, &public), Err(Unproven::Signature));
    assert_eq!(
        check(&text.replace("start_param=card", "start_param=ref"), 6_000_000_001, &public),
        Err(Unproven::Signature)
    );
    for key in [telegram::init_data::PUBLIC_KEY, telegram::init_data::PUBLIC_KEY_TEST] {
        assert_eq!(check(&text, 6_000_000_001, key), Err(Unproven::Signature));
    }
    assert_eq!(check(&text, 6_000_000_001, "00"), Err(Unproven::Shape));
    assert_eq!(check(SIGNED, 6_000_000_001, &public), Err(Unproven::Shape), "no signature of 64 bytes");
}
