//! What a guest or a cashier is told to do, in words. Why is not said: whoever knew the rules would know what stays below them.

use kernel::Lang;

/// What there is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// To the guest: spend with the code.
    ShowCode,
    /// To the guest: nothing can be spent; say so if it is a mistake.
    Appeal,
    /// To the guest: points wait or were taken back; say so if it is a mistake.
    Wait,
    /// To the cashier: ask for the code.
    AskForCode,
    /// To the cashier: the guest has to say something, not the till.
    SendToApp,
}

impl Advice {
    /// Every advice.
    pub const ALL: [Self; 5] = [Self::ShowCode, Self::Appeal, Self::Wait, Self::AskForCode, Self::SendToApp];

    /// In Russian, Kazakh and English.
    #[must_use]
    pub const fn words(self) -> [&'static str; 3] {
        match self {
            Self::ShowCode => [
                "Чтобы заплатить баллами на кассе, покажите код из приложения или бота: номера карты или телефона сейчас недостаточно. Заказы в приложении и начисление работают как обычно.",
                "Кассада ұпаймен төлеу үшін қосымшадағы немесе боттағы кодты көрсетіңіз: қазір карта не телефон нөмірі жеткіліксіз. Қосымшадағы тапсырыстар мен ұпай жинау бұрынғыдай.",
                "To pay with points at a till, show the code from the app or the bot: the number of the card or the phone is not enough for now. Orders in the app and earning work as always.",
            ],
            Self::Appeal => [
                "Тратить баллы нельзя, пока сотрудник не проверит счёт; баллы сохраняются, новые начисляются. Если это ошибка, расскажите в приложении или боту, что произошло: ответит человек.",
                "Қызметкер шотты тексергенше ұпай жұмсауға болмайды; ұпай сақталады, жаңасы есептеле береді. Қате болса, не болғанын қосымшада немесе ботқа жазыңыз: адам жауап береді.",
                "No points can be spent until a person has checked the account; they are safe, and new ones are earned. If it is a mistake, tell us in the app or to the bot what happened: a person answers.",
            ],
            Self::Wait => [
                "Часть баллов проверяется и придёт позже либо удержана после проверки. Если это ошибка, расскажите в приложении или боту, что произошло: ответит человек.",
                "Ұпайдың бір бөлігі тексерілуде, кейінірек түседі немесе тексеруден кейін ұсталды. Қате болса, не болғанын қосымшада немесе ботқа жазыңыз: адам жауап береді.",
                "Some points are being checked and come later, or were withheld after a check. If it is a mistake, tell us in the app or to the bot what happened: a person answers.",
            ],
            Self::AskForCode => [
                "Номера карты или телефона сейчас недостаточно: попросите гостя показать код из приложения или бота.",
                "Қазір карта не телефон нөмірі жеткіліксіз: қонақтан қосымшадағы немесе боттағы кодты көрсетуін сұраңыз.",
                "The number of the card or the phone is not enough for now: ask the guest for the code from the app or the bot.",
            ],
            Self::SendToApp => [
                "На кассе этого не изменить. Баллы гостя сохраняются, чек начислит их как обычно; что делать, гость увидит в приложении, а ответит ему человек.",
                "Мұны кассада өзгерту мүмкін емес. Қонақтың ұпайы сақталады, чек бұрынғыдай есептейді; не істеу керегін қонақ қосымшадан көреді, оған адам жауап береді.",
                "Nothing can be done at the till. The guest's points are safe and the receipt earns as always; the app says what to do, and a person answers.",
            ],
        }
    }

    /// In one language.
    #[must_use]
    pub const fn text(self, lang: Lang) -> &'static str {
        let [ru, kk, en] = self.words();
        match lang {
            Lang::Ru => ru,
            Lang::Kk => kk,
            Lang::En => en,
        }
    }
}
