//! A programme and sales to decide about.

use kernel::{Currency, Date, Money, OutletId, Points, Quantity, Timestamp, Zone};
use loyalty::programme::Programme;
use loyalty::sale::{Outlet, Payment, PaymentMethod, Sale, SaleLine};

/// The sample programme's JSON, as an administrator would send it.
pub const PROGRAMME: &str = include_str!("programme.json");

/// The sample programme.
pub fn programme() -> Programme {
    serde_json::from_str(PROGRAMME).expect("the sample is a programme")
}

/// The sample programme with something changed.
pub fn programme_with(change: impl FnOnce(&mut Programme)) -> Programme {
    let mut programme = programme();
    change(&mut programme);
    programme
}

pub fn rub(amount: &str) -> Money {
    Money::parse(amount, Currency::Rub).expect("money")
}

pub fn points(text: &str) -> Points {
    Points::parse(text).expect("points")
}

pub fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).expect("a quantity")
}

pub fn date(text: &str) -> Date {
    Date::parse(text).expect("a date")
}

pub fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

pub fn zone(name: &str) -> Zone {
    Zone::parse(name).expect("a zone")
}

/// A sale in roubles, paid in cash, whose lines are rows of
/// `product category quantity × unit-price - discount = amount [promo] [weighed]`. Line numbers count from 1.
pub fn sale(rows: &str) -> Sale {
    let lines: Vec<SaleLine> = rows
        .lines()
        .filter(|row| !row.trim().is_empty())
        .enumerate()
        .map(|(index, row)| line(u32::try_from(index + 1).expect("few lines"), row))
        .collect();
    let mut sale = Sale {
        outlet: Outlet {
            id: OutletId::from_raw(1),
            zone: zone("Europe/Moscow"),
            currency: Currency::Rub,
            country: "RU".into(),
        },
        business_date: date("2026-11-21"),
        sold_at: time("2026-11-21T09:30:00+03:00"),
        lines,
        payments: Vec::new(),
        rounding: rub("0"),
    };
    let amount = sale.total().expect("one currency");
    sale.payments.push(Payment { method: PaymentMethod::Cash, amount });
    sale
}

fn line(line_no: u32, row: &str) -> SaleLine {
    let words: Vec<&str> = row.split_whitespace().collect();
    let [product, category, count, "×", price, "-", discount, "=", amount, flags @ ..] = &words[..] else {
        panic!("not a line: {row}");
    };
    SaleLine {
        line_no,
        product_code: (*product).into(),
        category: (*category != "none").then(|| (*category).into()),
        quantity: quantity(count),
        unit_price: rub(price),
        discount: rub(discount),
        amount: rub(amount),
        is_promo: flags.contains(&"promo"),
        is_fractional: flags.contains(&"weighed"),
    }
}
