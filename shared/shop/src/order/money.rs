//! Payments and refunds with their acquirer.

use acquiring::tbank::Terminal;
use acquiring::yookassa::{KEY_REMEMBERED_MS, Shop};
use acquiring::{
    Acquirer, Confirmation, Item, NewPayment, NewRefund, PaymentMode, PaymentState, Reading, Receipt,
    RefundState, State,
};
use basket::{Line, Quote};
use club::personal::Personal;
use kernel::time::HOUR_MS;
use kernel::{Lang, Money, PaymentId, RefundId, Timestamp};
use membership::secrets::Place;
use ordering::Outcome;
use ordering::model::Refund;
use ordering::step::may_be_done;
use serde::{Deserialize, Serialize};
use store::acquirers::Account;
use store::orders::{self, StoredOrder};
use store::{Sql, StoreError};

use super::spoken::Spoken;
use super::{Ground, Urls};

/// A refund is not asked for again so long after the first time: the acquirer might take it for another.
const REPEAT_WITHIN_MS: i64 = KEY_REMEMBERED_MS - HOUR_MS;

/// Where an account's secret is stored.
#[must_use]
pub const fn secret_place(account: i64) -> Place<'static> {
    Place { table: "acquirer_accounts", field: "secret", row: account }
}

/// The acquirer behind an account.
///
/// # Errors
/// When its secret cannot be opened or its kind is not known.
pub fn acquirer(account: &Account, personal: Personal<'_>, urls: &Urls) -> Result<Acquirer, StoreError> {
    let unreadable = |problem: String| StoreError::Unreadable { what: "acquirer account", problem };
    let secret = personal.open(secret_place(account.id), Some(&account.secret_sealed))?;
    let secret = secret.ok_or_else(|| unreadable("without a secret".to_owned()))?;
    match account.kind.as_str() {
        "yookassa" => Ok(Acquirer::YooKassa(Shop {
            base_url: urls.yookassa.clone(),
            shop_id: account.account.clone(),
            secret_key: secret,
        })),
        "tbank" => Ok(Acquirer::TBank(Terminal {
            base_url: urls.tbank.clone(),
            terminal_key: account.account.clone(),
            password: secret,
        })),
        other => Err(unreadable(format!("of kind {other}"))),
    }
}

/// What a refund's receipt lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundItem {
    pub description: String,
    pub quantity: u32,
    pub unit_minor: i64,
    pub tax_rate: Option<i64>,
}

/// What a receipt calls a line: the product with its size and what was added.
#[must_use]
pub fn description(line: &Line) -> String {
    let mut description = line.name.text(Lang::Ru).to_owned();
    for part in line.size.iter().chain(line.modifiers.iter().map(|modifier| &modifier.name)) {
        description.push_str(", ");
        description.push_str(part.text(Lang::Ru));
    }
    description
}

/// The lines of an order's receipt: every piece at what it really cost.
#[must_use]
pub fn items(quote: &Quote) -> Vec<Item> {
    let mut items = Vec::new();
    for line in &quote.lines {
        let description = description(line);
        // Nothing was paid for a gift, and acquirers take no line of nothing.
        for piece in line.fiscal.iter().filter(|piece| piece.quantity > 0 && piece.unit_minor > 0) {
            items.push(Item {
                description: description.clone(),
                quantity: piece.quantity,
                unit_minor: piece.unit_minor,
                tax_rate: line.tax_rate,
            });
        }
    }
    items
}

/// What opening a payment needs, read before anything is sent.
pub struct Cashier {
    acquirer: Acquirer,
    account: Account,
    quote: Quote,
    phone: Option<String>,
    now: Timestamp,
}

impl Cashier {
    /// Reads the account of a payment.
    ///
    /// # Errors
    /// A failure of storage.
    pub fn load(
        tx: &dyn Sql,
        ground: &Ground<'_>,
        stored: &StoredOrder,
        account: i64,
        phone: Option<String>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let account = store::acquirers::load(tx, account)?.ok_or(StoreError::Unreadable {
            what: "payment",
            problem: "of an unknown acquirer account".to_owned(),
        })?;
        let acquirer = acquirer(&account, ground.personal, ground.urls)?;
        Ok(Self { acquirer, account, quote: super::quote_of(stored)?, phone, now })
    }

    fn receipt(&self, items: Vec<Item>) -> Option<Receipt> {
        let phone = self.phone.clone().filter(|_| self.account.receipts)?;
        let mode = if self.account.prepaid { PaymentMode::Prepaid } else { PaymentMode::Full };
        Some(Receipt { phone, items, mode, tax_system: self.account.tax_system })
    }

    /// Opens a payment. Where a repetition could make a second one, it is looked up before (O3).
    pub fn open(
        &self,
        ground: &Ground<'_>,
        stored: &StoredOrder,
        payment: PaymentId,
        tries: u32,
        spoken: &mut Spoken,
    ) -> Outcome {
        let Some(asked) = stored.order.payment(payment) else { return Outcome::StillWaiting };
        let (key, order) = (payment.to_string(), stored.order.id.to_string());
        if may_be_done(tries)
            && let Some(found) = self.lookup(ground, &key, spoken)
        {
            return self.opened(ground, stored, payment, &found, spoken);
        }
        let receipt = self.receipt(items(&self.quote));
        let notifications = ground.urls.tbank_notifications.as_str();
        let request = self.acquirer.open(&NewPayment {
            key: &key,
            order: &order,
            amount: Money::new(asked.amount_minor, stored.facts.currency),
            description: &format!("Заказ {}", stored.facts.number),
            return_url: &ground.urls.after_payment.replace("{order}", &order),
            pay_until: Some(stored.order.pay_until),
            notification_url: Some(notifications).filter(|url| !url.is_empty()),
            receipt: receipt.as_ref(),
        });
        let request = match request {
            Ok(request) => request,
            Err(why) => return Outcome::PaymentCancelled { payment, reason: why.to_string() },
        };
        let answer = ground.partners.exchange(&request);
        let mut reading = self.acquirer.payment(&answer);
        spoken.note(answer);
        // Refused, perhaps, because an earlier request arrived after all.
        if matches!(reading, Reading::Refused { .. })
            && let Some(found) = self.lookup(ground, &key, spoken)
        {
            reading = found;
        }
        self.opened(ground, stored, payment, &reading, spoken)
    }

    /// What the acquirer has under a key; none where it has nothing, or where it knows a repetition by itself.
    fn lookup(&self, ground: &Ground<'_>, key: &str, spoken: &mut Spoken) -> Option<Reading<PaymentState>> {
        let answer = ground.partners.exchange(&self.acquirer.lookup(key)?);
        let reading = self.acquirer.read_lookup(&answer);
        spoken.note(answer);
        match reading {
            Reading::Known(found) => found.map(Reading::Known),
            Reading::Again { after_ms } => Some(Reading::Again { after_ms }),
            Reading::Refused { reason } | Reading::Misconfigured { reason } => {
                Some(Reading::Misconfigured { reason })
            }
        }
    }

    /// What opening a payment came to.
    fn opened(
        &self,
        ground: &Ground<'_>,
        stored: &StoredOrder,
        payment: PaymentId,
        reading: &Reading<PaymentState>,
        spoken: &mut Spoken,
    ) -> Outcome {
        let outcome = self.paid(stored, payment, reading, spoken);
        let Reading::Known(state) = reading else { return outcome };
        self.ask_code(ground, state, spoken);
        if outcome == Outcome::StillWaiting { Outcome::PaymentOpened { payment } } else { outcome }
    }

    /// Asks for the code to pay by, where there is one; without it the link serves.
    fn ask_code(&self, ground: &Ground<'_>, state: &PaymentState, spoken: &mut Spoken) {
        if let Some(request) = self.acquirer.code(state) {
            let code = self.acquirer.read_code(&ground.partners.exchange(&request));
            spoken.confirmation = code.map(confirmation).or_else(|| spoken.confirmation.take());
        }
    }

    /// Reads a payment.
    pub fn watch(
        &self,
        ground: &Ground<'_>,
        stored: &StoredOrder,
        payment: PaymentId,
        spoken: &mut Spoken,
    ) -> Outcome {
        let link = stored.link(payment);
        let Some(external) = link.and_then(|link| link.external_id.as_deref()) else {
            return Outcome::StillWaiting;
        };
        let answer = ground.partners.exchange(&self.acquirer.get(external));
        let reading = self.acquirer.payment(&answer);
        spoken.note(answer);
        // One that was found by its key came without a link, and its code may have been lost.
        if let Reading::Known(state) = &reading
            && link.is_some_and(|link| link.confirmation.is_none())
        {
            self.ask_code(ground, state, spoken);
        }
        match reading {
            // The acquirer made it, and then does not know it: a person must look.
            Reading::Refused { reason } => {
                spoken.error = Some(reason);
                Outcome::AcquirerSilent
            }
            reading => self.paid(stored, payment, &reading, spoken),
        }
    }

    /// What a payment's state means. Money of another amount than was asked for counts as nothing until a person has
    /// looked.
    fn paid(
        &self,
        stored: &StoredOrder,
        payment: PaymentId,
        reading: &Reading<PaymentState>,
        spoken: &mut Spoken,
    ) -> Outcome {
        let state = match reading {
            Reading::Known(state) => state,
            Reading::Again { after_ms } => {
                spoken.again(*after_ms, self.now);
                return Outcome::StillWaiting;
            }
            Reading::Refused { reason } => {
                return Outcome::PaymentCancelled { payment, reason: reason.clone() };
            }
            Reading::Misconfigured { reason } => {
                spoken.error = Some(reason.clone());
                return Outcome::AcquirerSilent;
            }
        };
        spoken.external_id = Some(state.id.clone());
        if let Some(found) = state.confirmation.clone() {
            spoken.confirmation = Some(confirmation(found));
        }
        let asked = stored.order.payment(payment).map(|asked| asked.amount_minor);
        if asked != Some(state.amount.minor()) || state.amount.currency() != stored.facts.currency {
            spoken.error = Some(format!("the acquirer says {}", state.amount));
            return Outcome::AcquirerSilent;
        }
        match &state.state {
            State::Pending => Outcome::StillWaiting,
            State::Succeeded => Outcome::PaymentSucceeded { payment },
            State::Cancelled { reason } => Outcome::PaymentCancelled { payment, reason: reason.clone() },
        }
    }

    /// Asks for money back.
    pub fn refund(
        &self,
        ground: &Ground<'_>,
        stored: &StoredOrder,
        refund: &Refund,
        tries: u32,
        spoken: &mut Spoken,
    ) -> Outcome {
        let id = refund.id;
        if tries > 1 && self.now > refund.created_at.plus_millis(REPEAT_WITHIN_MS) {
            spoken.error = Some("the acquirer no longer knows a repetition".to_owned());
            return Outcome::AcquirerSilent;
        }
        let Some(payment) = stored.link(refund.payment).and_then(|link| link.external_id.as_deref()) else {
            return Outcome::RefundFailed { refund: id, reason: "payment_unknown".to_owned() };
        };
        let listed = match stored.refund_link(id).and_then(|link| link.items.as_deref()) {
            None => items(&self.quote),
            Some(text) => match serde_json::from_str::<Vec<RefundItem>>(text) {
                Ok(listed) => listed.into_iter().map(item).collect(),
                Err(error) => {
                    spoken.error = Some(error.to_string());
                    return Outcome::AcquirerSilent;
                }
            },
        };
        let receipt = self.receipt(listed).filter(|receipt| receipt.total_minor() == refund.amount_minor);
        let request = self.acquirer.refund(&NewRefund {
            key: &id.to_string(),
            payment,
            amount: Money::new(refund.amount_minor, stored.facts.currency),
            description: &format!("Заказ {}", stored.facts.number),
            receipt: receipt.as_ref(),
        });
        let request = match request {
            Ok(request) => request,
            Err(why) => return Outcome::RefundFailed { refund: id, reason: why.to_string() },
        };
        let answer = ground.partners.exchange(&request);
        let reading = self.acquirer.read_refund(&answer);
        spoken.note(answer);
        match self.refunded(id, reading, spoken) {
            Outcome::StillWaiting if spoken.external_id.is_some() => Outcome::RefundOpened { refund: id },
            outcome => outcome,
        }
    }

    /// Reads a refund.
    pub fn watch_refund(
        &self,
        ground: &Ground<'_>,
        stored: &StoredOrder,
        refund: RefundId,
        spoken: &mut Spoken,
    ) -> Outcome {
        let Some(external) = stored.refund_link(refund).and_then(|link| link.external_id.as_deref()) else {
            return Outcome::StillWaiting;
        };
        let answer = ground.partners.exchange(&self.acquirer.get_refund(external));
        let reading = self.acquirer.read_refund(&answer);
        spoken.note(answer);
        match reading {
            Reading::Refused { reason } => {
                spoken.error = Some(reason);
                Outcome::AcquirerSilent
            }
            reading => self.refunded(refund, reading, spoken),
        }
    }

    fn refunded(&self, refund: RefundId, reading: Reading<RefundState>, spoken: &mut Spoken) -> Outcome {
        match reading {
            Reading::Known(RefundState { id, state }) => {
                spoken.external_id = Some(id);
                match state {
                    State::Pending => Outcome::StillWaiting,
                    State::Succeeded => Outcome::RefundSucceeded { refund },
                    State::Cancelled { reason } => Outcome::RefundFailed { refund, reason },
                }
            }
            Reading::Again { after_ms } => {
                spoken.again(after_ms, self.now);
                Outcome::StillWaiting
            }
            Reading::Refused { reason } => Outcome::RefundFailed { refund, reason },
            Reading::Misconfigured { reason } => {
                spoken.error = Some(reason);
                Outcome::AcquirerSilent
            }
        }
    }
}

fn item(listed: RefundItem) -> Item {
    let RefundItem { description, quantity, unit_minor, tax_rate } = listed;
    Item { description, quantity, unit_minor, tax_rate }
}

fn confirmation(confirmation: Confirmation) -> orders::Confirmation {
    match confirmation {
        Confirmation::Redirect(link) => orders::Confirmation::Redirect(link),
        Confirmation::Qr(text) => orders::Confirmation::Qr(text),
    }
}
