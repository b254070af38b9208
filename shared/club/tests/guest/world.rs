//! One brand with a programme, an outlet, and guests who sign up.

use std::cell::Cell;
use std::path::Path;

use club::Moment;
use club::personal::Personal;
use club::session::Opened;
use club::signup::send::{self, Sent, Start};
use club::signup::verify::{self, Answer, Outcome};
use club::signup::{self};
use fraud::facts::Trace;
use kernel::time::{MINUTE_MS, SECOND_MS};
use kernel::{ChallengeId, IdSource, MemberId, OutletId, Timestamp};
use membership::one_time_code::{Code, Policy};
use membership::phone::Country;
use membership::profile::{ConsentKind, Language};
use membership::secrets::Secrets;
use store::challenges::ChallengeConsent;
use store::native::NativeSql;
use store::transaction::transaction;
use store::{Sql, StoreError, Value};

pub const BRAND: &str = "daily";
pub const PHONE: &str = "+7 701 000 00 01";
pub const OUTLET: OutletId = OutletId::from_raw(1);

const SECRETS: &str = "1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const SEED: &[&str] = &[
    "insert into brands values ('daily', 'Daily', 'KZ', '29', 0)",
    "insert into franchisees values (1, 'f1', 'First', 0)",
    "insert into outlets values (1, 'o1', 'daily', 1, 'One', 'KZ', 'KZT', 'Asia/Almaty', 'Almaty', 'Street 1', null, \
     null, null, '[]', 'ru', 'open', 0, 0)",
];

thread_local! {
    static STATE: Cell<u64> = const { Cell::new(0x5eed) };
}

/// Repeatable bytes that stand for a cryptographic source.
pub fn random(count: usize) -> Vec<u8> {
    STATE.with(|state| {
        (0..count)
            .map(|_| {
                state.set(state.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
                (state.get() >> 56) as u8
            })
            .collect()
    })
}

pub struct World {
    pub sql: NativeSql,
    pub ids: IdSource,
    pub secrets: Secrets,
    pub now: Timestamp,
    pub policy: Policy,
    pub served: Vec<Country>,
}

impl World {
    pub fn new() -> Self {
        Self::seeded(NativeSql::in_memory().unwrap())
    }

    pub fn at(path: &Path) -> Self {
        Self::seeded(NativeSql::open(path).unwrap())
    }

    /// Another connection to the database of [`World::at`].
    pub fn beside(path: &Path, seed: u64) -> Self {
        let sql = NativeSql::open(path).unwrap();
        Self { ids: IdSource::new(seed), ..Self::bare(sql) }
    }

    fn bare(sql: NativeSql) -> Self {
        Self {
            sql,
            ids: IdSource::new(7),
            secrets: Secrets::parse(SECRETS).unwrap(),
            now: Timestamp::parse("2026-11-21T09:00:00+05:00").unwrap(),
            policy: Policy::DEFAULT,
            served: Vec::new(),
        }
    }

    fn seeded(sql: NativeSql) -> Self {
        for statement in SEED {
            sql.execute(statement, &[]).unwrap();
        }
        let rules = include_str!("programme.json");
        // Its own id: parsed rules are cached by it for the life of the thread.
        sql.execute(
            "insert into programme_versions values (1, 'daily', 1, 0, ?1, null, 0, 'first')",
            &[rules.into()],
        )
        .unwrap();
        Self::bare(sql)
    }

    pub fn wait(&mut self, millis: i64) {
        self.now = self.now.plus_millis(millis);
    }

    /// Runs a use case in a transaction.
    pub fn tx<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&dyn Sql, Personal<'_>, &mut Moment<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let personal = Personal { secrets: &self.secrets, random: &random };
        let mut moment = Moment { now: self.now, ids: &mut self.ids };
        transaction(&self.sql, |tx| work(tx, personal, &mut moment))
    }

    pub fn start(&mut self, phone: &str, consents: &[ChallengeConsent]) -> Result<Sent, signup::Refusal> {
        self.start_from(phone, consents, "203.0.113.7")
    }

    pub fn start_from(
        &mut self,
        phone: &str,
        consents: &[ChallengeConsent],
        address: &str,
    ) -> Result<Sent, signup::Refusal> {
        let (brand, phone) = send::addressee(&self.sql, BRAND, phone, &self.served)?;
        let network = send::network(address);
        let start = Start { brand, phone, language: Language::Ru, consents: consents.to_vec(), network };
        let policy = self.policy;
        self.tx(|tx, personal, moment| send::start(tx, &policy, &start, personal, moment))
    }

    pub fn resend(&mut self, id: ChallengeId) -> Result<Sent, signup::Refusal> {
        let policy = self.policy;
        self.tx(|tx, personal, moment| send::resend(tx, &policy, id, "203.0.113.7", personal, moment))
    }

    pub fn answer(&mut self, challenge: ChallengeId, code: &str) -> Result<Outcome, signup::Refusal> {
        self.answer_with(challenge, code, &[])
    }

    pub fn answer_with(
        &mut self,
        challenge: ChallengeId,
        code: &str,
        consents: &[ChallengeConsent],
    ) -> Result<Outcome, signup::Refusal> {
        let code = Code::parse(code).unwrap();
        let label = Some("Phone".to_owned());
        let answer = Answer { challenge, code, label, consents: consents.to_vec() };
        let policy = self.policy;
        self.tx(|tx, personal, moment| verify::verify(tx, &policy, &answer, personal, key_of, moment))
    }

    /// Answers on a device that is known.
    pub fn answer_on(
        &mut self,
        device: Trace,
        challenge: ChallengeId,
        code: &str,
    ) -> Result<Outcome, signup::Refusal> {
        self.answer_from("", device, challenge, code)
    }

    /// Answers from a network and on a device that are known.
    pub fn answer_from(
        &mut self,
        network: &str,
        device: Trace,
        challenge: ChallengeId,
        code: &str,
    ) -> Result<Outcome, signup::Refusal> {
        let answer =
            Answer { challenge, code: Code::parse(code).unwrap(), label: None, consents: Vec::new() };
        let policy = self.policy;
        self.tx(|tx, personal, moment| {
            let whence = verify::Whence { device: Some(device), network };
            verify::verify_from(tx, whence, &policy, &answer, personal, key_of, moment)
        })
    }

    /// Signs a phone up, or in, a minute after whatever happened before.
    pub fn sign_in(&mut self, phone: &str) -> (Opened, bool) {
        self.wait(MINUTE_MS);
        let sent = self.start(phone, &required()).unwrap();
        match self.answer(sent.challenge, &code_in(&sent)).unwrap() {
            Outcome::SignedIn { session, is_new } => (*session, is_new),
            other => panic!("{other:?}"),
        }
    }

    pub fn member(&mut self) -> MemberId {
        self.sign_in(PHONE).0.member
    }

    /// The first column of the first row.
    pub fn one(&self, statement: &str, parameters: &[Value]) -> Value {
        let rows = self.sql.execute(statement, parameters).unwrap();
        rows.into_iter().next().and_then(|row| row.into_iter().next()).unwrap_or(Value::Null)
    }

    /// What no use case does: somebody else's change to the database.
    pub fn change(&self, statement: &str) {
        self.sql.execute(statement, &[]).unwrap();
    }

    pub fn count(&self, statement: &str) -> i64 {
        match self.one(statement, &[]) {
            Value::Integer(count) => count,
            other => panic!("{other:?}"),
        }
    }

    /// L1 and L2 over the whole database.
    pub fn check_ledger(&self) {
        assert_eq!(
            self.count(
                "select count(*) from (select entry_id from postings group by entry_id, unit having sum(amount) <> 0)"
            ),
            0
        );
        let differing = "select count(*) from balances b where \
             b.available <> coalesce((select sum(p.amount) from postings p join entries e on e.id = p.entry_id \
             where e.member_id = b.member_id and p.account = 'available'), 0) or \
             b.held <> coalesce((select sum(p.amount) from postings p join entries e on e.id = p.entry_id \
             where e.member_id = b.member_id and p.account = 'held'), 0)";
        assert_eq!(self.count(differing), 0);
        for row in self.sql.execute("select member_id from balances", &[]).unwrap() {
            let [Value::Integer(member)] = row.as_slice() else { panic!("{row:?}") };
            let member = MemberId::from_raw(*member);
            let account = store::ledger::load_account(&self.sql, member).unwrap();
            let lots = store::ledger::load_lots(&self.sql, member).unwrap();
            account.wallet(member, lots).verify().unwrap();
        }
    }
}

pub fn key_of(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn consent(kind: ConsentKind, granted: bool, version: &str) -> ChallengeConsent {
    ChallengeConsent { kind, granted, text_version: version.to_owned() }
}

pub fn required() -> Vec<ChallengeConsent> {
    vec![consent(ConsentKind::Terms, true, "1"), consent(ConsentKind::PersonalData, true, "1")]
}

/// The code in a message.
pub fn code_in(sent: &Sent) -> String {
    let digits: String = sent.message.text.chars().filter(char::is_ascii_digit).collect();
    assert_eq!(digits.len(), 6, "{}", sent.message.text);
    digits
}

/// Some other code.
pub fn other_than(code: &str) -> &'static str {
    if code == "111111" { "222222" } else { "111111" }
}

pub const SECOND: i64 = SECOND_MS;
