//! A brand with a programme, an outlet and a bot; guests who write to it; a desk that notes what it is told.

use std::cell::{Cell, RefCell};

use bot::account::Account;
use bot::desk::{At, Desk, Rated};
use bot::input::{Heard, Meaning, meaning};
use bot::say::SayV1;
use bot::state::DialogueV1;
use bot::take::{Incoming, Taken, chat_index, take};
use bot::{Refusal, account};
use club::Moment;
use club::personal::Personal;
use kernel::{IdSource, MemberId, Points, Timestamp};
use membership::secrets::Secrets;
use serde_json::{Value as Json, json};
use store::native::NativeSql;
use store::telegram::sayings::{self, Said};
use store::telegram::{StoredBot, save_bot, secret_place, token_place};
use store::{Sql, Value, brands};
use telegram::Markup;
use telegram::markup::Action;
use telegram::press::{Agreement, Press};

pub const TOKEN: &str = "6000000001:AAExampleExampleExampleExampleExample00";
pub const BOT: i64 = 6_000_000_001;
pub const GUEST: i64 = 700_000_001;
pub const PHONE: &str = "77010000001";

const SECRETS: &str = "1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const HOURS: &str = r#"{"mon":[["08:00","22:00"]],"tue":[["08:00","22:00"]],"wed":[["08:00","22:00"]],"thu":[["08:00","22:00"]],"fri":[["08:00","22:00"]],"sat":[["08:00","22:00"]],"sun":[]}"#;

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

/// Notes everything; one token is good, once.
#[derive(Default)]
pub struct NotingDesk {
    pub heard: RefCell<Vec<String>>,
    rated: Cell<bool>,
}

pub const GOOD_TOKEN: &str = "good-token";
pub const TICKET: &str = "tkt_0000000000001";

impl NotingDesk {
    fn note(&self, words: String) {
        self.heard.borrow_mut().push(words);
    }
}

impl Desk for NotingDesk {
    fn visit(&self, _: &mut At<'_, '_>, token: &str) -> Result<String, Refusal> {
        if token == GOOD_TOKEN && !self.rated.get() {
            Ok("One".to_owned())
        } else {
            Err(Refusal::FeedbackClosed)
        }
    }

    fn rate(&self, at: &mut At<'_, '_>, token: &str, stars: u8) -> Result<Rated, Refusal> {
        self.visit(at, token)?;
        self.rated.set(true);
        self.note(format!("{stars} stars"));
        let ticket = (stars < 4).then(|| TICKET.to_owned());
        Ok(Rated { ticket, may_play: true })
    }

    fn comment(&self, _: &mut At<'_, '_>, token: &str, words: &str) -> Result<String, Refusal> {
        self.note(format!("{token}: {words}"));
        Ok(TICKET.to_owned())
    }

    fn play(&self, _: &mut At<'_, '_>, _: &str) -> Result<Points, Refusal> {
        Ok(Points::from_hundredths(5_000))
    }

    fn ask(&self, _: &mut At<'_, '_>, _: MemberId, words: &str) -> Result<String, Refusal> {
        self.note(format!("asked: {words}"));
        Ok(TICKET.to_owned())
    }

    fn answer(&self, _: &mut At<'_, '_>, _: MemberId, ticket: &str, words: &str) -> Result<(), Refusal> {
        if ticket != TICKET {
            return Err(Refusal::UnknownTicket);
        }
        self.note(format!("{ticket}: {words}"));
        Ok(())
    }
}

pub struct World {
    pub sql: NativeSql,
    pub secrets: Secrets,
    pub now: Timestamp,
    pub desk: NotingDesk,
    pub dialogue: DialogueV1,
    ids: IdSource,
    next_update: i64,
}

impl World {
    pub fn new() -> Self {
        let sql = NativeSql::in_memory().expect("a world as it was made");
        for statement in [
            "insert into brands values ('daily', 'Daily', 'KZ', '29', 0)".to_owned(),
            "insert into franchisees values (1, 'f1', 'First', 0)".to_owned(),
            format!(
                "insert into outlets values (1, 'o1', 'daily', 1, 'One', 'KZ', 'KZT', 'Asia/Almaty', 'Almaty', \
                 'Street 1', null, 43238949, 76889709, '{HOURS}', 'ru', 'open', 0, 0)"
            ),
        ] {
            sql.execute(&statement, &[]).expect("a world as it was made");
        }
        let rules = include_str!("../../../club/tests/guest/programme.json");
        let version = "insert into programme_versions values (1, 'daily', 1, 0, ?1, null, 0, 'first')";
        sql.execute(version, &[rules.into()]).expect("a world as it was made");
        let world = Self {
            sql,
            secrets: Secrets::parse(SECRETS).expect("a world as it was made"),
            now: Timestamp::parse("2026-11-25T12:00:00+05:00").expect("a world as it was made"),
            desk: NotingDesk::default(),
            dialogue: DialogueV1::default(),
            ids: IdSource::new(7),
            next_update: 1,
        };
        save_bot(&world.sql, &world.bot(), world.now).expect("a world as it was made");
        world
    }

    fn bot(&self) -> StoredBot {
        let personal = self.personal();
        StoredBot {
            brand: "daily".to_owned(),
            bot_id: BOT,
            username: "brand_bot".to_owned(),
            token_sealed: personal.seal(token_place(BOT), TOKEN),
            secret_sealed: personal.seal(secret_place(BOT), "a-secret"),
            webhook_url: "https://api.example.com/v1/hooks/telegram/daily".to_owned(),
            app_url: None,
            terms_url: "https://example.com/terms?a=1&b=2".to_owned(),
            privacy_url: "https://example.com/privacy".to_owned(),
            texts_version: "2026-11".to_owned(),
        }
    }

    pub fn personal(&self) -> Personal<'_> {
        Personal { secrets: &self.secrets, random: &random }
    }

    pub fn account(&self) -> Account {
        account::load(&self.sql, "daily", self.personal()).expect("a world as it was made").expect("a bot")
    }

    /// Takes an update as Telegram would post it, and goes on with the dialogue.
    pub fn update(&mut self, event: Json) -> Taken {
        let id = self.next_update;
        self.next_update += 1;
        self.update_again(id, event)
    }

    pub fn update_again(&mut self, id: i64, mut event: Json) -> Taken {
        event["update_id"] = json!(id);
        let read = telegram::update::read(event.to_string().as_bytes()).expect("an update");
        let Meaning::Heard(heard) = meaning(read) else { panic!("nothing was heard: {event}") };
        let taken = self.hear(id, *heard).expect("a world as it was made");
        if let Some(dialogue) = &taken.dialogue {
            self.dialogue = dialogue.clone().at(self.now);
        }
        taken
    }

    pub fn hear(&mut self, update: i64, heard: Heard) -> Result<Taken, Refusal> {
        let (account, dialogue) = (self.account(), self.dialogue.clone());
        let brand = brands::load(&self.sql, "daily").expect("a world as it was made").expect("a brand");
        let incoming = Incoming { account: &account, brand: &brand, update, heard, dialogue: &dialogue };
        let personal = Personal { secrets: &self.secrets, random: &random };
        let mut moment = Moment { now: self.now, ids: &mut self.ids };
        take(&self.sql, incoming, personal, &self.desk, &mut moment)
    }

    pub fn last_update(&self) -> i64 {
        self.next_update - 1
    }

    /// The guest writes something.
    pub fn write(&mut self, text: &str) -> SayV1 {
        self.update(message(json!({ "text": text }))).answer.expect("words")
    }

    /// The guest shares a contact of the user with this number.
    pub fn share(&mut self, phone: &str, user: i64) -> SayV1 {
        let contact = json!({ "contact": {"phone_number": phone, "first_name": "G", "user_id": user} });
        self.update(message(contact)).answer.expect("words")
    }

    /// The guest presses a button under message 20.
    pub fn press(&mut self, press: &Press) -> Taken {
        self.update(pressed(&press.data()))
    }

    /// The guest presses the button with these words under what was said.
    pub fn tap(&mut self, say: &SayV1, words: &str) -> Taken {
        let data = button(say, words).unwrap_or_else(|| panic!("no {words:?} under {say:?}"));
        self.update(pressed(&data))
    }

    /// From the first word to the card, with a new number.
    pub fn join(&mut self) -> SayV1 {
        self.write("/start");
        for agreement in [Agreement::Terms, Agreement::PersonalData] {
            self.press(&Press::Agree(agreement));
        }
        self.press(&Press::AgreeDone);
        self.share(PHONE, GUEST)
    }

    pub fn wait(&mut self, millis: i64) {
        self.now = self.now.plus_millis(millis);
        self.dialogue = self.dialogue.clone().at(self.now);
    }

    pub fn count(&self, statement: &str) -> i64 {
        match self.sql.execute(statement, &[]).expect("a world as it was made")[0][0] {
            Value::Integer(count) => count,
            ref other => panic!("{other:?}"),
        }
    }

    /// A bot has said something about a ticket in the guest's chat.
    pub fn said(&self, bot: i64, message: i64, ticket: &str) {
        let index = chat_index("daily", GUEST, self.personal());
        let said = Said { bot, chat_index: &index, message };
        sayings::insert(&self.sql, said, ticket, self.now).expect("a world as it was made");
    }

    pub fn sql_run(&self, statement: &str) {
        self.sql.execute(statement, &[]).expect("a world as it was made");
    }

    pub fn text(&self, statement: &str) -> String {
        match &self.sql.execute(statement, &[]).expect("a world as it was made")[0][0] {
            Value::Text(text) => text.clone(),
            other => panic!("{other:?}"),
        }
    }

    /// A job, which makes its own transactions.
    pub fn outside<T>(&mut self, work: impl FnOnce(&dyn Sql, Personal<'_>, &mut Moment<'_>) -> T) -> T {
        let personal = Personal { secrets: &self.secrets, random: &random };
        let mut moment = Moment { now: self.now, ids: &mut self.ids };
        work(&self.sql, personal, &mut moment)
    }

    /// Use cases of the club beside the bot.
    pub fn tx<T, E: From<store::StoreError>>(
        &mut self,
        work: impl FnOnce(&dyn Sql, Personal<'_>, &mut Moment<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let personal = Personal { secrets: &self.secrets, random: &random };
        let mut moment = Moment { now: self.now, ids: &mut self.ids };
        store::transaction::transaction(&self.sql, |tx| work(tx, personal, &mut moment))
    }
}

pub fn message(content: Json) -> Json {
    let mut message = json!({
        "message_id": 11, "date": 1,
        "from": {"id": GUEST, "is_bot": false, "first_name": "G", "language_code": "ru"},
        "chat": {"id": GUEST, "type": "private"},
    });
    for (name, value) in content.as_object().expect("fields") {
        message[name] = value.clone();
    }
    json!({ "message": message })
}

pub fn pressed(data: &str) -> Json {
    json!({ "callback_query": {
        "id": "77", "data": data, "chat_instance": "1",
        "from": {"id": GUEST, "is_bot": false, "first_name": "G", "language_code": "ru"},
        "message": {"message_id": 20, "date": 1, "chat": {"id": GUEST, "type": "private"}},
    } })
}

/// The data of the button with these words.
pub fn button(say: &SayV1, words: &str) -> Option<String> {
    let Some(Markup::Inline { inline_keyboard }) = &say.markup else { return None };
    let found = inline_keyboard.iter().flatten().find(|button| button.text.contains(words))?;
    match &found.action {
        Action::CallbackData(data) => Some(data.clone()),
        _ => None,
    }
}
