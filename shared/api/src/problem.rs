//! Problems (RFC 9457): a closed catalogue with stable types and titles in three languages.

/// One kind of problem. Its type URI is `/problems/<slug>`.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    pub slug: &'static str,
    pub status: u16,
    pub ru: &'static str,
    pub kk: &'static str,
    pub en: &'static str,
}

/// Declares the catalogue: constants and the list of all.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $status:literal $slug:literal { ru: $ru:literal, kk: $kk:literal, en: $en:literal })*) => {
        $($(#[$doc])* pub static $name: Kind = Kind { slug: $slug, status: $status, ru: $ru, kk: $kk, en: $en };)*

        /// Every kind, in the order of the catalogue.
        pub static ALL: &[&Kind] = &[$(&$name),*];
    };
}

/// Problems that any operation may answer with, for its access.
#[must_use]
pub fn everywhere() -> [&'static Kind; 4] {
    [&METHOD_NOT_ALLOWED, &NOT_ACCEPTABLE_CLOCK, &UNAVAILABLE, &INTERNAL]
}

kinds! {
    // The request as such ----------------------------------------------------------------------------------------
    /// The body is not JSON, or not of the documented shape.
    MALFORMED = 400 "malformed" { ru: "Запрос не удалось прочитать", kk: "Сұрауды оқу мүмкін болмады", en: "The request could not be read" }
    /// A field has the right type but not a lawful value.
    INVALID_FIELD = 422 "invalid-field" { ru: "Недопустимое значение поля", kk: "Өрістің мәні жарамсыз", en: "A field's value is not allowed" }
    /// The body is larger than the operation takes.
    TOO_LARGE = 413 "too-large" { ru: "Слишком большой запрос", kk: "Сұрау тым үлкен", en: "The request is too large" }
    /// Another content type is expected.
    UNSUPPORTED_MEDIA_TYPE = 415 "unsupported-media-type" { ru: "Неподдерживаемый тип содержимого", kk: "Мазмұн түріне қолдау жоқ", en: "The content type is not supported" }
    /// The path exists, the method does not.
    METHOD_NOT_ALLOWED = 405 "method-not-allowed" { ru: "Метод не поддерживается", kk: "Әдіске қолдау жоқ", en: "The method is not allowed here" }
    /// A test clock was asked for where none is allowed.
    NOT_ACCEPTABLE_CLOCK = 400 "test-clock-refused" { ru: "Тестовые часы здесь запрещены", kk: "Мұнда тест сағатына тыйым салынған", en: "The test clock is not allowed here" }
    /// Nothing is there, or it is not the caller's to see.
    NOT_FOUND = 404 "not-found" { ru: "Не найдено", kk: "Табылмады", en: "Not found" }
    /// No token, or one that is unknown, expired or revoked.
    UNAUTHENTICATED = 401 "unauthenticated" { ru: "Нужно войти", kk: "Кіру қажет", en: "Sign in first" }
    /// The caller is known and may not do this.
    FORBIDDEN = 403 "forbidden" { ru: "Нет доступа", kk: "Рұқсат жоқ", en: "Not allowed" }
    /// The operation needs an `Idempotency-Key`.
    IDEMPOTENCY_KEY_REQUIRED = 400 "idempotency-key-required" { ru: "Нужен заголовок Idempotency-Key", kk: "Idempotency-Key тақырыбы қажет", en: "An Idempotency-Key header is required" }
    /// The key was used before with another request.
    IDEMPOTENCY_MISMATCH = 409 "idempotency-mismatch" { ru: "Ключ идемпотентности уже использован с другим запросом", kk: "Идемпотенттік кілті басқа сұраумен қолданылған", en: "The idempotency key was used with another request" }
    /// Too many calls of this kind; `Retry-After` says when to come again.
    RATE_LIMITED = 429 "rate-limited" { ru: "Слишком много попыток", kk: "Тым көп әрекет", en: "Too many attempts" }
    /// Storage or a partner does not answer; trying again later is safe.
    UNAVAILABLE = 503 "unavailable" { ru: "Сервис временно недоступен", kk: "Қызмет уақытша қолжетімсіз", en: "Temporarily unavailable" }
    /// A defect of ours; the request id leads to it.
    INTERNAL = 500 "internal" { ru: "Внутренняя ошибка", kk: "Ішкі қате", en: "Internal error" }

    // Receipts ---------------------------------------------------------------------------------------------------
    /// No such outlet, or not the till's own.
    UNKNOWN_OUTLET = 422 "unknown-outlet" { ru: "Неизвестная точка", kk: "Белгісіз нүкте", en: "Unknown outlet" }
    /// A currency that is not the outlet's.
    WRONG_CURRENCY = 422 "wrong-currency" { ru: "Валюта не совпадает с валютой точки", kk: "Валюта нүктенің валютасына сай емес", en: "The currency is not the outlet's" }
    /// A time in the future, or before the chain existed.
    IMPLAUSIBLE_TIME = 422 "implausible-time" { ru: "Неправдоподобное время", kk: "Шындыққа жанаспайтын уақыт", en: "The time is implausible" }
    /// Quantity below or equal to zero, or a fraction of what is sold by the piece.
    INVALID_QUANTITY = 422 "invalid-quantity" { ru: "Недопустимое количество", kk: "Мөлшері жарамсыз", en: "The quantity is not allowed" }
    /// Lines, discounts and payments do not add up.
    SUMS_DIFFER = 422 "sums-differ" { ru: "Суммы не сходятся", kk: "Сомалар сәйкес емес", en: "The sums do not add up" }
    /// Too many lines, or the same line number twice.
    INVALID_LINES = 422 "invalid-lines" { ru: "Недопустимый состав строк", kk: "Жолдар құрамы жарамсыз", en: "The lines are not allowed" }
    /// The outlet, date and number were used before with other content.
    RECEIPT_CONFLICT = 409 "receipt-conflict" { ru: "Чек с этим номером уже принят с другим содержанием", kk: "Осы нөмірлі чек басқа мазмұнмен қабылданған", en: "This receipt was recorded before with other content" }
    /// No such card, code or phone in the programme.
    UNKNOWN_GUEST = 422 "unknown-guest" { ru: "Гость не найден", kk: "Қонақ табылмады", en: "The guest is not known" }
    /// The card is blocked or replaced.
    CARD_INACTIVE = 409 "card-inactive" { ru: "Карта не действует", kk: "Карта жарамсыз", en: "The card is not active" }
    /// The guest's account is blocked or erased.
    MEMBER_INACTIVE = 409 "member-inactive" { ru: "Счёт гостя не действует", kk: "Қонақтың шоты жарамсыз", en: "The guest's account is not active" }
    /// A rotating code that is wrong, too old or too new.
    CODE_REFUSED = 422 "code-refused" { ru: "Код не подошёл", kk: "Код жарамады", en: "The code was refused" }
    /// A rotating code that was used before.
    CODE_SPENT = 409 "code-spent" { ru: "Код уже использован", kk: "Код қолданылып қойған", en: "The code was used already" }
    /// The brand has no programme at that time.
    NO_PROGRAMME = 409 "no-programme" { ru: "Программа ещё не действует", kk: "Бағдарлама әлі күшіне енбеген", en: "No programme is in force" }

    // Returns ----------------------------------------------------------------------------------------------------
    /// No receipt with that outlet, date and number.
    UNKNOWN_RECEIPT = 404 "unknown-receipt" { ru: "Чек не найден", kk: "Чек табылмады", en: "The receipt is not known" }
    /// More is returned than is left of the line.
    RETURN_EXCEEDS = 409 "return-exceeds-receipt" { ru: "Возвращается больше, чем осталось", kk: "Қалғаннан артық қайтарылуда", en: "More is returned than is left" }
    /// A return of that number was recorded before with other content.
    RETURN_CONFLICT = 409 "return-conflict" { ru: "Возврат с этим номером уже принят с другим содержанием", kk: "Осы нөмірлі қайтарым басқа мазмұнмен қабылданған", en: "This return was recorded before with other content" }

    // Spending ---------------------------------------------------------------------------------------------------
    /// Less is available than was asked for.
    INSUFFICIENT_POINTS = 409 "insufficient-points" { ru: "Недостаточно баллов", kk: "Ұпай жеткіліксіз", en: "Not enough points" }
    /// The programme does not allow so many points on such a receipt.
    REDEMPTION_LIMIT = 422 "redemption-limit" { ru: "Столько баллов списать нельзя", kk: "Мұнша ұпай жұмсауға болмайды", en: "The programme does not allow so many points" }
    /// Spending needs the rotating code or a confirmation, not the static number.
    ROTATING_CODE_REQUIRED = 403 "rotating-code-required" { ru: "Для списания покажите код из приложения", kk: "Ұпай жұмсау үшін қосымшадағы кодты көрсетіңіз", en: "Spending needs the code from the app" }
    /// The hold was captured, released or has lapsed.
    HOLD_ENDED = 409 "hold-ended" { ru: "Резерв уже закрыт", kk: "Резерв жабылған", en: "The hold has ended" }
    /// No such hold, or another outlet's.
    UNKNOWN_HOLD = 404 "unknown-hold" { ru: "Резерв не найден", kk: "Резерв табылмады", en: "The hold is not known" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_unique_and_texts_present() {
        for (index, kind) in ALL.iter().enumerate() {
            assert!(ALL[..index].iter().all(|earlier| earlier.slug != kind.slug), "{} twice", kind.slug);
            assert!((400..=599).contains(&kind.status), "{}", kind.slug);
            for text in [kind.ru, kind.kk, kind.en] {
                assert!(!text.is_empty() && !text.ends_with('.'), "{}", kind.slug);
            }
        }
    }
}
