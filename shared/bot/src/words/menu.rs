//! The keys in the place of the keyboard, and the list of commands.

use membership::profile::Language;
use telegram::Markup;
use telegram::markup::KeyButton;

use super::{Three, of};
use crate::input::Command;

const CARD: Three = ["💳 Карта", "💳 Карта", "💳 Card"];
const BALANCE: Three = ["⭐ Баллы", "⭐ Ұпайлар", "⭐ Points"];
const HISTORY: Three = ["🧾 История", "🧾 Тарих", "🧾 History"];
const TIER: Three = ["🏅 Мой статус", "🏅 Менің деңгейім", "🏅 My tier"];
const OUTLETS: Three = ["📍 Кофейни рядом", "📍 Жақын кофеханалар", "📍 Coffee shops nearby"];
const WRITE: Three = ["✍️ Написать нам", "✍️ Бізге жазу", "✍️ Write to us"];
const INVITE: Three = ["🎁 Пригласить друга", "🎁 Дос шақыру", "🎁 Invite a friend"];
const SETTINGS: Three = ["⚙️ Настройки", "⚙️ Баптаулар", "⚙️ Settings"];
const CONTACT: Three = ["📱 Отправить мой номер", "📱 Менің нөмірімді жіберу", "📱 Send my number"];

/// Keys that stand for a command. The way to the nearest coffee shop asks the phone itself where it is.
const KEYS: [(Three, Command); 7] = [
    (CARD, Command::Card),
    (BALANCE, Command::Balance),
    (HISTORY, Command::History),
    (TIER, Command::Tier),
    (WRITE, Command::Write),
    (INVITE, Command::Invite),
    (SETTINGS, Command::Settings),
];

/// The command of a key, in whatever language it was shown.
#[must_use]
pub fn command(text: &str) -> Option<Command> {
    KEYS.into_iter().find(|(three, _)| three.contains(&text)).map(|(_, command)| command)
}

/// A member's keys.
#[must_use]
pub fn keys(language: Language) -> Markup {
    let key = |three| KeyButton::text(of(three, language));
    Markup::keys(vec![
        vec![key(CARD), key(BALANCE)],
        vec![key(TIER), key(HISTORY)],
        vec![KeyButton::location(of(OUTLETS, language)), key(WRITE)],
        vec![key(INVITE), key(SETTINGS)],
    ])
}

/// The key that sends the guest's own number.
#[must_use]
pub fn contact(language: Language) -> Markup {
    Markup::keys_once(vec![vec![KeyButton::contact(of(CONTACT, language))]])
}

/// The key that sends where the guest is.
#[must_use]
pub fn place(language: Language) -> Markup {
    Markup::keys_once(vec![vec![KeyButton::location(of(OUTLETS, language))]])
}

/// What Telegram lists behind the menu button: every command with its meaning.
#[must_use]
pub fn commands(language: Language) -> Vec<(&'static str, String)> {
    let meaning = |command| {
        let three: Three = match command {
            Command::Card => ["Карта с QR-кодом", "QR-коды бар карта", "Card with a QR code"],
            Command::Balance => ["Баланс баллов", "Ұпай қалдығы", "Balance of points"],
            Command::History => {
                ["История начислений и списаний", "Есептеу мен жұмсау тарихы", "What came and went"]
            }
            Command::Tier => ["Мой статус", "Менің деңгейім", "My tier"],
            Command::Outlets => ["Кофейни рядом", "Жақын кофеханалар", "Coffee shops nearby"],
            Command::Write => ["Написать нам", "Бізге жазу", "Write to us"],
            Command::Invite => ["Пригласить друга", "Дос шақыру", "Invite a friend"],
            Command::Settings => ["Настройки", "Баптаулар", "Settings"],
            Command::Language => ["Язык", "Тіл", "Language"],
            Command::Consents => ["Согласия", "Келісімдер", "Consents"],
            Command::Unlink => ["Отвязать этот чат", "Бұл чатты ажырату", "Unlink this chat"],
            Command::Erase => ["Удалить счёт", "Шотты жою", "Erase the account"],
            Command::Help => ["Что умеет бот", "Бот не істей алады", "What the bot can do"],
        };
        of(three, language).to_owned()
    };
    Command::ALL.into_iter().map(|(command, name)| (name, meaning(command))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_understood_in_every_language() {
        for language in Language::ALL {
            for (three, command_of_key) in KEYS {
                assert_eq!(command(of(three, language)), Some(command_of_key));
            }
            assert_eq!(command(of(OUTLETS, language)), None, "it sends a place");
        }
        assert_eq!(command("Карта"), None);
    }

    #[test]
    fn commands_are_as_telegram_wants_them() {
        for language in Language::ALL {
            for (name, meaning) in commands(language) {
                assert!((1..=32).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase()));
                assert!((1..=256).contains(&meaning.chars().count()), "{name}");
            }
        }
    }
}
