//! What the bot asks.

use membership::profile::Language;
use telegram::markup::{InlineButton, Markup};
use telegram::press::{Agreement, Press, stars};
use telegram::text::{escape, link};

use super::{menu, of};
use crate::say::SayV1;
use crate::state::Marks;

/// Stand before what is agreed to, and what is not.
const ON: &str = "✅";
const OFF: &str = "⬜";

/// Where the texts are that are agreed to.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'a> {
    pub terms: &'a str,
    pub privacy: &'a str,
}

/// What the guest agrees to, before they join.
#[must_use]
pub fn consents(brand: &str, texts: Texts<'_>, marks: Marks, language: Language) -> SayV1 {
    let (rules, privacy) = match language {
        Language::Ru => ("правила программы", "согласие на обработку персональных данных"),
        Language::Kk => ("бағдарлама ережелері", "дербес деректерді өңдеуге келісім"),
        Language::En => ("the programme's rules", "consent to the handling of personal data"),
    };
    let (rules, privacy) = (link(texts.terms, rules), link(texts.privacy, privacy));
    let brand = escape(brand);
    let words = match language {
        Language::Ru => format!(
            "Здравствуйте! Это клуб «{brand}».\n\nЧтобы получить карту, прочитайте {rules} и {privacy}, отметьте, с чем \
             согласны, и нажмите «Далее». Реклама — по желанию."
        ),
        Language::Kk => format!(
            "Сәлеметсіз бе! Бұл «{brand}» клубы.\n\nКарта алу үшін {rules} және {privacy} құжаттарын оқып, келіскеніңізді \
             белгілеңіз де, «Әрі қарай» түймесін басыңыз. Жарнама — қалауыңызша."
        ),
        Language::En => format!(
            "Hello! This is the club of {brand}.\n\nTo get a card, read {rules} and the {privacy}, mark what you agree \
             to, and press “Next”. Advertising is up to you."
        ),
    };
    let row = |marked, agreement, three| {
        let mark = if marked { ON } else { OFF };
        vec![Press::Agree(agreement).button(format!("{mark} {}", of(three, language)))]
    };
    let rows = vec![
        row(
            marks.terms,
            Agreement::Terms,
            ["Правила программы", "Бағдарлама ережелері", "The programme's rules"],
        ),
        row(
            marks.personal_data,
            Agreement::PersonalData,
            ["Обработка персональных данных", "Дербес деректерді өңдеу", "Handling of personal data"],
        ),
        row(
            marks.marketing,
            Agreement::Marketing,
            ["Новости и акции", "Жаңалықтар мен акциялар", "News and offers"],
        ),
        vec![Press::AgreeDone.button(of(["Далее", "Әрі қарай", "Next"], language))],
    ];
    SayV1::html(words).with(Markup::inline(rows))
}

/// The guest's own number.
#[must_use]
pub fn contact(language: Language) -> SayV1 {
    let words = of(
        [
            "Осталось подтвердить номер телефона: нажмите кнопку внизу. Код не понадобится — номер подтверждает Telegram.",
            "Телефон нөмірін растау ғана қалды: төмендегі түймені басыңыз. Код керек емес — нөмірді Telegram растайды.",
            "One thing is left: press the button below to confirm your phone number. No code is needed, Telegram vouches \
             for the number.",
        ],
        language,
    );
    SayV1::plain(words).with(menu::contact(language))
}

/// Where the guest is.
#[must_use]
pub fn place(is_member: bool, language: Language) -> SayV1 {
    let words = of(
        [
            "Отправьте место на карте — кнопкой внизу или через скрепку, — и я найду ближайшие кофейни.",
            "Картадағы орныңызды жіберіңіз — төмендегі түймемен немесе қыстырғыш арқылы, — мен жақын кофеханаларды табамын.",
            "Send a place, with the button below or through the paper clip, and I will find the nearest coffee shops.",
        ],
        language,
    );
    let keys = if is_member { menu::keys(language) } else { menu::place(language) };
    SayV1::plain(words).with(keys)
}

/// Stars about a visit, one tap.
#[must_use]
pub fn rating(token: &str, place: &str, language: Language) -> SayV1 {
    let words = match language {
        Language::Ru => format!("Как прошёл визит в «{place}»?"),
        Language::Kk => format!("«{place}» кофеханасына барғаныңыз қалай өтті?"),
        Language::En => format!("How was your visit to {place}?"),
    };
    SayV1::plain(words).with(Markup::inline(vec![stars(token)]))
}

/// Words to a person.
#[must_use]
pub fn words(about_ticket: bool, language: Language) -> SayV1 {
    let words = match about_ticket {
        true => of(
            [
                "Напишите ответ одним сообщением — он попадёт к тому, кто занимается вашим обращением.",
                "Жауабыңызды бір хабарламамен жазыңыз — ол өтінішіңізбен айналысатын адамға жетеді.",
                "Write your answer in one message; it goes to whoever looks after your request.",
            ],
            language,
        ),
        false => of(
            [
                "Напишите, что случилось или что предложить, одним сообщением. Ответ придёт сюда.",
                "Не болғанын немесе не ұсынатыныңызды бір хабарламамен жазыңыз. Жауап осында келеді.",
                "Write what happened, or what you suggest, in one message. The answer will come here.",
            ],
            language,
        ),
    };
    SayV1::plain(words)
}

/// The language.
#[must_use]
pub fn language() -> SayV1 {
    let button = |lang, name: &str| Press::Language(lang).button(name);
    let row: Vec<InlineButton> = vec![
        button(kernel::Lang::Ru, "Русский"),
        button(kernel::Lang::Kk, "Қазақша"),
        button(kernel::Lang::En, "English"),
    ];
    SayV1::plain("Выберите язык · Тілді таңдаңыз · Choose a language").with(Markup::inline(vec![row]))
}
