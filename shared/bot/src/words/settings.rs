//! The settings: language, consents, leaving.

use membership::profile::Language;
use telegram::markup::Markup;
use telegram::press::{Advertising, Press, Setting};

use super::of;
use crate::say::SayV1;

const ON: &str = "✅";
const OFF: &str = "⬜";

/// What can be set.
#[must_use]
pub fn overview(is_member: bool, language: Language) -> SayV1 {
    let row = |setting, three| vec![Press::Settings(setting).button(of(three, language))];
    let mut rows = vec![row(Setting::Language, ["Язык", "Тіл", "Language"])];
    if is_member {
        rows.push(row(Setting::Consents, ["Согласия", "Келісімдер", "Consents"]));
        rows.push(row(Setting::Unlink, ["Отвязать этот чат", "Бұл чатты ажырату", "Unlink this chat"]));
        rows.push(row(Setting::Erase, ["Удалить счёт", "Шотты жою", "Erase the account"]));
    }
    SayV1::plain(of(["Настройки", "Баптаулар", "Settings"], language)).with(Markup::inline(rows))
}

/// The language was chosen.
#[must_use]
pub const fn language_set(language: Language) -> &'static str {
    of(["Говорю по-русски.", "Қазақша сөйлеймін.", "English it is."], language)
}

/// What a member agreed to, and what they may turn on and off.
#[must_use]
pub fn consents(sms: bool, push: bool, language: Language) -> SayV1 {
    let words = of(
        [
            "Правила программы и обработка персональных данных — условия счёта: они отзываются вместе с ним.\n\nРеклама — \
             по желанию, нажмите, чтобы переключить:",
            "Бағдарлама ережелері мен дербес деректерді өңдеу — шоттың шарттары: олар шотпен бірге қайтарылады.\n\n\
             Жарнама — қалауыңызша, ауыстыру үшін басыңыз:",
            "The programme's rules and the handling of personal data are what the account stands on; they end with it.\n\n\
             Advertising is up to you, press to switch:",
        ],
        language,
    );
    let row = |granted, advertising, three| {
        let mark = if granted { ON } else { OFF };
        vec![Press::Consent(advertising).button(format!("{mark} {}", of(three, language)))]
    };
    let rows = vec![
        row(sms, Advertising::Sms, ["По СМС", "СМС арқылы", "By text message"]),
        row(
            push,
            Advertising::Push,
            ["В приложении и здесь", "Қосымшада және осында", "In the app and here"],
        ),
    ];
    SayV1::plain(words).with(Markup::inline(rows))
}

/// Whether to unlink the chat.
#[must_use]
pub fn ask_unlink(language: Language) -> SayV1 {
    let words = of(
        [
            "Отвязать этот чат от счёта? Карта и баллы останутся, но бот перестанет их показывать и писать сюда.",
            "Бұл чатты шоттан ажыратасыз ба? Карта мен ұпайлар қалады, бірақ бот оларды көрсетпейді және мұнда жазбайды.",
            "Unlink this chat from your account? Card and points stay, but the bot will neither show them nor write here.",
        ],
        language,
    );
    let yes = Press::UnlinkConfirmed.button(of(["Отвязать", "Ажырату", "Unlink"], language));
    SayV1::plain(words).with(Markup::inline(vec![vec![yes], vec![leave(language)]]))
}

/// Whether to erase the account.
#[must_use]
pub fn ask_erase(points: &str, language: Language) -> SayV1 {
    let words = match language {
        Language::Ru => format!(
            "Удалить счёт насовсем? Пропадут карты и баллы ({points}), имя и номер телефона будут стёрты. Вернуть счёт \
             нельзя."
        ),
        Language::Kk => format!(
            "Шотты біржола жоясыз ба? Карталар мен ұпайлар ({points}) жоғалады, аты-жөніңіз бен телефон нөміріңіз өшіріледі. \
             Шотты қайтару мүмкін емес."
        ),
        Language::En => format!(
            "Erase the account for good? Cards and points ({points}) will be gone, name and phone number deleted. Nothing \
             brings the account back."
        ),
    };
    let yes = Press::EraseConfirmed.button(of(["Удалить счёт", "Шотты жою", "Erase the account"], language));
    SayV1::plain(words).with(Markup::inline(vec![vec![yes], vec![leave(language)]]))
}

fn leave(language: Language) -> telegram::markup::InlineButton {
    Press::Never.button(of(["Оставить как есть", "Сол күйінде қалдыру", "Leave it as it is"], language))
}

/// Nothing changed.
#[must_use]
pub const fn left(language: Language) -> &'static str {
    of(["Всё осталось как было.", "Бәрі бұрынғыдай қалды.", "Everything is as it was."], language)
}

/// The chat is unlinked.
#[must_use]
pub const fn unlinked(language: Language) -> &'static str {
    of(
        [
            "Чат отвязан. Чтобы вернуться, отправьте /start.",
            "Чат ажыратылды. Қайта оралу үшін /start жіберіңіз.",
            "The chat is unlinked. Send /start to come back.",
        ],
        language,
    )
}

/// The account is erased.
#[must_use]
pub const fn erased(language: Language) -> &'static str {
    of(
        [
            "Счёт удалён. Спасибо, что были с нами.",
            "Шот жойылды. Бізбен бірге болғаныңызға рақмет.",
            "The account is erased. Thank you for having been with us.",
        ],
        language,
    )
}
