//! Loading the demo chain, by the product's own use cases wherever there is one.

use anyhow::{Context as _, Result, ensure};
use club::Moment;
use club::import::{self, Kind, Means, Order};
use club::programme_admin::{self, NewVersion};
use club::staff::{self, Details, Reach, Sealing};
use club::till_key::{self, NewKey};
use feedback::rules::FeedbackRules;
use kernel::{IdSource, StaffId, Timestamp};
use membership::profile::DisplayName;
use membership::secrets::{NONCE_LEN, Place, Secrets, Token, TokenKind};
use membership::staff_auth::password::PasswordHash;
use membership::staff_auth::second_factor::SecondFactor;
use membership::staff_auth::{Grant, Role, Scope};
use store::native::NativeSql;
use store::statement::Statement;
use store::transaction::transaction;
use store::{Sql, directory};

use super::data::{self, Brand};
use super::{Credentials, Login, TillKey};

/// Nothing in the product makes brands: they come with an installation.
const BRAND: Statement = Statement::new(
    "demo.brand",
    "insert into brands (code, name, default_region, card_prefix, created_at) values (?1, ?2, ?3, ?4, ?5)",
);

/// Random bytes in a demo password; written as hexadecimal digits.
const PASSWORD_BYTES: usize = 8;
/// The issuer that authenticator apps show.
const ISSUER: &str = "Crema demo";
/// Most outlets listed: the demo chain has six.
const OUTLETS_MAX: i64 = 100;

/// Writes the chain into an empty database.
pub fn load(sql: &NativeSql, now: Timestamp) -> Result<Credentials> {
    let master_secret = format!("1:{}", hexadecimal(&rand::random::<[u8; 32]>()));
    let secrets = Secrets::parse(&master_secret)?;
    let mut loader = Loader { sql, secrets, ids: IdSource::new(rand::random()), now };
    let administrator = loader.administrator()?;
    for brand in data::BRANDS {
        loader.brand(brand)?;
        loader.import(Kind::Outlets, brand.code, brand.outlets, administrator)?;
        loader.import(Kind::Products, brand.code, data::PRODUCTS, administrator)?;
    }
    loader.import(Kind::Staff, "", data::STAFF, administrator)?;
    let staff = data::LOGINS.iter().map(|(code, login)| loader.login(code, login)).collect::<Result<_>>()?;
    let tills = loader.till_keys(administrator)?;
    Ok(Credentials { master_secret, tills, staff })
}

struct Loader<'a> {
    sql: &'a NativeSql,
    secrets: Secrets,
    ids: IdSource,
    now: Timestamp,
}

impl Loader<'_> {
    /// The first administrator: somebody has to be there to take on the others.
    fn administrator(&mut self) -> Result<StaffId> {
        let (code, name) = data::ADMINISTRATOR;
        let name = DisplayName::parse(name).map_err(|error| anyhow::anyhow!("{name}: {}", error.0))?;
        let details = Details { name, role: Role::Administrator, outlet: None, reach: Reach::Everything };
        let vault = self.secrets.vault();
        let sealing = Sealing { vault: &vault, nonce: rand::random() };
        let mut moment = Moment { now: self.now, ids: &mut self.ids };
        let made = transaction(self.sql, |tx| staff::create(tx, code, &details, &sealing, &mut moment))?;
        Ok(made.0.person.id)
    }

    /// A brand and its programme, in force from now on.
    fn brand(&mut self, brand: &Brand) -> Result<()> {
        let values = [
            brand.code.into(),
            brand.name.into(),
            brand.region.into(),
            brand.card_prefix.into(),
            self.now.millis().into(),
        ];
        BRAND.run(self.sql, &values)?;
        let rules =
            serde_json::from_str(brand.programme).with_context(|| format!("programme of {}", brand.code))?;
        let new =
            NewVersion { brand: brand.code, rules: &rules, effective_from: None, note: "demo", by: None };
        let mut moment = Moment { now: self.now, ids: &mut self.ids };
        transaction(self.sql, |tx| programme_admin::publish(tx, &new, &mut moment))
            .with_context(|| format!("programme of {}", brand.code))?;
        self.feedback(brand)
    }

    /// What the brand asks its guests.
    fn feedback(&mut self, brand: &Brand) -> Result<()> {
        let mut rules: FeedbackRules = serde_json::from_str(data::FEEDBACK).context("rules of feedback")?;
        brand.code.clone_into(&mut rules.brand);
        let new = care::rules::NewVersion {
            brand: brand.code,
            rules: &rules,
            effective_from: None,
            note: "demo",
            by: None,
        };
        let mut moment = Moment { now: self.now, ids: &mut self.ids };
        transaction(self.sql, |tx| care::rules::publish(tx, &new, &mut moment))
            .with_context(|| format!("rules of feedback of {}", brand.code))?;
        Ok(())
    }

    fn import(&mut self, kind: Kind, brand: &str, file: &str, by: StaffId) -> Result<()> {
        let (vault, indexer) = (self.secrets.vault(), self.secrets.blind_indexer());
        let grant = administrators()?;
        let digest = rand::random::<[u8; 32]>().to_vec();
        let order = Order { kind, brand, file: file.as_bytes(), dry_run: false, by, grant: &grant, digest };
        let means = Means {
            vault: &vault,
            indexer: &indexer,
            random: |count| (0..count).map(|_| rand::random()).collect(),
        };
        let mut moment = Moment { now: self.now, ids: &mut self.ids };
        let report = import::run(self.sql, &order, &means, &mut moment)
            .with_context(|| format!("demo file of {}", kind.code()))?;
        ensure!(report.refused == 0, "demo file of {}: {:?}", kind.code(), report.faults);
        Ok(())
    }

    /// A login whose second factor is proven already.
    fn login(&self, code: &str, login: &str) -> Result<Login> {
        let person = store::staff::load_by_code(self.sql, code)?
            .with_context(|| format!("nobody has the code {code}"))?;
        let password = hexadecimal(&rand::random::<[u8; PASSWORD_BYTES]>());
        let hash = PasswordHash::new(&password, rand::random())?;
        let factor = SecondFactor::new(rand::random());
        let place = Place { table: "staff_logins", field: "totp", row: person.id.raw() };
        let sealed = self.secrets.vault().seal(place, &factor.expose(), rand::random::<[u8; NONCE_LEN]>());
        transaction(self.sql, |tx| {
            staff::set_login(tx, person.id, login, &hash, self.now)?;
            store::staff::offer_second_factor(tx, person.id, &sealed, self.now)?;
            Ok::<_, staff::Refused>(store::staff::signed_in(tx, person.id, 0, self.now)?)
        })?;
        Ok(Login {
            login: login.to_owned(),
            role: person.role.code().to_owned(),
            password,
            totp_secret: factor.expose(),
            totp_url: factor.enrolment_url(ISSUER, login),
        })
    }

    /// A key for every outlet's till.
    fn till_keys(&mut self, by: StaffId) -> Result<Vec<TillKey>> {
        let grant = administrators()?;
        let mut keys = Vec::new();
        for outlet in directory::list(self.sql, None, None, "", OUTLETS_MAX)? {
            let key = Token::new(TokenKind::Till, rand::random()).expose();
            let new =
                NewKey { outlet: &outlet.code, label: "till 1", hash: &web::auth::token_hash(&key), by };
            let mut moment = Moment { now: self.now, ids: &mut self.ids };
            transaction(self.sql, |tx| till_key::create(tx, &new, &grant, &mut moment))?;
            keys.push(TillKey {
                place: format!("{}, {}", outlet.city, outlet.address),
                outlet: outlet.code,
                currency: outlet.currency.code().to_owned(),
                zone: outlet.zone,
                key,
            });
        }
        Ok(keys)
    }
}

/// Whether the database holds any chain.
pub fn is_loaded(sql: &dyn Sql) -> Result<bool> {
    Ok(store::brands::load(sql, data::BRANDS[0].code)?.is_some()
        || store::staff::load_by_code(sql, data::ADMINISTRATOR.0)?.is_some())
}

fn administrators() -> Result<Grant> {
    Ok(Grant::new(Role::Administrator, Scope::Everything)?)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
