//! The rows of the demo chain. Nothing in the product writes brands or the first administrator: they are there before
//! anybody can sign in, so their statements stand here.

use std::collections::BTreeMap;

use kernel::{FranchiseeId, IdSource, OutletId, ProgrammeVersionId, StaffId, TillKeyId, Timestamp};
use membership::secrets::{NONCE_LEN, Place, Secrets, Token, TokenKind, Vault};
use membership::staff_auth::password::PasswordHash;
use membership::staff_auth::second_factor::SecondFactor;
use store::programmes::{self, Version};
use store::statement::Statement;
use store::{Sql, StoreError};

use super::data::{Brand, HOURS, Outlet, Staff};
use super::{Login, hexadecimal};

const ANY_BRAND: Statement = Statement::new("demo.any_brand", "select 1 from brands limit 1");
const BRAND: Statement = Statement::new(
    "demo.brand",
    "insert into brands (code, name, default_region, card_prefix, created_at) values (?1, ?2, ?3, ?4, ?5)",
);
const FRANCHISEE: Statement = Statement::new(
    "demo.franchisee",
    "insert into franchisees (id, code, name, created_at) values (?1, ?2, ?3, ?4)",
);
const OUTLET: Statement = Statement::new(
    "demo.outlet",
    "insert into outlets (id, code, brand, franchisee_id, name, country, currency, zone, city, address, \
     latitude_e6, longitude_e6, hours, languages, status, created_at, changed_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 'open', ?15, ?15)",
);
const PRODUCT: Statement = Statement::new(
    "demo.product",
    "insert into products (brand, code, name, category, fractional, changed_at) values (?1, ?2, ?3, ?4, ?5, ?6)",
);
const STAFF: Statement = Statement::new(
    "demo.staff",
    "insert into staff (id, code, name_sealed, role, outlet_id, status, created_at, changed_at) \
     values (?1, ?2, ?3, ?4, ?5, 'active', ?6, ?6)",
);
const LOGIN: Statement = Statement::new(
    "demo.login",
    "insert into staff_logins (staff_id, login, password_hash, totp_sealed, changed_at) values (?1, ?2, ?3, ?4, ?5)",
);
const SCOPE: Statement =
    Statement::new("demo.scope", "insert into staff_scopes (staff_id, scope, target_id) values (?1, ?2, ?3)");
const TILL_KEY: Statement = Statement::new(
    "demo.till_key",
    "insert into till_keys (id, outlet_id, label, key_hash, created_by, created_at) values (?1, ?2, ?3, ?4, ?5, ?6)",
);

/// Random bytes in a demo password; written as hexadecimal digits.
const PASSWORD_BYTES: usize = 8;
/// The issuer that authenticator apps show.
const ISSUER: &str = "Crema demo";

/// Whether the database has any brand.
///
/// # Errors
/// A failure of storage.
pub fn any_brand(sql: &dyn Sql) -> Result<bool, StoreError> {
    Ok(ANY_BRAND.query_one(sql, &[])?.is_some())
}

/// Writes rows and remembers the ids that later rows refer to.
pub struct Writer {
    ids: IdSource,
    now: Timestamp,
    vault: Vault,
    franchisees: BTreeMap<&'static str, FranchiseeId>,
    outlets: BTreeMap<&'static str, OutletId>,
    administrator: Option<StaffId>,
}

impl Writer {
    /// A writer whose rows carry the time `now`.
    #[must_use]
    pub fn new(ids: IdSource, now: Timestamp, secrets: &Secrets) -> Self {
        let vault = secrets.vault();
        Self { ids, now, vault, franchisees: BTreeMap::new(), outlets: BTreeMap::new(), administrator: None }
    }

    pub fn brand(&self, tx: &dyn Sql, brand: &Brand) -> Result<(), StoreError> {
        BRAND.run(
            tx,
            &[
                brand.code.into(),
                brand.name.into(),
                brand.region.into(),
                brand.card_prefix.into(),
                self.now.millis().into(),
            ],
        )
    }

    pub fn programme(&mut self, tx: &dyn Sql, brand: &Brand, from: Timestamp) -> Result<(), StoreError> {
        let version = Version {
            id: ProgrammeVersionId::new(&mut self.ids, self.now),
            brand: brand.code.to_owned(),
            version: 1,
            effective_from: from,
            rules: brand.rules.to_owned(),
            created_by: None,
            created_at: self.now,
            note: "demo".to_owned(),
        };
        programmes::insert(tx, &version)
    }

    pub fn product(
        &self,
        tx: &dyn Sql,
        brand: &str,
        (code, name, category, fractional): &(&str, &str, &str, bool),
    ) -> Result<(), StoreError> {
        let values = [
            brand.into(),
            (*code).into(),
            (*name).into(),
            (*category).into(),
            (*fractional).into(),
            self.now.millis().into(),
        ];
        PRODUCT.run(tx, &values)
    }

    pub fn franchisee(
        &mut self,
        tx: &dyn Sql,
        (code, name): &(&'static str, &str),
    ) -> Result<(), StoreError> {
        let id = FranchiseeId::new(&mut self.ids, self.now);
        self.franchisees.insert(code, id);
        FRANCHISEE.run(tx, &[id.raw().into(), (*code).into(), (*name).into(), self.now.millis().into()])
    }

    pub fn outlet(&mut self, tx: &dyn Sql, outlet: &Outlet) -> Result<(), StoreError> {
        let id = OutletId::new(&mut self.ids, self.now);
        self.outlets.insert(outlet.code, id);
        OUTLET.run(
            tx,
            &[
                id.raw().into(),
                outlet.code.into(),
                outlet.brand.into(),
                self.franchisees.get(outlet.franchisee).map(|franchisee| franchisee.raw()).into(),
                outlet.name.into(),
                outlet.country.into(),
                outlet.currency.into(),
                outlet.zone.into(),
                outlet.city.into(),
                outlet.address.into(),
                outlet.latitude_e6.into(),
                outlet.longitude_e6.into(),
                HOURS.into(),
                outlet.languages.into(),
                self.now.millis().into(),
            ],
        )
    }

    /// A member of staff, with a login if they have one.
    pub fn staff(&mut self, tx: &dyn Sql, person: &Staff) -> Result<Option<Login>, StoreError> {
        let id = StaffId::new(&mut self.ids, self.now);
        let outlet = person.outlet.and_then(|code| self.outlets.get(code)).map(|outlet| outlet.raw());
        let name = self.seal("staff", "name", id.raw(), person.name);
        let values = [
            id.raw().into(),
            person.code.into(),
            name.into(),
            person.role.into(),
            outlet.into(),
            self.now.millis().into(),
        ];
        STAFF.run(tx, &values)?;
        let (scope, target) = outlet.map_or(("all", 0), |outlet| ("outlet", outlet));
        SCOPE.run(tx, &[id.raw().into(), scope.into(), target.into()])?;
        self.administrator.get_or_insert(id);
        person.login.map(|login| self.login(tx, id, login, person.role)).transpose()
    }

    fn login(&self, tx: &dyn Sql, id: StaffId, login: &str, role: &str) -> Result<Login, StoreError> {
        let password = hexadecimal(&rand::random::<[u8; PASSWORD_BYTES]>());
        let hash = PasswordHash::new(&password, rand::random())
            .map_err(|error| StoreError::Unreadable { what: "demo password", problem: error.to_string() })?;
        let factor = SecondFactor::new(rand::random());
        let sealed = self.seal("staff_logins", "totp", id.raw(), &factor.expose());
        let values =
            [id.raw().into(), login.into(), hash.expose().into(), sealed.into(), self.now.millis().into()];
        LOGIN.run(tx, &values)?;
        Ok(Login {
            login: login.to_owned(),
            role: role.to_owned(),
            password,
            totp_secret: factor.expose(),
            totp_url: factor.enrolment_url(ISSUER, login),
        })
    }

    /// A till's API key, in clear.
    pub fn till_key(&mut self, tx: &dyn Sql, outlet: &str) -> Result<String, StoreError> {
        let id = TillKeyId::new(&mut self.ids, self.now);
        let key = Token::new(TokenKind::Till, rand::random()).expose();
        TILL_KEY.run(
            tx,
            &[
                id.raw().into(),
                self.outlets.get(outlet).map(|outlet| outlet.raw()).into(),
                "till 1".into(),
                web::auth::token_hash(&key).into(),
                self.administrator.map(|staff| staff.raw()).into(),
                self.now.millis().into(),
            ],
        )?;
        Ok(key)
    }

    fn seal(&self, table: &str, field: &str, row: i64, plain: &str) -> Vec<u8> {
        self.vault.seal(Place { table, field, row }, plain, rand::random::<[u8; NONCE_LEN]>())
    }
}
