//! An outlet of the small chain that takes orders: its till is in an iiko account, YooKassa takes its money, and a
//! guest has points to pay with. Everything is set up by the product's own use cases, as the office does it.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow, ensure};
use club::Moment;
use club::personal::Personal;
use kernel::{IdSource, IikoAccountId, Points, StaffId, Timestamp};
use membership::secrets::{Secrets, Token, TokenKind};
use partners::Partners;
use partners::world::World;
use shop::iiko_account::{Line, NewAccount};
use store::menus::accounts::Source;
use store::menus::tills::{OrderMode, OutletTill};
use store::native::NativeSql;
use store::transaction::transaction;
use web::session::{ScopeV1, SessionV1, SubjectV1};

use crate::small::{self, Chain, Till};
use crate::state;
use crate::wire::Wire;

/// Code of the outlet that takes orders.
pub const OUTLET: &str = "msk-1";
/// Hundredths of points that the first guest begins with.
pub const POINTS: i64 = 20_000;
/// With what iiko signs its events.
pub const HOOK_TOKEN: &str = "hook-secret";
/// Who takes the outlet's money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bank {
    YooKassa,
    TBank,
}

/// Calls that reading an account's directories and menus may take.
const CALLS_MAX: usize = 60;

/// The till of the outlet that takes orders.
///
/// # Panics
/// When the small chain has no such outlet.
#[must_use]
pub fn till(chain: &Chain) -> &Till {
    chain.tills.iter().find(|till| till.code == OUTLET).expect("the small chain has the outlet")
}

/// A random source, as the platform gives one.
#[must_use]
pub fn random(count: usize) -> Vec<u8> {
    (0..count).map(|_| rand::random()).collect()
}

/// Signs the administrator in, for as long as a story lasts; the access token. No host may run.
///
/// # Errors
/// When the state directory refuses.
pub fn sign_in_office(dir: &Path, sql: &NativeSql) -> Result<String> {
    let id: i64 =
        sql.connection().query_row("select id from staff where code = 'admin'", [], |row| row.get(0))?;
    let token = Token::new(TokenKind::Staff, rand::random()).expose();
    let session = SessionV1 {
        subject: SubjectV1::Staff {
            id: StaffId::from_raw(id).to_string(),
            role: "administrator".to_owned(),
            scope: ScopeV1::Everything {},
        },
        session: kernel::SessionId::new(&mut IdSource::new(rand::random()), Timestamp::from_millis(0))
            .to_string(),
        expires_at: i64::MAX,
    };
    let key = web::session::key(&web::auth::token_hash(&token));
    state::set_key(&state::key_value(dir)?, &key, &serde_json::to_vec(&session)?)?;
    Ok(token)
}

/// Sets the outlet up in the database of `chain`, whose partners are the simulators of [`World::small`]; YooKassa takes
/// its money.
///
/// # Errors
/// When a use case refuses, which would be a defect.
pub fn furnish(sql: &NativeSql, chain: &Chain, partners: &Partners) -> Result<()> {
    furnish_with(sql, chain, partners, Bank::YooKassa)
}

/// The same with another acquirer.
///
/// # Errors
/// As [`furnish`].
pub fn furnish_with(sql: &NativeSql, chain: &Chain, partners: &Partners, bank: Bank) -> Result<()> {
    let secrets = Secrets::parse(&chain.secret)?;
    let furnisher = Furnisher {
        sql,
        chain,
        partners,
        personal: Personal { secrets: &secrets, random: &random },
        now: Timestamp::from_millis(partners.clock.now_ms()),
    };
    let mut ids = IdSource::new(rand::random());
    let account = furnisher.connect(&mut ids)?;
    furnisher.read(account)?;
    furnisher.send_orders(account)?;
    furnisher.read(account)?;
    let adopted =
        transaction(sql, |tx| shop::menu_brand::adopt(tx, small::NORTH, account, None, furnisher.now))
            .map_err(|refusal| anyhow!("{refusal:?}"))?;
    ensure!(adopted > 0, "the chain's menu is empty");
    furnisher.take_money(bank)?;
    furnisher.give_points(&mut ids)?;
    sql.connection().execute_batch("pragma wal_checkpoint(truncate)")?;
    Ok(())
}

struct Furnisher<'a> {
    sql: &'a NativeSql,
    chain: &'a Chain,
    partners: &'a Partners,
    personal: Personal<'a>,
    now: Timestamp,
}

impl Furnisher<'_> {
    /// The iiko account of the outlet's brand.
    fn connect(&self, ids: &mut IdSource) -> Result<IikoAccountId> {
        let (name, ..) = self.partners.iiko.outlet_ids(OUTLET).context("iiko has no such outlet")?;
        let spec = World::small().accounts.into_iter().find(|spec| spec.name == name);
        let spec = spec.context("no account of that name")?;
        let new = NewAccount {
            name,
            base_url: self.partners.roots()[0].clone(),
            credentials: Some(iiko::token::Credentials::ApiLogin { api_login: spec.api_login }),
            source: Source::External { menu: spec.book.menu_id.to_string(), price_category: None, format: 2 },
            is_active: true,
            webhook_token: Some(HOOK_TOKEN.to_owned()),
        };
        let mut moment = Moment { now: self.now, ids };
        transaction(self.sql, |tx| {
            shop::iiko_account::write(tx, small::NORTH, None, &new, self.personal, &mut moment)
        })
        .map_err(|refusal| anyhow!("{refusal:?}"))
    }

    /// Organisations and tills, and the menus of outlets that sell.
    fn read(&self, account: IikoAccountId) -> Result<()> {
        let line = Line { sql: self.sql, partners: &Wire, personal: self.personal, now: self.now };
        let done = shop::menu_sync::run(&line, Some(account), CALLS_MAX)?;
        ensure!(done.failed.is_empty(), "{:?}", done.failed);
        Ok(())
    }

    fn send_orders(&self, account: IikoAccountId) -> Result<()> {
        let (name, organization, terminal_group) =
            self.partners.iiko.outlet_ids(OUTLET).context("iiko has no such outlet")?;
        let id = |kind, code| self.partners.iiko.id(&name, kind, code);
        let till = OutletTill {
            outlet: till(self.chain).outlet,
            account,
            organization,
            terminal_group,
            mode: OrderMode::Delivery,
            payment_type: id("payment_type", "APP"),
            order_type: None,
            discount_type: id("discount", "APP-DISCOUNT"),
            points_payment_type: id("payment_type", "BONUS"),
            lead_minutes: store::menus::tills::LEAD_MINUTES,
        };
        transaction(self.sql, |tx| shop::menu_brand::put_till(tx, &till, self.now))
            .map_err(|refusal| anyhow!("{refusal:?}"))
    }

    fn take_money(&self, bank: Bank) -> Result<()> {
        /// There is no other.
        const ID: i64 = 1;
        let world = World::small();
        let (kind, account, secret) = match bank {
            Bank::YooKassa => ("yookassa", world.shop.id, world.shop.secret),
            Bank::TBank => ("tbank", world.terminal.key, world.terminal.password),
        };
        let outlet = store::outlets::load(self.sql, till(self.chain).outlet)?.context("no such outlet")?;
        let account = store::acquirers::Account {
            id: ID,
            franchisee: outlet.franchisee,
            kind: kind.to_owned(),
            account,
            secret_sealed: self.personal.seal(shop::order::money::secret_place(ID), &secret),
            tax_system: Some(2),
            prepaid: false,
            receipts: true,
        };
        transaction(self.sql, |tx| store::acquirers::save(tx, &account, self.now))?;
        Ok(())
    }

    fn give_points(&self, ids: &mut IdSource) -> Result<()> {
        let by: i64 =
            self.sql
                .connection()
                .query_row("select id from staff where code = 'admin'", [], |row| row.get(0))?;
        let adjustment = club::adjust::Adjustment {
            member: self.chain.guests[0].member,
            points: Points::from_hundredths(POINTS),
            reason: "to begin with",
            expires_in_days: None,
            by: StaffId::from_raw(by),
            role: membership::staff_auth::Role::Administrator,
        };
        let mut moment = Moment { now: self.now, ids };
        transaction(self.sql, |tx| club::adjust::adjust(tx, &adjustment, &mut moment))
            .map_err(|refusal| anyhow!("{refusal:?}"))?;
        Ok(())
    }
}
