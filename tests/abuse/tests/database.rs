//! Events of a small town through the use cases and a database: the same decisions as from the pure crate over states in
//! memory. Where they differ, the product is told something else than the generator thinks, and figures mean nothing.

use std::collections::{BTreeMap, HashMap};

use abuse::town::{Happening, OUTLETS_PER_CITY, Town, position};
use abuse::{attacks, honest};
use club::guest::Named;
use club::hold::{self, NewHold};
use club::personal::Personal;
use club::receipt::{self, NewSale};
use club::signup::vouched::{self, Admitted, Vouched};
use club::{Moment, Refusal, watching};
use fraud::facts::Trace;
use fraud::feature::features;
use fraud::subject::subjects;
use fraud::{Event, Facts, Known, State, Subject, judge, observe, standard};
use kernel::{Currency, IdSource, MemberId, Money, OutletId, Points, Quantity, Timestamp, Zone};
use ledger::grant::{self, Grant};
use ledger::model::{LotSource, Occasion};
use loyalty::sale::{self, Payment, PaymentMethod, Sale, SaleLine};
use membership::phone::Phone;
use membership::profile::{Consent, ConsentKind, ConsentWord, Language};
use membership::secrets::Secrets;
use store::ledger::Due;
use store::native::NativeSql;
use store::transaction::transaction;
use store::{Sql, StoreError, brands, ledger as books, outlets};
use watch::inline::Traces;

/// Cities of the town.
const CITIES: usize = 6;
const SECRETS: &str = "1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const PROGRAMME: &str = r#"{
  "brand": "crema", "zone": "Asia/Almaty", "point_values": [{"amount": "1.00", "currency": "KZT"}],
  "tiers": [{"code": "bronze", "name": {"ru": "Б", "kk": "Б", "en": "B"}, "earn_rate": "0.05"}],
  "earning": {"promo_lines_earn": false, "earn_on_points_paid": false, "points_step": "0.01",
              "pending_delay": {"kind": "none"}, "expiry": {"kind": "never"}},
  "redemption": {"min_points": "1.00", "step": "1.00", "share_max": "0.50", "hold_minutes": 15,
                 "static_code_may_spend": true},
  "returns": {"clawback": "unlimited", "reinstatement_grace_days": 14}
}"#;

/// What was decided: when, at what, of whom (the town's number), with which score and action.
type Decided = (i64, String, Option<u32>, u32, String);

fn no_secrets() -> Result<Secrets, Refusal> {
    panic!("a card needs no secrets")
}

fn zeros(count: usize) -> Vec<u8> {
    vec![0; count]
}

struct World {
    sql: NativeSql,
    ids: IdSource,
    secrets: Secrets,
    zone: Zone,
    /// The product's id of each of the town's members.
    members: HashMap<u32, MemberId>,
    number: u64,
}

impl World {
    fn new() -> Self {
        let sql = NativeSql::in_memory().expect("a database");
        sql.connection()
            .execute_batch(
                "insert into brands (code, name, default_region, card_prefix, created_at) \
                 values ('crema', 'Crema', 'KZ', '21', 0); insert into franchisees values (1, 'f1', 'First', 0);",
            )
            .expect("rows");
        let insert = "insert into programme_versions values (1, 'crema', 1, 0, ?1, null, 0, 'first')";
        sql.connection().execute(insert, [PROGRAMME]).expect("a programme");
        for outlet in 0..(CITIES * OUTLETS_PER_CITY) as u16 {
            let (place, raw) = (position(outlet), outlet + 1);
            let text = format!(
                "insert into outlets values ({raw}, 'o{raw}', 'crema', 1, 'O', 'KZ', 'KZT', 'Asia/Almaty', 'Almaty', 'S', \
                 null, {}, {}, '[]', 'ru', 'open', 0, 0)",
                place.latitude_e6, place.longitude_e6
            );
            sql.connection().execute_batch(&text).expect("an outlet");
        }
        let zone = Zone::parse("Asia/Almaty").expect("a zone");
        let secrets = Secrets::parse(SECRETS).expect("a secret");
        Self { sql, ids: IdSource::new(5), secrets, zone, members: HashMap::new(), number: 0 }
    }

    /// An account from before the first day.
    fn old(&mut self, member: u32, joined_at: Timestamp) {
        let real = MemberId::new(&mut self.ids, joined_at);
        let text = format!(
            "insert into members (id, brand, language, status, tier, joined_at, changed_at) \
             values ({0}, 'crema', 'ru', 'active', 'bronze', {1}, {1}); \
             insert into balances (member_id, pending, available, held) values ({0}, 0, 0, 0);",
            real.raw(),
            joined_at.millis()
        );
        self.sql.connection().execute_batch(&text).expect("a member");
        self.equip(member, real, joined_at);
    }

    /// A card, and points to spend.
    fn equip(&mut self, member: u32, real: MemberId, now: Timestamp) {
        self.members.insert(member, real);
        let text = format!(
            "insert into cards (brand, number, kind, status, member_id, issued_at, changed_at) \
             values ('crema', '{}', 'plastic', 'active', {}, 0, 0)",
            card(member),
            real.raw()
        );
        self.sql.connection().execute_batch(&text).expect("a card");
        let ids = &mut self.ids;
        transaction(&self.sql, |tx| {
            let mut wallet = books::load_account(tx, real)?.wallet(real, Vec::new());
            let points = Points::from_hundredths(10_000_000);
            let grant = Grant { points, source: LotSource::Opening, activates_at: None, expires_at: None };
            let occasion = Occasion {
                event: format!("test:{}", real.raw()),
                receipt: None,
                outlet: None,
                effective_at: now,
                recorded_at: now,
            };
            let entry = grant::accrue(&mut wallet, grant, occasion, ids).expect("granted");
            books::insert_entries(tx, real, &[entry.expect("an entry")], "points:crema", None, Due::By(None))
        })
        .expect("recorded");
    }

    fn happen(&mut self, happening: &Happening) {
        self.number += 1;
        match happening.event {
            Event::Receipt => self.buy(happening),
            Event::Hold => self.hold(happening),
            Event::SignUp | Event::SignIn => self.sign_in(happening),
            Event::CodeAttempt => {
                let place = self.outlet(happening);
                let number = card(happening.member.expect("a card's"));
                let how = happening.bad_code.expect("how it failed");
                transaction(&self.sql, |tx| watching::bad_code(tx, &place, &number, how, happening.at))
                    .expect("counted");
            }
            Event::Return | Event::Referral | Event::Sweep => unreachable!("left out"),
        }
    }

    fn outlet(&self, happening: &Happening) -> outlets::Outlet {
        let id = OutletId::from_raw(i64::from(happening.outlet) + 1);
        outlets::load(&self.sql, id).expect("reads").expect("an outlet")
    }

    fn buy(&mut self, happening: &Happening) {
        let (place, now) = (self.outlet(happening), happening.at);
        let money = |minor| Money::new(minor, Currency::Kzt);
        let line = SaleLine {
            line_no: 1,
            product_code: "latte".into(),
            category: None,
            quantity: Quantity::from_thousandths(1_000),
            unit_price: money(100_000),
            discount: money(0),
            amount: money(100_000),
            is_promo: false,
            is_fractional: false,
        };
        let new = NewSale {
            number: self.number.to_string(),
            staff_code: happening.staff.map(|staff| format!("s{staff}")),
            channel: "counter",
            named: Some(Named::Card(card(happening.member.expect("a member")))),
            hold: None,
            names: vec!["Latte".into()],
            sale: Sale {
                outlet: sale::Outlet {
                    id: place.id,
                    zone: self.zone.clone(),
                    currency: Currency::Kzt,
                    country: "KZ".into(),
                },
                business_date: now.date_in(&self.zone),
                sold_at: now,
                lines: vec![line],
                payments: vec![Payment { method: PaymentMethod::Card, amount: money(100_000) }],
                rounding: money(0),
            },
            request_hash: self.number.to_be_bytes().to_vec(),
        };
        let traces = Traces {
            payment: happening.payment.map(Trace::from_raw),
            device: happening.device.map(Trace::from_raw),
        };
        let prepared = receipt::prepare(&self.sql, &place, &new, &no_secrets, now).traced(traces);
        let mut moment = Moment { now, ids: &mut self.ids };
        transaction(&self.sql, |tx| {
            receipt::record(tx, &place, &new, prepared, &no_secrets, &mut moment, |_| "{}".to_owned())
        })
        .expect("a sale is recorded");
    }

    fn hold(&mut self, happening: &Happening) {
        let (place, now) = (self.outlet(happening), happening.at);
        let new = NewHold {
            named: Named::Card(card(happening.member.expect("a member"))),
            points: Some(Points::from_hundredths(100)),
            receipt_total: Money::new(10_000_000, Currency::Kzt),
        };
        let prepared = hold::prepare(&self.sql, &place, &new, &no_secrets, now);
        let mut moment = Moment { now, ids: &mut self.ids };
        transaction(&self.sql, |tx| hold::authorise(tx, &place, &new, prepared, &no_secrets, &mut moment))
            .expect("held");
    }

    /// Somebody whose phone is proven, on a device: the product finds out whether they are new.
    fn sign_in(&mut self, happening: &Happening) {
        let (member, now) = (happening.member.expect("a member"), happening.at);
        if happening.event == Event::SignIn {
            // The phone of an old account is not known here: what the product does with it is the same.
            let real = self.members[&member];
            let told = fraud::told::sign_in(
                fraud::facts::Who { member: real, joined_at: self.joined_at(real) },
                Trace::from_raw(happening.device.expect("a device")),
                now,
            );
            transaction(&self.sql, |tx| watch::inline::note(tx, "crema", &told, now)).expect("noted");
            return;
        }
        let text = format!("+{:07}{:04}", happening.prefix.expect("a block"), member % 10_000);
        let phone = Phone::from_e164(&text).expect("a phone");
        let word = |text: &str| ConsentWord::parse(text).expect("a word");
        let consents = [ConsentKind::Terms, ConsentKind::PersonalData].map(|kind| Consent {
            kind,
            granted: true,
            text_version: word("1"),
            at: now,
            source: word("test"),
        });
        let mut device = [0; 32];
        device[..8].copy_from_slice(&happening.device.expect("a device").to_be_bytes());
        let personal = Personal { secrets: &self.secrets, random: &zeros };
        let mut moment = Moment { now, ids: &mut self.ids };
        let admitted = transaction(&self.sql, |tx| {
            let brand = brands::load(tx, "crema")?.expect("the brand");
            let new = Vouched {
                brand: &brand,
                phone: &phone,
                language: Language::Ru,
                consents: consents.to_vec(),
                device,
            };
            vouched::admit(tx, new, personal, &mut moment)
        });
        let Ok(Admitted::Member { member: real, is_new: true }) = admitted else { panic!("{admitted:?}") };
        self.equip(member, real, now);
    }

    fn joined_at(&self, member: MemberId) -> Timestamp {
        let loaded = store::guests::load(&self.sql, member).expect("reads");
        loaded.expect("a member").joined_at
    }

    fn decided(&self) -> Result<Vec<Decided>, StoreError> {
        let names: BTreeMap<i64, u32> =
            self.members.iter().map(|(member, real)| (real.raw(), *member)).collect();
        let rows = self.sql.execute(
            "select effective_at, event, coalesce(member_id, 0), score, action from fraud_decisions order by recorded_at, id",
            &[],
        );
        let text = |value: &store::Value| match value {
            store::Value::Text(text) => text.clone(),
            other => panic!("{other:?}"),
        };
        let number = |value: &store::Value| match value {
            store::Value::Integer(number) => *number,
            other => panic!("{other:?}"),
        };
        let read = |row: Vec<store::Value>| {
            let member = names.get(&number(&row[2])).copied();
            (number(&row[0]), text(&row[1]), member, number(&row[3]) as u32, text(&row[4]))
        };
        Ok(rows.expect("rows").into_iter().map(read).collect())
    }
}

fn card(member: u32) -> String {
    format!("C{member:011}")
}

/// The pure crate over states in memory.
fn judged(town: &Town, happenings: &[Happening]) -> Vec<Decided> {
    let (rules, mut states, mut all) = (standard::rules(), HashMap::<Subject, State>::new(), Vec::new());
    for happening in happenings {
        let facts: Facts = happening.facts(&town.members);
        let mut known = Known::default();
        for subject in subjects(&facts) {
            let state = states.remove(&subject).unwrap_or_default();
            known.0.push((subject, state));
        }
        let observed = observe(&facts, &mut known);
        let verdict = judge(&rules, facts.event, &features(&facts, &known, &observed));
        states.extend(known.0);
        let of_place = verdict.place.as_ref().map(|place| (place.score, place.action));
        for (score, action) in [Some((verdict.score, verdict.action)), of_place].into_iter().flatten() {
            if action > fraud::Action::Allow {
                let (event, action) = (facts.event.code().to_owned(), action.code().to_owned());
                all.push((facts.at.millis(), event, happening.member, score, action));
            }
        }
    }
    all
}

#[test]
fn the_product_decides_through_its_database_as_the_rules_do_alone() {
    let seed = 11;
    println!("seed {seed}");
    let mut town = Town::new(seed, 30);
    honest::people(&mut town, 150);
    attacks::attack(&mut town, 3);
    honest::share(&mut town, 150);
    // Returns need their receipts, referrals their codes, one-time codes their challenges: the use cases of those have
    // tests of their own.
    let mut happenings: Vec<Happening> = town
        .happenings
        .iter()
        .filter(|happening| !matches!(happening.event, Event::Return | Event::Referral | Event::Sweep))
        .filter(|happening| happening.member.is_some())
        .copied()
        .collect();
    happenings.sort_by_key(|happening| happening.at);
    let mut world = World::new();
    let newcomers: Vec<u32> = happenings
        .iter()
        .filter(|happening| happening.event == Event::SignUp)
        .filter_map(|happening| happening.member)
        .collect();
    for member in (0..town.members.len() as u32).filter(|member| !newcomers.contains(member)) {
        world.old(member, town.members[member as usize].joined_at);
    }
    // Some come before they have signed up by the minute that the generator is careless of.
    let mut known: Vec<u32> = Vec::new();
    happenings.retain(|happening| {
        let member = happening.member.unwrap_or_default();
        known.extend((happening.event == Event::SignUp).then_some(member));
        !newcomers.contains(&member) || known.contains(&member)
    });
    for happening in &happenings {
        world.happen(happening);
    }
    let (expected, found) = (judged(&town, &happenings), world.decided().expect("reads"));
    assert!(expected.len() > 300, "{} decisions of {} events", expected.len(), happenings.len());
    for event in ["receipt", "hold", "sign_up", "code_attempt"] {
        assert!(expected.iter().any(|decided| decided.1 == event), "nothing was decided of a {event}");
    }
    let differing = expected.iter().zip(&found).find(|(expected, found)| expected != found);
    assert_eq!(differing, None);
    assert_eq!(expected.len(), found.len());
}
