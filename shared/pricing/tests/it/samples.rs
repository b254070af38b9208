//! Carts, facts and promotions to test with.

use kernel::{Currency, Date, MemberId, Points, PromotionId, Rate, Timestamp};
use pricing::amounts::TimeOfDay;
use pricing::cart::{CartLine, CartModifier};
use pricing::facts::{Earning, Guest, Place, Visits};
use pricing::index::Live;
use pricing::{Cart, Facts, Index, Priced, Promotion, evaluate};
use serde_json::{Value, json};

/// Rules that need no more than what a test is about.
pub fn rules(particulars: Value) -> Promotion {
    let mut rules = json!({
        "brand": "bean",
        "title": { "ru": "Акция", "kk": "Акция", "en": "Promotion" },
        "effects": [{ "kind": "percent_off", "percent": "0.1" }],
        "funding": [{ "funder": { "kind": "brand" }, "weight": 1 }],
    });
    for (name, value) in particulars.as_object().expect("an object") {
        rules[name] = value.clone();
    }
    let rules: Promotion = serde_json::from_value(rules).expect("rules");
    assert_eq!(rules.check(), [], "the test's own promotion makes sense");
    rules
}

pub fn live(id: i64, particulars: Value) -> Live {
    Live {
        promotion: PromotionId::from_raw(id),
        version: 1,
        starts_at: Timestamp::from_millis(0),
        ends_at: None,
        rules: rules(particulars),
    }
}

/// Promotions 1, 2, 3… of these particulars.
pub fn index(promotions: &[Value]) -> Index {
    Index::new((1..).zip(promotions).map(|(id, particulars)| live(id, particulars.clone())).collect())
}

pub fn rub(amount: &str) -> Value {
    json!([{ "amount": amount, "currency": "RUB" }])
}

/// A line `product quantity × price`, in the category of that name: `latte 2 × 250.00 drinks`.
pub fn line(line_no: u32, text: &str) -> CartLine {
    let words: Vec<&str> = text.split(' ').collect();
    let [product, quantity, _, price, category] = words[..] else { panic!("no line: {text}") };
    let unit_list_minor = kernel::Money::parse(price, Currency::Rub).expect("a price").minor();
    CartLine {
        line_no,
        product: product.into(),
        size: None,
        category: category.into(),
        tags: Vec::new(),
        modifiers: Vec::new(),
        quantity: quantity.parse().expect("a quantity"),
        unit_list_minor,
        floor_minor: 0,
        tax_rate: Some(2_000),
        earns: true,
        pieces_for_points: 0,
    }
}

pub fn cart(lines: &[&str]) -> Cart {
    Cart { currency: Currency::Rub, lines: (1..).zip(lines).map(|(no, text)| line(no, text)).collect() }
}

pub fn with_modifier(mut line: CartLine, code: &str, charged: u32, unit_price_minor: i64) -> CartLine {
    line.unit_list_minor += i64::from(charged) * unit_price_minor;
    line.modifiers.push(CartModifier { code: code.into(), charged, unit_price_minor });
    line
}

/// Saturday 21 November 2026, 10:30 at an outlet in Almaty, a guest of the base tier who has been here nine times.
pub fn facts() -> Facts {
    Facts {
        now: Timestamp::parse("2026-11-21T05:30:00Z").expect("a time"),
        day: Date::parse("2026-11-21").expect("a date"),
        time: TimeOfDay::parse("10:30").expect("a time"),
        place: Place {
            brand: "bean".into(),
            outlet: "001".into(),
            city: "Almaty".into(),
            franchisee: "north".into(),
            country: "KZ".into(),
        },
        channel: "app".into(),
        guest: Some(Guest {
            member: MemberId::from_raw(7),
            tier: "base".into(),
            segments: vec!["regular".into()],
            tags: vec!["vegan".into()],
            birthday: Some((11, 25)),
            visits: Visits { ever: 9, days_7: 1, days_30: 4, days_90: 9 },
            points_available: Points::parse("300").expect("points"),
        }),
        coupons: Vec::new(),
        payment: Some("sbp".into()),
        earning: Some(Earning { rate: Rate::from_millionths(50_000), point_value_minor: 100 }),
        allowances: Vec::new(),
    }
}

pub fn price(cart: &Cart, promotions: &[Value]) -> Priced {
    checked(cart, &facts(), &index(promotions))
}

/// Prices a cart and checks what must hold of every answer.
pub fn checked(cart: &Cart, facts: &Facts, index: &Index) -> Priced {
    let priced = evaluate(cart, facts, index).expect("a price");
    let mut off = 0;
    for (line, asked) in priced.lines.iter().zip(&cart.lines) {
        let discounts: i64 = line.discounts.iter().map(|discount| discount.amount_minor).sum();
        assert_eq!(line.list_minor, asked.list_minor());
        assert_eq!(line.list_minor - discounts, line.final_minor, "a line's discounts make its price");
        assert!(line.final_minor >= asked.floor_minor * i64::from(asked.quantity), "no line below its floor");
        for discount in &line.discounts {
            assert!(discount.amount_minor > 0);
            let funded: i64 = discount.funding.iter().map(|share| share.amount_minor).sum();
            assert_eq!(funded, discount.amount_minor, "funders bear the whole discount");
            assert!(discount.funding.iter().all(|share| share.amount_minor > 0));
        }
        off += discounts;
        let bonuses: i64 = line.bonuses.iter().map(|bonus| bonus.points.hundredths()).sum();
        assert_eq!(bonuses, line.points_bonus.hundredths(), "a line's bonuses make its points");
        for bonus in &line.bonuses {
            let funded: i64 = bonus.funding.iter().map(|share| share.points).sum();
            assert_eq!(funded, bonus.points.hundredths(), "funders bear the whole bonus");
        }
    }
    let given: i64 = priced.lines.iter().map(|line| line.points_bonus.hundredths()).sum();
    assert_eq!(
        given,
        priced.points_bonus.hundredths(),
        "what is promised is on lines, to be granted with the sale"
    );
    assert_eq!(priced.discount_minor, off);
    assert_eq!(priced.payable_minor, priced.list_minor - off);
    for applied in &priced.applied {
        let lines = priced.lines.iter().flat_map(|line| &line.discounts);
        let own: i64 = lines
            .filter(|discount| discount.promotion == applied.promotion)
            .map(|discount| discount.amount_minor)
            .sum();
        assert_eq!(own, applied.discount_minor, "a promotion's discount is on lines");
        let funded: i64 = applied.funding.iter().map(|share| share.amount_minor).sum();
        assert_eq!(funded, own);
    }
    priced
}

/// Final amounts of the lines.
pub fn finals(priced: &Priced) -> Vec<i64> {
    priced.lines.iter().map(|line| line.final_minor).collect()
}

/// Numbers of the promotions that applied.
pub fn applied(priced: &Priced) -> Vec<i64> {
    priced.applied.iter().map(|applied| applied.promotion.raw()).collect()
}
