//! A brand with four outlets of two chains.

use std::cell::Cell;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use club::Moment;
use club::personal::Personal;
use iiko::token::Credentials;
use kernel::time::MINUTE_MS;
use kernel::{IdSource, IikoAccountId, OutletId, Timestamp};
use membership::secrets::Secrets;
use menu::OutletMenu;
use shop::iiko_account::{self, Line, NewAccount};
use shop::menu_sync::{self, Done};
use shop::{menu as snapshots, menu_brand};
use store::menus::accounts::Source;
use store::menus::tills::{OrderMode, OutletTill};
use store::native::{NativeKv, NativeSql};
use store::transaction::transaction;

use crate::iiko::{Iiko, Till};

pub const BRAND: &str = "daily";
const SECRETS: &str = "1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const SEED: &str = "insert into brands (code, name, default_region, card_prefix, created_at) \
    values ('daily', 'Daily', 'RU', '29', 0); \
    insert into franchisees (id, code, name, created_at) values (1, 'f1', 'First', 0);";

thread_local! {
    static STATE: Cell<u64> = const { Cell::new(0x5eed) };
}

/// Repeatable bytes that stand for a cryptographic source.
pub fn random(count: usize) -> Vec<u8> {
    STATE.with(|state| {
        (0..count)
            .map(|_| {
                state.set(state.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
                state.get().to_be_bytes()[0]
            })
            .collect()
    })
}

pub struct World {
    pub sql: NativeSql,
    pub kv: NativeKv,
    pub ids: IdSource,
    pub secrets: Secrets,
    pub now: Timestamp,
    pub iiko: Iiko,
    pub accounts: Vec<IikoAccountId>,
}

/// The outlets: two of each chain, by chain and organisation.
pub fn outlet(chain: usize, organization: usize) -> OutletId {
    OutletId::from_raw(i64::try_from(chain * 2 + organization).expect("small"))
}

impl World {
    /// Two accounts with external menus, known but not read.
    pub fn new() -> Self {
        let sql = NativeSql::in_memory().expect("a database");
        sql.connection().execute_batch(SEED).expect("rows");
        for id in 0..4 {
            let row = format!(
                "insert into outlets (id, code, brand, franchisee_id, name, country, currency, zone, city, address, \
                 hours, languages, status, created_at, changed_at) values ({id}, 'o{id}', 'daily', 1, 'N', 'RU', 'RUB', \
                 'Europe/Moscow', 'M', 'S', '{{}}', 'ru', 'open', 0, 0)"
            );
            sql.connection().execute_batch(&row).expect("an outlet");
        }
        let mut world = Self {
            sql,
            kv: NativeKv::default(),
            ids: IdSource::new(7),
            secrets: Secrets::parse(SECRETS).expect("secrets"),
            now: Timestamp::parse("2026-11-21T09:00:00Z").expect("a time"),
            iiko: Iiko { tills: vec![Till::new("a.example", "alpha"), Till::new("b.example", "beta")] },
            accounts: Vec::new(),
        };
        for (host, login) in [("a.example", "alpha"), ("b.example", "beta")] {
            let id = world.account(None, host, login, external()).expect("an account");
            world.accounts.push(id);
        }
        world
    }

    /// Writes an account.
    pub fn account(
        &mut self,
        id: Option<IikoAccountId>,
        host: &str,
        login: &str,
        source: Source,
    ) -> Result<IikoAccountId, iiko_account::Refused> {
        let new = NewAccount {
            name: host.to_owned(),
            base_url: format!("https://{host}/"),
            credentials: Some(Credentials::ApiLogin { api_login: login.to_owned() }),
            source,
            is_active: true,
            webhook_token: None,
        };
        let personal = Personal { secrets: &self.secrets, random: &random };
        let mut moment = Moment { now: self.now, ids: &mut self.ids };
        transaction(&self.sql, |tx| iiko_account::write(tx, BRAND, id, &new, personal, &mut moment))
    }

    pub fn line(&self) -> Line<'_> {
        let personal = Personal { secrets: &self.secrets, random: &random };
        Line { sql: &self.sql, partners: &self.iiko, personal, now: self.now }
    }

    /// One run of the timer.
    pub fn sync(&mut self) -> Done {
        let done = menu_sync::run(&self.line(), None, menu_sync::CALLS_MAX).expect("no failure of storage");
        self.rebuild();
        done
    }

    pub fn rebuild(&mut self) -> usize {
        wait(snapshots::rebuild_stale(&self.sql, &self.kv, 100, self.now)).expect("no failure of storage")
    }

    pub fn later(&mut self, minutes: i64) {
        self.now = self.now.plus_millis(minutes * MINUTE_MS);
    }

    /// Reads the directories and gives every outlet its till.
    pub fn with_tills(mut self) -> Self {
        self.sync();
        for chain in 0..2 {
            for organization in 0..2 {
                let till = self.till(chain, organization);
                let put = transaction(&self.sql, |tx| menu_brand::put_till(tx, &till, self.now));
                put.expect("a till");
            }
        }
        self
    }

    pub fn till(&self, chain: usize, organization: usize) -> OutletTill {
        let login = self.iiko.tills[chain].login;
        OutletTill {
            outlet: outlet(chain, organization),
            account: self.accounts[chain],
            organization: format!("{login}-org{}", organization + 1),
            terminal_group: format!("{login}-t{}", organization + 1),
            mode: OrderMode::Delivery,
            payment_type: None,
            order_type: None,
            discount_type: None,
            points_payment_type: None,
            lead_minutes: store::menus::tills::LEAD_MINUTES,
        }
    }

    /// With tills, menus read, and the first chain's menu taken for the brand's.
    pub fn with_menu() -> Self {
        let mut world = Self::new().with_tills();
        world.sync();
        let account = world.accounts[0];
        let made = transaction(&world.sql, |tx| menu_brand::adopt(tx, BRAND, account, None, world.now));
        assert_eq!(made, Ok(2));
        world.rebuild();
        world
    }

    pub fn menu(&self, outlet: OutletId) -> Option<OutletMenu> {
        wait(snapshots::current(&self.sql, &self.kv, outlet, self.now)).expect("no failure of storage")
    }

    /// Minor units of an item without sizes.
    pub fn price(&self, outlet: OutletId, name: &str) -> Option<i64> {
        let menu = self.menu(outlet)?;
        menu.items.iter().find(|item| item.names.ru == name)?.sizes[0].price_minor
    }
}

pub fn external() -> Source {
    Source::External { menu: "1".to_owned(), price_category: None, format: 2 }
}

/// The native ports' futures are ready at once.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a native port waits"),
    }
}
