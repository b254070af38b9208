//! What came of an act, in words and buttons.

use kernel::Timestamp;
use membership::profile::Language;
use telegram::Markup;
use telegram::markup::InlineButton;
use telegram::press::Press;

use crate::perform::{Ground, Outcome, Said};
use crate::say::{CardV1, SayV1};
use crate::words::{ask, menu, of, settings, tell, trouble};

/// What to say, or to show over the chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    Say(SayV1),
    /// A word over the chat, in answer to a press.
    Notice(String),
}

/// Puts an outcome in words. `edit` is the message that shows it where it can.
#[must_use]
pub fn show(ground: &Ground<'_>, outcome: &Outcome, edit: Option<i64>, now: Timestamp) -> Shown {
    let language = outcome.language.unwrap_or(ground.language);
    let say = match &outcome.said {
        Said::ConsentsMissing => {
            return Shown::Notice(trouble::of_refusal(&crate::Refusal::ConsentsMissing, language));
        }
        Said::AskConsents(marks) => {
            let texts = ask::Texts {
                terms: &ground.account.stored.terms_url,
                privacy: &ground.account.stored.privacy_url,
            };
            ask::consents(&ground.brand.name, texts, *marks, language)
        }
        Said::AskContact => return Shown::Say(ask::contact(language)),
        Said::NotYourNumber => {
            return Shown::Say(
                SayV1::plain(trouble::not_your_number(language)).with(menu::contact(language)),
            );
        }
        Said::Card { number, key_version } => {
            let app = ground.account.stored.app_url.as_deref();
            card(number, *key_version, app, language)
        }
        Said::History { page, older } => history(tell::history(page, language), *older, language),
        Said::Settings => settings::overview(outcome.is_member, language),
        Said::Consents { sms, push } => settings::consents(*sms, *push, language),
        Said::AskUnlink => settings::ask_unlink(language),
        Said::AskErase(points) => settings::ask_erase(&points.to_string(), language),
        Said::ChooseLanguage => ask::language(),
        Said::AskPlace => ask::place(outcome.is_member, language),
        Said::AskStars { token, place } => ask::rating(token, place, language),
        Said::AskWords { about_ticket } => ask::words(*about_ticket, language),
        Said::Unlinked => return Shown::Say(farewell(settings::unlinked(language))),
        Said::Erased => return Shown::Say(farewell(settings::erased(language))),
        plain => return Shown::Say(told(ground, plain, outcome.is_member, edit, now, language)),
    };
    Shown::Say(SayV1 { edit, ..say })
}

/// Words after which a member finds their keys again.
fn told(
    ground: &Ground<'_>,
    said: &Said,
    is_member: bool,
    edit: Option<i64>,
    now: Timestamp,
    language: Language,
) -> SayV1 {
    let words = match said {
        Said::Greeting => tell::greeting(&ground.brand.name, language),
        Said::Help => tell::help(language),
        // The keys change with the language, and keys come with new messages only.
        Said::LanguageSet(chosen) => {
            return with_keys(settings::language_set(*chosen), is_member, *chosen);
        }
        Said::Joined { is_new, points, coupon } => {
            tell::joined(*is_new, *points, coupon.as_deref(), language)
        }
        Said::Balance(balance) => tell::balance(balance, language),
        Said::Tier(view) => tell::tier(view, language),
        Said::Outlets(found) => tell::outlets(found, now, language),
        Said::Rated { stars, play } => return rated(*stars, play.as_deref(), edit, language),
        Said::Won { points } => return edited(tell::won(*points, language), edit),
        Said::Left => return edited(settings::left(language), edit),
        Said::TooLate => return edited(trouble::too_late(language), edit),
        Said::ReplyUnknown => trouble::reply_unknown(language).to_owned(),
        Said::Written { ticket } => tell::written(ticket, language),
        Said::Invitation { link, code } => tell::invitation(link, code, language),
        _ => trouble::not_understood(language).to_owned(),
    };
    with_keys(words, is_member, language)
}

/// Words for a member come with their keys: a chat that lost them finds them again.
fn with_keys(words: impl Into<String>, is_member: bool, language: Language) -> SayV1 {
    let say = SayV1::plain(words);
    if is_member { say.with(menu::keys(language)) } else { say }
}

fn edited(words: impl Into<String>, edit: Option<i64>) -> SayV1 {
    SayV1 { edit, ..SayV1::plain(words) }
}

/// Thanks for the stars, in the place of the question, and the game if there is one.
fn rated(stars: u8, play: Option<&str>, edit: Option<i64>, language: Language) -> SayV1 {
    let say = edited(tell::rated(stars, language), edit);
    match play {
        None => say,
        Some(token) => {
            let words = of(["🎁 Открыть подарок", "🎁 Сыйлықты ашу", "🎁 Open the gift"], language);
            say.with(Markup::inline(vec![vec![Press::Play(token.to_owned()).button(words)]]))
        }
    }
}

/// The last words to a member: their keys go.
fn farewell(words: &str) -> SayV1 {
    SayV1::plain(words).with(Markup::remove())
}

fn card(number: &str, key_version: Option<u32>, app: Option<&str>, language: Language) -> SayV1 {
    let rotating = key_version.is_some();
    let again = Press::CardRotating.button(if rotating {
        of(["🔄 Обновить", "🔄 Жаңарту", "🔄 New code"], language)
    } else {
        of(["Код для списания", "Жұмсауға арналған код", "Code to spend points"], language)
    });
    let mut row: Vec<InlineButton> = vec![again];
    if rotating {
        row.push(Press::CardStatic.button(of(["Номер", "Нөмір", "Number"], language)));
    }
    let mut rows = vec![row];
    if let Some(app) = app {
        let open = of(["Открыть приложение", "Қосымшаны ашу", "Open the app"], language);
        rows.push(vec![InlineButton::web_app(open, app)]);
    }
    SayV1 {
        card: Some(CardV1 { number: number.to_owned(), key_version }),
        ..SayV1::plain(tell::card(number, rotating, language)).with(Markup::inline(rows))
    }
}

fn history(words: String, older: Option<kernel::EntryId>, language: Language) -> SayV1 {
    let say = SayV1::plain(words);
    match older {
        None => say,
        Some(entry) => {
            let button = Press::HistoryBefore(entry.to_string())
                .button(of(["Раньше", "Бұрынырақ", "Earlier"], language));
            say.with(Markup::inline(vec![vec![button]]))
        }
    }
}
