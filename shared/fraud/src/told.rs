//! What the product can know of each kind of event: one constructor for each place that is judged.
//!
//! Whoever generates events to try rules on uses these as well, so that no rule looks good on facts that nobody is ever
//! told. The outlet and what a till says of payment and device are added where they are known.

use kernel::{MemberId, Timestamp};

use crate::facts::{BadCode, Event, Facts, Place, Trace, Who};

/// A sale: at a till with `staff`, or an order's. `spends`: paid with points, in whole or in part.
#[must_use]
pub fn sale(who: Who, staff: Option<String>, spends: bool, at: Timestamp) -> Facts {
    let mut told = of(Event::Receipt, who, at);
    told.staff = staff;
    told.spends = spends;
    told
}

/// Points about to be spent. At a till nothing is known of the guest's device: the till asks. An order's is the one that
/// the guest signed in on.
#[must_use]
pub fn hold(who: Who, at: Timestamp) -> Facts {
    let mut told = of(Event::Hold, who, at);
    told.spends = true;
    told
}

/// Goods come back of which the points were used: they paid for them, or what they earned has been spent. `staff` takes
/// them back.
#[must_use]
pub fn refund(who: Who, staff: Option<String>, at: Timestamp) -> Facts {
    let mut told = of(Event::Return, who, at);
    told.staff = staff;
    told.spends = true;
    told
}

/// A phone becomes a member.
#[must_use]
pub fn sign_up(member: MemberId, phone_prefix: String, device: Option<Trace>, joined_at: Timestamp) -> Facts {
    let mut told = of(Event::SignUp, Who { member, joined_at }, joined_at);
    told.phone_prefix = Some(phone_prefix);
    told.device = device;
    told
}

/// A member signs in on a device.
#[must_use]
pub fn sign_in(who: Who, device: Trace, at: Timestamp) -> Facts {
    let mut told = of(Event::SignIn, who, at);
    told.device = Some(device);
    told
}

/// A friend uses a member's code.
#[must_use]
pub fn referral(referrer: MemberId, friend: Who, at: Timestamp) -> Facts {
    let mut told = of(Event::Referral, friend, at);
    told.referrer = Some(referrer);
    told
}

/// A code of a card fails at a till. The holder is unknown where there is no such card.
#[must_use]
pub fn card_code(holder: Option<Who>, place: Place, how: BadCode, at: Timestamp) -> Facts {
    let mut told = Facts::new(Event::CodeAttempt, at);
    told.who = holder;
    told.place = Some(place);
    told.bad_code = Some(how);
    told
}

/// From where a one-time code is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Origin {
    /// As the app says.
    pub device: Option<Trace>,
    /// As the host sees it.
    pub network: Option<Trace>,
}

/// A one-time code for signing in is wrong. Whose phone it is is nobody's business yet: it is known by its keyed hash and
/// by its block of numbers.
#[must_use]
pub fn sign_in_code(phone: Trace, phone_prefix: Option<String>, origin: Origin, at: Timestamp) -> Facts {
    let mut told = Facts::new(Event::CodeAttempt, at);
    told.phone = Some(phone);
    told.phone_prefix = phone_prefix;
    told.device = origin.device;
    told.network = origin.network;
    told.bad_code = Some(BadCode::Wrong);
    told
}

/// The scheduled look at an account: one of a ring, or one that spent its welcome at an outlet.
#[must_use]
pub fn sweep(who: Who, place: Option<Place>, at: Timestamp) -> Facts {
    let mut told = of(Event::Sweep, who, at);
    told.place = place;
    told
}

fn of(event: Event, who: Who, at: Timestamp) -> Facts {
    let mut told = Facts::new(event, at);
    told.who = Some(who);
    told
}
