//! An order as its till wants it, and what the till's answers mean.

use basket::{Line, Quote};
use iiko::call::Access;
use iiko::orders::answer::{self, Creation, OrderInfo};
use iiko::orders::{
    CommandState, Created, Discount, Item, Modifier, NewOrder, Payment, Read, Refusal as Refused, Service,
    TillStatus, id,
};
use kernel::time::MINUTE_MS;
use kernel::{IikoAccountId, OutletId, Timestamp, Zone};
use menu::combo;
use ordering::Outcome;
use ordering::model::{CancelReason, DispatchStatus, Progress};
use partner::{Answer, Fault, Request};
use store::menus::accounts;
use store::menus::tills::{self, OrderMode};
use store::orders::{StoredOrder, TillPlace};
use store::{Sql, StoreError};

use super::spoken::Spoken;
use super::{Ground, combos};
use crate::iiko_account::Trouble;

/// How an outlet takes orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub account: IikoAccountId,
    pub organization: String,
    pub terminal_group: String,
    /// Whether the outlet takes orders for pick-up; otherwise they go to the till as orders of the house.
    pub pick_up: bool,
    pub order_type: Option<String>,
    /// How what was paid in the app is called there.
    pub payment_type: String,
    /// How money off is called there; an outlet without it takes no orders with money off.
    pub discount_type: Option<String>,
    /// How what was paid with points is called there; none counts it as money off.
    pub points_type: Option<String>,
    /// How long before an order is wanted the till is told of it.
    pub lead_ms: i64,
}

/// How an outlet takes orders; none where it takes none.
///
/// # Errors
/// A failure of storage.
pub fn settings(sql: &dyn Sql, outlet: OutletId) -> Result<Option<Settings>, StoreError> {
    let Some(till) = tills::load(sql, outlet)? else { return Ok(None) };
    let Some(payment_type) = till.payment_type else { return Ok(None) };
    let account = accounts::load(sql, till.account)?;
    Ok(account.filter(|account| account.description.is_active).map(|_| Settings {
        account: till.account,
        organization: till.organization,
        terminal_group: till.terminal_group,
        pick_up: till.mode == OrderMode::Delivery,
        order_type: till.order_type,
        payment_type,
        discount_type: till.discount_type,
        points_type: till.points_payment_type,
        lead_ms: i64::from(till.lead_minutes) * MINUTE_MS,
    }))
}

/// What our records call an outlet with orders for pick-up.
const PICK_UP: &str = "pick_up";
/// What our records call an outlet with orders of the house.
const TILL: &str = "till";
/// Tries after which a till's refusal to cancel is believed: the first may have met its own cancelling.
const CANCEL_TRIES: u32 = 3;
/// What the till says of an order that we cancelled.
const CANCEL_COMMENT: &str = "отменён в приложении";

impl Settings {
    /// Where an order of that id is to be found from now on.
    #[must_use]
    pub fn place(&self, order: kernel::OrderId) -> TillPlace {
        TillPlace {
            id: id::uuid(order.raw(), 0),
            account: self.account,
            organization: self.organization.clone(),
            terminal_group: self.terminal_group.clone(),
            service: if self.pick_up { PICK_UP } else { TILL }.to_owned(),
        }
    }

    /// When the till is to be told of an order that is wanted at `pickup_at`; none for at once.
    #[must_use]
    pub fn send_at(&self, pickup_at: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
        pickup_at.map(|at| at.plus_millis(-self.lead_ms)).filter(|at| *at > now)
    }

    /// Whether the outlet can take what the quote holds.
    #[must_use]
    pub fn can_take(&self, quote: &Quote) -> bool {
        self.discount_type.is_some() || quote.lines.iter().all(|line| self.money_off(line) == 0)
    }

    /// What the till counts as money off a line.
    fn money_off(&self, line: &Line) -> i64 {
        let points = if self.points_type.is_some() { line.points_spent_minor } else { 0 };
        line.list_minor - line.final_minor - points
    }
}

/// The guest as the till needs them.
#[derive(Clone, Default)]
pub struct Guest {
    pub phone: Option<String>,
    pub name: Option<String>,
}

/// The order in the till's words; none when the guest cannot be reached any more.
#[must_use]
pub fn new_order(
    stored: &StoredOrder,
    quote: &Quote,
    settings: &Settings,
    guest: Guest,
    zone: &Zone,
    is_fiscalised: bool,
    now: Timestamp,
) -> Option<NewOrder> {
    let facts = &stored.facts;
    let (mut items, mut combos, mut discounts) = (Vec::new(), Vec::new(), Vec::new());
    for line in &quote.lines {
        let raw = stored.order.id.raw();
        let of_line = match combo::source(&line.till.product_id) {
            Some(source) => {
                let made = combos::parts(raw, line, source)?;
                combos.push(made.combo);
                made.items
            }
            None => vec![item(line, id::uuid(raw, line.line_no))],
        };
        let sum_minor = settings.money_off(line);
        if sum_minor > 0 {
            let type_id = settings.discount_type.clone()?;
            let positions = of_line.iter().map(|item| item.position_id.clone()).collect();
            discounts.push(Discount { type_id, sum_minor, positions });
        }
        items.extend(of_line);
    }
    let mut payments = Vec::new();
    let points: i64 = quote.lines.iter().map(|line| line.points_spent_minor).sum();
    for (type_id, sum_minor) in
        [(Some(&settings.payment_type), stored.order.payable_minor), (settings.points_type.as_ref(), points)]
    {
        if let Some(type_id) = type_id.filter(|_| sum_minor > 0) {
            let note = stored.order.id.to_string();
            payments.push(Payment { type_id: type_id.clone(), sum_minor, is_fiscalised, note });
        }
    }
    Some(NewOrder {
        organization: facts.till.organization.clone(),
        terminal_group: facts.till.terminal_group.clone(),
        service: service(&facts.till, settings.order_type.clone()),
        id: facts.till.id.clone(),
        external_number: stored.order.id.to_string(),
        number: facts.number.clone(),
        phone: guest.phone?,
        guest_name: guest.name,
        // A time that has come is as soon as possible: the till would refuse it.
        complete_before: facts.pickup_at.filter(|at| *at > now).map(|at| local_time(at, zone)),
        comment: facts.comment.clone(),
        items,
        combos,
        discounts,
        payments,
    })
}

/// `2026-11-21 12:40:00.000` at the outlet.
fn local_time(at: Timestamp, zone: &Zone) -> String {
    let text = at.rfc3339_in(zone);
    format!("{}.000", text.get(..19).unwrap_or(&text).replace('T', " "))
}

fn item(line: &Line, position_id: String) -> Item {
    let charged = |modifier: &basket::Modifier| i64::from(modifier.charged) * modifier.unit_price_minor;
    let additions: i64 = line.modifiers.iter().map(charged).sum();
    Item {
        product_id: line.till.product_id.clone(),
        size_id: line.till.size_id.clone(),
        is_compound: line.till.compound,
        quantity: line.quantity,
        price_minor: line.unit_list_minor - additions,
        position_id,
        modifiers: line
            .modifiers
            .iter()
            .map(|modifier| Modifier {
                product_id: modifier.till.product_id.clone(),
                group_id: modifier.till.group_id.clone(),
                amount: modifier.amount,
                price_minor: modifier.unit_price_minor,
            })
            .collect(),
        combo: None,
    }
}

fn service(place: &TillPlace, order_type: Option<String>) -> Service {
    if place.service == PICK_UP { Service::PickUp { order_type } } else { Service::Till { order_type } }
}

/// A conversation with an order's till.
pub struct Conversation<'a> {
    line: crate::iiko_account::Line<'a>,
    place: &'a TillPlace,
    spoken: &'a mut Spoken,
}

impl<'a> Conversation<'a> {
    /// With the till where the order was to be sent.
    #[must_use]
    pub fn new(ground: &Ground<'a>, place: &'a TillPlace, now: Timestamp, spoken: &'a mut Spoken) -> Self {
        let Ground { sql, partners, personal, .. } = *ground;
        Self { line: crate::iiko_account::Line { sql, partners, personal, now }, place, spoken }
    }

    /// One call.
    fn ask<T>(
        &mut self,
        request: impl Fn(&Access<'_>) -> Request,
        read: impl Fn(&Result<Answer, Fault>) -> Read<T>,
    ) -> Read<T> {
        let answer = self.line.call(self.place.account, &request).map_err(|trouble| match trouble {
            // It may have been the token that was asked for; then the order is found not to be there.
            Trouble::Fault(fault) => fault,
            trouble => Fault::NotSent(trouble.to_string()),
        });
        if let Err(fault) = &answer {
            self.spoken.error = Some(fault.to_string());
        }
        let result = read(&answer);
        self.spoken.remember(&result);
        result
    }

    /// Sends the order, if its till is connected.
    pub fn send(&mut self, order: &NewOrder) -> Outcome {
        let (organization, group) = (&order.organization, &order.terminal_group);
        let alive = self.ask(|access| access.is_alive(organization, group), |it| answer::alive(it, group));
        match alive {
            Read::Known(alive) if alive.0 => {}
            Read::Known(_) => return Outcome::NotSent { why: CancelReason::TillOffline },
            _ => return Outcome::NotSent { why: CancelReason::TillSystemDown },
        }
        let created = self.ask(|access| access.create(order), answer::created);
        match created {
            Read::Known(Created::InProgress { correlation }) => {
                Outcome::Sent { correlation: Some(correlation) }
            }
            // It is there already: look it up.
            Read::Known(Created::Duplicate) => Outcome::Sent { correlation: None },
            Read::Known(Created::Info(info)) => outcome(&info, self.spoken),
            Read::Refused { .. } => Outcome::Rejected { why: CancelReason::TillRefused },
            Read::Unauthorised | Read::Throttled | Read::NotSent => {
                Outcome::NotSent { why: CancelReason::TillSystemDown }
            }
            Read::Unknown { .. } | Read::Gone => Outcome::SendUnknown,
        }
    }

    /// Looks for the order.
    pub fn look(&mut self, stored: &StoredOrder) -> Outcome {
        let is_under_way = stored.order.dispatch.status == DispatchStatus::Sent;
        let mut failed = None;
        if let Some(correlation) = stored.order.dispatch.correlation.as_deref().filter(|_| is_under_way) {
            let organization = &self.place.organization;
            let state = self.ask(|access| access.command_status(organization, correlation), answer::command);
            match state {
                Read::Known(CommandState::InProgress) => return Outcome::StillWaiting,
                Read::Known(CommandState::Error { message }) => failed = Some(message),
                Read::Known(CommandState::Success) | Read::Gone => {}
                _ => return Outcome::StillWaiting,
            }
        }
        match (self.find(), failed) {
            (Some(Some(info)), _) => outcome(&info, self.spoken),
            (Some(None), Some(message)) => {
                self.spoken.error = Some(message);
                Outcome::Rejected { why: CancelReason::TillRefused }
            }
            (Some(None), None) => Outcome::Missing,
            (None, _) => Outcome::StillWaiting,
        }
    }

    /// Cancels the order, if it is there and not cancelled yet.
    pub fn cancel(&mut self, tries: u32) -> Outcome {
        let info = match self.find() {
            Some(Some(info)) => info,
            Some(None) => return Outcome::Missing,
            None => return Outcome::StillWaiting,
        };
        let found = outcome(&info, self.spoken);
        let is_open = match &found {
            Outcome::Accepted { progress, .. } => *progress != Progress::HandedOver,
            Outcome::StillWaiting => true,
            _ => false,
        };
        if !is_open {
            return found;
        }
        let place = self.place;
        let asked = self.ask(
            |access| access.cancel(&service(place, None), &place.organization, &place.id, CANCEL_COMMENT),
            answer::accepted,
        );
        match asked {
            // Some cancel at once; the others are read at the next try.
            Read::Known(()) => match self.find() {
                Some(Some(info)) if is_cancelled(&info) => outcome(&info, self.spoken),
                _ => Outcome::StillWaiting,
            },
            Read::Refused { .. } if tries >= CANCEL_TRIES && found != Outcome::StillWaiting => {
                Outcome::CancelRefused
            }
            _ => Outcome::StillWaiting,
        }
    }

    /// The order at the till system: none where it is not known there; no answer where nobody says.
    fn find(&mut self) -> Option<Option<OrderInfo>> {
        let place = self.place;
        let read = self.ask(
            |access| access.by_id(&service(place, None), &place.organization, &place.id),
            answer::orders,
        );
        match read {
            Read::Known(orders) => Some(orders.into_iter().find(|info| info.id == place.id)),
            _ => None,
        }
    }
}

fn is_cancelled(info: &OrderInfo) -> bool {
    info.order.as_ref().is_some_and(|order| order.status == TillStatus::Cancelled)
}

/// What an order's state at the till means.
pub fn outcome(info: &OrderInfo, spoken: &mut Spoken) -> Outcome {
    let revision = info.revision;
    spoken.till_sum = info.order.as_ref().and_then(|order| order.sum_minor);
    if let Some(number) = info.order.as_ref().and_then(|order| order.number.clone()) {
        spoken.till_number = Some(number);
    }
    match (&info.creation, &info.order) {
        (Creation::Error(refused), _) => {
            spoken.error = Some(refused.code().to_owned());
            match reason(refused) {
                Some(why) => Outcome::Rejected { why },
                None => Outcome::StillWaiting,
            }
        }
        (Creation::InProgress, _) => Outcome::StillWaiting,
        (Creation::Success, None) => Outcome::Accepted { progress: Progress::Received, revision },
        (Creation::Success, Some(order)) => match order.status {
            TillStatus::Cancelled => Outcome::CancelledAtTill { revision },
            TillStatus::Received => Outcome::Accepted { progress: Progress::Received, revision },
            TillStatus::Cooking => Outcome::Accepted { progress: Progress::Cooking, revision },
            TillStatus::Ready => Outcome::Accepted { progress: Progress::Ready, revision },
            TillStatus::HandedOver => Outcome::Accepted { progress: Progress::HandedOver, revision },
        },
    }
}

/// Why the till will never have it; none when it has one of that id.
const fn reason(refused: &Refused) -> Option<CancelReason> {
    match refused {
        Refused::Duplicate => None,
        Refused::MenuChanged { .. } => Some(CancelReason::MenuChanged),
        Refused::OutOfStock { .. } => Some(CancelReason::OutOfStock),
        Refused::OutletClosed { .. } => Some(CancelReason::OutletClosed),
        Refused::TillOffline { .. } => Some(CancelReason::TillOffline),
        Refused::Other { .. } => Some(CancelReason::TillRefused),
    }
}
