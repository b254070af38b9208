//! Typed ids: 63-bit numbers inside, prefixed sortable text outside (`mbr_0c9g5tk7x4s2e`).
//!
//! The number is the creation time in milliseconds (42 bits) and 21 random bits. Rows therefore arrive in key
//! order, which keeps B-trees dense, and a text id sorts as its row does. Ids are not secrets.

use crate::{ParseError, Timestamp};

/// Instant from which ids count: 2020-01-01T00:00:00Z.
const EPOCH_MS: i64 = 1_577_836_800_000;
const RANDOM_BITS: u32 = 21;
const TIME_BITS: u32 = 42;
/// Thirteen digits of five bits hold 63 bits.
const TEXT_LEN: usize = 13;
/// Crockford's base 32 in lower case: no i, l, o, u.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Makes ids. One per request; ids made from one source strictly increase.
#[derive(Debug)]
pub struct IdSource {
    seed: u64,
    last: i64,
    /// The wall clock where it is another than the call's: a rehearsal may make a year's receipts at one test instant,
    /// and the random bits of a millisecond do not reach for that.
    wall: Option<Timestamp>,
}

impl IdSource {
    /// A source whose random bits come from `seed`, 64 bits of entropy, and whose time is that of the events.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, last: 0, wall: None }
    }

    /// A source whose time is the wall clock's, whatever the time of the events.
    #[must_use]
    pub const fn at_wall(seed: u64, wall: Timestamp) -> Self {
        Self { seed, last: 0, wall: Some(wall) }
    }

    /// The next raw id for an event at `now`: a random place in its millisecond, and from there one after another, so
    /// that what many sources make in one millisecond does not crowd at its end.
    pub fn next(&mut self, now: Timestamp) -> i64 {
        let millis = self.wall.unwrap_or(now).millis();
        let time = (millis - EPOCH_MS).clamp(0, (1 << TIME_BITS) - 1);
        if time > self.last >> RANDOM_BITS {
            let random = (self.random() >> (64 - RANDOM_BITS)).cast_signed();
            self.last = (time << RANDOM_BITS) | random;
        } else {
            self.last += 1;
        }
        self.last
    }

    /// SplitMix64 (Steele, Lea, Flood 2014): well mixed from any seed, and nothing here needs secrecy.
    fn random(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// The first raw id that could have been made `millis` before the one given, by the same clock.
#[must_use]
pub const fn id_before(raw: i64, millis: i64) -> i64 {
    let time = (raw >> RANDOM_BITS).saturating_sub(millis);
    if time > 0 { time << RANDOM_BITS } else { 0 }
}

/// Writes `raw` as thirteen base-32 digits after `prefix` and an underscore.
#[must_use]
pub fn format_id(prefix: &str, raw: i64) -> String {
    let mut text = String::with_capacity(prefix.len() + 1 + TEXT_LEN);
    text.push_str(prefix);
    text.push('_');
    for position in (0..TEXT_LEN).rev() {
        let digit = (raw >> (5 * position)) & 31;
        text.push(char::from(ALPHABET[digit as usize]));
    }
    text
}

/// Reads what [`format_id`] wrote, and only that.
///
/// # Errors
/// When prefix, length or a digit is wrong.
pub fn parse_id(prefix: &str, text: &str) -> Result<i64, ParseError> {
    const SHAPE: ParseError = ParseError("not an id of the expected kind");
    let digits = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')).ok_or(SHAPE)?;
    if digits.len() != TEXT_LEN {
        return Err(SHAPE);
    }
    let mut raw: i64 = 0;
    for byte in digits.bytes() {
        let digit = ALPHABET.iter().position(|&known| known == byte).ok_or(SHAPE)?;
        raw = raw.checked_mul(32).and_then(|raw| raw.checked_add(digit as i64)).ok_or(SHAPE)?;
    }
    Ok(raw)
}

/// Declares an id type with its text prefix.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// What the text form starts with.
            pub const PREFIX: &'static str = $prefix;

            /// A new id for something that begins at `now`.
            pub fn new(ids: &mut IdSource, now: Timestamp) -> Self {
                Self(ids.next(now))
            }

            /// From the number in the database.
            #[must_use]
            pub const fn from_raw(raw: i64) -> Self {
                Self(raw)
            }

            /// The number in the database.
            #[must_use]
            pub const fn raw(self) -> i64 {
                self.0
            }

            /// Reads the text form.
            ///
            /// # Errors
            /// When the text is not an id of this kind.
            pub fn parse(text: &str) -> Result<Self, ParseError> {
                parse_id($prefix, text).map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&format_id($prefix, self.0))
            }
        }
    };
}

id!(/** A guest in a brand's programme. */ MemberId, "mbr");
id!(/** One point of sale. */ OutletId, "out");
id!(/** A legal entity that owns outlets. */ FranchiseeId, "frn");
id!(/** A person who works for the chain. */ StaffId, "stf");
id!(/** A till's API key. */ TillKeyId, "key");
id!(/** A sale recorded by a till. */ ReceiptId, "rcp");
id!(/** A full or partial return of a receipt. */ ReturnId, "ret");
id!(/** Points reserved for a receipt that is still open. */ HoldId, "hld");
id!(/** An immutable ledger record: a balanced set of postings. */ EntryId, "ent");
id!(/** Points from one accrual, with their own activation and expiry. */ LotId, "lot");
id!(/** An immutable version of a programme's rules. */ ProgrammeVersionId, "prv");
id!(/** A phone one-time code that was sent and awaits its answer. */ ChallengeId, "otp");
id!(/** A signed-in device of a guest or a member of staff. */ SessionId, "ses");
id!(/** A guest's yes or no to one text. */ ConsentId, "cns");
id!(/** A message on its way out. */ MessageId, "msg");
id!(/** One run of the importer. */ ImportId, "imp");
id!(/** A chain's account at iiko. */ IikoAccountId, "iik");
id!(/** A rule that gives a discount, a gift or points. */ PromotionId, "prm");
id!(/** One replay of a promotion over stored receipts. */ SimulationId, "smn");
id!(/** Coupon codes that were made together. */ CouponBatchId, "cpb");
id!(/** One coupon code. */ CouponId, "cpn");
id!(/** A priced basket that an order can refer to. */ QuoteId, "quo");
id!(/** An order sent from the app to a till. */ OrderId, "ord");
id!(/** One attempt to pay for an order. */ PaymentId, "pay");
id!(/** Money on its way back to the guest. */ RefundId, "rfd");
id!(/** Something to tell a guest. */ NotificationId, "ntf");
id!(/** A guest's device, chat or mailbox. */ ContactId, "cnt");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips_and_sorts() {
        let mut ids = IdSource::new(7);
        let now = Timestamp::parse("2026-11-21T00:00:00Z").expect("a time");
        let made: Vec<MemberId> =
            (0..1_000).map(|step| MemberId::new(&mut ids, now.plus_millis(step / 10))).collect();
        for pair in made.windows(2) {
            assert!(pair[0] < pair[1]);
            assert!(pair[0].to_string() < pair[1].to_string());
        }
        for id in made {
            assert_eq!(MemberId::parse(&id.to_string()), Ok(id));
            assert!(ReceiptId::parse(&id.to_string()).is_err());
        }
    }

    #[test]
    fn a_wall_clock_gives_the_time_of_ids() {
        let wall = Timestamp::parse("2026-11-21T00:00:00Z").expect("a time");
        let mut ids = IdSource::at_wall(7, wall);
        let first = ids.next(Timestamp::from_millis(0));
        assert_eq!((first >> RANDOM_BITS) + EPOCH_MS, wall.millis());
        assert_eq!(ids.next(Timestamp::from_millis(0)), first + 1, "one after another within a millisecond");
    }

    #[test]
    fn refuses_other_texts() {
        for text in [
            "",
            "mbr",
            "mbr_",
            "mbr_0c9g5tk7x4s2",
            "mbr_0c9g5tk7x4s2e0",
            "mbr_0c9g5tk7x4s2u",
            "mbr_0C9G5TK7X4S2E",
            "mbr_zzzzzzzzzzzzz",
        ] {
            assert!(MemberId::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(MemberId::parse("mbr_7zzzzzzzzzzzz").map(MemberId::raw), Ok(i64::MAX));
    }
}
