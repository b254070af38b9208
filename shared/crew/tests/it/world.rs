//! A chain in memory: outlets, staff, guests with cards, and a till that sells and takes back.

use club::guest::Named;
use club::programme_admin::{self, NewVersion};
use club::receipt::{self, NewSale, Recorded};
use club::returning::{self, NewReturnOf};
use club::{Moment, Refusal};
use kernel::{Currency, Date, IdSource, MemberId, Money, OutletId, Quantity, ReceiptId, StaffId, Timestamp};
use loyalty::programme::Programme;
use loyalty::sale::{self, Payment, PaymentMethod, Sale, SaleLine};
use membership::secrets::{NONCE_LEN, Place, Secrets};
use merit::goal::Goal;
use store::native::NativeSql;
use store::outlets::{self, Outlet};
use store::transaction::transaction;
use store::{Sql, StoreError};

pub const BRAND: &str = "crema";
pub const SECRET: &str = "1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const PROGRAMME: &str = r#"{
  "brand": "crema", "zone": "Asia/Almaty",
  "point_values": [{"amount": "1.00", "currency": "KZT"}, {"amount": "1.00", "currency": "RUB"}],
  "tiers": [{"code": "base", "name": {"ru": "База", "kk": "База", "en": "Base"}, "earn_rate": "0.05"}],
  "earning": {"promo_lines_earn": false, "earn_on_points_paid": false, "points_step": "0.01",
              "pending_delay": {"kind": "none"}, "expiry": {"kind": "days", "days": 180}},
  "redemption": {"min_points": "1.00", "step": "1.00", "share_max": "0.50", "hold_minutes": 15,
                 "static_code_may_spend": true},
  "returns": {"clawback": "unlimited", "reinstatement_grace_days": 14}
}"#;

pub struct World {
    pub sql: NativeSql,
    pub ids: IdSource,
    pub secrets: Secrets,
    numbers: u64,
}

/// A line: category, thousandths, amount in minor units.
pub type Line<'a> = (&'a str, i64, i64);

pub fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

pub fn day(text: &str) -> Date {
    Date::parse(text).expect("a date")
}

pub fn no_secrets() -> Result<Secrets, Refusal> {
    panic!("a card needs no secrets")
}

/// What somebody rings up.
#[derive(Debug, Clone)]
pub struct Ring<'a> {
    pub outlet: i64,
    pub staff: Option<&'a str>,
    /// The index of a guest.
    pub guest: Option<i64>,
    pub sold_at: Timestamp,
    pub now: Timestamp,
    pub lines: Vec<Line<'a>>,
}

impl World {
    /// Outlets 1 to `outlets` (the last one in roubles when there are several), each with baristas `<outlet>a` and
    /// `<outlet>b`, and so many guests.
    pub fn new(outlets: i64, guests: i64) -> Self {
        let secrets = Secrets::parse(SECRET).expect("a secret");
        let sql = NativeSql::in_memory().expect("a database");
        let run = |text: &str| sql.connection().execute_batch(text).expect(text);
        run(
            "insert into brands (code, name, default_region, card_prefix, created_at) values ('crema', 'Crema', 'KZ', '21', 0); \
             insert into franchisees (id, code, name, created_at) values (1, 'f1', 'One', 0), (2, 'f2', 'Two', 0); \
             insert into staff (id, code, name_sealed, role, status, created_at, changed_at) \
             values (1, 'admin', x'00', 'administrator', 'active', 0, 0);",
        );
        let mut world = Self { sql, ids: IdSource::new(7), secrets, numbers: 0 };
        for id in 1..=outlets {
            let foreign = outlets > 1 && id == outlets;
            let (currency, zone, city) =
                if foreign { ("RUB", "Europe/Moscow", "Moscow") } else { ("KZT", "Asia/Almaty", "Almaty") };
            world.run(&format!(
                "insert into outlets (id, code, brand, franchisee_id, name, country, currency, zone, city, address, hours, \
                 languages, status, created_at, changed_at) values ({id}, 'o{id}', 'crema', {}, 'Outlet {id}', 'KZ', \
                 '{currency}', '{zone}', '{city}', 'Street', '{{}}', 'ru', 'open', 0, 0)",
                1 + id % 2
            ));
            for (place, letter) in ["a", "b"].into_iter().enumerate() {
                world.staff(100 + id * 10 + place as i64, &format!("{id}{letter}"), id);
            }
        }
        for index in 0..guests {
            let id = 1_000 + index;
            world.run(&format!(
                "insert into members (id, brand, language, status, tier, joined_at, changed_at) \
                 values ({id}, 'crema', 'ru', 'active', 'base', 0, 0); \
                 insert into balances (member_id, pending, available, held) values ({id}, 0, 0, 0); \
                 insert into cards (brand, number, kind, status, member_id, issued_at, changed_at) \
                 values ('crema', 'G{index:06}', 'plastic', 'active', {id}, 0, 0)"
            ));
        }
        let rules: Programme = serde_json::from_str(PROGRAMME).expect("a programme");
        let new = NewVersion { brand: BRAND, rules: &rules, effective_from: None, note: "test", by: None };
        let mut moment = Moment { now: at("2018-01-01T00:00:00Z"), ids: &mut world.ids };
        transaction(&world.sql, |tx| programme_admin::publish(tx, &new, &mut moment)).expect("a version");
        world
    }

    pub fn run(&self, text: &str) {
        self.sql.connection().execute_batch(text).expect(text);
    }

    pub fn staff(&self, id: i64, code: &str, outlet: i64) {
        let place = Place { table: "staff", field: "name", row: id };
        let sealed = self.secrets.vault().seal(place, &format!("Name {code}"), [7; NONCE_LEN]);
        let sql = "insert into staff (id, code, name_sealed, role, outlet_id, status, created_at, changed_at) \
             values (?1, ?2, ?3, 'barista', ?4, 'active', 0, 0)";
        self.sql.connection().execute(sql, rusqlite::params![id, code, sealed, outlet]).expect("staff");
    }

    pub fn outlet(&self, id: i64) -> Outlet {
        outlets::load(&self.sql, OutletId::from_raw(id)).expect("reads").expect("an outlet")
    }

    pub fn staff_id(&self, code: &str) -> StaffId {
        StaffId::from_raw(self.number(&format!("select id from staff where code = '{code}'")))
    }

    pub fn number(&self, sql: &str) -> i64 {
        self.sql.connection().query_row(sql, [], |row| row.get(0)).expect(sql)
    }

    pub const fn member(index: i64) -> MemberId {
        MemberId::from_raw(1_000 + index)
    }

    pub fn write<T, E: From<StoreError> + std::fmt::Debug>(
        &mut self,
        now: Timestamp,
        work: impl FnOnce(&dyn Sql, &mut Moment<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut moment = Moment { now, ids: &mut self.ids };
        transaction(&self.sql, |tx| work(tx, &mut moment))
    }

    /// Records a sale under the next number, and answers with its outlet, day and number.
    pub fn ring(&mut self, ring: &Ring<'_>) -> Result<(i64, Date, String), Refusal> {
        self.numbers += 1;
        let number = self.numbers.to_string();
        let day = ring.sold_at.date_in(&self.outlet(ring.outlet).zone);
        self.ring_as(ring, &number, day).map(|_| (ring.outlet, day, number))
    }

    pub fn ring_as(&mut self, ring: &Ring<'_>, number: &str, day: Date) -> Result<ReceiptId, Refusal> {
        let outlet = self.outlet(ring.outlet);
        let money = |minor| Money::new(minor, outlet.currency);
        let line = |(index, &(category, thousandths, amount)): (usize, &Line<'_>)| SaleLine {
            line_no: u32::try_from(index + 1).expect("few lines"),
            product_code: format!("p{index}"),
            category: Some(category.to_owned()),
            quantity: Quantity::from_thousandths(thousandths),
            // The price of one, as far as whole minor units give one; the rest is a discount or none.
            unit_price: money((amount * 1_000 + thousandths - 1) / thousandths),
            discount: money(
                ((amount * 1_000 + thousandths - 1) / thousandths) * thousandths / 1_000 - amount,
            ),
            amount: money(amount),
            is_promo: false,
            is_fractional: thousandths % 1_000 != 0,
        };
        let lines: Vec<SaleLine> = ring.lines.iter().enumerate().map(line).collect();
        let total: i64 = ring.lines.iter().map(|line| line.2).sum();
        let payment = Payment { method: PaymentMethod::Card, amount: money(total) };
        let new = NewSale {
            number: number.to_owned(),
            staff_code: ring.staff.map(str::to_owned),
            channel: "counter",
            named: ring.guest.map(|index| Named::Card(format!("G{index:06}"))),
            hold: None,
            names: lines.iter().map(|line| line.product_code.clone()).collect(),
            sale: Sale {
                outlet: sale::Outlet {
                    id: outlet.id,
                    zone: outlet.zone.clone(),
                    currency: outlet.currency,
                    country: outlet.country.clone(),
                },
                business_date: day,
                sold_at: ring.sold_at,
                lines,
                payments: if total > 0 { vec![payment] } else { Vec::new() },
                rounding: money(0),
            },
            request_hash: number.as_bytes().to_vec(),
        };
        let prepared = receipt::prepare(&self.sql, &outlet, &new, &no_secrets, ring.now);
        let mut moment = Moment { now: ring.now, ids: &mut self.ids };
        let recorded = transaction(&self.sql, |tx| {
            receipt::record(tx, &outlet, &new, prepared, &no_secrets, &mut moment, |_| "{}".to_owned())
        })?;
        match recorded {
            Recorded::New { id, .. } | Recorded::Replayed { id, .. } => Ok(id),
        }
    }

    /// Takes lines back, all of what is left when `lines` is `None`.
    pub fn take_back(
        &mut self,
        receipt: &(i64, Date, String),
        lines: Option<Vec<(u32, i64)>>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.numbers += 1;
        let outlet = self.outlet(receipt.0);
        let quantity = |(line, thousandths)| (line, Quantity::from_thousandths(thousandths));
        let new = NewReturnOf {
            business_date: now.date_in(&outlet.zone),
            number: format!("R{}", self.numbers),
            staff_code: None,
            returned_at: now,
            receipt: (outlet.code.clone(), receipt.1, receipt.2.clone()),
            lines: lines.map(|lines| lines.into_iter().map(quantity).collect()),
            request_hash: vec![1],
        };
        let mut moment = Moment { now, ids: &mut self.ids };
        transaction(&self.sql, |tx| returning::record(tx, &outlet, &new, &mut moment, |_| "{}".to_owned()))
            .map(drop)
    }

    pub fn publish(&mut self, code: &str, json: &str, effective_on: &str, now: Timestamp) -> i64 {
        let goal: Goal = serde_json::from_str(json).expect("a goal");
        let new = crew::goals::NewGoal {
            brand: BRAND,
            code,
            goal: &goal,
            effective_on: Some(day(effective_on)),
            note: "test",
            by: StaffId::from_raw(1),
        };
        self.write(now, |tx, moment| crew::goals::publish(tx, &new, moment)).expect("a version").0
    }

    /// Runs the job until there is nothing left to do now.
    pub fn award(&mut self, now: Timestamp) -> crew::award::Done {
        let mut moment = Moment { now, ids: &mut self.ids };
        match crew::award::run(&self.sql, &mut moment).expect("runs") {
            crew::award::Outcome::Ran(done) => {
                assert_eq!(done.failures, Vec::<String>::new());
                done
            }
            crew::award::Outcome::Busy => panic!("nobody else is at it"),
        }
    }

    /// The counters are what the receipts say.
    pub fn assert_counted(&self) {
        assert_eq!(store::kpi::counters::load_differing(&self.sql).expect("reads"), (0, 0, 0));
    }
}

pub fn tenge(minor: i64) -> Money {
    Money::new(minor, Currency::Kzt)
}
