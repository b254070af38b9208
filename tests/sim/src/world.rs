//! The chain in which an episode plays: places, goods, guests and the rules of each brand over time. Everything
//! follows from one seed.

use kernel::time::{DAY_MS, HOUR_MS};
use kernel::{Currency, Timestamp, Zone};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};

use crate::rules::{Clawback, Expiry, Pending, Rules};

/// Beginnings of episodes: before a change of clocks, a leap day, the end of a year, and a plain autumn. All lie ahead: the
/// host's own timer, which goes by the clock on the wall, must find nothing due.
const STARTS: [&str; 4] =
    ["2031-03-20T06:00:00Z", "2032-02-18T06:00:00Z", "2031-12-12T06:00:00Z", "2031-10-05T06:00:00Z"];
/// Keeps the world apart from the operations, which follow from the same seed.
const WORLD_SALT: u64 = 0x5eed_0000_0000_0001;
/// Programme versions of a brand.
const VERSIONS: usize = 10;
/// The first version is in force from so long before the episode: a receipt that is later still meets no programme.
const FIRST_VERSION_BEFORE_MS: i64 = 60 * DAY_MS;

/// How far returns go; debts are the richest in consequences.
const CLAWBACKS: [Clawback; 4] =
    [Clawback::OnlyPending, Clawback::WithinBalance, Clawback::Unlimited, Clawback::Unlimited];

/// The chain of an episode.
#[derive(Debug, Clone)]
pub struct World {
    pub seed: u64,
    pub start: Timestamp,
    pub brands: Vec<Brand>,
    pub outlets: Vec<Outlet>,
    pub goods: Vec<Good>,
    pub guests: Vec<Guest>,
}

/// A brand and its rules.
#[derive(Debug, Clone)]
pub struct Brand {
    pub code: &'static str,
    pub region: &'static str,
    pub card_prefix: &'static str,
    /// Each in force from its time until the next one's.
    pub versions: Vec<(Timestamp, Rules)>,
}

/// A place of sale.
#[derive(Debug, Clone)]
pub struct Outlet {
    pub code: &'static str,
    pub brand: usize,
    pub country: &'static str,
    pub currency: Currency,
    pub zone_name: &'static str,
    pub zone: Zone,
}

/// Something sold. A good without a category is in no catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Good {
    pub code: &'static str,
    pub category: Option<&'static str>,
    /// Sold by weight.
    pub fractional: bool,
}

/// A member and their card.
#[derive(Debug, Clone)]
pub struct Guest {
    pub brand: usize,
    pub tier: &'static str,
    pub card: String,
    pub phone: String,
    pub active: bool,
    pub card_active: bool,
    /// Signs up during the episode, and has no card.
    pub comes_later: bool,
    /// Points brought in from a predecessor system, in hundredths, and when they expire.
    pub opening: Option<(i64, Option<Timestamp>)>,
}

/// The goods of every episode; rules may leave out categories and products by these names.
pub const GOODS: [Good; 7] = [
    Good { code: "espresso", category: Some("coffee"), fractional: false },
    Good { code: "cappuccino", category: Some("coffee"), fractional: false },
    Good { code: "croissant", category: Some("bakery"), fractional: false },
    Good { code: "beans", category: Some("coffee-beans"), fractional: true },
    Good { code: "gift", category: Some("gift-cards"), fractional: false },
    Good { code: "mug", category: Some("goods"), fractional: false },
    Good { code: "seasonal", category: None, fractional: false },
];

/// The category that a till names for a good that is in no catalogue.
pub const UNLISTED_CATEGORY: &str = "other";

/// Tiers of the first brand, from the entry tier upwards; the second has the first only.
pub const TIERS: [&str; 3] = ["silver", "gold", "platinum"];

impl World {
    /// The world of a seed with so many members.
    ///
    /// # Panics
    /// Never: the constants in it are well formed.
    #[must_use]
    pub fn new(seed: u64, members: usize) -> Self {
        let mut rng = StdRng::seed_from_u64(seed ^ WORLD_SALT);
        let start = STARTS.choose(&mut rng).expect("some starts");
        let start = Timestamp::parse(start).expect("a time");
        let brands = [("north", "KZ", "29"), ("south", "RU", "28")].iter().enumerate();
        let brands = brands.map(|(index, &(code, region, card_prefix))| {
            let versions = versions(&mut rng, index, start);
            Brand { code, region, card_prefix, versions }
        });
        let brands = brands.collect();
        let outlets = [
            ("ala-1", 0, "KZ", Currency::Kzt, "Asia/Almaty"),
            ("msk-1", 0, "RU", Currency::Rub, "Europe/Moscow"),
            ("ber-1", 0, "DE", Currency::Eur, "Europe/Berlin"),
            ("ala-2", 0, "KZ", Currency::Kzt, "Asia/Almaty"),
            // The programme never says what a point is worth in dollars.
            ("usd-1", 0, "KZ", Currency::Usd, "Asia/Almaty"),
            ("msk-2", 1, "RU", Currency::Rub, "Europe/Moscow"),
        ];
        let outlets = outlets.map(|(code, brand, country, currency, zone_name)| Outlet {
            code,
            brand,
            country,
            currency,
            zone_name,
            zone: Zone::parse(zone_name).expect("a zone"),
        });
        let guests = (0..members).map(|index| guest(&mut rng, index, start)).collect();
        Self { seed, start, brands, outlets: outlets.into(), goods: GOODS.into(), guests }
    }
}

/// The first members are there in every world so that nothing depends on luck: a blocked member, a blocked card, one
/// of each tier and one of the second brand.
fn guest(rng: &mut StdRng, index: usize, start: Timestamp) -> Guest {
    let brand = usize::from(index == 5 || (index > 5 && rng.random_ratio(1, 8)));
    let comes_later = index % 10 == 9;
    let tier = match (brand, index) {
        _ if comes_later => TIERS[0],
        (0, 0..3) => TIERS[index],
        (0, _) => TIERS.choose(rng).copied().unwrap_or(TIERS[0]),
        _ => TIERS[0],
    };
    let opening = rng.random_ratio(1, 3).then(|| {
        let expires = rng.random_bool(0.7).then(|| start.plus_millis(rng.random_range(1..40 * 24) * HOUR_MS));
        (rng.random_range(1..100_000), expires)
    });
    Guest {
        brand,
        tier,
        card: format!("S{index:07}"),
        phone: format!("+7701{index:07}"),
        active: index != 3,
        card_active: index != 4,
        comes_later,
        opening: opening.filter(|_| !comes_later),
    }
}

fn versions(rng: &mut StdRng, brand: usize, start: Timestamp) -> Vec<(Timestamp, Rules)> {
    let mut from = start.plus_millis(-FIRST_VERSION_BEFORE_MS);
    let mut versions = Vec::with_capacity(VERSIONS);
    for number in 0..VERSIONS {
        versions.push((from, rules(rng, brand)));
        // The second changes the first during the episode, not long before it.
        let earliest = if number == 0 { start } else { from };
        from = earliest.plus_millis(rng.random_range(2 * HOUR_MS..20 * DAY_MS));
    }
    versions
}

fn rules(rng: &mut StdRng, brand: usize) -> Rules {
    let north = brand == 0;
    let mut values = vec![(Currency::Rub, *[100, 100, 50, 33].choose(rng).unwrap_or(&100))];
    if north {
        values.push((Currency::Kzt, *[500, 100, 550].choose(rng).unwrap_or(&500)));
        values.push((Currency::Eur, *[1, 2, 7].choose(rng).unwrap_or(&1)));
    }
    let rate = |rng: &mut StdRng, low: i64| low + rng.random_range(0..4) * 12_500;
    let tiers = if north { &TIERS[..] } else { &TIERS[..1] };
    let tiers = tiers.iter().zip([30_000, 70_000, 100_000]);
    let tiers = tiers.map(|(&code, low)| (code, rate(rng, low))).collect();
    let step = *[1, 1, 10, 100].choose(rng).unwrap_or(&1);
    let spend_step = *[1, 1, 50, 100].choose(rng).unwrap_or(&1);
    let leave_out = |rng: &mut StdRng, names: &[&'static str]| {
        names.iter().copied().filter(|_| rng.random_bool(0.5)).collect::<Vec<_>>()
    };
    Rules {
        values,
        tiers,
        no_points_for_categories: leave_out(rng, &["gift-cards", "coffee-beans"]),
        no_points_for_products: leave_out(rng, &["mug"]),
        promo_lines_earn: rng.random_bool(0.4),
        earn_on_points_paid: rng.random_bool(0.3),
        points_step: step,
        pending: match rng.random_range(0..4) {
            0 => Pending::Hours(rng.random_range(1..48)),
            1 => Pending::BusinessDays(rng.random_range(1..3)),
            _ => Pending::No,
        },
        expiry: expiry(rng),
        cap_receipt: rng.random_ratio(1, 3).then(|| rng.random_range(2..40) * 125),
        cap_day: rng.random_ratio(1, 3).then(|| rng.random_range(4..80) * 125),
        cap_day_receipts: rng.random_ratio(1, 4).then(|| rng.random_range(1..6)),
        welcome: rng.random_bool(0.7).then(|| (rng.random_range(1..300) * 50, expiry(rng))),
        welcome_at_sign_up: rng.random_ratio(1, 3),
        unpayable_categories: leave_out(rng, &["gift-cards", "goods"]),
        unpayable_products: leave_out(rng, &["croissant"]),
        min_points: spend_step * rng.random_range(1..4),
        spend_step,
        share_max: *[1_000_000, 500_000, 333_333, 990_000].choose(rng).unwrap_or(&500_000),
        hold_minutes: rng.random_range(1..45),
        static_code_may_spend: if north { rng.random_bool(0.85) } else { rng.random_bool(0.5) },
        clawback: *CLAWBACKS.choose(rng).unwrap_or(&Clawback::Unlimited),
        grace_days: *[0, 0, 3, 14].choose(rng).unwrap_or(&0),
    }
}

fn expiry(rng: &mut StdRng) -> Expiry {
    match rng.random_range(0..6) {
        0 => Expiry::Never,
        1 => Expiry::MonthEnd(rng.random_range(0..2)),
        2 => Expiry::YearEnd(rng.random_range(0..2)),
        _ => Expiry::Days(rng.random_range(1..21)),
    }
}
