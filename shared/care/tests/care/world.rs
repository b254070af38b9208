//! Two outlets of two franchisees, their people, three guests.

use care::Refusal;
use care::ask::{self, Bounds, Done, Links, Outcome};
use care::rules::{self, NewVersion};
use care::submit::{self, Submitted};
use care::tickets::Actor;
use club::Moment;
use club::personal::Personal;
use feedback::answer::Answer;
use feedback::rules::FeedbackRules;
use feedback::ticket::{Desk, Priority};
use kernel::{IdSource, MemberId, OutletId, StaffId, Timestamp};
use membership::secrets::Secrets;
use membership::staff_auth::Role;
use store::Sql;
use store::native::NativeSql;
use store::tickets::NewTicket;
use store::transaction::transaction;

pub const BRAND: &str = "north";
pub const ADMIN: Actor = actor(1, Role::Administrator);
/// Of outlet 11.
pub const MANAGER: Actor = actor(2, Role::OutletManager);
/// Of outlet 12.
pub const OTHER_MANAGER: Actor = actor(3, Role::OutletManager);
/// Of outlet 11's legal entity.
pub const OWNER: Actor = actor(4, Role::Franchisee);
pub const SUPPORT: Actor = actor(5, Role::Support);

pub const ANNA: MemberId = MemberId::from_raw(101);
pub const BORIS: MemberId = MemberId::from_raw(102);
/// Agreed to nothing.
pub const SILENT: MemberId = MemberId::from_raw(103);

const fn actor(id: i64, role: Role) -> Actor {
    Actor { staff: StaffId::from_raw(id), role }
}

const PLACES: &str = "
insert into brands (code, name, default_region, card_prefix, created_at) values ('north', 'North', 'KZ', '21', 0);
insert into franchisees (id, code, name, created_at) values (1, 'f1', 'One', 0), (2, 'f2', 'Two', 0);
insert into outlets (id, code, brand, franchisee_id, name, country, currency, zone, city, address, hours, languages, status, created_at, changed_at) values
 (11, 'ala-1', 'north', 1, 'First', 'KZ', 'KZT', 'Asia/Almaty', 'Almaty', 'x', '{}', 'ru', 'open', 0, 0),
 (12, 'msk-9', 'north', 2, 'Second', 'RU', 'RUB', 'Europe/Moscow', 'Moscow', 'x', '{}', 'ru', 'open', 0, 0);
insert into staff (id, code, name_sealed, role, status, created_at, changed_at) values
 (1, 'admin', x'00', 'administrator', 'active', 0, 0), (2, 'm1', x'00', 'outlet_manager', 'active', 0, 0),
 (3, 'm2', x'00', 'outlet_manager', 'active', 0, 0), (4, 'o1', x'00', 'franchisee', 'active', 0, 0),
 (5, 's1', x'00', 'support', 'active', 0, 0);
insert into staff_scopes (staff_id, scope, target_id) values
 (1, 'all', 0), (2, 'outlet', 11), (3, 'outlet', 12), (4, 'franchisee', 1), (5, 'all', 0);
insert into members (id, brand, language, status, tier, home_outlet_id, joined_at, changed_at) values
 (101, 'north', 'ru', 'active', 'silver', 11, 0, 0), (102, 'north', 'kk', 'active', 'silver', null, 0, 0),
 (103, 'north', 'en', 'active', 'silver', null, 0, 0);
insert into balances (member_id, pending, available, held) values (101, 0, 0, 0), (102, 0, 0, 0), (103, 0, 0, 0);
insert into consents (id, member_id, kind, granted, text_version, source, at) values
 (1, 101, 'personal_data', 1, '1', 'app', 0), (2, 101, 'marketing_push', 1, '1', 'app', 0),
 (3, 102, 'personal_data', 1, '1', 'app', 0), (4, 102, 'marketing_sms', 1, '1', 'app', 0);
";

pub struct World {
    pub sql: NativeSql,
    pub ids: IdSource,
    pub secrets: Secrets,
    numbers: i64,
}

pub fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("lawful")
}

/// Noon at outlet 11.
pub fn noon() -> Timestamp {
    at("2026-11-21T12:00:00+05:00")
}

pub fn hours(hours: i64) -> Timestamp {
    noon().plus_millis(hours * kernel::time::HOUR_MS)
}

pub fn example() -> FeedbackRules {
    serde_json::from_str(include_str!("../../../feedback/tests/example.json")).expect("lawful")
}

pub fn stars(stars: u8) -> Answer {
    Answer { stars, tags: Vec::new(), nps: None, text: None, photo: None }
}

pub fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|index| index as u8 ^ 0x5a).collect()
}

impl World {
    pub fn new() -> Self {
        Self::with(&example())
    }

    pub fn with(rules: &FeedbackRules) -> Self {
        let sql = NativeSql::in_memory().expect("lawful");
        sql.connection().execute_batch(PLACES).expect("lawful");
        let secret = "1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        let secrets = Secrets::parse(secret).expect("lawful");
        let mut world = Self { sql, ids: IdSource::new(7), secrets, numbers: 0 };
        let new = NewVersion { brand: BRAND, rules, effective_from: None, note: "test", by: None };
        let begins = noon().plus_millis(-30 * kernel::time::DAY_MS);
        let mut moment = Moment { now: begins, ids: &mut world.ids };
        transaction(&world.sql, |tx| rules::publish(tx, &new, &mut moment)).expect("lawful");
        world
    }

    /// One transaction at a time.
    pub fn write<T, E: From<store::StoreError>>(
        &mut self,
        now: Timestamp,
        work: impl FnOnce(&dyn Sql, Personal<'_>, &mut Moment<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut moment = Moment { now, ids: &mut self.ids };
        let personal = Personal { secrets: &self.secrets, random: &bytes };
        transaction(&self.sql, |tx| work(tx, personal, &mut moment))
    }

    /// A receipt of two products; its number.
    pub fn sell(&mut self, outlet: i64, member: Option<MemberId>, sold_at: Timestamp) -> i64 {
        self.numbers += 1;
        let id = self.ids.next(sold_at);
        let member = member.map_or("null".to_owned(), |member| member.raw().to_string());
        let (number, sold) = (self.numbers, sold_at.millis());
        self.sql
            .connection()
            .execute_batch(&format!(
                "insert into receipts (id, outlet_id, business_date, number, request_hash, sold_at, recorded_at, member_id, \
                 identified_by, staff_code, channel, currency, list_minor, total_minor, points_paid_minor, points_paid, \
                 points_earned, reply) values ({id}, {outlet}, '2026-11-21', '{number}', x'00', {sold}, {sold}, {member}, \
                 'card', 'bar', 'hall', 'KZT', 100, 100, 0, 0, 0, '{{}}'); \
                 insert into receipt_lines (receipt_id, line_no, product_code, name, category, fractional, quantity, \
                 unit_price_minor, discount_minor, amount_minor, points_paid_minor, points_paid, points_earned) values \
                 ({id}, 1, 'latte', 'Latte', 'coffee', 0, 1000, 50, 0, 50, 0, 0, 0), \
                 ({id}, 2, 'bun', 'Bun', 'bakery', 0, 1000, 50, 0, 50, 0, 0, 0);"
            ))
            .expect("lawful");
        id
    }

    /// Something of a receipt is given back.
    pub fn give_back(&mut self, receipt: i64) {
        let id = self.ids.next(noon());
        self.sql
            .connection()
            .execute_batch(&format!(
                "insert into returns (id, receipt_id, outlet_id, business_date, number, request_hash, returned_at, \
                 recorded_at, member_id, refund_minor, points_back_minor, points_back, points_clawed, points_expired, \
                 points_forgiven, reply) select {id}, id, outlet_id, business_date, 'r' || number, x'00', 0, 0, member_id, \
                 1, 0, 0, 0, 0, 0, '{{}}' from receipts where id = {receipt}"
            ))
            .expect("lawful");
    }

    /// All of a receipt is given back.
    pub fn give_all_back(&mut self, receipt: i64) {
        self.give_back(receipt);
        self.sql
            .connection()
            .execute_batch(&format!(
                "insert into return_lines (return_id, receipt_id, line_no, quantity, refund_minor, points_back_minor, \
                 points_back, points_clawed) select t.id, l.receipt_id, l.line_no, l.quantity, l.amount_minor, 0, 0, 0 \
                 from returns t join receipt_lines l on l.receipt_id = t.receipt_id where t.receipt_id = {receipt}"
            ))
            .expect("lawful");
    }

    /// Says which guest somebody of the staff is, or was until a time.
    pub fn link(&mut self, staff: StaffId, member: MemberId, until: Option<Timestamp>) {
        let id = self.ids.next(noon());
        let until = until.map_or("null".to_owned(), |until| until.millis().to_string());
        self.sql
            .connection()
            .execute_batch(&format!(
                "insert into staff_members (id, staff_id, member_id, linked_at, unlinked_at) \
                 values ({id}, {}, {}, 0, {until})",
                staff.raw(),
                member.raw()
            ))
            .expect("lawful");
    }

    /// The link of the newest question, as its guest is told it.
    pub fn told(&self) -> String {
        let of = "from notifications where topic = 'feedback.request' order by id desc limit 1";
        let id = self.number(&format!("select id {of}"));
        let sealed: Vec<u8> = self
            .sql
            .connection()
            .query_row(&format!("select body_sealed {of}"), [], |row| row.get(0))
            .expect("sealed");
        let personal = Personal { secrets: &self.secrets, random: &bytes };
        let place = store::notifications::body_place(id);
        personal.open(place, Some(&sealed)).expect("opens").expect("a link")
    }

    pub fn run(&mut self, now: Timestamp) -> Done {
        self.run_within(now, Bounds::STANDARD)
    }

    pub fn run_within(&mut self, now: Timestamp, bounds: Bounds) -> Done {
        let url = format!("https://club.example/f/{}", ask::TOKEN);
        let links = Links { signer: care::signer(&self.secrets), url };
        let mut moment = Moment { now, ids: &mut self.ids };
        let personal = Personal { secrets: &self.secrets, random: &bytes };
        match ask::run(&self.sql, &mut moment, &links, personal, bounds).expect("lawful") {
            Outcome::Ran(done) => done,
            Outcome::Busy => panic!("busy"),
        }
    }

    /// A receipt at an outlet, asked about an hour later; the request.
    pub fn asked(&mut self, outlet: i64, member: MemberId, now: Timestamp) -> i64 {
        let receipt = self.sell(outlet, Some(member), now.plus_millis(-kernel::time::HOUR_MS));
        self.run(now);
        self.number(&format!(
            "select id from feedback_requests where status = 'asked' and receipt_id = {receipt}"
        ))
    }

    /// So many tickets of outlet 11, as if written in one moment.
    pub fn tickets(&mut self, count: i64, now: Timestamp) -> Vec<i64> {
        let new = NewTicket {
            request: None,
            member: ANNA,
            outlet: Some(OutletId::from_raw(11)),
            desk: Desk::OutletManager,
            team: None,
            topic: "message",
            priority: Priority::Normal,
            visit: None,
            stars: None,
            nps: None,
            opened_at: now,
            answer_due_at: now.plus_millis(12 * kernel::time::HOUR_MS),
            close_due_at: now.plus_millis(72 * kernel::time::HOUR_MS),
        };
        let written =
            self.write(now, |tx, _, _| (0..count).map(|_| store::tickets::insert(tx, &new)).collect());
        written.map_err(|error: store::StoreError| error.to_string()).expect("lawful")
    }

    pub fn submit(&mut self, id: i64, answer: &Answer, now: Timestamp) -> Result<Submitted, Refusal> {
        self.write(now, |tx, personal, moment| submit::submit(tx, id, answer, personal, moment))
    }

    pub fn number(&self, sql: &str) -> i64 {
        self.sql
            .connection()
            .query_row(sql, [], |row| row.get(0))
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    pub fn text(&self, sql: &str) -> String {
        self.sql
            .connection()
            .query_row(sql, [], |row| row.get(0))
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Hundredths of points that a member can spend.
    pub fn available(&self, member: MemberId) -> i64 {
        self.number(&format!("select available from balances where member_id = {}", member.raw()))
    }
}
