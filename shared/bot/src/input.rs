//! An update, as what a guest did.

use club::directory::geo::Position;
use telegram::ChatId;
use telegram::press::{CARD_LINK, FEEDBACK_LINK, Press, REFERRAL_LINK, word};
use telegram::update::{ChatKind, Content, Event, Message, Update, User};

use crate::words;

/// Most characters of a text that is taken as a question or a comment.
pub const WORDS_MAX: usize = 2_000;

/// What a guest did in their chat with the bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Opened the chat, perhaps by a link.
    Start(Start),
    Command(Command),
    /// Wrote something.
    Words(String),
    /// Shared their own number; as Telegram wrote it.
    OwnContact(String),
    /// Shared a number that is not theirs, or not known to be.
    ForeignContact,
    Place(Position),
    /// Pressed a button under a message of ours.
    Press {
        press: Press,
        message: Option<i64>,
    },
    /// A press of a button that we do not know, or something else that we cannot read.
    Unreadable,
}

/// What a link asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    Plain,
    Card,
    /// A friend's code.
    Referral(String),
    /// The token of a visit.
    Feedback(String),
}

/// What can be asked for by a command or a key of the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    Card,
    Balance,
    History,
    Tier,
    Outlets,
    Write,
    Invite,
    Settings,
    Language,
    Consents,
    Unlink,
    Erase,
    Help,
}

impl Command {
    /// Every command with the name under which Telegram lists it.
    pub const ALL: [(Self, &'static str); 13] = [
        (Self::Card, "card"),
        (Self::Balance, "balance"),
        (Self::History, "history"),
        (Self::Tier, "tier"),
        (Self::Outlets, "outlets"),
        (Self::Write, "write"),
        (Self::Invite, "invite"),
        (Self::Settings, "settings"),
        (Self::Language, "language"),
        (Self::Consents, "consents"),
        (Self::Unlink, "unlink"),
        (Self::Erase, "erase"),
        (Self::Help, "help"),
    ];

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == name).map(|(command, _)| command)
    }
}

/// An input, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    pub chat: ChatId,
    /// Language of the guest's application.
    pub language_code: Option<String>,
    pub input: Input,
    /// The press to answer.
    pub callback: Option<String>,
    /// The message in this chat that is replied to.
    pub reply_to: Option<i64>,
}

/// What an update means to the bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    Heard(Box<Heard>),
    /// The guest blocked the bot, or let it in again.
    Reachable {
        chat: ChatId,
        reachable: bool,
    },
    /// Groups, other bots, and what we do not use.
    Nothing,
}

/// Reads an update. Only private chats count: elsewhere others would read a guest's balance.
#[must_use]
pub fn meaning(update: Update) -> Meaning {
    match update.event {
        Event::Message(message) => {
            match own_chat(message.chat.kind, message.from.as_ref(), message.chat.id) {
                true => Meaning::Heard(Box::new(heard(message))),
                false => Meaning::Nothing,
            }
        }
        Event::Callback(callback) => {
            let message = callback.message.as_ref().map(|(id, _)| *id);
            let is_private = callback.message.as_ref().is_none_or(|(_, chat)| chat.id == callback.from.id);
            if callback.from.is_bot || !is_private {
                return Meaning::Nothing;
            }
            let press = Press::parse(&callback.data);
            Meaning::Heard(Box::new(Heard {
                chat: callback.from.id,
                language_code: callback.from.language_code,
                input: press.map_or(Input::Unreadable, |press| Input::Press { press, message }),
                callback: Some(callback.id),
                reply_to: None,
            }))
        }
        Event::Membership(change) => match own_chat(change.chat.kind, Some(&change.from), change.chat.id) {
            true => Meaning::Reachable { chat: change.chat.id, reachable: change.is_reachable },
            false => Meaning::Nothing,
        },
        Event::Other => Meaning::Nothing,
    }
}

fn own_chat(kind: ChatKind, from: Option<&User>, chat: ChatId) -> bool {
    kind == ChatKind::Private && from.is_some_and(|from| !from.is_bot && from.id == chat)
}

fn heard(message: Message) -> Heard {
    let input = input(&message);
    let language_code = message.from.and_then(|from| from.language_code);
    Heard { chat: message.chat.id, language_code, input, callback: None, reply_to: message.reply_to }
}

fn input(message: &Message) -> Input {
    if let Some(parameter) = message.start() {
        return Input::Start(start(parameter));
    }
    if let Some((name, _)) = message.command() {
        return Command::named(name).map_or(Input::Unreadable, Input::Command);
    }
    if let Some(phone) = message.own_phone() {
        return Input::OwnContact(phone.to_owned());
    }
    match &message.content {
        Content::Text(text) => match words::menu::command(text) {
            Some(command) => Input::Command(command),
            None => Input::Words(text.chars().take(WORDS_MAX).collect()),
        },
        Content::Contact(_) => Input::ForeignContact,
        Content::Location(place) => {
            Position::from_e6(place.latitude_e6, place.longitude_e6).map_or(Input::Unreadable, Input::Place)
        }
        Content::Other => Input::Unreadable,
    }
}

/// A parameter that we did not make opens the chat like none.
fn start(parameter: &str) -> Start {
    let after = |link: &str| parameter.strip_prefix(link).and_then(word);
    if parameter == CARD_LINK {
        Start::Card
    } else if let Some(token) = after(FEEDBACK_LINK) {
        Start::Feedback(token)
    } else if let Some(code) = after(REFERRAL_LINK) {
        Start::Referral(code)
    } else {
        Start::Plain
    }
}
