//! The chain in a fresh state directory: outlets, products, staff, members with their plastic cards, till keys, a
//! programme.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use anyhow::{Context as _, Result};
use kernel::{Currency, MemberId, Money, OutletId, Points, Rate, Timestamp};
use ledger::model::ClawbackPolicy;
use loyalty::programme::{
    Caps, Earning, Exclusions, Expiry, PendingDelay, Programme, Redemption, Returns, Tier,
};
use membership::card_number::CardNumber;
use membership::profile::Language;
use notation::Names;

use crate::chain::{ChainWriter, MemberRow, OutletRow};
use crate::replay::mapping::Mapping;
use crate::replay::sales::Sales;
use crate::replay::table::Table;
use crate::state;

/// The chain's ids and secrets follow from this.
const SEED: u64 = 20_190_401;
/// The one tier.
const TIER: &str = "member";

/// What posting and checking need to know of the chain.
#[derive(Debug)]
pub struct Chain {
    /// Till key by outlet code.
    pub tills: BTreeMap<String, String>,
    /// By member code.
    pub cards: HashMap<String, String>,
    pub members: BTreeMap<String, MemberId>,
    pub secret: String,
}

/// Reads the tables that the mapping names, each once.
#[derive(Debug)]
pub struct Tables<'d> {
    data: &'d Path,
    read: BTreeMap<String, Table>,
}

impl<'d> Tables<'d> {
    /// Tables below `data`.
    #[must_use]
    pub fn new(data: &'d Path) -> Self {
        Self { data, read: BTreeMap::new() }
    }

    /// The table in `file`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn table(&mut self, file: &str) -> Result<&Table> {
        if !self.read.contains_key(file) {
            let table = Table::read(&self.data.join(file))?;
            self.read.insert(file.to_owned(), table);
        }
        Ok(&self.read[file])
    }
}

/// List prices by product code, where the products' file has them.
///
/// # Errors
/// When the file cannot be read; a price that cannot is left out.
pub fn list_prices(mapping: &Mapping, tables: &mut Tables<'_>) -> Result<HashMap<String, Money>> {
    let Some(column) = &mapping.products.price else { return Ok(HashMap::new()) };
    let currency = Currency::parse(&mapping.chain.currency)?;
    let mut prices = HashMap::new();
    for row in tables.table(&mapping.products.file)?.rows() {
        let text = row.cell(column)?.trim().trim_start_matches('$');
        if let Ok(price) = Money::parse(text, currency) {
            prices.insert(row.cell(&mapping.products.code)?.to_owned(), price);
        }
    }
    Ok(prices)
}

/// Makes the state directory and fills it.
///
/// # Errors
/// When a file does not fit the mapping or a row does not fit the schema.
pub fn prepare(mapping: &Mapping, tables: &mut Tables<'_>, sales: &Sales, dir: &Path) -> Result<Chain> {
    let sql = state::create(dir)?;
    let connection = sql.connection();
    let first_sale = sales.receipts.iter().map(|receipt| receipt.sold_at_ms).min().unwrap_or_default();
    let start = Timestamp::from_millis(first_sale - kernel::time::DAY_MS);
    let mut writer = ChainWriter::new(connection, SEED, start)?;
    connection.execute_batch("begin immediate")?;
    let chain = &mapping.chain;
    writer.brand(&chain.brand, &chain.name, &chain.country, &chain.card_prefix)?;
    writer.programme(&programme(mapping)?, start)?;
    let outlets = places(mapping, tables, &mut writer)?;
    products(mapping, tables, &writer)?;
    let (members, cards) = members(mapping, tables, sales, &mut writer, &outlets, start)?;
    let tills = outlets.into_iter().map(|(code, outlet)| (code, outlet.till)).collect();
    let secret = writer.secret().to_owned();
    connection.execute_batch("commit")?;
    Ok(Chain { tills, cards, members, secret })
}

/// An outlet and its till's key.
struct Place {
    outlet: OutletId,
    till: String,
}

fn places(
    mapping: &Mapping,
    tables: &mut Tables<'_>,
    writer: &mut ChainWriter<'_>,
) -> Result<BTreeMap<String, Place>> {
    let chain = &mapping.chain;
    let franchisee = writer.franchisee(&chain.brand, &chain.name)?;
    let administrator = writer.staff("admin", "Administrator", "administrator", None)?;
    if let Some(staff) = &mapping.staff {
        for row in tables.table(&staff.file)?.rows() {
            let name =
                staff.name.iter().map(|column| row.cell(column)).collect::<Result<Vec<_>>>()?.join(" ");
            writer.staff(row.cell(&staff.code)?, &name, "barista", None)?;
        }
    }
    let mut places = BTreeMap::new();
    let columns = &mapping.outlets;
    for row in tables.table(&columns.file)?.rows() {
        let code = row.cell(&columns.code)?;
        if places.contains_key(code) {
            continue;
        }
        let degrees = |column| -> Result<Option<i64>> { Ok(row.optional(column)?.and_then(millionths)) };
        let position = degrees(columns.latitude.as_ref())?.zip(degrees(columns.longitude.as_ref())?);
        let outlet = writer.outlet(&OutletRow {
            code,
            brand: &chain.brand,
            franchisee,
            name: row.cell(&columns.name)?,
            country: &chain.country,
            currency: &chain.currency,
            zone: &chain.zone,
            city: row.optional(columns.city.as_ref())?.unwrap_or(&chain.name),
            address: row.optional(columns.address.as_ref())?.unwrap_or(row.cell(&columns.name)?),
            phone: row.optional(columns.phone.as_ref())?,
            position,
            languages: "en",
        })?;
        let till = writer.till_key(outlet, administrator)?;
        places.insert(code.to_owned(), Place { outlet, till });
    }
    Ok(places)
}

/// Degrees in decimal as millionths; what is finer is cut off.
fn millionths(degrees: &str) -> Option<i64> {
    let (whole, fraction) = degrees.split_once('.').unwrap_or((degrees, ""));
    let digits: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let size = whole.trim_start_matches('-').parse::<i64>().ok()? * 1_000_000 + digits.parse::<i64>().ok()?;
    Some(if whole.starts_with('-') { -size } else { size })
}

fn products(mapping: &Mapping, tables: &mut Tables<'_>, writer: &ChainWriter<'_>) -> Result<()> {
    let columns = &mapping.products;
    let mut known = BTreeSet::new();
    for row in tables.table(&columns.file)?.rows() {
        let code = row.cell(&columns.code)?;
        if known.insert(code.to_owned()) {
            writer.product(
                &mapping.chain.brand,
                code,
                row.cell(&columns.name)?,
                row.cell(&columns.category)?,
            )?;
        }
    }
    Ok(())
}

type MembersAndCards = (BTreeMap<String, MemberId>, HashMap<String, String>);

/// Members of the file, then those who only appear on receipts.
fn members(
    mapping: &Mapping,
    tables: &mut Tables<'_>,
    sales: &Sales,
    writer: &mut ChainWriter<'_>,
    outlets: &BTreeMap<String, Place>,
    joined_at: Timestamp,
) -> Result<MembersAndCards> {
    let (mut members, mut cards) = (BTreeMap::new(), HashMap::new());
    let Some(columns) = &mapping.members else { return Ok((members, cards)) };
    let brand = &mapping.chain.brand;
    let mut add = |writer: &mut ChainWriter<'_>, row: &MemberRow<'_>, code: &str, card: &str| -> Result<()> {
        let id = writer.member(row)?;
        let number = CardNumber::parse(card).with_context(|| format!("card of member {code}"))?;
        writer.card(brand, number.as_str(), "plastic", id)?;
        members.insert(code.to_owned(), id);
        cards.insert(code.to_owned(), card.to_owned());
        Ok(())
    };
    let blank = MemberRow {
        brand,
        phone: None,
        name: None,
        email: None,
        birthday: None,
        language: Language::En,
        tier: TIER,
        home_outlet: None,
        external_code: None,
        joined_at,
    };
    let mut listed = BTreeSet::new();
    for row in tables.table(&columns.file)?.rows() {
        let code = row.cell(&columns.code)?;
        let member = MemberRow {
            name: Some(row.cell(&columns.name)?),
            email: row.optional(columns.email.as_ref())?,
            birthday: row.optional(columns.birthday.as_ref())?,
            home_outlet: row
                .optional(columns.home_outlet.as_ref())?
                .and_then(|code| Some(outlets.get(code)?.outlet)),
            external_code: Some(code),
            ..blank.clone()
        };
        add(writer, &member, code, row.cell(&columns.card)?)?;
        listed.insert(code.to_owned());
    }
    let bought: BTreeSet<&String> = sales.receipts.iter().filter_map(|sale| sale.member.as_ref()).collect();
    for code in bought.into_iter().filter(|code| !listed.contains(*code)) {
        let card = format!("{}{code}", columns.unlisted_card_prefix);
        add(writer, &MemberRow { external_code: Some(code), ..blank.clone() }, code, &card)?;
    }
    Ok((members, cards))
}

/// One rate for everybody, promotional lines left out, points good at once and for ever.
fn programme(mapping: &Mapping) -> Result<Programme> {
    let currency = Currency::parse(&mapping.chain.currency)?;
    let everywhere = |name: &str| Names { ru: name.to_owned(), kk: name.to_owned(), en: name.to_owned() };
    Ok(Programme {
        brand: mapping.chain.brand.clone(),
        zone: mapping.chain.zone.clone(),
        point_values: vec![Money::parse("1", currency)?],
        tiers: vec![Tier {
            code: TIER.to_owned(),
            name: everywhere("Member"),
            earn_rate: Rate::parse(&mapping.chain.earn_rate)?,
            monthly_spend: Vec::new(),
            qualification: None,
            floor: false,
        }],
        tier_rules: None,
        earning: Earning {
            excluded: Exclusions::default(),
            promo_lines_earn: false,
            earn_on_points_paid: false,
            points_step: Points::parse("0.01")?,
            pending_delay: PendingDelay::None {},
            expiry: Expiry::Never {},
            caps: Caps::default(),
        },
        welcome_bonus: None,
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
