//! What the club's buttons send back: at most 64 bytes, so codes are short.
//!
//! Whoever sends a message with buttons (the bot itself, or the outbox with a question after a visit) takes their data
//! from here; the bot reads it here again. A press may come years later, or be made up: it names things, and proves
//! nothing.

use kernel::Lang;

use crate::limit::{CALLBACK_DATA_MAX, START_PARAMETER_MAX};
use crate::markup::InlineButton;

/// Most characters of a feedback token: with what stands before it, a start parameter.
pub const TOKEN_MAX: usize = START_PARAMETER_MAX - FEEDBACK_LINK.len();
/// What stands before a feedback token in a start parameter.
pub const FEEDBACK_LINK: &str = "fb_";
/// What stands before a friend's code in a start parameter.
pub const REFERRAL_LINK: &str = "ref_";
/// The start parameter that asks for the card.
pub const CARD_LINK: &str = "card";
/// Stars from which a visit is rated.
pub const STARS_MAX: u8 = 5;

/// A button of ours that was pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Press {
    /// `l<ru|kk|en>`: speak this language.
    Language(Lang),
    /// `a<t|p|m>`: turn a consent on or off, on the way to joining.
    Agree(Agreement),
    /// `ag`: that is all that is agreed to.
    AgreeDone,
    /// `cr`: the card as a rotating code, anew.
    CardRotating,
    /// `cs`: the card as its bare number.
    CardStatic,
    /// `h<entry>`: movements before this one.
    HistoryBefore(String),
    /// `c<s|p>`: turn a consent of a member on or off.
    Consent(Advertising),
    /// `o<l|c|u|e>`: a part of the settings.
    Settings(Setting),
    /// `yu`: do forget this chat.
    UnlinkConfirmed,
    /// `ye`: do erase the account.
    EraseConfirmed,
    /// `n`: leave it as it is.
    Never,
    /// `s<1-5><token>`: so many stars for the visit of this token.
    Stars { stars: u8, token: String },
    /// `g<token>`: play the game that the answer about this visit won.
    Play(String),
    /// `t<ticket>`: write an answer about this ticket.
    Ticket(String),
}

/// What is agreed to before joining.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    Terms,
    PersonalData,
    Marketing,
}

/// Advertising that a member may have or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advertising {
    Sms,
    /// Push messages, and messages in this chat.
    Push,
}

/// Parts of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    Language,
    Consents,
    Unlink,
    Erase,
}

const AGREEMENTS: [(Agreement, &str); 3] =
    [(Agreement::Terms, "at"), (Agreement::PersonalData, "ap"), (Agreement::Marketing, "am")];
const ADVERTISING: [(Advertising, &str); 2] = [(Advertising::Sms, "vs"), (Advertising::Push, "vp")];
const SETTINGS: [(Setting, &str); 4] =
    [(Setting::Language, "ol"), (Setting::Consents, "oc"), (Setting::Unlink, "ou"), (Setting::Erase, "oe")];

impl Press {
    /// The button's data.
    #[must_use]
    pub fn data(&self) -> String {
        match self {
            Self::Language(lang) => format!("l{}", lang.code()),
            Self::Agree(agreement) => code(&AGREEMENTS, *agreement).to_owned(),
            Self::AgreeDone => "ag".to_owned(),
            Self::CardRotating => "cr".to_owned(),
            Self::CardStatic => "cs".to_owned(),
            Self::HistoryBefore(entry) => format!("h{entry}"),
            Self::Consent(advertising) => code(&ADVERTISING, *advertising).to_owned(),
            Self::Settings(setting) => code(&SETTINGS, *setting).to_owned(),
            Self::UnlinkConfirmed => "yu".to_owned(),
            Self::EraseConfirmed => "ye".to_owned(),
            Self::Never => "n".to_owned(),
            Self::Stars { stars, token } => format!("s{stars}{token}"),
            Self::Play(token) => format!("g{token}"),
            Self::Ticket(ticket) => format!("t{ticket}"),
        }
    }

    /// Reads what a press sent; `None` for what no button of ours sends.
    #[must_use]
    pub fn parse(data: &str) -> Option<Self> {
        if data.len() > CALLBACK_DATA_MAX || !data.is_ascii() {
            return None;
        }
        match data {
            "ag" => return Some(Self::AgreeDone),
            "cr" => return Some(Self::CardRotating),
            "cs" => return Some(Self::CardStatic),
            "yu" => return Some(Self::UnlinkConfirmed),
            "ye" => return Some(Self::EraseConfirmed),
            "n" => return Some(Self::Never),
            _ => {}
        }
        let (kind, rest) = data.split_at_checked(1)?;
        match kind {
            "l" => Lang::from_code(rest).map(Self::Language),
            "a" => named(&AGREEMENTS, data).map(Self::Agree),
            "v" => named(&ADVERTISING, data).map(Self::Consent),
            "o" => named(&SETTINGS, data).map(Self::Settings),
            "h" => word(rest).map(Self::HistoryBefore),
            "g" => word(rest).map(Self::Play),
            "t" => word(rest).map(Self::Ticket),
            "s" => {
                let (stars, token) = rest.split_at_checked(1)?;
                let stars = stars.parse().ok().filter(|stars| (1..=STARS_MAX).contains(stars))?;
                word(token).map(|token| Self::Stars { stars, token })
            }
            _ => None,
        }
    }

    /// A button that sends this.
    #[must_use]
    pub fn button(&self, text: impl Into<String>) -> InlineButton {
        InlineButton::back(text, self.data())
    }
}

/// A row of buttons that rate the visit of a token with one tap.
#[must_use]
pub fn stars(token: &str) -> Vec<InlineButton> {
    let star = |stars: u8| Press::Stars { stars, token: token.to_owned() }.button(format!("{stars} ★"));
    (1..=STARS_MAX).map(star).collect()
}

/// What may stand in a link or a button: letters, digits, `_` and `-`.
#[must_use]
pub fn word(text: &str) -> Option<String> {
    let lawful = !text.is_empty()
        && text.len() <= START_PARAMETER_MAX
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    lawful.then(|| text.to_owned())
}

/// A link that opens the chat with a bot and sends it a start parameter.
#[must_use]
pub fn deep_link(username: &str, parameter: &str) -> String {
    format!("https://t.me/{username}?start={parameter}")
}

fn code<T: Copy + PartialEq>(codes: &[(T, &'static str)], wanted: T) -> &'static str {
    let found = codes.iter().find(|(known, _)| *known == wanted);
    found.map(|(_, code)| *code).expect("every value is in its table")
}

fn named<T: Copy>(codes: &[(T, &'static str)], data: &str) -> Option<T> {
    codes.iter().find(|(_, code)| *code == data).map(|(value, _)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_button_is_read_again_and_fits() {
        let token = "x".repeat(TOKEN_MAX);
        let mut presses = vec![
            Press::AgreeDone,
            Press::CardRotating,
            Press::CardStatic,
            Press::HistoryBefore("ent_0c9g5tk7x4s2e".to_owned()),
            Press::UnlinkConfirmed,
            Press::EraseConfirmed,
            Press::Never,
            Press::Play(token.clone()),
            Press::Ticket("tkt_0c9g5tk7x4s2e".to_owned()),
        ];
        presses.extend(Lang::ALL.map(Press::Language));
        presses.extend(AGREEMENTS.map(|(agreement, _)| Press::Agree(agreement)));
        presses.extend(ADVERTISING.map(|(advertising, _)| Press::Consent(advertising)));
        presses.extend(SETTINGS.map(|(setting, _)| Press::Settings(setting)));
        presses.extend((1..=STARS_MAX).map(|stars| Press::Stars { stars, token: token.clone() }));
        for (index, press) in presses.iter().enumerate() {
            let data = press.data();
            assert!((1..=CALLBACK_DATA_MAX).contains(&data.len()), "{data}");
            assert_eq!(Press::parse(&data).as_ref(), Some(press), "{data}");
            assert!(presses[..index].iter().all(|earlier| earlier.data() != data), "{data} twice");
        }
    }

    #[test]
    fn what_no_button_sends_is_nothing() {
        for data in ["", "s", "s0abc", "s6abc", "s5", "s5a b", "lde", "ax", "h", "t", "zz", "tя"] {
            assert_eq!(Press::parse(data), None, "{data}");
        }
        assert_eq!(Press::parse(&format!("t{}", "x".repeat(CALLBACK_DATA_MAX))), None);
        assert_eq!(stars("abc").len(), 5);
        assert_eq!(deep_link("brand_bot", "fb_x"), "https://t.me/brand_bot?start=fb_x");
    }
}
