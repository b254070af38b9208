//! A small chain for stories: two brands, outlets in two countries, guests with cards.

use std::path::Path;

use anyhow::Result;
use kernel::{MemberId, OutletId, Timestamp};
use loyalty::programme::Programme;
use membership::profile::Language;

use crate::chain::{ChainWriter, MemberRow, OutletRow};
use crate::state;

/// How long the guests stay signed in: longer than any story's clock runs, and those told by the real clock.
pub const SESSION_MS: i64 = 100 * 365 * kernel::time::DAY_MS;
/// The first brand: outlets in Kazakhstan and Russia.
pub const NORTH: &str = "north";
/// The second brand, with a programme of its own.
pub const SOUTH: &str = "south";

/// A till of the small chain.
#[derive(Debug, Clone)]
pub struct Till {
    pub outlet: OutletId,
    /// The outlet's code on the wire.
    pub code: &'static str,
    pub currency: &'static str,
    pub brand: &'static str,
    /// API key.
    pub key: String,
}

/// A guest of the small chain.
#[derive(Debug, Clone)]
pub struct Guest {
    pub member: MemberId,
    pub card: String,
    pub phone: String,
    /// Access token.
    pub token: String,
}

/// The small chain, as written into a state directory.
#[derive(Debug, Clone)]
pub struct Chain {
    pub secret: String,
    /// Almaty (KZT), Moscow (RUB), both of [`NORTH`], and Moscow of [`SOUTH`].
    pub tills: Vec<Till>,
    /// All of [`NORTH`].
    pub guests: Vec<Guest>,
}

/// Rules of [`NORTH`]: 5, 7 and 10 percent; a point is worth a rouble or five tenge; gift cards earn nothing; half a
/// receipt may be paid with points; points are good for twelve months and a debt may arise.
pub const NORTH_RULES: &str = r#"{
  "brand": "north", "zone": "Asia/Almaty",
  "point_values": [{"amount": "1.00", "currency": "RUB"}, {"amount": "5.00", "currency": "KZT"}],
  "tiers": [
    {"code": "silver", "name": {"ru": "Серебро", "kk": "Күміс", "en": "Silver"}, "earn_rate": "0.05"},
    {"code": "gold", "name": {"ru": "Золото", "kk": "Алтын", "en": "Gold"}, "earn_rate": "0.07",
     "monthly_spend": [{"amount": "5000.00", "currency": "RUB"}, {"amount": "50000.00", "currency": "KZT"}]},
    {"code": "platinum", "name": {"ru": "Платина", "kk": "Платина", "en": "Platinum"}, "earn_rate": "0.10",
     "monthly_spend": [{"amount": "15000.00", "currency": "RUB"}, {"amount": "150000.00", "currency": "KZT"}]}
  ],
  "earning": {
    "excluded": {"categories": ["gift-cards"]}, "promo_lines_earn": false, "earn_on_points_paid": false,
    "points_step": "0.01", "pending_delay": {"kind": "none"}, "expiry": {"kind": "month_end", "months": 12}
  },
  "redemption": {
    "excluded": {"categories": ["gift-cards"]}, "min_points": "1.00", "step": "0.01", "share_max": "0.5",
    "hold_minutes": 15, "static_code_may_spend": true
  },
  "returns": {"clawback": "unlimited", "reinstatement_grace_days": 14}
}"#;

/// Rules of [`SOUTH`]: one tier, whole points that become spendable a day later.
pub const SOUTH_RULES: &str = r#"{
  "brand": "south", "zone": "Europe/Moscow",
  "point_values": [{"amount": "1.00", "currency": "RUB"}],
  "tiers": [{"code": "guest", "name": {"ru": "Гость", "kk": "Қонақ", "en": "Guest"}, "earn_rate": "0.03"}],
  "earning": {
    "promo_lines_earn": true, "earn_on_points_paid": false,
    "points_step": "1.00", "pending_delay": {"kind": "next_business_day", "days": 1},
    "expiry": {"kind": "days", "days": 90}
  },
  "redemption": {
    "min_points": "10.00", "step": "1.00", "share_max": "0.3", "hold_minutes": 15, "static_code_may_spend": false
  },
  "returns": {"clawback": "within_balance", "reinstatement_grace_days": 0}
}"#;

/// Writes the small chain with `guests` guests into a fresh `dir`. Everything follows from `seed`.
///
/// # Errors
/// When the directory cannot be written.
pub fn create(dir: &Path, guests: usize, seed: u64) -> Result<Chain> {
    let sql = state::create(dir)?;
    let kv = state::key_value(dir)?;
    let now = Timestamp::parse("2026-01-01T00:00:00Z")?;
    let connection = sql.connection();
    connection.execute_batch("begin")?;
    kv.execute_batch("begin")?;
    let mut writer = ChainWriter::new(connection, seed, now)?;
    writer.brand(NORTH, "North Coffee", "KZ", "29")?;
    writer.brand(SOUTH, "South Coffee", "RU", "28")?;
    for rules in [NORTH_RULES, SOUTH_RULES] {
        let programme: Programme = serde_json::from_str(rules)?;
        writer.programme(&programme, Timestamp::parse("2019-01-01T00:00:00Z")?)?;
    }
    let owner = writer.franchisee("f-1", "Franchisee One")?;
    let administrator = writer.staff("admin", "Administrator", "administrator", None)?;
    let mut tills = Vec::new();
    for (code, brand, country, currency, zone, city) in [
        ("ala-1", NORTH, "KZ", "KZT", "Asia/Almaty", "Almaty"),
        ("msk-1", NORTH, "RU", "RUB", "Europe/Moscow", "Moscow"),
        ("msk-2", SOUTH, "RU", "RUB", "Europe/Moscow", "Moscow"),
    ] {
        let outlet = writer.outlet(&OutletRow {
            code,
            brand,
            franchisee: owner,
            name: city,
            country,
            currency,
            zone,
            city,
            address: "Main street, 1",
            phone: None,
            position: None,
            languages: "ru",
        })?;
        let key = writer.till_key(outlet, administrator)?;
        tills.push(Till { outlet, code, currency, brand, key });
    }
    for (code, name, category) in [
        ("espresso", "Espresso", "coffee"),
        ("cappuccino", "Cappuccino", "coffee"),
        ("croissant", "Croissant", "bakery"),
        ("gift", "Gift card", "gift-cards"),
    ] {
        writer.product(NORTH, code, name, category)?;
    }
    let guests = (0..guests).map(|index| guest(&mut writer, &kv, index, now)).collect::<Result<_>>()?;
    let secret = writer.secret().to_owned();
    connection.execute_batch("commit")?;
    kv.execute_batch("commit")?;
    Ok(Chain { secret, tills, guests })
}

fn guest(
    writer: &mut ChainWriter<'_>,
    kv: &rusqlite::Connection,
    index: usize,
    now: Timestamp,
) -> Result<Guest> {
    let phone = format!("+7701{index:07}");
    let card = format!("G{index:07}");
    let member = writer.member(&MemberRow {
        brand: NORTH,
        phone: Some(&phone),
        name: None,
        email: None,
        birthday: None,
        language: Language::Ru,
        tier: "silver",
        home_outlet: None,
        external_code: None,
        joined_at: now.plus_millis(index as i64),
    })?;
    writer.card(NORTH, &card, "plastic", member)?;
    let token = writer.guest_session(kv, NORTH, member, now.plus_millis(SESSION_MS))?;
    Ok(Guest { member, card, phone, token })
}
