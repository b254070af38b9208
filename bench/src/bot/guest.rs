//! What guests do in the chat, as Telegram posts it.

use rand::Rng;
use rand::rngs::StdRng;
use serde_json::{Value as Json, json};
use telegram::press::{Agreement, Press};

use super::chain::{APART_E6, CITIES, IN_ROW, city_e6};
use super::telegram_double::Telegram;

/// The first guest's chat; the others follow.
const FIRST_CHAT: i64 = 700_000_000;

/// What a guest does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// Comes in: a member greets us again, or a stranger begins to join.
    Start,
    Agree,
    Contact,
    Card,
    Balance,
    History,
    Tier,
    Location,
    Settings,
    /// Asks to write something.
    Write,
    /// Writes it, or something that nobody asked for.
    Words,
    /// Presses a button under the newest message, or asks for the card where there is none.
    Button,
    /// An update that came before.
    Duplicate,
}

/// Of a hundred updates, by what a member comes to the bot for.
pub const MIX: [(Act, u32); 11] = [
    (Act::Start, 6),
    (Act::Card, 18),
    (Act::Balance, 16),
    (Act::History, 8),
    (Act::Tier, 5),
    (Act::Location, 9),
    (Act::Settings, 5),
    (Act::Write, 4),
    (Act::Words, 9),
    (Act::Button, 15),
    (Act::Duplicate, 5),
];

/// Buttons that members press here. None that leaves the club.
const PRESSED: [&str; 6] = ["cr", "cs", "ol", "oc", "vp", "lru"];

/// The next act by the mix.
pub fn draw(random: &mut StdRng) -> Act {
    let mut drawn = random.random_range(0..MIX.iter().map(|(_, share)| share).sum());
    for (act, share) in MIX {
        if drawn < share {
            return act;
        }
        drawn -= share;
    }
    Act::Start
}

/// A guest by number.
#[derive(Debug, Clone, Copy)]
pub struct Guest(pub u32);

impl Guest {
    #[must_use]
    pub const fn chat(self) -> i64 {
        FIRST_CHAT + self.0 as i64
    }

    /// The updates of joining, without their numbers.
    #[must_use]
    pub fn joining(self, telegram: &Telegram, step: usize) -> (Act, Json) {
        match step {
            0 => (Act::Start, self.says("/start")),
            1 => (Act::Agree, self.presses(telegram, &Press::Agree(Agreement::Terms).data())),
            2 => (Act::Agree, self.presses(telegram, &Press::Agree(Agreement::PersonalData).data())),
            3 => (Act::Agree, self.presses(telegram, &Press::AgreeDone.data())),
            _ => {
                let phone = format!("7701{:07}", self.0);
                let contact = json!({"phone_number": phone, "first_name": "G", "user_id": self.chat()});
                (Act::Contact, self.message(&[("contact", contact)]))
            }
        }
    }

    /// An update without its number, for any act but a duplicate.
    #[must_use]
    pub fn does(self, act: Act, telegram: &Telegram, random: &mut StdRng) -> Json {
        match act {
            Act::Start => self.says("/start"),
            Act::Card | Act::Agree | Act::Contact | Act::Duplicate => self.says("💳 Карта"),
            Act::Balance => self.says("⭐ Баллы"),
            Act::History => self.says("/history"),
            Act::Tier => self.says("🏅 Мой статус"),
            Act::Settings => self.says("⚙️ Настройки"),
            Act::Write => self.says("✍️ Написать нам"),
            Act::Words => self.says("Сегодня капучино остыл, пока его несли, и чек выдали не сразу."),
            Act::Location => {
                let (north, east) = city_e6(random.random_range(0..CITIES));
                let mut at = |from: i64| (from + random.random_range(0..IN_ROW * APART_E6)) as f64 / 1e6;
                let place = json!({"latitude": at(north), "longitude": at(east)});
                self.message(&[("location", place)])
            }
            Act::Button => {
                let (_, buttons) = telegram.newest(self.chat());
                let data: Vec<&String> =
                    buttons.iter().filter(|data| PRESSED.contains(&data.as_str())).collect();
                match data.is_empty() {
                    true => self.says("💳 Карта"),
                    false => self.presses(telegram, data[random.random_range(0..data.len())]),
                }
            }
        }
    }

    fn says(self, text: &str) -> Json {
        let mut fields = vec![("text", json!(text))];
        if text.starts_with('/') {
            let length = text.chars().count();
            fields.push(("entities", json!([{"offset": 0, "length": length, "type": "bot_command"}])));
        }
        self.message(&fields)
    }

    fn message(self, content: &[(&str, Json)]) -> Json {
        let mut message = json!({
            "message_id": 11, "date": 1_795_668_000, "from": self.user(), "chat": self.place(),
        });
        for (name, value) in content {
            message[*name] = value.clone();
        }
        json!({ "message": message })
    }

    fn presses(self, telegram: &Telegram, data: &str) -> Json {
        let (message_id, _) = telegram.newest(self.chat());
        json!({ "callback_query": {
            "id": "77", "data": data, "chat_instance": "1", "from": self.user(),
            "message": {"message_id": message_id, "date": 1_795_668_000, "chat": self.place()},
        } })
    }

    fn user(self) -> Json {
        json!({"id": self.chat(), "is_bot": false, "first_name": "Guest", "language_code": "ru"})
    }

    fn place(self) -> Json {
        json!({"id": self.chat(), "type": "private", "first_name": "Guest"})
    }
}
