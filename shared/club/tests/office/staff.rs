//! Sign-in: lock, replay, enrolment, sameness of refusals; rights that end at once.

use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, Version};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

use club::staff::sign_in::{self, Attempt, FAILURES_MAX, Fresh, LOCK_MS, Outcome};
use club::staff::{self, Details, Reach, Refused, Sealing};
use kernel::time::MINUTE_MS;
use kernel::{StaffId, Timestamp};
use membership::profile::DisplayName;
use membership::staff_auth::{PasswordHash, Role};
use store::staff::StaffStatus;
use store::transaction::transaction;

use crate::fixture::{ADMINISTRATOR, Chain, OUTLET, bytes, start};

const PASSWORD: &str = "correct horse battery";
const FACTOR: [u8; 20] = *b"12345678901234567890";

fn details(role: Role, reach: Reach) -> Details {
    let name = DisplayName::parse("Person One").expect("a name");
    Details { name, role, outlet: None, reach }
}

fn nonce() -> [u8; 24] {
    bytes(24).try_into().expect("24 bytes")
}

/// A chain with one manager who has a login.
fn chain() -> (Chain, StaffId) {
    let mut chain = Chain::new();
    let vault = chain.secrets.vault();
    let id = chain.write(start(), |tx, moment| {
        let details = details(Role::OutletManager, Reach::Outlets(vec![OUTLET.into()]));
        let sealing = Sealing { vault: &vault, nonce: nonce() };
        let (member, is_new) = staff::create(tx, "s1", &details, &sealing, moment).expect("taken on");
        assert!(is_new);
        let hash = PasswordHash::new(PASSWORD, [7; 16]).expect("a password");
        staff::set_login(tx, member.person.id, "manager", &hash, moment.now).expect("a login");
        member.person.id
    });
    (chain, id)
}

fn attempt(chain: &mut Chain, login: &str, password: &str, code: Option<&str>, now: Timestamp) -> Outcome {
    let attempt = Attempt { login, password, code };
    let judged = sign_in::judge(&chain.sql, &attempt, [9; 16]).expect("judged");
    let vault = chain.secrets.vault();
    let fresh = Fresh {
        vault: &vault,
        nonce: nonce(),
        factor: FACTOR,
        no_refresh: bytes(32).try_into().expect("32 bytes"),
        access_key: format!("session/v1/{}", chain.ids.next(now)),
    };
    chain
        .write(now, |tx, moment| sign_in::conclude(tx, &attempt, &judged, &fresh, moment).expect("concluded"))
}

/// The code that the app shows at `now` (RFC 6238).
fn code(now: Timestamp) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(&FACTOR).expect("a key");
    mac.update(&(now.seconds() / 30).to_be_bytes());
    let bytes = mac.finalize().into_bytes();
    let at = usize::from(bytes[19] & 0x0f);
    let word = u32::from_be_bytes([bytes[at] & 0x7f, bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    format!("{:06}", word % 1_000_000)
}

/// Enrols and signs in for the first time.
fn enrolled(chain: &mut Chain) {
    assert!(matches!(attempt(chain, "manager", PASSWORD, None, start()), Outcome::Enrol { .. }));
    let code = code(start());
    assert!(matches!(attempt(chain, "manager", PASSWORD, Some(&code), start()), Outcome::Welcome { .. }));
}

#[test]
fn no_token_before_the_second_factor_is_proven() {
    let (mut chain, id) = chain();
    let Outcome::Enrol { url, .. } = attempt(&mut chain, "manager", PASSWORD, None, start()) else {
        panic!("not enrolled yet")
    };
    assert!(url.starts_with("otpauth://totp/Crema:manager?secret="), "{url}");
    assert_eq!(attempt(&mut chain, "manager", PASSWORD, Some("000000"), start()), Outcome::Refused);
    let code = code(start());
    let Outcome::Welcome { staff, grant, .. } =
        attempt(&mut chain, "manager", PASSWORD, Some(&code), start())
    else {
        panic!("enrolled")
    };
    assert_eq!((staff, grant.role()), (id, Role::OutletManager));
    // Enrolled: the password alone says nothing any more.
    assert_eq!(attempt(&mut chain, "manager", PASSWORD, None, start()), Outcome::Refused);
}

#[test]
fn a_hash_of_older_parameters_is_replaced_at_a_whole_sign_in() {
    let (mut chain, id) = chain();
    enrolled(&mut chain);
    // The same password with a quarter of the memory.
    let params = Params::new(2_304, 2, 1, None).expect("parameters");
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let old = hasher.hash_password_with_salt(PASSWORD.as_bytes(), &[7; 16]).expect("a hash").to_string();
    let set = "update staff_logins set password_hash = ?1 where staff_id = ?2";
    chain.sql.connection().execute(set, (&old, id.raw())).expect("set");
    let stored = |chain: &Chain| chain.rows("select password_hash from staff_logins").concat();
    let later = start().plus_millis(5 * MINUTE_MS);
    assert_eq!(attempt(&mut chain, "manager", PASSWORD, Some("000000"), later), Outcome::Refused);
    assert!(stored(&chain).contains("m=2304"), "the password alone changes nothing");
    let now = code(later);
    assert!(matches!(attempt(&mut chain, "manager", PASSWORD, Some(&now), later), Outcome::Welcome { .. }));
    assert!(stored(&chain).contains("m=9216,t=4,p=1"), "{}", stored(&chain));
    let next = later.plus_millis(MINUTE_MS);
    let now = code(next);
    assert!(matches!(attempt(&mut chain, "manager", PASSWORD, Some(&now), next), Outcome::Welcome { .. }));
}

#[test]
fn a_code_signs_in_once() {
    let (mut chain, _) = chain();
    enrolled(&mut chain);
    let later = start().plus_millis(5 * MINUTE_MS);
    let now = code(later);
    assert!(matches!(attempt(&mut chain, "manager", PASSWORD, Some(&now), later), Outcome::Welcome { .. }));
    assert_eq!(attempt(&mut chain, "manager", PASSWORD, Some(&now), later), Outcome::Refused);
    // Nor does an earlier one that is still within the tolerance.
    let before = code(later.plus_millis(-30_000));
    assert_eq!(attempt(&mut chain, "manager", PASSWORD, Some(&before), later), Outcome::Refused);
}

#[test]
fn failures_lock_for_a_while_also_for_who_knows_the_password() {
    let (mut chain, _) = chain();
    enrolled(&mut chain);
    let now = start().plus_millis(5 * MINUTE_MS);
    let right = code(now);
    for _ in 1..FAILURES_MAX {
        assert_eq!(attempt(&mut chain, "manager", "wrong password", Some(&right), now), Outcome::Refused);
    }
    // A success in between forgets the failures.
    assert!(matches!(attempt(&mut chain, "manager", PASSWORD, Some(&right), now), Outcome::Welcome { .. }));
    let now = now.plus_millis(MINUTE_MS);
    for failure in 0..FAILURES_MAX {
        let wrong_factor = failure % 2 == 0;
        let (password, code) = if wrong_factor { (PASSWORD, "123456") } else { ("wrong password", "123456") };
        assert_eq!(attempt(&mut chain, "manager", password, Some(code), now), Outcome::Refused);
    }
    let locked = now.plus_millis(LOCK_MS - 1);
    let right = code(locked);
    assert_eq!(attempt(&mut chain, "manager", PASSWORD, Some(&right), locked), Outcome::Refused);
    let open = now.plus_millis(LOCK_MS);
    let right = code(open);
    assert!(matches!(attempt(&mut chain, "manager", PASSWORD, Some(&right), open), Outcome::Welcome { .. }));
}

#[test]
fn attempts_at_once_do_not_outrun_the_lock() {
    let (mut chain, _) = chain();
    enrolled(&mut chain);
    let now = start().plus_millis(5 * MINUTE_MS);
    // All were judged before any was counted.
    let right = Attempt { login: "manager", password: PASSWORD, code: None };
    let judged = sign_in::judge(&chain.sql, &right, [9; 16]).expect("judged");
    for _ in 0..FAILURES_MAX {
        attempt(&mut chain, "manager", "wrong password", None, now);
    }
    let code = code(now);
    let vault = chain.secrets.vault();
    let fresh = Fresh {
        vault: &vault,
        nonce: nonce(),
        factor: FACTOR,
        no_refresh: [1; 32],
        access_key: "session/v1/x".into(),
    };
    let right = Attempt { code: Some(&code), ..right };
    let outcome = chain.write(now, |tx, moment| sign_in::conclude(tx, &right, &judged, &fresh, moment));
    assert_eq!(outcome, Ok(Outcome::Refused));
}

#[test]
fn unknown_logins_are_refused_alike() {
    let (mut chain, _) = chain();
    assert_eq!(attempt(&mut chain, "nobody", PASSWORD, None, start()), Outcome::Refused);
    assert_eq!(attempt(&mut chain, "manager", "wrong password", None, start()), Outcome::Refused);
}

#[test]
fn whoever_loses_rights_is_signed_out() {
    let (mut chain, id) = chain();
    enrolled(&mut chain);
    let vault = chain.secrets.vault();
    let change = |chain: &mut Chain, by, id, details: &Details, status| {
        let sealing = Sealing { vault: &vault, nonce: nonce() };
        transaction(&chain.sql, |tx| staff::change(tx, by, id, details, status, &sealing, start()))
    };
    let same = details(Role::OutletManager, Reach::Outlets(vec![OUTLET.into()]));
    let (_, keys) = change(&mut chain, ADMINISTRATOR, id, &same, StaffStatus::Active).expect("changed");
    assert!(keys.is_empty(), "nothing was taken away");
    let less = details(Role::Barista, Reach::Outlets(vec![OUTLET.into()]));
    let (_, keys) = change(&mut chain, ADMINISTRATOR, id, &less, StaffStatus::Active).expect("changed");
    assert_eq!(keys.len(), 1);
    let (_, again) = change(&mut chain, ADMINISTRATOR, id, &less, StaffStatus::Left).expect("changed");
    assert_eq!(again, keys, "a deletion that failed can be repeated");
    let code = code(start().plus_millis(MINUTE_MS));
    let now = start().plus_millis(MINUTE_MS);
    assert_eq!(attempt(&mut chain, "manager", PASSWORD, Some(&code), now), Outcome::Refused);
    let refused = change(&mut chain, id, id, &less, StaffStatus::Active);
    assert_eq!(refused.map(|_| ()), Err(Refused::OwnAccount));
}

#[test]
fn roles_go_with_their_scopes() {
    let (mut chain, _) = chain();
    let vault = chain.secrets.vault();
    let rows = [
        (Role::Barista, Reach::Everything, false),
        (Role::Barista, Reach::Outlets(vec!["999".into()]), false),
        (Role::Barista, Reach::Outlets(vec![OUTLET.into()]), true),
        (Role::Franchisee, Reach::Franchisee("f1".into()), true),
        (Role::Franchisee, Reach::Franchisee("f9".into()), false),
        (Role::Support, Reach::Everything, true),
        (Role::Support, Reach::Outlets(vec![OUTLET.into()]), false),
        (Role::Till, Reach::Outlets(vec![OUTLET.into()]), false),
    ];
    for (index, (role, reach, lawful)) in rows.into_iter().enumerate() {
        let code = format!("r{index}");
        let details = details(role, reach);
        let sealing = Sealing { vault: &vault, nonce: nonce() };
        let made =
            chain.write(start(), |tx, moment| staff::create(tx, &code, &details, &sealing, moment).is_ok());
        assert_eq!(made, lawful, "{details:?}");
    }
}
