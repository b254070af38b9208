//! Writes the master data of a chain straight into a database: places, staff, tills, members, cards, programmes.
//!
//! The statements stand here and not in `store` because no function of the product writes these rows in bulk
//! without a check of each; `audit` looks at the result.

use anyhow::{Context as _, Result};
use kernel::{FranchiseeId, IdSource, MemberId, OutletId, ProgrammeVersionId, StaffId, Timestamp};
use loyalty::programme::Programme;
use membership::profile::Language;
use membership::secrets::{BlindIndexer, Indexed, NONCE_LEN, Place, Secrets, Token, TokenKind, Vault};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use rusqlite::{Connection, params};
use web::session::{SessionV1, SubjectV1};

use crate::state;

/// Open at any hour: stories are told at the time of day at which somebody runs them.
const HOURS: &str = r#"{"mon":[["00:00","24:00"]],"tue":[["00:00","24:00"]],"wed":[["00:00","24:00"]],"thu":[["00:00","24:00"]],"fri":[["00:00","24:00"]],"sat":[["00:00","24:00"]],"sun":[["00:00","24:00"]]}"#;

/// Writes into one database, with ids, secrets and the clock that go with it.
pub struct ChainWriter<'c> {
    connection: &'c Connection,
    pub ids: IdSource,
    pub rng: StdRng,
    now: Timestamp,
    secret: String,
    vault: Vault,
    indexer: BlindIndexer,
}

/// An outlet to write.
#[derive(Debug, Clone)]
pub struct OutletRow<'a> {
    pub code: &'a str,
    pub brand: &'a str,
    pub franchisee: FranchiseeId,
    pub name: &'a str,
    pub country: &'a str,
    pub currency: &'a str,
    pub zone: &'a str,
    pub city: &'a str,
    pub address: &'a str,
    pub phone: Option<&'a str>,
    /// Millionths of a degree, latitude first.
    pub position: Option<(i64, i64)>,
    pub languages: &'a str,
}

/// A member to write. The plain texts are sealed on the way.
#[derive(Debug, Clone)]
pub struct MemberRow<'a> {
    pub brand: &'a str,
    /// E.164.
    pub phone: Option<&'a str>,
    pub name: Option<&'a str>,
    pub email: Option<&'a str>,
    /// ISO date.
    pub birthday: Option<&'a str>,
    pub language: Language,
    pub tier: &'a str,
    pub home_outlet: Option<OutletId>,
    pub external_code: Option<&'a str>,
    pub joined_at: Timestamp,
}

impl<'c> ChainWriter<'c> {
    /// A writer whose ids and secrets follow from `seed`; rows carry the time `now`.
    ///
    /// # Errors
    /// Never in practice: the secret it makes is well formed.
    pub fn new(connection: &'c Connection, seed: u64, now: Timestamp) -> Result<Self> {
        let mut rng = StdRng::seed_from_u64(seed);
        let secret = master_secret(&mut rng);
        let secrets = Secrets::parse(&secret)?;
        let (vault, indexer) = (secrets.vault(), secrets.blind_indexer());
        Ok(Self { connection, ids: IdSource::new(rng.random()), rng, now, secret, vault, indexer })
    }

    /// The time that rows carry.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The deployment's master secret, as the host's variable takes it.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.secret
    }

    fn seal(&mut self, table: &str, field: &str, row: i64, plain: Option<&str>) -> Option<Vec<u8>> {
        let plain = plain?;
        let nonce: [u8; NONCE_LEN] = self.rng.random();
        Some(self.vault.seal(Place { table, field, row }, plain, nonce))
    }

    /// A brand.
    ///
    /// # Errors
    /// When the database refuses the row; so in all that follow.
    pub fn brand(&self, code: &str, name: &str, region: &str, card_prefix: &str) -> Result<()> {
        self.connection
            .prepare_cached(
                "insert into brands (code, name, default_region, card_prefix, created_at) values (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![code, name, region, card_prefix, self.now.millis()])
            .with_context(|| format!("brand {code}"))?;
        Ok(())
    }

    /// A legal entity.
    ///
    /// # Errors
    /// See [`Self::brand`].
    pub fn franchisee(&mut self, code: &str, name: &str) -> Result<FranchiseeId> {
        let id = FranchiseeId::new(&mut self.ids, self.now);
        self.connection
            .prepare_cached("insert into franchisees (id, code, name, created_at) values (?1, ?2, ?3, ?4)")?
            .execute(params![id.raw(), code, name, self.now.millis()])
            .with_context(|| format!("franchisee {code}"))?;
        Ok(id)
    }

    /// An outlet, open.
    ///
    /// # Errors
    /// See [`Self::brand`].
    pub fn outlet(&mut self, row: &OutletRow<'_>) -> Result<OutletId> {
        let id = OutletId::new(&mut self.ids, self.now);
        self.connection
            .prepare_cached(
                "insert into outlets (id, code, brand, franchisee_id, name, country, currency, zone, city, address, \
                 phone, latitude_e6, longitude_e6, hours, languages, status, created_at, changed_at) \
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 'open', ?16, ?16)",
            )?
            .execute(params![
                id.raw(),
                row.code,
                row.brand,
                row.franchisee.raw(),
                row.name,
                row.country,
                row.currency,
                row.zone,
                row.city,
                row.address,
                row.phone,
                row.position.map(|(latitude, _)| latitude),
                row.position.map(|(_, longitude)| longitude),
                HOURS,
                row.languages,
                self.now.millis(),
            ])
            .with_context(|| format!("outlet {}", row.code))?;
        Ok(id)
    }

    /// A product sold by the piece.
    ///
    /// # Errors
    /// See [`Self::brand`].
    pub fn product(&self, brand: &str, code: &str, name: &str, category: &str) -> Result<()> {
        self.connection
            .prepare_cached(
                "insert into products (brand, code, name, category, fractional, changed_at) \
                 values (?1, ?2, ?3, ?4, 0, ?5)",
            )?
            .execute(params![brand, code, name, category, self.now.millis()])
            .with_context(|| format!("product {code}"))?;
        Ok(())
    }

    /// A member of staff.
    ///
    /// # Errors
    /// See [`Self::brand`].
    pub fn staff(&mut self, code: &str, name: &str, role: &str, outlet: Option<OutletId>) -> Result<StaffId> {
        let id = StaffId::new(&mut self.ids, self.now);
        let name = self.seal("staff", "name", id.raw(), Some(name));
        self.connection
            .prepare_cached(
                "insert into staff (id, code, name_sealed, role, outlet_id, status, created_at, changed_at) \
                 values (?1, ?2, ?3, ?4, ?5, 'active', ?6, ?6)",
            )?
            .execute(params![id.raw(), code, name, role, outlet.map(OutletId::raw), self.now.millis()])
            .with_context(|| format!("staff {code}"))?;
        Ok(id)
    }

    /// A till's API key; returns its clear text.
    ///
    /// # Errors
    /// See [`Self::brand`].
    pub fn till_key(&mut self, outlet: OutletId, created_by: StaffId) -> Result<String> {
        let id = kernel::TillKeyId::new(&mut self.ids, self.now);
        let token = Token::new(TokenKind::Till, self.rng.random()).expose();
        self.connection
            .prepare_cached(
                "insert into till_keys (id, outlet_id, label, key_hash, created_by, created_at) \
                 values (?1, ?2, 'till 1', ?3, ?4, ?5)",
            )?
            .execute(params![
                id.raw(),
                outlet.raw(),
                web::auth::token_hash(&token),
                created_by.raw(),
                self.now.millis()
            ])?;
        Ok(token)
    }

    /// A programme in force from `effective_from`.
    ///
    /// # Errors
    /// When its rules contradict themselves, or as [`Self::brand`].
    pub fn programme(
        &mut self,
        programme: &Programme,
        effective_from: Timestamp,
    ) -> Result<ProgrammeVersionId> {
        let problems = programme.check();
        anyhow::ensure!(problems.is_empty(), "programme of {}: {problems:?}", programme.brand);
        let id = ProgrammeVersionId::new(&mut self.ids, self.now);
        self.connection
            .prepare_cached(
                "insert into programme_versions (id, brand, version, effective_from, rules, created_at, note) \
                 values (?1, ?2, 1, ?3, ?4, ?5, 'first version')",
            )?
            .execute(params![
                id.raw(),
                programme.brand,
                effective_from.millis(),
                serde_json::to_string(programme)?,
                self.now.millis()
            ])?;
        Ok(id)
    }

    /// A member with a balance of nothing.
    ///
    /// # Errors
    /// See [`Self::brand`].
    pub fn member(&mut self, row: &MemberRow<'_>) -> Result<MemberId> {
        let id = MemberId::new(&mut self.ids, row.joined_at);
        let raw = id.raw();
        let index = row.phone.map(|phone| *self.indexer.index(Indexed::Phone, phone).bytes());
        let phone = self.seal("members", "phone", raw, row.phone);
        let name = self.seal("members", "name", raw, row.name);
        let birthday = self.seal("members", "birthday", raw, row.birthday);
        let email = self.seal("members", "email", raw, row.email);
        self.connection
            .prepare_cached(
                "insert into members (id, brand, phone_index, phone_sealed, name_sealed, birthday_sealed, \
                 email_sealed, language, status, tier, home_outlet_id, external_code, joined_at, changed_at) \
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'active', ?9, ?10, ?11, ?12, ?12)",
            )?
            .execute(params![
                raw,
                row.brand,
                index,
                phone,
                name,
                birthday,
                email,
                row.language.code(),
                row.tier,
                row.home_outlet.map(OutletId::raw),
                row.external_code,
                row.joined_at.millis(),
            ])
            .with_context(|| format!("member {:?}", row.external_code))?;
        self.connection
            .prepare_cached(
                "insert into balances (member_id, pending, available, held) values (?1, 0, 0, 0)",
            )?
            .execute([raw])?;
        Ok(id)
    }

    /// An active card.
    ///
    /// # Errors
    /// See [`Self::brand`].
    pub fn card(&self, brand: &str, number: &str, kind: &str, member: MemberId) -> Result<()> {
        self.connection
            .prepare_cached(
                "insert into cards (brand, number, kind, status, member_id, issued_at, changed_at) \
                 values (?1, ?2, ?3, 'active', ?4, ?5, ?5)",
            )?
            .execute(params![brand, number, kind, member.raw(), self.now.millis()])
            .with_context(|| format!("card of {member}"))?;
        Ok(())
    }

    /// Signs a member in until `expires_at`; returns the access token's clear text.
    ///
    /// # Errors
    /// When the key-value file refuses.
    pub fn guest_session(
        &mut self,
        kv: &Connection,
        brand: &str,
        member: MemberId,
        expires_at: Timestamp,
    ) -> Result<String> {
        let token = Token::new(TokenKind::Guest, self.rng.random()).expose();
        let session = SessionV1 {
            subject: SubjectV1::Member { id: member.to_string(), brand: brand.to_owned() },
            session: kernel::SessionId::new(&mut self.ids, self.now).to_string(),
            expires_at: expires_at.millis(),
        };
        let key = web::session::key(&web::auth::token_hash(&token));
        state::set_key(kv, &key, &serde_json::to_vec(&session)?)?;
        Ok(token)
    }
}

fn master_secret(rng: &mut StdRng) -> String {
    let bytes: [u8; 32] = rng.random();
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("1:{digits}")
}
