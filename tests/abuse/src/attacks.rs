//! People who want something for nothing. Every kind has bold and careful ones.

use fraud::Event;
use fraud::facts::BadCode;
use kernel::Timestamp;
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use rand::Rng;

use crate::town::{START, Town, city, of};

/// Kinds of abuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A barista attaches one card to receipts of guests without one.
    StaffCard,
    /// A card's number goes round, and everybody shows it.
    Velocity,
    /// Accounts made on one device for their welcome.
    DeviceFarm,
    /// Accounts on few devices that bring each other.
    ReferralRing,
    /// One person brings themselves, again and again.
    SelfReferral,
    /// Points are spent, and the goods come back, again and again.
    RefundAfterSpending,
    /// One card in several cities at once.
    ImpossibleTravel,
    /// A code that was good once is shown again.
    CodeReplay,
    /// Codes of cards are tried out at a till.
    CodeGuessing,
    /// One-time codes are tried out on phones.
    PhoneGuessing,
    /// Fresh accounts spend their welcome at one outlet, paid by one card.
    BonusHarvest,
    /// One-time codes are tried out on one phone, from a fresh device each time.
    PhoneSiege,
    /// A till records sales by the minute, for cards whose numbers somebody has.
    TillFlood,
    /// So many old accounts on one bank card that they join no ring.
    PaymentCrowd,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::StaffCard,
        Self::Velocity,
        Self::DeviceFarm,
        Self::ReferralRing,
        Self::SelfReferral,
        Self::RefundAfterSpending,
        Self::ImpossibleTravel,
        Self::CodeReplay,
        Self::CodeGuessing,
        Self::PhoneGuessing,
        Self::BonusHarvest,
        Self::PhoneSiege,
        Self::TillFlood,
        Self::PaymentCrowd,
    ];

    /// Rules that are meant for it.
    #[must_use]
    pub const fn rules(self) -> &'static [&'static str] {
        match self {
            Self::StaffCard => {
                &["staff_card_hour", "staff_card_day", "staff_card_month", "card_of_many_payers"]
            }
            Self::Velocity => &["card_hour", "card_day", "device_day", "spends_day"],
            Self::DeviceFarm => &["device_farm", "device_shared", "device_sign_ups", "number_block", "ring"],
            Self::ReferralRing => &["referral_ring", "referrals_day"],
            Self::SelfReferral => &["self_referral"],
            Self::RefundAfterSpending => &["refunds_member", "refunds_staff"],
            Self::ImpossibleTravel => &["journey", "journeys"],
            Self::CodeReplay => &["code_replay"],
            Self::CodeGuessing => &["code_guessing", "code_guessing_outlet"],
            Self::PhoneGuessing => &["code_guessing_phones", "code_guessing_device", "code_guessing_network"],
            Self::PhoneSiege => &["code_guessing_phone"],
            Self::PaymentCrowd => &["payment_crowd"],
            Self::TillFlood => &["staff_hour", "outlet_hour"],
            Self::BonusHarvest => {
                &["fresh_spends", "fresh_shared", "fresh_payment", "fresh_ring", "payment_farm"]
            }
        }
    }
}

/// Lets so many attacks of every kind happen, to a town whose honest guests are there already.
pub fn attack(town: &mut Town, of_each: usize) {
    let guests = town.members.len() as u32;
    for kind in Kind::ALL {
        for _ in 0..of_each {
            let id = town.attack(kind);
            match kind {
                Kind::StaffCard => staff_card(town, id),
                Kind::Velocity => velocity(town, id),
                Kind::DeviceFarm => farm(town, id),
                Kind::ReferralRing => ring(town, id),
                Kind::SelfReferral => self_referral(town, id),
                Kind::RefundAfterSpending => refunds(town, id),
                Kind::ImpossibleTravel => travel(town, id),
                Kind::CodeReplay => replay(town, id),
                Kind::CodeGuessing => guess(town, id, guests),
                Kind::PhoneGuessing => guess_phones(town, id),
                Kind::BonusHarvest => harvest(town, id),
                Kind::PhoneSiege => besiege(town, id),
                Kind::TillFlood => flood(town, id, guests),
                Kind::PaymentCrowd => crowd(town, id),
            }
        }
    }
}

fn old_account(town: &mut Town, id: u32) -> u32 {
    let joined_at = START.plus_millis(-town.random.random_range(10..300) * DAY_MS);
    town.member(joined_at, Some(id))
}

fn buy(town: &mut Town, id: u32, member: u32, outlet: u16, staff: u16, at: Timestamp, payment: i64) {
    let mut receipt = of(Event::Receipt, at, member, outlet);
    receipt.staff = Some(staff);
    receipt.payment = town.chance(600).then_some(payment);
    receipt.attack = Some(id);
    town.happen(receipt);
}

fn spend(town: &mut Town, id: u32, member: u32, outlet: u16, at: Timestamp) {
    let mut hold = of(Event::Hold, at, member, outlet);
    hold.spends = true;
    hold.attack = Some(id);
    town.happen(hold);
}

fn join(town: &mut Town, id: u32, at: Timestamp, device: i64, prefix: u32) -> u32 {
    let member = town.member(at, Some(id));
    let mut joined = of(Event::SignUp, at, member, 0);
    joined.device = Some(device);
    joined.prefix = Some(prefix);
    joined.attack = Some(id);
    town.happen(joined);
    member
}

fn staff_card(town: &mut Town, id: u32) {
    let (member, outlet) = (old_account(town, id), town.outlet());
    let staff = town.staff_of(outlet);
    // A third is careful: twice or three times a shift.
    let careful = town.chance(330);
    for day in 0..town.days {
        if !town.chance(600) {
            continue;
        }
        let count = if careful { town.random.random_range(2..=3) } else { town.random.random_range(4..=15) };
        for _ in 0..count {
            let (at, payer) = (town.between(day, 8, 18), town.trace());
            buy(town, id, member, outlet, staff, at, payer);
        }
    }
}

fn velocity(town: &mut Town, id: u32) {
    let (member, home) = (old_account(town, id), town.outlet());
    let (first, length) = (town.random.random_range(0..town.days - 7), town.random.random_range(2..=7));
    for day in first..first + length {
        for _ in 0..town.random.random_range(10..=35) {
            let outlet = town.outlet_in(city(home));
            let (staff, at, payer) = (town.staff_of(outlet), town.between(day, 8, 21), town.trace());
            buy(town, id, member, outlet, staff, at, payer);
        }
    }
}

fn farm(town: &mut Town, id: u32) {
    let (device, outlet) = (town.trace(), town.outlet());
    let day = town.random.random_range(0..town.days - 12);
    let accounts = town.random.random_range(5..=20);
    let slow = town.chance(400);
    for index in 0..accounts {
        let on = if slow { day + index / 2 } else { day };
        let at = town.between(on, 9, 20);
        let prefix = 7_700_000 + town.random.random_range(0..4_000);
        let member = join(town, id, at, device, prefix);
        let (staff, payer) = (town.staff_of(outlet), town.trace());
        buy(town, id, member, outlet, staff, at.plus_millis(HOUR_MS), payer);
        spend(town, id, member, outlet, at.plus_millis(2 * HOUR_MS));
    }
}

fn ring(town: &mut Town, id: u32) {
    let devices = [town.trace(), town.trace(), town.trace()];
    let payments = [town.trace(), town.trace()];
    let (outlet, day) = (town.outlet(), town.random.random_range(0..town.days - 12));
    let accounts = town.random.random_range(5..=12);
    let mut known: Vec<u32> = Vec::new();
    for index in 0..accounts {
        let at = town.between(day + index, 9, 20);
        let device = devices[index as usize % devices.len()];
        let prefix = 7_700_000 + town.random.random_range(0..4_000);
        let member = join(town, id, at, device, prefix);
        if let Some(&referrer) = known.last() {
            let mut referral = of(Event::Referral, at.plus_millis(10 * MINUTE_MS), member, outlet);
            referral.referrer = Some(referrer);
            referral.attack = Some(id);
            town.happen(referral);
        }
        known.push(member);
        for step in 0..4 {
            let (staff, payer) = (town.staff_of(outlet), payments[town.random.random_range(0..2)]);
            buy(town, id, member, outlet, staff, at.plus_millis((step + 1) * DAY_MS / 2), payer);
        }
    }
}

fn self_referral(town: &mut Town, id: u32) {
    let (device, payment, outlet) = (town.trace(), town.trace(), town.outlet());
    let first = old_account(town, id);
    let day = town.random.random_range(1..town.days - 12);
    let mut signed_in = of(Event::SignIn, town.between(day - 1, 9, 20), first, outlet);
    signed_in.device = Some(device);
    town.happen(signed_in);
    for index in 0..town.random.random_range(3..=8) {
        let at = town.between(day + index, 9, 20);
        let staff = town.staff_of(outlet);
        buy(town, id, first, outlet, staff, at, payment);
        let prefix = 7_700_000 + town.random.random_range(0..4_000);
        let member = join(town, id, at.plus_millis(HOUR_MS), device, prefix);
        let mut referral = of(Event::Referral, at.plus_millis(2 * HOUR_MS), member, outlet);
        referral.referrer = Some(first);
        referral.attack = Some(id);
        town.happen(referral);
        buy(town, id, member, outlet, staff, at.plus_millis(3 * HOUR_MS), payment);
    }
}

fn refunds(town: &mut Town, id: u32) {
    let (member, outlet, payment) = (old_account(town, id), town.outlet(), town.trace());
    let staff = town.staff_of(outlet);
    for _ in 0..town.random.random_range(3..=12) {
        let day = town.random.random_range(0..town.days);
        let at = town.between(day, 9, 20);
        spend(town, id, member, outlet, at);
        buy(town, id, member, outlet, staff, at.plus_millis(MINUTE_MS), payment);
        let mut back = of(Event::Return, at.plus_millis(20 * MINUTE_MS), member, outlet);
        back.spends = true;
        back.staff = Some(staff);
        back.attack = Some(id);
        town.happen(back);
    }
}

fn travel(town: &mut Town, id: u32) {
    let member = old_account(town, id);
    let cities =
        [town.random.random_range(0..5), town.random.random_range(0..5), town.random.random_range(0..5)];
    let often = town.random.random_range(300..=900);
    for day in 0..town.days {
        for home in cities {
            if town.chance(often) {
                let outlet = town.outlet_in(home);
                let (staff, at, payer) =
                    (town.staff_of(outlet), town.between(day, 8, 20), home as i64 + 5_000_000);
                buy(town, id, member, outlet, staff, at, payer + i64::from(id) * 10);
            }
        }
    }
}

fn replay(town: &mut Town, id: u32) {
    let (member, outlet) = (old_account(town, id), town.outlet());
    for _ in 0..town.random.random_range(1..=6) {
        let day = town.random.random_range(0..town.days);
        let at = town.between(day, 9, 20);
        for step in 0..town.random.random_range(2..=6) {
            let mut attempt = of(Event::CodeAttempt, at.plus_millis(step * 10 * MINUTE_MS), member, outlet);
            attempt.bad_code = Some(BadCode::Replayed);
            attempt.attack = Some(id);
            town.happen(attempt);
        }
    }
}

/// The cards are of honest guests, who must not suffer from it.
fn guess(town: &mut Town, id: u32, guests: u32) {
    let (outlet, day) = (town.outlet(), town.random.random_range(0..town.days));
    let at = town.between(day, 9, 18);
    let one_card = town.chance(500);
    let victim = town.random.random_range(0..guests);
    for step in 0..town.random.random_range(10..=60) {
        let card = if one_card { victim } else { town.random.random_range(0..guests) };
        let mut attempt = of(Event::CodeAttempt, at.plus_millis(step * 45_000), card, outlet);
        attempt.bad_code = Some(BadCode::Wrong);
        attempt.attack = Some(id);
        town.happen(attempt);
    }
}

/// Phones are tried one after another: from one device, or from a fresh one each time but within a block of numbers, or,
/// carefully, from a few devices or from as many as phones, over many blocks. Nobody who is known suffers or is to blame.
fn guess_phones(town: &mut Town, id: u32) {
    let (day, how) = (town.random.random_range(0..town.days), town.random.random_range(0..1_000));
    let (devices, block) =
        ([town.trace(), town.trace(), town.trace()], 7_700_000 + town.random.random_range(0..4_000));
    let (at, network) = (town.between(day, 0, 22), town.trace());
    for step in 0..town.random.random_range(20..=90) {
        let mut attempt = of(Event::CodeAttempt, at.plus_millis(step * 30_000), 0, 0);
        attempt.member = None;
        attempt.bad_code = Some(BadCode::Wrong);
        attempt.attack = Some(id);
        attempt.phone = Some(town.trace());
        attempt.network = Some(network);
        attempt.device = Some(match how {
            0..400 => devices[0],
            400..800 | 900.. => town.trace(),
            _ => devices[step as usize % devices.len()],
        });
        let scattered = 7_700_000 + town.random.random_range(0..4_000);
        attempt.prefix = Some(if (400..800).contains(&how) { block } else { scattered });
        town.happen(attempt);
    }
}

fn harvest(town: &mut Town, id: u32) {
    let (outlet, payment) = (town.outlet(), town.trace());
    let staff = town.staff_of(outlet);
    let day = town.random.random_range(0..town.days - 3);
    let block = 7_700_000 + town.random.random_range(0..4_000);
    for _ in 0..town.random.random_range(8..=40) {
        let at = town.between(day, 9, 20);
        let device = town.trace();
        let member = join(town, id, at, device, block);
        let paid = at.plus_millis(20 * MINUTE_MS);
        buy(town, id, member, outlet, staff, paid, payment);
        spend(town, id, member, outlet, paid.plus_millis(HOUR_MS));
    }
}

/// As many codes as may be sent to a phone in a day, each tried out as often as it may be; the careful leave out some.
fn besiege(town: &mut Town, id: u32) {
    let (phone, prefix) = (town.trace(), 7_700_000 + town.random.random_range(0..4_000));
    let first = town.random.random_range(0..town.days - 3);
    for day in first..first + town.random.random_range(1..=3) {
        let at = town.between(day, 0, 12);
        for step in 0..town.random.random_range(8..=25) {
            let mut attempt = of(Event::CodeAttempt, at.plus_millis(step * 20 * MINUTE_MS), 0, 0);
            attempt.member = None;
            attempt.bad_code = Some(BadCode::Wrong);
            attempt.attack = Some(id);
            attempt.phone = Some(phone);
            attempt.device = Some(town.trace());
            attempt.prefix = Some(prefix);
            town.happen(attempt);
        }
    }
}

/// The cards are of honest guests, who must not suffer from it.
fn flood(town: &mut Town, id: u32, guests: u32) {
    let outlet = town.outlet();
    let (day, staff) = (town.random.random_range(0..town.days), town.staff_of(outlet));
    let at = town.between(day, 20, 22);
    // The bold are done in ten minutes, the careful take two hours for as much.
    let gap_ms = if town.chance(700) { town.random.random_range(3_000..20_000) } else { 40_000 };
    for step in 0..town.random.random_range(130..=300) {
        let victim = town.random.random_range(0..guests);
        if town.members[victim as usize].joined_at > at {
            continue;
        }
        let mut receipt = of(Event::Receipt, at.plus_millis(step * gap_ms), victim, outlet);
        receipt.staff = Some(staff);
        receipt.attack = Some(id);
        town.happen(receipt);
    }
}

/// One bank card pays for accounts that are bought or borrowed, at several outlets; the careful have fewer of them.
fn crowd(town: &mut Town, id: u32) {
    let (payment, home) = (town.trace(), town.outlet());
    for _ in 0..town.random.random_range(18..=60) {
        let member = old_account(town, id);
        for _ in 0..town.random.random_range(1..=3) {
            let (day, outlet) = (town.random.random_range(0..town.days), town.outlet_in(city(home)));
            let (staff, at) = (town.staff_of(outlet), town.between(day, 8, 21));
            buy(town, id, member, outlet, staff, at, payment);
        }
    }
}
