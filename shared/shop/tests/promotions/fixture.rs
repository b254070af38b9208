//! A brand, two outlets, two guests, and promotions to make.

use club::Moment;
use kernel::{Currency, Date, IdSource, MemberId, OutletId, Points, PromotionId, Timestamp};
use pricing::Promotion;
use serde_json::{Value, json};
use shop::promotion::allowances::Whose;
use shop::promotion::reserve::{Refused, Sale, Wanted};
use shop::promotion::{administration as office, reserve};
use store::native::NativeSql;
use store::transaction::transaction;
use store::{Sql, StoreError};

pub const BRAND: &str = "bean";
pub const GUEST: MemberId = MemberId::from_raw(1);
pub const OTHER: MemberId = MemberId::from_raw(2);

const ROWS: &str = "
    insert into brands (code, name, default_region, card_prefix, created_at) values ('bean', 'Bean', 'KZ', '21', 0);
    insert into franchisees (id, code, name, created_at) values (1, 'north', 'North LLP', 0), (2, 'south', 'South LLP', 0);
    insert into outlets (id, code, brand, franchisee_id, name, country, currency, zone, city, address, hours, languages,
        status, created_at, changed_at)
    values (1, '001', 'bean', 1, 'One', 'KZ', 'KZT', 'Asia/Almaty', 'Almaty', 'Abay 1', '{}', 'ru', 'open', 0, 0),
           (2, '002', 'bean', 2, 'Two', 'KZ', 'KZT', 'Asia/Almaty', 'Astana', 'Abay 2', '{}', 'ru', 'open', 0, 0);
    insert into members (id, brand, language, status, tier, joined_at, changed_at)
    values (1, 'bean', 'ru', 'active', 'base', 0, 0), (2, 'bean', 'ru', 'active', 'base', 0, 0);
";

pub struct Shop {
    pub sql: NativeSql,
    pub ids: IdSource,
}

pub fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

/// Saturday noon in Almaty.
pub fn now() -> Timestamp {
    at("2026-11-21T12:00:00+05:00")
}

pub fn kzt(amount: &str) -> Value {
    json!([{ "amount": amount, "currency": "KZT" }])
}

pub fn rules(particulars: Value) -> Promotion {
    let mut rules = json!({
        "brand": BRAND,
        "title": { "ru": "Акция", "kk": "Акция", "en": "Promotion" },
        "effects": [{ "kind": "percent_off", "percent": "0.1" }],
        "funding": [{ "funder": { "kind": "brand" }, "weight": 1 }, { "funder": { "kind": "franchisee" }, "weight": 1 }],
    });
    for (name, value) in particulars.as_object().expect("an object") {
        rules[name] = value.clone();
    }
    serde_json::from_value(rules).expect("rules")
}

impl Shop {
    pub fn new() -> Self {
        Self::over(NativeSql::in_memory().expect("a database"))
    }

    pub fn over(sql: NativeSql) -> Self {
        sql.connection().execute_batch(ROWS).expect("rows");
        Self { sql, ids: IdSource::new(7) }
    }

    /// One transaction that is kept if it is lawful.
    pub fn write<T, E: From<StoreError>>(
        &mut self,
        now: Timestamp,
        work: impl FnOnce(&dyn Sql, &mut Moment<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut moment = Moment { now, ids: &mut self.ids };
        transaction(&self.sql, |tx| work(tx, &mut moment))
    }

    /// A promotion that is switched on from now.
    pub fn live(&mut self, particulars: Value) -> PromotionId {
        let rules = rules(particulars);
        let made = self.write(now(), |tx, moment| {
            let (stored, _) = office::create(tx, &rules, "test", None, moment)?;
            office::schedule(tx, stored.id, None, None, moment)
        });
        made.expect("lawful").id
    }

    pub fn reserve(
        &mut self,
        owner: &str,
        member: Option<MemberId>,
        wanted: &[Wanted],
    ) -> Result<(), Refused> {
        let sale = Sale { brand: BRAND, whose: whose(member) };
        self.write(now(), |tx, moment| reserve(tx, moment, owner, &sale, wanted))
    }

    pub fn commit(&mut self, owner: &str) -> Result<(), Refused> {
        self.write(now(), |tx, moment| shop::promotion::commit(tx, moment, owner))
    }

    pub fn release(&mut self, owner: &str) -> Result<(), Refused> {
        self.write(now(), |tx, moment| shop::promotion::release(tx, moment, owner))
    }

    /// A number from the database.
    pub fn count(&self, query: &str) -> i64 {
        self.sql.connection().query_row(query, [], |row| row.get(0)).expect("a number")
    }
}

pub fn whose(member: Option<MemberId>) -> Whose {
    Whose {
        outlet: OutletId::from_raw(1),
        member,
        day: Date::parse("2026-11-21").expect("a date"),
        currency: Currency::Kzt,
    }
}

pub fn wanted(promotion: PromotionId, discount_minor: i64) -> Wanted {
    Wanted { promotion, version: 1, times: 1, discount_minor, points: Points::ZERO, coupon: None }
}
