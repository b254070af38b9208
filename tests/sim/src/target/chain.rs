//! Writes a world into a database.

use anyhow::{Context as _, Result, anyhow, ensure};
use club::Moment;
use club::personal::Personal;
use club::signup;
use club::signup::send::{self, Start};
use club::signup::verify::{self, Answer, Outcome};
use kernel::{IdSource, MemberId, OutletId, ProgrammeVersionId, SessionId, StaffId, Timestamp};
use ledger::grant::{self, Grant};
use ledger::model::{LotSource, Occasion, Wallet};
use loyalty::programme::Programme;
use membership::allowance::Allowance;
use membership::card_number::CardNumber;
use membership::one_time_code::{Code, Policy};
use membership::profile::{ConsentKind, Language};
use membership::rotating_code::CardKey;
use membership::secrets::{Purpose, Secrets, Token, TokenKind};
use membership::staff_auth::Role;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use rig::chain::{ChainWriter, MemberRow, OutletRow};
use rig::state;
use rusqlite::Connection;
use store::challenges::ChallengeConsent;
use store::ledger::Due;
use store::programmes::{self, Version};
use store::transaction::transaction;
use store::{Sql, StoreError};

use crate::world::{Brand, World};
use kernel::time::DAY_MS;
use web::session::{ScopeV1, SessionV1, SubjectV1};

/// Longer than any episode.
const OFFICE_SESSION_MS: i64 = 365 * DAY_MS;
/// The first key of every card.
const KEY_VERSION: u32 = 1;

/// The chain as it stands in a database.
pub struct Chain {
    pub secret: String,
    pub outlets: Vec<OutletId>,
    /// Till keys, one of each outlet.
    pub keys: Vec<String>,
    pub members: Vec<MemberId>,
    pub administrator: StaffId,
    /// The administrator's access token; empty where there is no key-value store.
    pub office_token: String,
    /// Access tokens of the members; empty where there is no key-value store.
    pub tokens: Vec<String>,
    cards: Vec<(CardNumber, CardKey)>,
}

impl Chain {
    /// Writes `world` into an empty database with the current schema.
    ///
    /// # Errors
    /// When a row is refused.
    pub fn write(
        world: &World,
        sql: &dyn Sql,
        connection: &Connection,
        kv: Option<&Connection>,
    ) -> Result<Self> {
        connection.execute_batch("begin")?;
        // Earlier than anything in the episode, so that every id made in it is larger.
        let mut writer = ChainWriter::new(connection, world.seed, world.start.plus_millis(-1))?;
        if kv.is_some() {
            // The functions' ids follow the clock on the wall, whatever the test clock says.
            writer.ids = IdSource::at_wall(world.seed, wall(connection)?);
        }
        for brand in &world.brands {
            writer.brand(brand.code, brand.code, brand.region, brand.card_prefix)?;
            write_versions(&mut writer, sql, brand, world.start)?;
            for good in &world.goods {
                let Some(category) = good.category else { continue };
                writer.product(brand.code, good.code, good.code, category)?;
            }
        }
        let by_weight = world.goods.iter().filter(|good| good.fractional);
        for good in by_weight {
            connection.execute("update products set fractional = 1 where code = ?1", [good.code])?;
        }
        let owner = writer.franchisee("f-1", "Franchisee One")?;
        let administrator = writer.staff("admin", "Administrator", "administrator", None)?;
        let (mut outlets, mut keys) = (Vec::new(), Vec::new());
        for outlet in &world.outlets {
            let id = writer.outlet(&OutletRow {
                code: outlet.code,
                brand: world.brands[outlet.brand].code,
                franchisee: owner,
                name: outlet.code,
                country: outlet.country,
                currency: outlet.currency.code(),
                zone: outlet.zone_name,
                city: outlet.code,
                address: "Main street, 1",
                phone: None,
                position: None,
                languages: "ru",
            })?;
            keys.push(writer.till_key(id, administrator)?);
            outlets.push(id);
        }
        let secret = writer.secret().to_owned();
        let office_token = match kv {
            Some(kv) => office_session(&mut writer, kv, administrator, world.start)?,
            None => String::new(),
        };
        let mut chain = Self {
            secret,
            outlets,
            keys,
            members: Vec::new(),
            administrator,
            office_token,
            tokens: Vec::new(),
            cards: Vec::new(),
        };
        let master = Secrets::parse(&chain.secret)?.key(Purpose::RotatingCodes);
        for index in 0..world.guests.len() {
            chain.write_guest(world, index, &mut writer, sql, connection, kv)?;
            let number = CardNumber::parse(&world.guests[index].card)?;
            let key = CardKey::derive(&master, KEY_VERSION, &number);
            chain.cards.push((number, key));
        }
        connection.execute_batch("commit")?;
        Ok(chain)
    }

    /// A guest's rotating code.
    #[must_use]
    pub fn code(&self, member: usize, at: Timestamp) -> String {
        let (card, key) = &self.cards[member];
        key.rich_text(card, at)
    }

    fn write_guest(
        &mut self,
        world: &World,
        index: usize,
        writer: &mut ChainWriter<'_>,
        sql: &dyn Sql,
        connection: &Connection,
        kv: Option<&Connection>,
    ) -> Result<()> {
        let guest = &world.guests[index];
        let brand = world.brands[guest.brand].code;
        if guest.comes_later {
            self.members.push(NOBODY);
            self.tokens.extend(kv.map(|_| String::new()));
            return Ok(());
        }
        let member = writer.member(&MemberRow {
            brand,
            phone: Some(&guest.phone),
            name: None,
            email: None,
            birthday: None,
            language: Language::En,
            tier: guest.tier,
            home_outlet: None,
            external_code: None,
            joined_at: world.start.plus_millis(-1),
        })?;
        writer.card(brand, &guest.card, "plastic", member)?;
        if !guest.active {
            connection.execute("update members set status = 'blocked' where id = ?1", [member.raw()])?;
        }
        if !guest.card_active {
            connection.execute("update cards set status = 'blocked' where number = ?1", [&guest.card])?;
        }
        if let Some((points, expires_at)) = guest.opening {
            let grant = Grant {
                points: kernel::Points::from_hundredths(points),
                source: LotSource::Opening,
                activates_at: None,
                expires_at,
            };
            open(sql, member, brand, grant, writer, world.start.plus_millis(-1))?;
        }
        if let Some(kv) = kv {
            self.tokens.push({
                let until = writer.now().plus_millis(rig::small::SESSION_MS);
                writer.guest_session(kv, brand, member, until)?
            });
        }
        self.members.push(member);
        Ok(())
    }
}

/// In the place of a member who has not come yet.
const NOBODY: MemberId = MemberId::from_raw(0);

/// Limits that nobody reaches: they have tests of their own.
const FREE: Policy = {
    let any = Allowance { max: u32::MAX, window_ms: 1 };
    Policy { pause_ms: 0, per_phone: any, per_address: any, overall: any, ..Policy::DEFAULT }
};

impl Chain {
    /// A guest proves their phone: a code is sent, read from the message and answered. Whether they are new.
    ///
    /// # Errors
    /// The refusal.
    pub fn join(
        &mut self,
        world: &World,
        member: usize,
        sql: &dyn Sql,
        kv: Option<&Connection>,
        moment: &mut Moment<'_>,
    ) -> Result<bool, signup::Refusal> {
        let unreadable =
            |problem: String| signup::Refusal::Store(StoreError::Unreadable { what: "simulation", problem });
        let secrets = Secrets::parse(&self.secret).map_err(|error| unreadable(error.to_string()))?;
        let seed =
            std::cell::RefCell::new(StdRng::seed_from_u64(moment.ids.next(moment.now).cast_unsigned()));
        let random = |count: usize| (0..count).map(|_| seed.borrow_mut().random()).collect();
        let personal = Personal { secrets: &secrets, random: &random };
        let guest = &world.guests[member];
        let (brand, phone) = send::addressee(sql, world.brands[guest.brand].code, &guest.phone, &[])?;
        let said = |kind| ChallengeConsent { kind, granted: true, text_version: "1".to_owned() };
        let consents = vec![said(ConsentKind::Terms), said(ConsentKind::PersonalData)];
        let start = Start { brand, phone, language: Language::En, consents, network: "sim".to_owned() };
        let sent = transaction(sql, |tx| send::start(tx, &FREE, &start, personal, moment))?;
        let digits: String = sent.message.text.chars().filter(char::is_ascii_digit).collect();
        let code = Code::parse(&digits).map_err(|error| unreadable(error.to_string()))?;
        let answer = Answer { challenge: sent.challenge, code, label: None, consents: Vec::new() };
        let outcome =
            transaction(sql, |tx| verify::verify(tx, &FREE, &answer, personal, web::session::key, moment))?;
        let Outcome::SignedIn { session, is_new } = outcome else {
            return Err(unreadable(format!("a right code: {outcome:?}")));
        };
        if is_new {
            self.members[member] = session.member;
            if let Some(kv) = kv {
                let token = Token::new(TokenKind::Guest, seed.borrow_mut().random()).expose();
                let record = SessionV1 {
                    subject: SubjectV1::Member { id: session.member.to_string(), brand: session.brand },
                    session: session.id.to_string(),
                    expires_at: i64::MAX,
                };
                let key = web::session::key(&web::auth::token_hash(&token));
                let bytes = serde_json::to_vec(&record).map_err(|error| unreadable(error.to_string()))?;
                state::set_key(kv, &key, &bytes).map_err(|error| unreadable(error.to_string()))?;
                self.tokens[member] = token;
            }
        }
        Ok(is_new)
    }
}

/// The clock on the wall.
///
/// # Errors
/// When the database has none.
pub fn wall(connection: &Connection) -> Result<Timestamp> {
    let query = "select cast(unixepoch('subsec') * 1000 as integer)";
    Ok(Timestamp::from_millis(connection.query_row(query, [], |row| row.get(0))?))
}

/// Signs the administrator in for as long as the guests are.
fn office_session(
    writer: &mut ChainWriter<'_>,
    kv: &Connection,
    staff: StaffId,
    now: Timestamp,
) -> Result<String> {
    let token = Token::new(TokenKind::Staff, writer.rng.random()).expose();
    let subject = SubjectV1::Staff {
        id: staff.to_string(),
        role: Role::Administrator.code().to_owned(),
        scope: ScopeV1::Everything {},
    };
    let session = SessionV1 {
        subject,
        session: SessionId::new(&mut writer.ids, now).to_string(),
        expires_at: now.plus_millis(OFFICE_SESSION_MS).millis(),
    };
    let key = web::session::key(&web::auth::token_hash(&token));
    state::set_key(kv, &key, &serde_json::to_vec(&session)?)?;
    Ok(token)
}

fn open(
    sql: &dyn Sql,
    member: MemberId,
    brand: &str,
    grant: Grant,
    writer: &mut ChainWriter<'_>,
    now: Timestamp,
) -> Result<()> {
    let zero = kernel::Points::ZERO;
    let mut wallet = Wallet { member, available: zero, held: zero, pending: zero, lots: Vec::new() };
    let occasion = Occasion {
        event: format!("import:{}", member.raw()),
        receipt: None,
        outlet: None,
        effective_at: now,
        recorded_at: now,
    };
    let entry = grant::adjust_up(&mut wallet, grant, occasion, &mut writer.ids)?.context("an entry")?;
    let due = Due::By(wallet.next_due(now));
    store::ledger::insert_entries(sql, member, std::slice::from_ref(&entry), &club::unit(brand), None, due)
        .map_err(|error| anyhow!("{error}"))
}

fn write_versions(
    writer: &mut ChainWriter<'_>,
    sql: &dyn Sql,
    brand: &Brand,
    start: Timestamp,
) -> Result<()> {
    for (number, (effective_from, rules)) in (1..).zip(&brand.versions) {
        let rules = rules.to_json(brand.code);
        let programme: Programme = serde_json::from_value(rules.clone())?;
        let problems = programme.check();
        ensure!(problems.is_empty(), "rules that contradict themselves: {problems:?}");
        let version = Version {
            id: ProgrammeVersionId::new(&mut writer.ids, start.plus_millis(-1)),
            brand: brand.code.to_owned(),
            version: number,
            effective_from: *effective_from,
            rules: rules.to_string(),
            created_by: None,
            created_at: start,
            note: "simulation".to_owned(),
        };
        programmes::insert(sql, &version).map_err(|error| anyhow!("{error}"))?;
    }
    Ok(())
}
