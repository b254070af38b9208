//! Members with a phone, a virtual card and their welcome bonus.

use anyhow::{Context as _, Result};
use kernel::Timestamp;
use ledger::grant;
use ledger::model::{Occasion, Wallet};
use loyalty::accrual;
use loyalty::programme::WelcomeTrigger;
use membership::card_number::{Prefix, Shuffle};
use membership::profile::Language;
use membership::secrets::{Purpose, Secrets};
use rand::Rng as _;
use store::ledger as books;
use store::ledger::Due;
use store::native::NativeSql;

use crate::chain::{ChainWriter, MemberRow};
use crate::generate::plan;
use crate::generate::sales::{Guest, Place};

/// Members join over so many days before the first receipt.
const JOINED_DAYS: i64 = 365;
/// Members in one transaction.
const CHUNK: usize = 20_000;

/// Writes `count` members who joined before `until`. The first are the most active: their tiers are the highest.
///
/// # Errors
/// When a row does not fit the schema.
pub fn write(
    sql: &NativeSql,
    writer: &mut ChainWriter<'_>,
    places: &[Place],
    count: usize,
    until: Timestamp,
) -> Result<Vec<Guest>> {
    let secrets = Secrets::parse(writer.secret())?;
    let mut brands = Vec::new();
    for (code, _, prefix) in plan::BRANDS {
        let shuffle = Shuffle::new(secrets.key(Purpose::CardNumbers), Prefix::new(prefix.parse()?)?);
        brands.push((plan::programme(code)?, shuffle, 0_u64));
    }
    let bar = super::progress("members", count)?;
    let mut guests = Vec::with_capacity(count);
    for index in 0..count {
        if index % CHUNK == 0 {
            sql.connection().execute_batch(if index == 0 {
                "begin immediate"
            } else {
                "commit; begin immediate"
            })?;
            bar.set_position(index as u64);
        }
        let home = writer.rng.random_range(0..places.len());
        let place = &places[home];
        let (programme, shuffle, serial) = &mut brands[place.brand];
        let before = JOINED_DAYS * kernel::time::DAY_MS * (count - index) as i64 / count as i64;
        let joined_at = until.plus_millis(-before);
        let phone = format!("+7000{index:07}");
        let brand = &place.outlet.brand;
        let id = writer.member(&MemberRow {
            brand,
            phone: Some(&phone),
            name: None,
            email: None,
            birthday: None,
            language: if place.country.code == "KZ" { Language::Kk } else { Language::Ru },
            tier: tier(index, count),
            home_outlet: Some(place.outlet.id),
            external_code: None,
            joined_at,
        })?;
        *serial += 1;
        let number = shuffle.number(*serial)?.to_string();
        writer.card(brand, &number, "virtual", id)?;
        let zone = &place.outlet.zone;
        let bonus = accrual::welcome(programme, WelcomeTrigger::SignUp, joined_at.date_in(zone), zone);
        let mut wallet = Wallet {
            member: id,
            available: kernel::Points::ZERO,
            held: kernel::Points::ZERO,
            pending: kernel::Points::ZERO,
            lots: Vec::new(),
        };
        let occasion = Occasion {
            event: format!("welcome:{}", id.raw()),
            receipt: None,
            outlet: None,
            effective_at: joined_at,
            recorded_at: joined_at,
        };
        let bonus = bonus.context("the plan's programme has a welcome bonus")?;
        if let Some(entry) = grant::accrue(&mut wallet, bonus, occasion, &mut writer.ids)? {
            let due = Due::By(wallet.next_due(joined_at));
            books::insert_entries(sql, id, std::slice::from_ref(&entry), &club::unit(brand), None, due)?;
        }
        guests.push(Guest { id, home, card: number.parse()? });
    }
    sql.connection().execute_batch("commit")?;
    bar.finish_and_clear();
    Ok(guests)
}

/// The tier of the `index`-th most active of `count`.
fn tier(index: usize, count: usize) -> &'static str {
    let percent = (index * 100 / count.max(1)) as u32;
    let [_, silver, gold] = plan::TIER_PERCENT;
    match percent {
        percent if percent < gold => plan::TIERS[2].0,
        percent if percent < gold + silver => plan::TIERS[1].0,
        _ => plan::TIERS[0].0,
    }
}
