//! A small chain in memory, and verbs to do things in it.

use club::Moment;
use club::directory::{self, Description, Status};
use club::import::{self, Kind, Means, Order, Report};
use club::programme_admin::{self, NewVersion};
use kernel::{Currency, IdSource, MemberId, OutletId, Points, StaffId, Timestamp};
use ledger::grant;
use ledger::model::{LotSource, Occasion, Wallet};
use loyalty::programme::Programme;
use membership::profile::Language;
use membership::secrets::{BlindIndexer, Secrets, Vault};
use membership::staff_auth::{Grant, Role, Scope};
use store::ledger::Due;
use store::native::NativeSql;
use store::transaction::transaction;
use store::{Sql, StoreError, holds, ledger as books};

pub const BRAND: &str = "crema";
pub const OUTLET: &str = "101";
/// The administrator of the chain.
pub const ADMINISTRATOR: StaffId = StaffId::from_raw(1);

const PROGRAMME: &str = r#"{
  "brand": "crema", "zone": "Asia/Almaty",
  "point_values": [{"amount": "1.00", "currency": "KZT"}],
  "tiers": [
    {"code": "bronze", "name": {"ru": "Бронза", "kk": "Қола", "en": "Bronze"}, "earn_rate": "0.05"},
    {"code": "gold", "name": {"ru": "Золото", "kk": "Алтын", "en": "Gold"}, "earn_rate": "0.10",
     "monthly_spend": [{"amount": "50000.00", "currency": "KZT"}]}
  ],
  "earning": {"promo_lines_earn": false, "earn_on_points_paid": false, "points_step": "0.01",
              "pending_delay": {"kind": "hours", "hours": 24}, "expiry": {"kind": "days", "days": 180}},
  "redemption": {"min_points": "1.00", "step": "1.00", "share_max": "0.50", "hold_minutes": 15,
                 "static_code_may_spend": false},
  "returns": {"clawback": "unlimited", "reinstatement_grace_days": 14}
}"#;

pub struct Chain {
    pub sql: NativeSql,
    pub ids: IdSource,
    pub secrets: Secrets,
    pub vault: Vault,
    pub indexer: BlindIndexer,
}

pub fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

pub fn points(text: &str) -> Points {
    Points::parse(text).expect("points")
}

/// When the chain begins.
pub fn start() -> Timestamp {
    at("2026-11-21T09:00:00+05:00")
}

pub fn rules() -> Programme {
    serde_json::from_str(PROGRAMME).expect("a programme")
}

pub fn everything() -> Grant {
    Grant::new(Role::Administrator, Scope::Everything).expect("lawful")
}

/// Not random, but no two calls give the same.
pub fn bytes(count: usize) -> Vec<u8> {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut ids = IdSource::new(NEXT.fetch_add(1, Ordering::Relaxed));
    (0..count).map(|_| ids.next(start()).to_le_bytes()[0]).collect()
}

impl Chain {
    /// A brand with a programme, a franchisee, an outlet, an administrator.
    pub fn new() -> Self {
        let secret = "1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        let secrets = Secrets::parse(secret).expect("a secret");
        let sql = NativeSql::in_memory().expect("a database");
        sql.connection()
            .execute_batch(
                "insert into brands (code, name, default_region, card_prefix, created_at) \
                 values ('crema', 'Crema', 'KZ', '21', 0); \
                 insert into staff (id, code, name_sealed, role, status, created_at, changed_at) \
                 values (1, 'admin', x'00', 'administrator', 'active', 0, 0);",
            )
            .expect("rows");
        let (vault, indexer) = (secrets.vault(), secrets.blind_indexer());
        let mut chain = Self { sql, ids: IdSource::new(7), secrets, vault, indexer };
        chain.publish(&rules(), None, start()).expect("a version");
        chain.write(start(), |tx, moment| {
            directory::write_franchisee(tx, "f1", "Owner One", moment).expect("a franchisee");
            directory::write_outlet(tx, OUTLET, &described(), &everything(), moment).expect("an outlet");
        });
        chain
    }

    /// One transaction at a time.
    pub fn write<T>(&mut self, now: Timestamp, work: impl FnOnce(&dyn Sql, &mut Moment<'_>) -> T) -> T {
        let mut moment = Moment { now, ids: &mut self.ids };
        transaction(&self.sql, |tx| Ok::<_, StoreError>(work(tx, &mut moment))).expect("commits")
    }

    pub fn publish(
        &mut self,
        rules: &Programme,
        effective_from: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<i64, programme_admin::Refused> {
        let new = NewVersion { brand: BRAND, rules, effective_from, note: "test", by: None };
        let mut moment = Moment { now, ids: &mut self.ids };
        transaction(&self.sql, |tx| programme_admin::publish(tx, &new, &mut moment))
            .map(|version| version.version)
    }

    pub fn import(&mut self, kind: Kind, file: &str, dry_run: bool) -> Result<Report, import::Refused> {
        self.import_bytes(kind, file.as_bytes(), dry_run)
    }

    pub fn import_bytes(
        &mut self,
        kind: Kind,
        file: &[u8],
        dry_run: bool,
    ) -> Result<Report, import::Refused> {
        let grant = everything();
        let order =
            Order { kind, brand: BRAND, file, dry_run, by: ADMINISTRATOR, grant: &grant, digest: vec![0] };
        let means = Means { vault: &self.vault, indexer: &self.indexer, random: bytes };
        let mut moment = Moment { now: start(), ids: &mut self.ids };
        import::run(&self.sql, &order, &means, &mut moment)
    }

    /// A member without anything.
    pub fn member(&mut self, code: &str) -> MemberId {
        let report = self.import(Kind::Members, &format!("external_code\n{code}\n"), false).expect("taken");
        assert_eq!(report.applied, 1, "{report:?}");
        MemberId::from_raw(self.number(&format!("select id from members where external_code = '{code}'")))
    }

    /// Points from nowhere in particular.
    pub fn grant(
        &mut self,
        member: MemberId,
        amount: &str,
        activates_at: Option<Timestamp>,
        expires_at: Option<Timestamp>,
    ) {
        self.write(start(), |tx, moment| {
            let mut wallet = wallet(tx, member);
            let grant =
                grant::Grant { points: points(amount), source: LotSource::Welcome, activates_at, expires_at };
            let occasion = Occasion {
                event: format!("test:{}", moment.ids.next(moment.now)),
                receipt: None,
                outlet: None,
                effective_at: moment.now,
                recorded_at: moment.now,
            };
            let entry = grant::accrue(&mut wallet, grant, occasion, moment.ids).expect("granted");
            let (entry, due) = (entry.expect("an entry"), Due::By(wallet.next_due(moment.now)));
            books::insert_entries(tx, member, &[entry], "points:crema", None, due).expect("recorded");
        });
    }

    /// A hold that ends at `expires_at`.
    pub fn hold(&mut self, member: MemberId, amount: &str, expires_at: Timestamp) {
        let outlet = OutletId::from_raw(self.number("select id from outlets where code = '101'"));
        self.write(start(), |tx, moment| {
            let mut wallet = wallet(tx, member);
            let id = kernel::HoldId::new(moment.ids, moment.now);
            let occasion = Occasion {
                event: format!("hold:{}", id.raw()),
                receipt: None,
                outlet: Some(outlet),
                effective_at: moment.now,
                recorded_at: moment.now,
            };
            let (entry, hold) =
                ledger::spend::hold(&mut wallet, points(amount), id, occasion, moment.ids).expect("held");
            let stored = holds::StoredHold {
                hold,
                outlet,
                currency: Currency::Kzt,
                value_minor: 100,
                status: holds::HoldStatus::Authorised,
                captured: Points::ZERO,
                created_at: moment.now,
                expires_at,
                receipt: None,
            };
            holds::insert(tx, &stored).expect("recorded");
            let due = Due::By(Some(expires_at));
            books::insert_entries(tx, member, &[entry], "points:crema", None, due).expect("recorded");
        });
    }

    /// Pending, available and held.
    pub fn balance(&self, member: MemberId) -> (String, String, String) {
        let stored = books::load_account(&self.sql, member).expect("a balance");
        (stored.pending.to_string(), stored.available.to_string(), stored.held.to_string())
    }

    /// The one number that a statement answers with.
    pub fn number(&self, statement: &str) -> i64 {
        self.sql.connection().query_row(statement, [], |row| row.get(0)).expect(statement)
    }

    /// Everything that a statement answers with, as text.
    pub fn rows(&self, statement: &str) -> Vec<String> {
        let rows = self.sql.execute(statement, &[]).expect(statement);
        rows.into_iter().map(|row| format!("{row:?}")).collect()
    }

    /// The books are right.
    pub fn assert_sound(&self) {
        let report = club::verify::verify(&self.sql, MemberId::from_raw(0), 2_000).expect("verified");
        assert_eq!(report.findings, []);
    }
}

fn wallet(sql: &dyn Sql, member: MemberId) -> Wallet {
    let account = books::load_account(sql, member).expect("a balance");
    account.wallet(member, books::load_lots(sql, member).expect("lots"))
}

pub fn described() -> Description {
    Description {
        brand: BRAND.into(),
        franchisee: "f1".into(),
        name: "Dostyk".into(),
        country: "KZ".into(),
        currency: Currency::Kzt,
        zone: "Asia/Almaty".into(),
        city: "Almaty".into(),
        address: "Dostyk 1".into(),
        phone: None,
        position: directory::geo::Position::from_e6(43_238_949, 76_889_709),
        hours: directory::hours::Hours::every_day("08:00-22:00").expect("hours"),
        languages: vec![Language::Ru, Language::Kk],
        status: Status::Open,
    }
}

/// Runs `work` and prints how long it took.
#[expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "a measurement reads the clock")]
pub fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let before = std::time::Instant::now();
    let result = work();
    println!("{what}: {:?}", before.elapsed());
    result
}
