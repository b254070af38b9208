//! One brand in two zones, and its members.

use std::cell::Cell;

use club::Moment;
use club::lifecycle::{self, Outcome};
use club::member::{Field, place};
use club::personal::Personal;
use kernel::{ContactId, IdSource, MemberId, OutletId, Timestamp};
use membership::phone::Phone;
use membership::profile::Language;
use membership::secrets::{Place, Secrets};
use messaging::Channel;
use post::contacts::{self, Address};
use store::contacts::Form;
use store::guests;
use store::members::{self, NewMember};
use store::native::NativeSql;
use store::transaction::transaction;
use store::{Sql, StoreError, Value};

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
}

impl World {
    pub fn new() -> Self {
        let sql = NativeSql::in_memory().unwrap();
        for statement in SEED {
            sql.execute(statement, &[]).unwrap();
        }
        Self {
            sql,
            ids: IdSource::new(7),
            secrets: Secrets::parse(SECRETS).unwrap(),
            now: Timestamp::parse("2026-11-25T12:00:00+05:00").unwrap(),
        }
    }

    pub fn wait(&mut self, millis: i64) {
        self.now = self.now.plus_millis(millis);
    }

    pub fn personal(&self) -> Personal<'_> {
        Personal { secrets: &self.secrets, random: &random }
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

    /// A member with a phone, at home in Almaty.
    pub fn member(&mut self, number: u32) -> MemberId {
        let phone = Phone::from_e164(&format!("+770100{number:05}")).unwrap();
        self.tx(|tx, personal, moment| {
            let id = MemberId::new(moment.ids, moment.now);
            members::insert(
                tx,
                &NewMember {
                    id,
                    brand: "daily",
                    phone_index: personal.phone_index(&phone).bytes(),
                    phone_sealed: &personal.seal(place(id, Field::Phone), phone.expose()),
                    language: Language::Ru,
                    tier: "base",
                    joined_at: moment.now,
                },
            )?;
            guests::set_home(tx, id, OutletId::from_raw(1), moment.now)?;
            Ok::<_, StoreError>(id)
        })
        .unwrap()
    }

    /// Has a member reached at an address.
    pub fn link(&mut self, member: MemberId, channel: Channel, text: &str) -> ContactId {
        let form = match channel {
            Channel::Telegram => Form::Chat,
            _ => Form::Token,
        };
        self.tx(|tx, personal, moment| {
            contacts::link(tx, member, Address { channel, form, text }, personal, moment)
        })
        .unwrap()
    }

    /// Gives the brand a bot, and a member a chat with it.
    pub fn chat(&self, member: MemberId, chat: &str) {
        let personal = self.personal();
        let place = |table, field, row| Place { table, field, row };
        let token = personal.seal(place("telegram_bots", "token", 6_000_000_001), "6000000001:AA");
        let sealed = personal.seal(place("telegram_links", "chat", 1), chat);
        let index = post::chat::index("daily", chat, personal);
        self.sql
            .execute(
                "insert into telegram_bots values ('daily', 6000000001, 'bot', ?1, x'00', 'https://x.kz', null, \
                 'https://x.kz', 'https://x.kz', '1', 0, 0)",
                &[token.into()],
            )
            .unwrap();
        self.sql
            .execute(
                "insert into telegram_links values (1, 'daily', ?3, ?1, ?2, null, 0, null)",
                &[sealed.into(), member.raw().into(), index.into()],
            )
            .unwrap();
    }

    /// The housekeeping that takes what is of no more use.
    pub fn clean(&mut self) {
        let mut moment = Moment { now: self.now, ids: &mut self.ids };
        let ran = lifecycle::run_housekeeping(&self.sql, &mut moment).unwrap();
        assert!(matches!(ran, Outcome::Ran(_)), "{ran:?}");
    }

    pub fn change(&self, statement: &str) {
        self.sql.execute(statement, &[]).unwrap();
    }

    /// The only value of a query.
    pub fn one(&self, statement: &str) -> Value {
        self.sql.execute(statement, &[]).unwrap().remove(0).remove(0)
    }

    pub fn count(&self, statement: &str) -> i64 {
        match self.one(statement) {
            Value::Integer(count) => count,
            other => panic!("{other:?}"),
        }
    }
}
