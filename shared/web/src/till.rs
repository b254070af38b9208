//! What every function for tills shares: bodies to domain values. [`crate::till_reply`] is the way back.

use std::collections::HashMap;

use api::problem as p;
use api::wire::GuestBody;
use api::wire::receipts::{PaymentMethodBody, ReceiptBody};
use api::wire::returns::ReturnBody;
use club::Refusal;
use club::guest::{self, Named};
use club::receipt::NewSale;
use club::returning::NewReturnOf;
use club::watching;
use kernel::{Date, HoldId, Money, Quantity, Timestamp};
use loyalty::sale::{self, Payment, PaymentMethod, Sale, SaleLine};
use membership::rotating_code::Unproven;
use membership::secrets::Secrets;
use sha2::{Digest, Sha256};
use store::Sql;
use store::outlets::Outlet;
use store::products::{self, Product};
use store::transaction::transaction;

use crate::call::Settings;
use crate::fields::Fields;
use crate::problem::Problem;

/// Most characters of an outlet's code, of a receipt's number, of a member of staff's code.
const OUTLET_LEN_MAX: usize = 32;
const NUMBER_LEN_MAX: usize = 64;
const STAFF_LEN_MAX: usize = 32;
/// Most characters of a product's name on a line, and of a category.
const NAME_LEN_MAX: usize = 256;
const CATEGORY_LEN_MAX: usize = 128;

/// The variable with the deployment's master secret.
pub const MASTER_SECRET: &str = "master_secret";

/// The master secret, read when a use case needs it.
pub fn secrets(settings: &dyn Settings) -> impl Fn() -> Result<Secrets, Refusal> + '_ {
    move || {
        let text = settings.get(MASTER_SECRET);
        let text = text.map_err(|_| Refusal::Secrets(format!("variable {MASTER_SECRET} is not set")))?;
        Secrets::parse(&text).map_err(|error| Refusal::Secrets(error.to_string()))
    }
}

/// Runs a till's use case in one transaction. A wrong rotating code is counted against its card in another, since
/// the first leaves nothing behind.
///
/// # Errors
/// What `work` refuses; a failure of storage.
pub fn in_transaction<T>(
    sql: &dyn Sql,
    outlet: &Outlet,
    now: Timestamp,
    work: impl FnOnce(&dyn Sql) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    transaction(sql, work).inspect_err(|refusal| count_wrong_code(sql, outlet, now, refusal))
}

/// Counts a wrong or replayed code, or suspicious spending, if that is what was refused. The refusal stands even if the count cannot be written.
pub fn count_wrong_code(sql: &dyn Sql, outlet: &Outlet, now: Timestamp, refusal: &Refusal) {
    let counted = match refusal {
        Refusal::Code { card, why: Unproven::Wrong } => {
            transaction(sql, |tx| guest::note_wrong_code(tx, outlet, card, now))
        }
        Refusal::CodeSpent { .. } | Refusal::Suspected { facts: Some(_), .. } => {
            transaction(sql, |tx| watching::note(tx, outlet, refusal, now))
        }
        _ => return,
    };
    if let Err(error) = counted {
        eprintln!("code.count failed: {error}");
    }
}

/// The digest by which a repetition is told from a conflict. Field order and spelling of the JSON do not matter.
///
/// # Errors
/// When the body cannot be written as JSON: a defect of ours.
pub fn digest(body: &impl serde::Serialize) -> Result<Vec<u8>, Problem> {
    let canonical = serde_json::to_vec(body).map_err(|error| Problem::internal(error.to_string()))?;
    Ok(Sha256::digest(canonical).to_vec())
}

/// The products of a brand that sales name, each looked up once in a request.
pub struct Catalogue<'a> {
    sql: &'a dyn Sql,
    brand: &'a str,
    /// `None`: there is no such product.
    known: HashMap<String, Option<Product>>,
}

impl<'a> Catalogue<'a> {
    /// A catalogue of which nothing has been read.
    #[must_use]
    pub fn new(sql: &'a dyn Sql, outlet: &'a Outlet) -> Self {
        Self { sql, brand: &outlet.brand, known: HashMap::new() }
    }

    /// Looks up what is not known yet.
    fn learn<'c>(&mut self, codes: impl Iterator<Item = &'c str>) -> Result<(), Problem> {
        let unknown: Vec<&str> = codes.filter(|code| !self.known.contains_key(*code)).collect();
        let found = products::load(self.sql, self.brand, unknown.iter().copied())?;
        self.known.extend(unknown.into_iter().map(|code| (code.to_owned(), None)));
        self.known.extend(found.into_iter().map(|(code, product)| (code, Some(product))));
        Ok(())
    }

    fn product(&self, code: &str) -> Option<&Product> {
        self.known.get(code).and_then(Option::as_ref)
    }
}

/// A posted sale as a domain value. Names and categories that the till left out come from the catalogue; whether goods
/// are sold by weight only the catalogue says.
///
/// # Errors
/// A problem that lists every field at fault; a failure of storage.
pub fn sale(body: ReceiptBody, outlet: &Outlet, catalogue: &mut Catalogue<'_>) -> Result<NewSale, Problem> {
    let request_hash = digest(&body)?;
    let mut fields = Fields::new();
    own_outlet(&mut fields, &body.outlet, outlet);
    fields.length("/number", &body.number, NUMBER_LEN_MAX);
    if let Some(staff) = &body.staff {
        fields.length("/staff", staff, STAFF_LEN_MAX);
    }
    let business_date = fields.read("/business_date", Date::parse(&body.business_date));
    let sold_at = fields.read("/sold_at", Timestamp::parse(&body.sold_at));
    let (lines, names) = lines(&mut fields, &body, outlet, catalogue)?;
    let (payments, hold) = payments(&mut fields, &body, outlet);
    let rounding = match &body.rounding {
        None => Some(Money::zero(outlet.currency)),
        Some(rounding) => fields.money("/rounding", rounding, outlet.currency),
    };
    fields.finish()?;
    let (Some(business_date), Some(sold_at), Some(rounding)) = (business_date, sold_at, rounding) else {
        return Err(Problem::internal("a field without a value passed the check"));
    };
    let sale = Sale { outlet: outlet_facts(outlet), business_date, sold_at, lines, payments, rounding };
    Ok(NewSale {
        number: body.number,
        staff_code: body.staff,
        channel: body.channel.code(),
        named: body.guest.map(named),
        hold,
        sale,
        names,
        request_hash,
    })
}

/// The outlet as the rules see it.
fn outlet_facts(outlet: &Outlet) -> sale::Outlet {
    sale::Outlet {
        id: outlet.id,
        zone: outlet.zone.clone(),
        currency: outlet.currency,
        country: outlet.country.clone(),
    }
}

/// Notes a fault when the body names another outlet than the till's own.
pub fn own_outlet(fields: &mut Fields, code: &str, outlet: &Outlet) {
    fields.length("/outlet", code, OUTLET_LEN_MAX);
    if code != outlet.code {
        let words = format!("this till's key belongs to outlet {}", outlet.code);
        fields.fault(&p::UNKNOWN_OUTLET, "/outlet", words);
    }
}

fn lines(
    fields: &mut Fields,
    body: &ReceiptBody,
    outlet: &Outlet,
    catalogue: &mut Catalogue<'_>,
) -> Result<(Vec<SaleLine>, Vec<String>), Problem> {
    let (mut lines, mut names) = (Vec::with_capacity(body.lines.len()), Vec::with_capacity(body.lines.len()));
    let some = body.lines.iter().take(sale::LINES_MAX);
    let lawful = some.filter(|line| line.product.chars().count() <= sale::PRODUCT_CODE_LEN_MAX);
    catalogue.learn(lawful.map(|line| line.product.as_str()))?;
    for (index, line) in body.lines.iter().take(sale::LINES_MAX + 1).enumerate() {
        let at = |field: &str| format!("/lines/{index}/{field}");
        fields.length(&at("product"), &line.product, sale::PRODUCT_CODE_LEN_MAX);
        if let Some(name) = &line.name {
            fields.length(&at("name"), name, NAME_LEN_MAX);
        }
        if let Some(category) = &line.category {
            fields.length(&at("category"), category, CATEGORY_LEN_MAX);
        }
        let quantity = fields.read(&at("quantity"), Quantity::parse(&line.quantity));
        let unit_price = fields.money(&at("unit_price"), &line.unit_price, outlet.currency);
        let amount = fields.money(&at("amount"), &line.amount, outlet.currency);
        let discount = match &line.discount {
            None => Some(Money::zero(outlet.currency)),
            Some(discount) => fields.money(&at("discount"), discount, outlet.currency),
        };
        let (Some(quantity), Some(unit_price), Some(amount), Some(discount)) =
            (quantity, unit_price, amount, discount)
        else {
            continue;
        };
        let known = catalogue.product(&line.product);
        lines.push(SaleLine {
            line_no: line.line_no,
            product_code: line.product.clone(),
            category: line.category.clone().or_else(|| known.map(|product| product.category.clone())),
            quantity,
            unit_price,
            discount,
            amount,
            is_promo: line.promo,
            is_fractional: known.is_some_and(|product| product.fractional),
        });
        let name = line.name.clone().or_else(|| known.map(|product| product.name.clone()));
        names.push(name.unwrap_or_else(|| line.product.clone()));
    }
    Ok((lines, names))
}

fn payments(fields: &mut Fields, body: &ReceiptBody, outlet: &Outlet) -> (Vec<Payment>, Option<HoldId>) {
    let mut hold = None;
    let mut payments = Vec::with_capacity(body.payments.len());
    for (index, payment) in body.payments.iter().take(sale::PAYMENTS_MAX + 1).enumerate() {
        let pointer = format!("/payments/{index}/amount");
        if let Some(amount) = fields.money(&pointer, &payment.amount, outlet.currency) {
            payments.push(Payment { method: method(payment.method), amount });
        }
        let Some(text) = &payment.hold else { continue };
        let pointer = format!("/payments/{index}/hold");
        if payment.method != PaymentMethodBody::Points || hold.is_some() {
            fields.fault(
                &p::INVALID_FIELD,
                pointer.as_str(),
                "one points payment names one hold, others none",
            );
        }
        hold = fields.read(&pointer, HoldId::parse(text));
    }
    (payments, hold)
}

const fn method(body: PaymentMethodBody) -> PaymentMethod {
    match body {
        PaymentMethodBody::Cash => PaymentMethod::Cash,
        PaymentMethodBody::Card => PaymentMethod::Card,
        PaymentMethodBody::Transfer => PaymentMethod::Transfer,
        PaymentMethodBody::GiftCard => PaymentMethod::GiftCard,
        PaymentMethodBody::Points => PaymentMethod::Points,
        PaymentMethodBody::Other => PaymentMethod::Other,
    }
}

/// The guest as the till names them.
#[must_use]
pub fn named(body: GuestBody) -> Named {
    match body {
        GuestBody::Card(text) => Named::Card(text),
        GuestBody::Phone(text) => Named::Phone(text),
        GuestBody::Code(text) => Named::Code(text),
    }
}

/// A posted return as a domain value.
///
/// # Errors
/// A problem that lists every field at fault.
pub fn return_of(body: ReturnBody, outlet: &Outlet) -> Result<NewReturnOf, Problem> {
    let request_hash = digest(&body)?;
    let mut fields = Fields::new();
    own_outlet(&mut fields, &body.outlet, outlet);
    fields.length("/number", &body.number, NUMBER_LEN_MAX);
    if let Some(staff) = &body.staff {
        fields.length("/staff", staff, STAFF_LEN_MAX);
    }
    let business_date = fields.read("/business_date", Date::parse(&body.business_date));
    let returned_at = fields.read("/returned_at", Timestamp::parse(&body.returned_at));
    let sold_on = fields.read("/receipt/business_date", Date::parse(&body.receipt.business_date));
    let asked = body.lines.as_ref().map(|lines| {
        if lines.is_empty() || lines.len() > sale::LINES_MAX {
            let words =
                format!("name 1 to {} lines, or leave lines out to return everything", sale::LINES_MAX);
            fields.fault(&p::INVALID_LINES, "/lines", words);
        }
        let mut asked = Vec::with_capacity(lines.len());
        for (index, line) in lines.iter().take(sale::LINES_MAX).enumerate() {
            let pointer = format!("/lines/{index}/quantity");
            if let Some(quantity) = fields.read(&pointer, Quantity::parse(&line.quantity)) {
                asked.push((line.line_no, quantity));
            }
        }
        asked
    });
    fields.finish()?;
    let (Some(business_date), Some(returned_at), Some(sold_on)) = (business_date, returned_at, sold_on)
    else {
        return Err(Problem::internal("a field without a value passed the check"));
    };
    Ok(NewReturnOf {
        business_date,
        number: body.number,
        staff_code: body.staff,
        returned_at,
        receipt: (body.receipt.outlet, sold_on, body.receipt.number),
        lines: asked,
        request_hash,
    })
}
