//! Reading chains' menus: directories, stop lists and menus of many accounts, a bounded part of what is due in one run.
//!
//! What is due stands in the data, per account and per organisation, and is noted after each call: a run may stop
//! anywhere, and the next goes on. Calls are made outside of any transaction. What goes wrong with one account is noted
//! there and stops nothing else. Only organisations that outlets sell from are read.

use std::collections::BTreeMap;

use ::iiko::menu::{dictionaries, external, nomenclature, organizations, plain, stop_lists};
use ::menu::chain::{Assortment, Product, Stop};
use kernel::time::{HOUR_MS, MINUTE_MS};
use kernel::{IikoAccountId, Timestamp};
use store::StoreError;
use store::jobs::{self, Finished};
use store::menus::accounts::{self, Account, Source};
use store::menus::chains;
use store::menus::directory::{self, OrderType, Organization, PaymentType, Terminal};
use store::menus::snapshots::{self, Changed};
use store::transaction::transaction;

use crate::iiko_account::{Line, Trouble};

mod content;

use content::{described, digest, least, short};

/// Name of the job.
pub const JOB: &str = "menu-sync";
/// After this a run counts as dead, and another may begin.
const LEASE_MS: i64 = 10 * MINUTE_MS;
/// Calls to partners in one run of the timer.
pub const CALLS_MAX: usize = 60;
/// Calls to partners in one run by hand: a caller waits.
pub const CALLS_BY_HAND_MAX: usize = 15;
/// Outlets whose menus are made anew in one run.
pub const REBUILT_MAX: i64 = 100;
/// How often organisations and dictionaries are read.
const DIRECTORY_EVERY_MS: i64 = 6 * HOUR_MS;
/// How often stop lists are read; events about them come in between.
const STOPS_EVERY_MS: i64 = 2 * MINUTE_MS;
/// How often a menu is read.
const MENU_EVERY_MS: i64 = 20 * MINUTE_MS;
/// When a menu that could not be read is tried again.
const MENU_RETRY_MS: i64 = 5 * MINUTE_MS;
/// Organisations in one call.
const ORGANIZATIONS_PER_CALL: usize = 10;
/// Most organisations of an account.
const ORGANIZATIONS_MAX: usize = 500;
/// Most products of one organisation that are kept.
const PRODUCTS_MAX: usize = 5_000;

/// What a run did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Done {
    pub accounts: usize,
    pub calls: usize,
    /// Organisations whose menu was read.
    pub menus: usize,
    /// Products that have come, changed or gone.
    pub products_changed: usize,
    /// Terminal groups whose stop list differs from before.
    pub stops_changed: usize,
    /// Accounts, and why they could not be read.
    pub failed: Vec<(IikoAccountId, String)>,
    /// The run stopped at its bound.
    pub more: bool,
}

/// How a run was met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Another run is at it.
    Busy,
    Ran(Done),
}

/// Reads what is due, unless another run is at it. `lease` names the run.
///
/// # Errors
/// As [`run`].
pub fn run_alone(
    line: &Line<'_>,
    lease: i64,
    only: Option<IikoAccountId>,
    calls_max: usize,
) -> Result<Outcome, StoreError> {
    let (sql, now) = (line.sql, line.now);
    if !transaction(sql, |tx| jobs::take(tx, JOB, lease, now, now.plus_millis(LEASE_MS)))? {
        return Ok(Outcome::Busy);
    }
    let result = run(line, only, calls_max);
    let error = match &result {
        Ok(done) => done.failed.first().map(|(account, error)| format!("{account}: {error}")),
        Err(error) => Some(error.to_string()),
    };
    let error = error.as_deref().map(short);
    let moved = result.as_ref().map_or(0, |done| done.products_changed + done.stops_changed);
    let finished = Finished {
        at: now,
        due_at: now.plus_millis(MINUTE_MS),
        done: i64::try_from(moved).unwrap_or(i64::MAX),
        error: error.as_deref(),
    };
    transaction(sql, |tx| jobs::finish(tx, JOB, lease, &finished))?;
    result.map(Outcome::Ran)
}

/// Reads what is due of every account in use, or of one whether due or not.
///
/// # Errors
/// A failure of storage. What was committed before it stays.
pub fn run(line: &Line<'_>, only: Option<IikoAccountId>, calls_max: usize) -> Result<Done, StoreError> {
    let mut done = Done::default();
    let due = match only {
        Some(id) => accounts::load(line.sql, id)?.into_iter().collect(),
        None => accounts::list_active(line.sql)?,
    };
    for account in due {
        if done.calls >= calls_max {
            done.more = true;
            break;
        }
        let mut run =
            AccountRun { line, account: &account, forced: only.is_some(), calls_max, done: &mut done };
        let outcome = match run.all() {
            Err(Trouble::Store(error)) => return Err(error),
            Err(Trouble::LeftAlone { .. }) if !run.forced => continue,
            outcome => outcome.err().map(|trouble| short(&trouble.to_string())),
        };
        done.accounts += 1;
        transaction(line.sql, |tx| accounts::set_outcome(tx, account.id, line.now, outcome.as_deref()))?;
        if let Some(error) = outcome {
            done.failed.push((account.id, error));
        }
    }
    Ok(done)
}

struct AccountRun<'a, 'b> {
    line: &'a Line<'a>,
    account: &'a Account,
    forced: bool,
    calls_max: usize,
    done: &'b mut Done,
}

impl AccountRun<'_, '_> {
    fn all(&mut self) -> Result<(), Trouble> {
        if self.is_due(self.account.directory_due_at) {
            self.directory()?;
        }
        let organizations: Vec<Organization> = directory::list_organizations(self.line.sql, self.account.id)?
            .into_iter()
            .filter(|organization| organization.outlets > 0)
            .take(ORGANIZATIONS_MAX)
            .collect();
        if !organizations.is_empty() && self.is_due(self.account.stops_due_at) {
            self.stop_lists(&organizations)?;
        }
        let due: Vec<&Organization> =
            organizations.iter().filter(|organization| self.is_due(organization.menu_due_at)).collect();
        match &self.account.description.source {
            Source::External { menu, price_category, format } => {
                self.external(&due, menu, price_category.as_deref(), *format)
            }
            Source::Plain { menu, price_category } => self.plain(&due, menu, price_category.as_deref()),
            Source::Nomenclature => self.nomenclature(&due),
        }
    }

    fn is_due(&self, due_at: Timestamp) -> bool {
        self.forced || due_at <= self.line.now
    }

    /// One call, counted.
    fn call(
        &mut self,
        make: &dyn Fn(&::iiko::call::Access<'_>) -> partner::Request,
    ) -> Result<partner::Answer, Trouble> {
        self.done.calls += 1;
        self.line.call(self.account.id, make)
    }

    fn directory(&mut self) -> Result<(), Trouble> {
        let (id, now) = (self.account.id, self.line.now);
        let known = organizations::read(&self.call(&organizations::request)?)?;
        let ids: Vec<&str> =
            known.iter().take(ORGANIZATIONS_MAX).map(|organization| organization.id.as_str()).collect();
        let terminals = organizations::read_terminals(
            &self.call(&|access| organizations::terminals_request(access, &ids))?,
        )?;
        let payments = dictionaries::read_payment_types(
            &self.call(&|access| dictionaries::payment_types_request(access, &ids))?,
        )?;
        let orders = dictionaries::read_order_types(
            &self.call(&|access| dictionaries::order_types_request(access, &ids))?,
        )?;
        transaction(self.line.sql, |tx| -> Result<(), StoreError> {
            for organization in &known {
                directory::put_organization(tx, id, &described(organization, now))?;
            }
            for terminal in terminals {
                let terminal = Terminal {
                    id: terminal.id,
                    organization: terminal.organization,
                    name: terminal.name,
                    zone: terminal.zone,
                    asleep: terminal.asleep,
                    seen_at: now,
                };
                directory::put_terminal(tx, id, &terminal)?;
            }
            for kind in payments {
                let kind = PaymentType {
                    id: kind.id,
                    code: kind.code,
                    name: kind.name,
                    kind: kind.payment_type_kind,
                };
                directory::put_payment_type(tx, id, &kind, now)?;
            }
            for kind in orders {
                let kind = OrderType {
                    organization: kind.organization,
                    id: kind.id,
                    name: kind.name,
                    service: kind.service,
                };
                directory::put_order_type(tx, id, &kind, now)?;
            }
            // The stop lists' time stands in the same row and may have been moved by an event since.
            let stops = accounts::load(tx, id)?.map_or(now, |fresh| fresh.stops_due_at);
            accounts::set_due(tx, id, now.plus_millis(DIRECTORY_EVERY_MS), stops)
        })?;
        Ok(())
    }

    fn stop_lists(&mut self, organizations: &[Organization]) -> Result<(), Trouble> {
        let (id, now) = (self.account.id, self.line.now);
        let ids: Vec<&str> = organizations.iter().map(|organization| organization.id.as_str()).collect();
        let mut stops: BTreeMap<String, Vec<Stop>> = BTreeMap::new();
        for some in ids.chunks(ORGANIZATIONS_PER_CALL * 5) {
            for terminal in stop_lists::read(&self.call(&|access| stop_lists::request(access, some))?)? {
                stops.entry(terminal.terminal_group).or_default().extend(terminal.stops);
            }
        }
        let changed = transaction(self.line.sql, |tx| -> Result<usize, StoreError> {
            // Who is not named any more has stopped nothing.
            for terminal in chains::list_stopped(tx, id)? {
                stops.entry(terminal).or_default();
            }
            let mut changed = 0;
            for (terminal, found) in &stops {
                let found = least(found);
                if chains::list_stops(tx, id, terminal)? != found {
                    changed += 1;
                    chains::put_stops(tx, id, terminal, &found)?;
                    snapshots::want(tx, Changed::Terminal(id, terminal))?;
                }
            }
            let directory = accounts::load(tx, id)?.map_or(now, |fresh| fresh.directory_due_at);
            accounts::set_due(tx, id, directory, now.plus_millis(STOPS_EVERY_MS))?;
            Ok(changed)
        })?;
        self.done.stops_changed += changed;
        Ok(())
    }

    fn external(
        &mut self,
        due: &[&Organization],
        menu: &str,
        price_category: Option<&str>,
        format: i64,
    ) -> Result<(), Trouble> {
        for some in due.chunks(ORGANIZATIONS_PER_CALL) {
            if self.is_spent() {
                return Ok(());
            }
            let ids: Vec<&str> = some.iter().map(|organization| organization.id.as_str()).collect();
            // One answer is for all of them: it may be left out only where all of them are as far.
            let since = some.first().map_or(0, |first| first.revision);
            let is_common = !self.forced && some.iter().all(|organization| organization.revision == since);
            let since = if is_common { since } else { 0 };
            let wanted = external::Wanted { menu, organizations: &ids, price_category, format, since };
            let read = self
                .call(&|access| external::request(access, &wanted))
                .and_then(|answer| Ok(external::read(&answer)?))
                .map_err(|trouble| self.note(some, trouble))?;
            for organization in some {
                if read.is_unchanged(since) {
                    self.leave(&organization.id, since)?;
                } else {
                    self.keep(&organization.id, &read.assortment(&organization.id))?;
                }
            }
        }
        Ok(())
    }

    fn plain(
        &mut self,
        due: &[&Organization],
        menu: &str,
        price_category: Option<&str>,
    ) -> Result<(), Trouble> {
        for organization in due {
            if self.is_spent() {
                return Ok(());
            }
            let read = self
                .call(&|access| plain::request(access, menu, &organization.id, price_category))
                .and_then(|answer| Ok(plain::read(&answer)?))
                .map_err(|trouble| self.note(&[*organization], trouble))?;
            self.keep(&organization.id, &read)?;
        }
        Ok(())
    }

    fn nomenclature(&mut self, due: &[&Organization]) -> Result<(), Trouble> {
        for organization in due {
            if self.is_spent() {
                return Ok(());
            }
            let since = if self.forced { 0 } else { organization.revision };
            let read = self
                .call(&|access| nomenclature::request(access, &organization.id, since))
                .and_then(|answer| Ok(nomenclature::read(&answer, since)?))
                .map_err(|trouble| self.note(&[*organization], trouble))?;
            match read {
                Some(assortment) => self.keep(&organization.id, &assortment)?,
                None => self.leave(&organization.id, since)?,
            }
        }
        Ok(())
    }

    /// The menu is as it was at that revision.
    fn leave(&mut self, organization: &str, since: i64) -> Result<(), Trouble> {
        let (id, now) = (self.account.id, self.line.now);
        let next = now.plus_millis(MENU_EVERY_MS);
        transaction(self.line.sql, |tx| directory::set_menu(tx, id, organization, since, next, now))?;
        self.done.menus += 1;
        Ok(())
    }

    fn is_spent(&mut self) -> bool {
        let spent = self.done.calls >= self.calls_max;
        self.done.more |= spent;
        spent
    }

    /// Notes with the organisations that their menu could not be read.
    fn note(&self, organizations: &[&Organization], trouble: Trouble) -> Trouble {
        let words = short(&trouble.to_string());
        let noted = transaction(self.line.sql, |tx| -> Result<(), StoreError> {
            for organization in organizations {
                let due = self.line.now.plus_millis(MENU_RETRY_MS);
                directory::set_menu_error(tx, self.account.id, &organization.id, due, &words)?;
            }
            Ok(())
        });
        noted.err().map_or(trouble, Trouble::Store)
    }

    fn keep(&mut self, organization: &str, assortment: &Assortment) -> Result<(), Trouble> {
        let (id, now) = (self.account.id, self.line.now);
        let products: Vec<(String, &Product)> = assortment
            .products
            .iter()
            .take(PRODUCTS_MAX)
            .map(|product| Ok((digest(product)?, product)))
            .collect::<Result<_, StoreError>>()?;
        let changed = transaction(self.line.sql, |tx| -> Result<usize, StoreError> {
            let changed = chains::put_assortment(tx, id, organization, &products, now)?;
            if changed > 0 {
                chains::drop_unused(tx, id)?;
                snapshots::want(tx, Changed::Organization(id, organization))?;
            }
            let next = now.plus_millis(MENU_EVERY_MS);
            directory::set_menu(tx, id, organization, assortment.revision, next, now)?;
            Ok(changed)
        })?;
        self.done.menus += 1;
        self.done.products_changed += changed;
        Ok(())
    }
}
