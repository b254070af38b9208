//! Why something did not happen, in words for the guest.

use club::signup;
use membership::profile::Language;

use super::{Three, of};
use crate::Refusal;

/// The reason of a refusal. What is a defect of ours is not explained.
#[must_use]
pub fn of_refusal(refusal: &Refusal, language: Language) -> String {
    let three = match refusal {
        Refusal::BadNumber | Refusal::SignUp(signup::Refusal::Phone(_) | signup::Refusal::NotMobile(_)) => {
            BAD_NUMBER
        }
        Refusal::Blocked
        | Refusal::Club(club::Refusal::MemberInactive)
        | Refusal::Card(club::card::Refusal::MemberInactive)
        | Refusal::Member(club::member::Refusal::Club(club::Refusal::MemberInactive)) => BLOCKED,
        Refusal::Member(club::member::Refusal::UnderReview) => UNDER_REVIEW,
        Refusal::ConsentsMissing | Refusal::SignUp(signup::Refusal::Consents(_)) => CONSENTS_MISSING,
        Refusal::Limited { .. }
        | Refusal::Card(club::card::Refusal::Limited { .. })
        | Refusal::Member(club::member::Refusal::Limited { .. }) => TOO_OFTEN,
        Refusal::Club(club::Refusal::NoProgramme)
        | Refusal::SignUp(signup::Refusal::Club(club::Refusal::NoProgramme)) => NO_PROGRAMME,
        Refusal::FeedbackClosed => FEEDBACK_CLOSED,
        Refusal::NoDesk => NO_DESK,
        Refusal::UnknownTicket => UNKNOWN_TICKET,
        Refusal::NoReferral => NO_REFERRAL,
        _ => UNEXPECTED,
    };
    of(three, language).to_owned()
}

const BAD_NUMBER: Three = [
    "С этим номером вступить нельзя: нужен номер мобильного телефона.",
    "Бұл нөмірмен қосылуға болмайды: ұялы телефон нөмірі керек.",
    "This number cannot join: a mobile number is needed.",
];
const BLOCKED: Three = [
    "Счёт с этим номером не действует. Напишите в поддержку.",
    "Бұл нөмірдің шоты жарамсыз. Қолдау қызметіне жазыңыз.",
    "The account with this number is not active. Please write to support.",
];
const UNDER_REVIEW: Three = [
    "Счёт проверяется: удалить его можно после проверки или через поддержку.",
    "Шот тексерілуде: оны тексеруден кейін немесе қолдау қызметі арқылы жоюға болады.",
    "The account is being looked at: it can be erased afterwards, or by support.",
];
const CONSENTS_MISSING: Three = [
    "Отметьте первые два пункта: без них карту не завести.",
    "Алғашқы екі тармақты белгілеңіз: оларсыз карта ашылмайды.",
    "Please mark the first two points: there is no card without them.",
];
const TOO_OFTEN: Three = [
    "Слишком часто. Попробуйте чуть позже.",
    "Тым жиі. Сәл кейінірек көріңіз.",
    "Too often. Please try a little later.",
];
const NO_PROGRAMME: Three =
    ["Программа ещё не действует.", "Бағдарлама әлі күшіне енбеген.", "The programme is not in force yet."];
const FEEDBACK_CLOSED: Three = [
    "Этот опрос уже закрыт. Написать нам можно и так: /write",
    "Бұл сауалнама жабылған. Бізге былай да жазуға болады: /write",
    "This question is closed. You can write to us all the same: /write",
];
const NO_DESK: Three = [
    "Здесь пока не принимают обращения. Спросите в кофейне.",
    "Мұнда әзірге өтініш қабылданбайды. Кофеханада сұраңыз.",
    "No requests are taken here yet. Please ask at the coffee shop.",
];
const UNKNOWN_TICKET: Three = [
    "Этого обращения уже нет. Написать новое: /write",
    "Бұл өтініш енді жоқ. Жаңасын жазу: /write",
    "That request is no longer there. To write a new one: /write",
];
const NO_REFERRAL: Three = [
    "Сейчас приглашения друзей не действуют.",
    "Қазір дос шақыру қолданылмайды.",
    "There are no invitations at the moment.",
];
const UNEXPECTED: Three = [
    "Не получилось. Попробуйте ещё раз чуть позже.",
    "Болмады. Сәл кейінірек қайталап көріңіз.",
    "That did not work. Please try again a little later.",
];

/// Something the bot cannot read.
#[must_use]
pub const fn not_understood(language: Language) -> &'static str {
    of(
        [
            "Не понял вас. Выберите, что нужно, кнопками внизу или отправьте /help. Написать людям: /write",
            "Түсінбедім. Керегін төмендегі түймелермен таңдаңыз немесе /help жіберіңіз. Адамдарға жазу: /write",
            "I did not understand. Choose with the buttons below or send /help. To write to people: /write",
        ],
        language,
    )
}

/// A reply to a message of which it is not known what it was about.
#[must_use]
pub const fn reply_unknown(language: Language) -> &'static str {
    of(
        [
            "Не нашёл, к какому обращению относится это сообщение, поэтому никому его не передал. Написать людям: /write",
            "Бұл хабарлама қай өтінішке қатысты екенін таппадым, сондықтан ешкімге жеткізбедім. Адамдарға жазу: /write",
            "I could not find which request this belongs to, so I passed it on to nobody. To write to people: /write",
        ],
        language,
    )
}

/// A contact that is not the sender's own.
#[must_use]
pub const fn not_your_number(language: Language) -> &'static str {
    of(
        [
            "Это не ваш номер. Подтвердить можно только свой — кнопкой внизу.",
            "Бұл сіздің нөміріңіз емес. Тек өз нөміріңізді төмендегі түймемен растауға болады.",
            "This is not your number. Only your own counts: send it with the button below.",
        ],
        language,
    )
}

/// A question that has lapsed.
#[must_use]
pub const fn too_late(language: Language) -> &'static str {
    of(
        [
            "Вопрос устарел. Отправьте команду ещё раз.",
            "Сұрақ ескірді. Команданы қайта жіберіңіз.",
            "That question has lapsed. Please send the command again.",
        ],
        language,
    )
}

/// Too many messages in a short time.
#[must_use]
pub fn too_fast(retry_after_seconds: i64, language: Language) -> String {
    match language {
        Language::Ru => format!("Слишком много сообщений. Отвечу снова через {retry_after_seconds} с."),
        Language::Kk => format!("Хабарлама тым көп. {retry_after_seconds} с кейін қайта жауап беремін."),
        Language::En => format!("Too many messages. I will answer again in {retry_after_seconds} s."),
    }
}
