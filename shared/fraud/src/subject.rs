//! Of whom something is counted.

use std::fmt;

use kernel::{MemberId, OutletId};

use crate::facts::{Facts, Trace};

/// Most digits of a phone that a prefix has: country, operator, and enough that blocks of numbers bought together meet.
pub const PREFIX_DIGITS: usize = 7;

/// Somebody or something of which events are counted. At most eight take part in one event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    Member(MemberId),
    Outlet(OutletId),
    Staff(String),
    /// One member of staff with one member.
    Pair(String, MemberId),
    Payment(Trace),
    Device(Trace),
    PhonePrefix(String),
    /// A phone that codes are tried out on.
    Phone(Trace),
    /// A network that codes are tried out from.
    Network(Trace),
}

/// How the keys of each begin.
const MEMBER: &str = "m";
const OUTLET: &str = "o";
const STAFF: &str = "s";
const PAIR: &str = "p";
const PAYMENT: &str = "t";
const DEVICE: &str = "d";
const PHONE_PREFIX: &str = "x";
const PHONE: &str = "n";
const NETWORK: &str = "w";

impl Subject {
    /// The subject of a key in the database, if it is one.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        let (kind, what) = key.split_once(':')?;
        let raw = || what.parse::<i64>().ok();
        Some(match kind {
            MEMBER => Self::Member(MemberId::from_raw(raw()?)),
            OUTLET => Self::Outlet(OutletId::from_raw(raw()?)),
            STAFF => Self::Staff(what.to_owned()),
            PAIR => {
                let (member, code) = what.split_once(':')?;
                Self::Pair(code.to_owned(), MemberId::from_raw(member.parse().ok()?))
            }
            PAYMENT => Self::Payment(Trace::from_raw(raw()?)),
            DEVICE => Self::Device(Trace::from_raw(raw()?)),
            PHONE_PREFIX => Self::PhonePrefix(what.to_owned()),
            PHONE => Self::Phone(Trace::from_raw(raw()?)),
            NETWORK => Self::Network(Trace::from_raw(raw()?)),
            _ => return None,
        })
    }

    /// What it is, on the wire.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Member(_) => "member",
            Self::Outlet(_) => "outlet",
            Self::Staff(_) => "staff",
            Self::Pair(..) => "pair",
            Self::Payment(_) => "payment",
            Self::Device(_) => "device",
            Self::PhonePrefix(_) => "phone_block",
            Self::Phone(_) => "phone",
            Self::Network(_) => "network",
        }
    }
}

/// The key in the database.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(member) => write!(f, "{MEMBER}:{}", member.raw()),
            Self::Outlet(outlet) => write!(f, "{OUTLET}:{}", outlet.raw()),
            Self::Staff(code) => write!(f, "{STAFF}:{code}"),
            Self::Pair(code, member) => write!(f, "{PAIR}:{}:{code}", member.raw()),
            Self::Payment(trace) => write!(f, "{PAYMENT}:{}", trace.raw()),
            Self::Device(trace) => write!(f, "{DEVICE}:{}", trace.raw()),
            Self::PhonePrefix(prefix) => write!(f, "{PHONE_PREFIX}:{prefix}"),
            Self::Phone(trace) => write!(f, "{PHONE}:{}", trace.raw()),
            Self::Network(trace) => write!(f, "{NETWORK}:{}", trace.raw()),
        }
    }
}

/// Most subjects of one event.
pub const SUBJECTS_MAX: usize = 8;

/// Whom an event concerns. The referrer is counted as a member of their own.
#[must_use]
pub fn subjects(facts: &Facts) -> Vec<Subject> {
    let mut all = Vec::with_capacity(SUBJECTS_MAX);
    let member = facts.who.map(|who| who.member);
    all.extend(member.map(Subject::Member));
    all.extend(facts.referrer.filter(|referrer| Some(*referrer) != member).map(Subject::Member));
    all.extend(facts.place.map(|place| Subject::Outlet(place.outlet)));
    if let Some(staff) = &facts.staff {
        all.push(Subject::Staff(staff.clone()));
        all.extend(member.map(|member| Subject::Pair(staff.clone(), member)));
    }
    all.extend(facts.payment.map(Subject::Payment));
    all.extend(facts.device.map(Subject::Device));
    all.extend(facts.phone_prefix.clone().map(Subject::PhonePrefix));
    all.extend(facts.phone.map(Subject::Phone));
    all.extend(facts.network.map(Subject::Network));
    all
}

/// The leading digits of a phone in E.164, as they are counted.
#[must_use]
pub fn phone_prefix(e164: &str) -> String {
    e164.chars().filter(char::is_ascii_digit).take(PREFIX_DIGITS).collect()
}
