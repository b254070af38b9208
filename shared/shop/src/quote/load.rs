//! The use case: gather what a price depends on, price, keep.

use std::cell::RefCell;
use std::rc::Rc;

use club::member::{Field, place as place_of};
use club::personal::Personal;
use club::programme::InForce;
use kernel::{Currency, IdSource, MemberId, OutletId, Points, QuoteId, Timestamp, Zone};
use loyalty::accrual::DaySoFar;
use loyalty::sale;
use membership::profile::Birthday;
use membership::secrets::Secrets;
use menu::OutletMenu;
use menu::schedule::LocalTime;
use pricing::amounts::TimeOfDay;
use pricing::facts::{Earning, Facts};
use pricing::index::Asks;
use store::directory::{self, Entry};
use store::guests::MemberStatus;
use store::standings::{self, Standing};
use store::{Kv, Sql, members};

use super::choose::{cart, choose};
use super::gifts::{Gift, gifts};
use super::points::Account;
use super::price::{Inputs, Offer, price};
use super::suggest::{Suggested, suggest};
use super::{Refusal, Wish, keep};
use crate::coupon::Unusable;
use crate::facts::{self, Known};
use crate::promotion::allowances::Whose;
use crate::{coupon, day, menu as menus, opening, promotion};

/// The brands' promotions, kept while they do not change.
static PROMOTIONS: promotion::Kept = promotion::Kept::new();

/// Menus kept parsed in one instance: half a megabyte each.
const MENUS_MAX: usize = 16;

thread_local! {
    /// A revision's content never changes; which one is current is asked each time.
    static MENUS: RefCell<Vec<(OutletId, Rc<OutletMenu>)>> = const { RefCell::new(Vec::new()) };
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller<'a> {
    pub member: MemberId,
    pub brand: &'a str,
}

/// A cart to be priced, and where everything is.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    pub sql: &'a dyn Sql,
    pub kv: &'a dyn Kv,
    pub secrets: &'a Secrets,
    pub now: Timestamp,
    /// The chain's code of the outlet.
    pub outlet: &'a str,
    /// None for a guest who is not signed in.
    pub caller: Option<Caller<'a>>,
    pub wish: &'a Wish,
}

/// A priced cart with everything that is said about it.
#[derive(Debug, Clone)]
pub struct Answer {
    pub offer: Offer,
    pub currency: Currency,
    /// The outlet's.
    pub zone: Zone,
    pub gifts: Vec<Gift>,
    /// Codes that may not be used, and why.
    pub coupons_refused: Vec<(String, Unusable)>,
    pub suggestions: Vec<Suggested>,
}

/// Prices a cart and keeps the quote of a signed-in guest.
///
/// # Errors
/// See [`Refusal`].
pub async fn quote(ask: Ask<'_>, ids: &mut IdSource) -> Result<Answer, Refusal> {
    let (outlet, sold_at) = place(ask)?;
    let menu = menu(ask, outlet.id).await?;
    let account = ask.caller.map(|caller| account(ask, caller, &sold_at)).transpose()?;
    let (_, index) = promotion::snapshot(ask.sql, &outlet.brand, ask.now, &PROMOTIONS)?;
    let at = local_time(ask, &sold_at.zone);
    let selected = choose(&menu, ask.wish, at)?;
    let excluded = account.as_ref().map(|account| &account.rules.earning.excluded);
    let cart = cart(ask.wish, &selected, sold_at.currency, excluded);
    let mut facts = facts_of(ask, &outlet, &sold_at, account.as_ref(), index.asks())?;
    let member = ask.caller.map(|caller| caller.member);
    let (coupons, coupons_refused) =
        coupon::check(ask.sql, &outlet.brand, member, &ask.wish.coupons, ask.now)?;
    facts.coupons = coupons;
    let whose = Whose { outlet: outlet.id, member, day: facts.day, currency: sold_at.currency };
    facts.allowances = promotion::allowances(ask.sql, &cart, &index, &whose)?;
    let inputs = Inputs {
        wish: ask.wish,
        revision: &menu.revision,
        selected: &selected,
        cart: &cart,
        outlet: &sold_at,
        facts: &facts,
        promotions: &index,
        account: account.as_ref(),
    };
    let id = QuoteId::new(ids, ask.now);
    let offer = price(inputs, id)?;
    if let Some(caller) = ask.caller {
        keep::keep(ask.kv, &keep::sealer(ask.secrets), caller.member, id, &offer.quote).await?;
    }
    Ok(Answer {
        gifts: gifts(&menu, &offer.priced, at),
        suggestions: suggest(ask.sql, &menu, &offer.quote, at)?,
        coupons_refused,
        currency: sold_at.currency,
        zone: sold_at.zone,
        offer,
    })
}

/// The outlet's menu, read once per revision.
async fn menu(ask: Ask<'_>, outlet: OutletId) -> Result<Rc<OutletMenu>, Refusal> {
    if let Some(revision) = menus::revision(ask.sql, outlet)?
        && let Some(known) = cached(outlet, &revision)
    {
        return Ok(known);
    }
    let current = menus::current(ask.sql, ask.kv, outlet, ask.now).await?;
    let menu = Rc::new(current.ok_or(Refusal::OutletUnavailable)?);
    MENUS.with_borrow_mut(|menus| {
        menus.retain(|(known, _)| *known != outlet);
        if menus.len() == MENUS_MAX {
            menus.remove(0);
        }
        menus.push((outlet, Rc::clone(&menu)));
    });
    Ok(menu)
}

fn cached(outlet: OutletId, revision: &str) -> Option<Rc<OutletMenu>> {
    MENUS.with_borrow(|menus| {
        let known = menus.iter().find(|(known, menu)| *known == outlet && menu.revision == revision)?;
        Some(Rc::clone(&known.1))
    })
}

/// The outlet, if it takes orders from this caller; once as the directory has it and once as the rules see it.
fn place(ask: Ask<'_>) -> Result<(Entry, sale::Outlet), Refusal> {
    let outlet = directory::load(ask.sql, ask.outlet)?.ok_or(Refusal::UnknownOutlet)?;
    if ask.caller.is_some_and(|caller| caller.brand != outlet.brand) {
        return Err(Refusal::OtherBrand);
    }
    if outlet.status != OPEN {
        return Err(Refusal::OutletUnavailable);
    }
    let zone = Zone::parse(&outlet.zone).map_err(|error| store::StoreError::Unreadable {
        what: "outlet's time zone",
        problem: error.to_string(),
    })?;
    opening::check(&outlet, &zone, ask.wish.pickup_at, ask.now)?;
    let sold_at =
        sale::Outlet { id: outlet.id, zone, currency: outlet.currency, country: outlet.country.clone() };
    Ok((outlet, sold_at))
}

/// The status of an outlet that serves guests.
const OPEN: &str = "open";

fn local_time(ask: Ask<'_>, zone: &Zone) -> LocalTime {
    LocalTime::at(ask.wish.pickup_at.unwrap_or(ask.now), zone)
}

/// The guest's account by the programme in force.
fn account(ask: Ask<'_>, caller: Caller<'_>, outlet: &sale::Outlet) -> Result<Account, Refusal> {
    let standing = standings::load(ask.sql, caller.member, ask.now, ask.now)?;
    let standing = standing.filter(|standing| standing.status == MemberStatus::Active);
    let standing = standing.ok_or(club::Refusal::MemberInactive)?;
    let programme = standing.programme.ok_or(club::Refusal::NoProgramme)?;
    let in_force = InForce { version: programme, rules: club::programme::load(ask.sql, programme)? };
    // A tier that the rules have dropped a moment ago is its heir already.
    let tier = club::programme::tier_place(ask.sql, &standing.brand, &in_force, &standing.tier)?;
    let (rules, tier) = (in_force.rules.clone(), in_force.rules.tier_code(tier).to_owned());
    let day = if day::matters(&rules.earning.caps) {
        let today = ask.wish.pickup_at.unwrap_or(ask.now).date_in(&outlet.zone);
        day::so_far(ask.sql, caller.member, today, ask.now)?
    } else {
        DaySoFar::default()
    };
    let spendable = spendable(ask, caller.member, &standing)?;
    Ok(Account { member: caller.member, programme, rules, tier, spendable, day })
}

/// What could be held now. The stored balance is that, unless time has changed something since.
fn spendable(ask: Ask<'_>, member: MemberId, standing: &Standing) -> Result<Points, Refusal> {
    if standing.account.is_due(ask.now) {
        return Ok(club::balance::read(ask.sql, member, ask.now)?.available);
    }
    Ok(standing.account.available)
}

fn facts_of(
    ask: Ask<'_>,
    outlet: &Entry,
    sold_at: &sale::Outlet,
    account: Option<&Account>,
    asks: Asks,
) -> Result<Facts, Refusal> {
    let at = ask.wish.pickup_at.unwrap_or(ask.now);
    let day = at.date_in(&sold_at.zone);
    let local = local_time(ask, &sold_at.zone);
    let time =
        TimeOfDay::from_minutes(local.minute).ok_or(club::Refusal::ImplausibleTime("no minute of a day"))?;
    let guest = match account {
        None => None,
        Some(account) => {
            let known = Known {
                member: account.member,
                tier: &account.tier,
                birthday: if asks.birthday { birthday(ask, account.member, &sold_at.zone)? } else { None },
                points_available: account.spendable,
            };
            Some(facts::guest(ask.sql, known, day, asks)?)
        }
    };
    Ok(Facts {
        now: ask.now,
        day,
        time,
        place: facts::place(outlet),
        channel: ask.wish.channel.to_owned(),
        guest,
        coupons: Vec::new(),
        payment: ask.wish.payment.map(str::to_owned),
        earning: account.and_then(|account| earning(account, sold_at.currency)),
        allowances: Vec::new(),
    })
}

/// How the programme turns money into points; none in a currency that it does not know.
fn earning(account: &Account, currency: Currency) -> Option<Earning> {
    let value = account.rules.point_value(currency).ok()?;
    let tier = account.rules.tier(&account.tier)?;
    Some(Earning { rate: tier.earn_rate, point_value_minor: value.minor() })
}

/// Month and day of the guest's birthday, where it is known.
fn birthday(ask: Ask<'_>, member: MemberId, zone: &Zone) -> Result<Option<(i8, i8)>, Refusal> {
    let Some(record) = members::load(ask.sql, member)? else { return Ok(None) };
    // Nothing is sealed here, so no randomness is needed.
    let personal = Personal { secrets: ask.secrets, random: &|_| Vec::new() };
    let text = personal.open(place_of(member, Field::Birthday), record.birthday_sealed.as_deref())?;
    let today = ask.now.date_in(zone);
    Ok(text.and_then(|text| Birthday::parse(&text, today).ok()).map(Birthday::month_day))
}
