//! Guests who want coffee.

use fraud::Event;
use fraud::facts::BadCode;
use fraud::geo::distance_m;
use kernel::Timestamp;
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use rand::Rng;

use crate::town::{START, Town, airport, city, of, position};

/// Metres that an aircraft flies in an hour.
const FLIGHT_M_PER_HOUR: i64 = 830_000;
/// Networks are counted from there on.
const NETWORKS_FROM: i64 = 9_000_000_000;
/// Tills that say what was paid with, in thousandths.
const TOKENS: u32 = 600;

/// How somebody lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    /// Twice a month.
    Casual,
    /// Three times a week at one place.
    Regular,
    /// Every day, some days three times.
    Daily,
    /// Fetches coffee for colleagues, in receipts of their own.
    Fetcher,
    /// One card for two people of a family.
    Family,
    /// Flies every other week, and drinks coffee at both airports.
    Flyer,
    /// Works at an outlet and drinks their own coffee there.
    Barista,
}

/// A guest and what is theirs.
struct Guest {
    member: u32,
    home: u16,
    life: Life,
    payment: i64,
    joined_at: Timestamp,
}

/// Peoples the town with so many honest guests.
pub fn people(town: &mut Town, guests: usize) {
    let (mut device, mut payment, mut left_on_device, mut last) = (town.trace(), town.trace(), 0u32, None);
    for index in 0..guests {
        if left_on_device == 0 {
            device = town.trace();
            // Every thirtieth device is a family's, with up to four accounts.
            left_on_device = if town.chance(30) { town.random.random_range(2..=4) } else { 1 };
        } else if !town.chance(500) {
            // Half of those who share a device share a means of payment.
            payment = town.trace();
        }
        left_on_device -= 1;
        if left_on_device == 0 && !town.chance(60) {
            payment = town.trace();
        }
        let life = life(town, index);
        let is_new = town.chance(120);
        let joined_at = if is_new {
            let day = town.random.random_range(0..town.days);
            town.between(day, 8, 21)
        } else {
            START.plus_millis(-town.random.random_range(30..700) * DAY_MS)
        };
        let member = town.member(joined_at, None);
        let home = town.outlet();
        let guest = Guest { member, home, life, payment, joined_at };
        if is_new {
            sign_up(town, &guest, device, last);
        } else if town.chance(300) {
            let day = town.random.random_range(0..town.days);
            let (at, prefix) = (town.between(day, 7, 22), 7_700_000 + town.random.random_range(0..4_000));
            mistype(town, at, device, prefix);
            let mut signed_in = of(Event::SignIn, at, member, home);
            signed_in.device = Some(device);
            town.happen(signed_in);
        }
        live(town, &guest, is_new);
        last = Some(member);
    }
    opening(town);
    for _ in 0..guests / 4_000 {
        company(town);
    }
}

/// What belongs to an outlet and is used by everybody, a few for so many guests. After everything else, so that no attack
/// takes its victims from there and looks noticed by what is found of them anyway.
pub fn share(town: &mut Town, guests: usize) {
    for _ in 0..=guests / 20_000 {
        shared(town, false);
        shared(town, true);
    }
}

/// A kiosk that its guests sign in on and order at, or a tablet whose till calls it the device of every receipt. What is
/// ordered at a kiosk is counted for no device (`shop::order::sale::own_device`).
fn shared(town: &mut Town, is_tablet: bool) {
    let (home, device) = (town.outlet(), town.trace());
    for _ in 0..town.random.random_range(60..=240) {
        let joined_at = START.plus_millis(-town.random.random_range(30..700) * DAY_MS);
        let (member, payment) = (town.member(joined_at, None), town.trace());
        for _ in 0..town.random.random_range(1..6) {
            let day = town.random.random_range(0..town.days);
            let at = town.between(day, 7, 21);
            if !is_tablet {
                let mut signed_in = of(Event::SignIn, at.plus_millis(-MINUTE_MS), member, home);
                signed_in.device = Some(device);
                town.happen(signed_in);
            }
            let mut receipt = of(Event::Receipt, at, member, home);
            receipt.payment = town.chance(TOKENS).then_some(payment);
            receipt.device = is_tablet.then_some(device);
            receipt.staff = is_tablet.then(|| town.staff_of(home));
            town.happen(receipt);
        }
    }
}

/// Colleagues with cards of their own, whose coffee their company's bank card pays for now and then.
fn company(town: &mut Town) {
    let (home, shared) = (town.outlet(), town.trace());
    let favourite = town.staff_of(home);
    for _ in 0..town.random.random_range(4..=14) {
        let joined_at = START.plus_millis(-town.random.random_range(30..700) * DAY_MS);
        let (member, payment) = (town.member(joined_at, None), town.trace());
        let guest = Guest { member, home, life: Life::Regular, payment, joined_at };
        live(town, &guest, false);
        for _ in 0..town.random.random_range(1..6) {
            let day = town.random.random_range(0..town.days);
            let at = town.between(day, 8, 18);
            buy(town, &guest, home, favourite, at, shared);
        }
    }
}

fn life(town: &mut Town, index: usize) -> Life {
    match (index % 1_000, town.random.random_range(0..1_000)) {
        (_, 0..740) => Life::Casual,
        (_, 740..935) => Life::Regular,
        (_, 935..965) => Life::Daily,
        (_, 965..972) => Life::Fetcher,
        (_, 972..982) => Life::Family,
        (_, 982..990) => Life::Flyer,
        _ => Life::Barista,
    }
}

/// One in twelve types a code wrong, once or three times.
fn mistype(town: &mut Town, at: Timestamp, device: i64, prefix: u32) {
    if !town.chance(80) {
        return;
    }
    for step in 1..=town.random.random_range(1..=3) {
        let mut attempt = of(Event::CodeAttempt, at.plus_millis(-20_000 * step), 0, 0);
        attempt.member = None;
        attempt.device = Some(device);
        // A family's phones count as one here: more than any of them has.
        attempt.phone = Some(device);
        attempt.network = Some(network(town));
        attempt.prefix = Some(prefix);
        attempt.bad_code = Some(BadCode::Wrong);
        town.happen(attempt);
    }
}

/// Mobile operators have many guests behind one address: here a city has twenty-four.
fn network(town: &mut Town) -> i64 {
    NETWORKS_FROM + town.random.random_range(0..24)
}

fn sign_up(town: &mut Town, guest: &Guest, device: i64, friend: Option<u32>) {
    let prefix = 7_700_000 + town.random.random_range(0..4_000);
    mistype(town, guest.joined_at, device, prefix);
    let mut joined = of(Event::SignUp, guest.joined_at, guest.member, guest.home);
    joined.device = Some(device);
    joined.prefix = Some(prefix);
    town.happen(joined);
    // A friend brought them; one in ten of the friends lives with them.
    if let Some(friend) = friend
        && town.chance(80)
    {
        let mut referral =
            of(Event::Referral, guest.joined_at.plus_millis(HOUR_MS), guest.member, guest.home);
        referral.referrer = Some(friend);
        town.happen(referral);
    }
}

fn live(town: &mut Town, guest: &Guest, is_new: bool) {
    let favourite = town.staff_of(guest.home);
    for day in 0..town.days {
        if START.plus_millis(day * DAY_MS + 8 * HOUR_MS) < guest.joined_at {
            continue;
        }
        let mean = match guest.life {
            Life::Casual => 0.07,
            Life::Regular => 0.42,
            Life::Daily => 1.3,
            Life::Fetcher => 0.8,
            Life::Family => 0.9,
            Life::Flyer => 0.5,
            Life::Barista => 0.7,
        };
        for _ in 0..town.poisson(mean).min(5) {
            visit(town, guest, favourite, day);
        }
        if guest.life == Life::Flyer && day % 7 == i64::from(guest.member % 7) {
            fly(town, guest, day);
        }
    }
    // Many spend their welcome with the first coffee.
    if is_new && town.chance(300) {
        let at = guest.joined_at.plus_millis(town.random.random_range(1..40) * HOUR_MS);
        spend(town, guest, guest.home, at);
    }
}

fn visit(town: &mut Town, guest: &Guest, favourite: u16, day: i64) {
    let elsewhere = town.chance(200);
    let outlet = if elsewhere { town.outlet_in(city(guest.home)) } else { guest.home };
    let at = town.between(day, 7, 21);
    let staff = if !elsewhere && town.chance(450) { favourite } else { town.staff_of(outlet) };
    buy(town, guest, outlet, staff, at, guest.payment);
    match guest.life {
        Life::Fetcher if town.chance(300) => {
            // Colleagues pay for themselves, all with this card.
            for step in 1..=town.random.random_range(1..=3) {
                let payer = if town.chance(700) { town.trace() } else { guest.payment };
                buy(town, guest, outlet, staff, at.plus_millis(step * 2 * MINUTE_MS), payer);
            }
        }
        Life::Family if town.chance(300) => {
            let far = town.chance(25);
            let other = if far { town.outlet() } else { town.outlet_in(city(guest.home)) };
            let (staff, gap) = (town.staff_of(other), town.random.random_range(0..180));
            buy(town, guest, other, staff, at.plus_millis(gap * MINUTE_MS), guest.payment + 1_000_000_000);
        }
        _ => {}
    }
    if town.chance(90) {
        spend(town, guest, outlet, at.plus_millis(-MINUTE_MS));
    }
}

fn buy(town: &mut Town, guest: &Guest, outlet: u16, staff: u16, at: Timestamp, payment: i64) {
    let mut receipt = of(Event::Receipt, at, guest.member, outlet);
    receipt.staff = Some(staff);
    receipt.payment = town.chance(TOKENS).then_some(payment);
    town.happen(receipt);
}

/// Points are spent, mostly without trouble.
fn spend(town: &mut Town, guest: &Guest, outlet: u16, at: Timestamp) {
    if town.chance(8) {
        // An old screen, a till that scans twice.
        let bad = if town.chance(600) { BadCode::Wrong } else { BadCode::Replayed };
        for _ in 0..town.random.random_range(1..=2) {
            let mut attempt = of(Event::CodeAttempt, at.plus_millis(-20_000), guest.member, outlet);
            attempt.bad_code = Some(bad);
            town.happen(attempt);
        }
    }
    let mut hold = of(Event::Hold, at, guest.member, outlet);
    hold.spends = true;
    town.happen(hold);
    if town.chance(6) {
        let mut back = of(Event::Return, at.plus_millis(15 * MINUTE_MS), guest.member, outlet);
        back.spends = true;
        back.staff = Some(town.staff_of(outlet));
        town.happen(back);
    }
}

/// Coffee at one airport, and at another after the flight and some time before and behind it.
fn fly(town: &mut Town, guest: &Guest, day: i64) {
    let from = city(guest.home);
    let to = (from + 1 + town.random.random_range(0..4)) % 5;
    let at = town.between(day, 6, 18);
    let flight_ms = distance_m(position(airport(from)), position(airport(to))) * HOUR_MS / FLIGHT_M_PER_HOUR;
    let around_ms = town.random.random_range(45..240) * MINUTE_MS;
    for (place, at) in [(airport(from), at), (airport(to), at.plus_millis(flight_ms + around_ms))] {
        if town.chance(600) {
            let staff = town.staff_of(place);
            buy(town, guest, place, staff, at, guest.payment);
        }
    }
}

/// Two outlets open: crowds join there within hours and spend their welcome.
fn opening(town: &mut Town) {
    for _ in 0..2 {
        let (outlet, day) = (town.outlet(), town.random.random_range(2..town.days));
        for _ in 0..60 {
            let joined_at = town.between(day, 9, 20);
            let member = town.member(joined_at, None);
            let (device, payment) = (town.trace(), town.trace());
            let guest = Guest { member, home: outlet, life: Life::Casual, payment, joined_at };
            sign_up(town, &guest, device, None);
            let staff = town.staff_of(outlet);
            let at = joined_at.plus_millis(5 * MINUTE_MS);
            buy(town, &guest, outlet, staff, at, payment);
            if town.chance(500) {
                spend(town, &guest, outlet, at);
            }
        }
    }
}
