//! The shape of the generated chain: countries, brands, prices, programmes. Numbers, no people and no real places.

use anyhow::Result;
use kernel::{Currency, Money, Points, Rate};
use ledger::model::ClawbackPolicy;
use loyalty::programme::{
    Caps, Earning, Exclusions, Expiry, PendingDelay, Programme, Redemption, Returns, Tier, WelcomeBonus,
    WelcomeTrigger,
};
use notation::Names;

pub const OUTLETS: usize = 1_200;
pub const FRANCHISEES: usize = 280;
pub const PRODUCTS: usize = 80;
/// Codes and names of the brands; the first has three outlets in four.
pub const BRANDS: [(&str, &str, &str); 2] = [("brand-a", "Brand A", "23"), ("brand-b", "Brand B", "24")];
/// Product categories; merchandise earns nothing.
pub const CATEGORIES: [&str; 8] =
    ["coffee", "tea", "bakery", "breakfast", "desserts", "cold-drinks", "beans", "merchandise"];
/// What earns nothing.
const EXCLUDED: &str = "merchandise";
/// Tiers, their rates and the monthly spend that leads to them, in units of the first country's currency.
pub const TIERS: [(&str, &str, i64); 3] =
    [("green", "0.03", 0), ("silver", "0.05", 3_000), ("gold", "0.07", 8_000)];
/// Shares of members in the tiers, percent: the most active are the highest.
pub const TIER_PERCENT: [u32; 3] = [80, 15, 5];

/// A country of the chain.
#[derive(Debug, Clone, Copy)]
pub struct Country {
    pub code: &'static str,
    pub currency: Currency,
    pub zones: &'static [&'static str],
    pub languages: &'static str,
    /// Percent of the outlets.
    pub share: usize,
    /// Hundredths of the currency's unit that buy what one unit of the first country's does.
    pub price_level: i64,
}

/// The countries, the largest first.
pub const COUNTRIES: [Country; 4] = [
    Country {
        code: "RU",
        currency: Currency::Rub,
        zones: &["Europe/Moscow", "Asia/Yekaterinburg", "Asia/Novosibirsk"],
        languages: "ru",
        share: 60,
        price_level: 100,
    },
    Country {
        code: "KZ",
        currency: Currency::Kzt,
        zones: &["Asia/Almaty"],
        languages: "kk,ru",
        share: 25,
        price_level: 500,
    },
    Country {
        code: "AM",
        currency: Currency::Amd,
        zones: &["Asia/Yerevan"],
        languages: "ru,en",
        share: 8,
        price_level: 400,
    },
    Country {
        code: "GE",
        currency: Currency::Gel,
        zones: &["Asia/Tbilisi"],
        languages: "en,ru",
        share: 7,
        price_level: 3,
    },
];

/// The country of an outlet.
#[must_use]
pub fn country(outlet: usize) -> &'static Country {
    let mut percent = outlet * 100 / OUTLETS;
    for country in &COUNTRIES {
        if percent < country.share {
            return country;
        }
        percent -= country.share;
    }
    &COUNTRIES[0]
}

/// Index of an outlet's brand.
#[must_use]
pub const fn brand(outlet: usize) -> usize {
    (outlet % 4 == 3) as usize
}

/// Price of a product, minor units: 90 to 485 units in the first country.
#[must_use]
pub const fn price_minor(product: usize, country: &Country) -> i64 {
    (90 + 5 * (product as i64 % 80)) * country.price_level
}

/// Category of a product.
#[must_use]
pub const fn category(product: usize) -> &'static str {
    CATEGORIES[product % CATEGORIES.len()]
}

/// A brand's programme in all countries.
///
/// # Errors
/// Never: the numbers are constants that parse.
pub fn programme(brand: &str) -> Result<Programme> {
    let tier = |&(code, rate, threshold): &(&str, &str, i64)| -> Result<Tier> {
        let name = format!("{}{}", code[..1].to_uppercase(), &code[1..]);
        let spend = |country: &Country| Money::new(threshold * country.price_level, country.currency);
        Ok(Tier {
            code: code.to_owned(),
            name: Names { ru: name.clone(), kk: name.clone(), en: name },
            earn_rate: Rate::parse(rate)?,
            monthly_spend: if threshold == 0 { Vec::new() } else { COUNTRIES.iter().map(spend).collect() },
            qualification: None,
            floor: false,
        })
    };
    Ok(Programme {
        brand: brand.to_owned(),
        zone: COUNTRIES[0].zones[0].to_owned(),
        point_values: COUNTRIES
            .iter()
            .map(|country| Money::new(country.price_level, country.currency))
            .collect(),
        tiers: TIERS.iter().map(tier).collect::<Result<_>>()?,
        tier_rules: None,
        earning: Earning {
            excluded: Exclusions { categories: vec![EXCLUDED.to_owned()], products: Vec::new() },
            promo_lines_earn: true,
            earn_on_points_paid: false,
            points_step: Points::parse("0.01")?,
            pending_delay: PendingDelay::None {},
            expiry: Expiry::MonthEnd { months: 6 },
            caps: Caps::default(),
        },
        welcome_bonus: Some(WelcomeBonus {
            points: Points::parse("100")?,
            trigger: WelcomeTrigger::SignUp,
            expiry: Expiry::YearEnd { years: 1 },
        }),
        redemption: Redemption {
            excluded: Exclusions::default(),
            min_points: Points::parse("1")?,
            step: Points::parse("0.01")?,
            share_max: Rate::parse("0.5")?,
            hold_minutes: 30,
            static_code_may_spend: true,
        },
        returns: Returns { clawback: ClawbackPolicy::WithinBalance, reinstatement_grace_days: 30 },
    })
}
