//! Where everything takes place, and what happens there.

use fraud::facts::{BadCode, Place, Position, Trace, Who};
use fraud::told::Origin;
use fraud::{Event, Facts, told};
use kernel::time::{DAY_MS, HOUR_MS};
use kernel::{MemberId, OutletId, Timestamp};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::attacks::Kind;

/// When the first day begins.
pub const START: Timestamp = Timestamp::from_millis(1_793_491_200_000);
/// Cities with their positions in millionths of a degree.
const CITIES: [(i64, i64); 6] = [
    (43_238_949, 76_889_709),
    (51_169_392, 71_449_074),
    (55_755_826, 37_617_300),
    (42_341_700, 69_590_100),
    (54_983_300, 73_366_700),
    (43_240_000, 76_700_000),
];
/// Outlets of a city. The last of each is at the airport.
pub const OUTLETS_PER_CITY: usize = 40;
/// People who work at an outlet.
pub const STAFF_PER_OUTLET: usize = 6;

/// One event, compact: there are millions.
#[derive(Debug, Clone, Copy)]
pub struct Happening {
    pub at: Timestamp,
    pub event: Event,
    pub member: Option<u32>,
    pub outlet: u16,
    pub staff: Option<u16>,
    pub payment: Option<i64>,
    pub device: Option<i64>,
    /// Block of phone numbers of a new member.
    pub prefix: Option<u32>,
    /// The phone that a one-time code was for.
    pub phone: Option<i64>,
    /// Where a one-time code was sent from.
    pub network: Option<i64>,
    pub spends: bool,
    pub referrer: Option<u32>,
    pub bad_code: Option<BadCode>,
    /// The attack that it is part of.
    pub attack: Option<u32>,
}

/// A member.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    pub joined_at: Timestamp,
    /// The attack whose account it is.
    pub attack: Option<u32>,
}

/// Everything that happened, with labels.
pub struct Town {
    pub random: StdRng,
    pub days: i64,
    pub members: Vec<Member>,
    pub happenings: Vec<Happening>,
    /// The kind of every attack.
    pub attacks: Vec<Kind>,
    next_trace: i64,
}

impl Town {
    /// An empty town.
    #[must_use]
    pub fn new(seed: u64, days: i64) -> Self {
        Self {
            random: StdRng::seed_from_u64(seed),
            days,
            members: Vec::new(),
            happenings: Vec::new(),
            attacks: Vec::new(),
            next_trace: 0,
        }
    }

    /// A new member who joined then.
    pub fn member(&mut self, joined_at: Timestamp, attack: Option<u32>) -> u32 {
        self.members.push(Member { joined_at, attack });
        self.members.len() as u32 - 1
    }

    /// A device or a payment token that nobody has yet.
    pub fn trace(&mut self) -> i64 {
        self.next_trace += 1;
        self.next_trace
    }

    /// A new attack.
    pub fn attack(&mut self, kind: Kind) -> u32 {
        self.attacks.push(kind);
        self.attacks.len() as u32 - 1
    }

    /// An outlet of a random city.
    pub fn outlet(&mut self) -> u16 {
        let city = self.random.random_range(0..CITIES.len());
        self.outlet_in(city)
    }

    /// An outlet of a city, not the airport's.
    pub fn outlet_in(&mut self, city: usize) -> u16 {
        (city * OUTLETS_PER_CITY + self.random.random_range(0..OUTLETS_PER_CITY - 1)) as u16
    }

    /// Somebody who works at an outlet.
    pub fn staff_of(&mut self, outlet: u16) -> u16 {
        outlet * STAFF_PER_OUTLET as u16 + self.random.random_range(0..STAFF_PER_OUTLET as u16)
    }

    /// A moment of a day between two hours.
    pub fn between(&mut self, day: i64, from_hour: i64, until_hour: i64) -> Timestamp {
        let ms = self.random.random_range(from_hour * HOUR_MS..until_hour * HOUR_MS);
        START.plus_millis(day * DAY_MS + ms)
    }

    /// True in so many of a thousand cases.
    pub fn chance(&mut self, per_mille: u32) -> bool {
        self.random.random_range(0..1_000) < per_mille
    }

    /// How often something happens that is expected `mean` times (Knuth).
    pub fn poisson(&mut self, mean: f64) -> u32 {
        let (limit, mut product, mut count) = ((-mean).exp(), 1.0, 0);
        loop {
            product *= self.random.random::<f64>();
            if product <= limit {
                return count;
            }
            count += 1;
        }
    }

    /// Lets something happen.
    pub fn happen(&mut self, happening: Happening) {
        self.happenings.push(happening);
    }
}

/// An event of which only time, place and member are known.
#[must_use]
pub const fn of(event: Event, at: Timestamp, member: u32, outlet: u16) -> Happening {
    Happening {
        at,
        event,
        member: Some(member),
        outlet,
        staff: None,
        payment: None,
        device: None,
        prefix: None,
        phone: None,
        network: None,
        spends: false,
        referrer: None,
        bad_code: None,
        attack: None,
    }
}

/// The city of an outlet.
#[must_use]
pub const fn city(outlet: u16) -> usize {
    outlet as usize / OUTLETS_PER_CITY
}

/// The airport's outlet of a city.
#[must_use]
pub const fn airport(city: usize) -> u16 {
    (city * OUTLETS_PER_CITY + OUTLETS_PER_CITY - 1) as u16
}

/// Where an outlet is.
#[must_use]
pub fn position(outlet: u16) -> Position {
    let (latitude, longitude) = CITIES[city(outlet)];
    let place = i64::from(outlet) % OUTLETS_PER_CITY as i64;
    // A grid of about 1.5 km; airports lie 25 km out.
    let (north, east) = if place == OUTLETS_PER_CITY as i64 - 1 { (16, 16) } else { (place / 8, place % 8) };
    Position { latitude_e6: latitude + north * 14_000, longitude_e6: longitude + east * 19_000 }
}

impl Happening {
    /// The event as the product is told of it: made by the product's own constructors, so that nothing is known here that
    /// is not known there.
    ///
    /// # Panics
    /// When an event lacks what it always has: a mistake of the generator.
    #[must_use]
    pub fn facts(&self, members: &[Member]) -> Facts {
        let who = self.member.map(|member| who(member, members));
        let known = || who.expect("an event of a member");
        let outlet = OutletId::from_raw(i64::from(self.outlet) + 1);
        let place = Place { outlet, position: Some(position(self.outlet)) };
        let staff = || self.staff.map(|staff| format!("s{staff}"));
        let (payment, device) = (self.payment.map(Trace::from_raw), self.device.map(Trace::from_raw));
        let prefix = || self.prefix.map(|prefix| format!("{prefix:07}"));
        let at = self.at;
        match self.event {
            Event::Receipt => {
                Facts { place: Some(place), payment, device, ..told::sale(known(), staff(), self.spends, at) }
            }
            Event::Hold => Facts { place: Some(place), ..told::hold(known(), at) },
            Event::Return => Facts { place: Some(place), ..told::refund(known(), staff(), at) },
            Event::SignUp => {
                told::sign_up(known().member, prefix().expect("a phone"), device, known().joined_at)
            }
            Event::SignIn => told::sign_in(known(), device.expect("a device"), at),
            Event::Referral => told::referral(id(self.referrer.expect("whose code it is")), known(), at),
            Event::CodeAttempt => match (who, self.bad_code) {
                (None, _) => {
                    let phone = Trace::from_raw(self.phone.expect("whose code it is"));
                    let network = self.network.map(Trace::from_raw);
                    told::sign_in_code(phone, prefix(), Origin { device, network }, at)
                }
                (Some(_), how) => told::card_code(who, place, how.unwrap_or(BadCode::Wrong), at),
            },
            Event::Sweep => told::sweep(known(), Some(Place { position: None, ..place }), at),
        }
    }
}

/// A member as the product names them.
#[must_use]
pub const fn id(member: u32) -> MemberId {
    MemberId::from_raw(member as i64 + 1)
}

/// The same with the day of joining.
#[must_use]
pub const fn who(member: u32, members: &[Member]) -> Who {
    Who { member: id(member), joined_at: members[member as usize].joined_at }
}
