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

    // Quotes -----------------------------------------------------------------------------------------------------
    /// The outlet is closed for good, paused, or has no menu yet.
    OUTLET_UNAVAILABLE = 409 "outlet-unavailable" { ru: "Точка сейчас не принимает заказы", kk: "Нүкте қазір тапсырыс қабылдамайды", en: "The outlet takes no orders now" }
    /// The outlet is closed by its hours when the goods are wanted; `opens_at` says when it opens next.
    OUTLET_CLOSED = 409 "outlet-closed" { ru: "Кофейня в это время закрыта", kk: "Бұл уақытта кофехана жабық", en: "The coffee shop is closed at that time" }
    /// Something in the cart cannot be had; `unavailable` names it with what there is instead.
    CART_UNAVAILABLE = 409 "cart-unavailable" { ru: "Не всё из корзины есть в наличии", kk: "Себеттегінің бәрі жоқ", en: "Not everything in the cart can be had" }
    /// No such quote of this guest, or it was replaced by newer ones.
    UNKNOWN_QUOTE = 404 "unknown-quote" { ru: "Расчёт не найден, рассчитайте заказ снова", kk: "Есеп табылмады, тапсырысты қайта есептеңіз", en: "The quote is not known; ask for a new one" }
    /// The prices of the quote hold no longer.
    QUOTE_EXPIRED = 409 "quote-expired" { ru: "Цены устарели, рассчитайте заказ снова", kk: "Бағалар ескірді, тапсырысты қайта есептеңіз", en: "The quote has expired; ask for a new one" }

    // Guests -----------------------------------------------------------------------------------------------------
    /// A number that no text message reaches.
    NOT_MOBILE = 422 "phone-not-mobile" { ru: "Нужен номер мобильного телефона", kk: "Ұялы телефон нөмірі қажет", en: "A mobile number is needed" }
    /// A number of a country to which no messages are sent.
    COUNTRY_NOT_SERVED = 422 "country-not-served" { ru: "В эту страну сообщения не отправляются", kk: "Бұл елге хабарлама жіберілмейді", en: "No messages are sent to this country" }
    /// What nobody can be a member without was not granted.
    CONSENT_REQUIRED = 422 "consent-required" { ru: "Нужно согласие с обязательными условиями", kk: "Міндетті шарттарға келісім қажет", en: "The required consents are missing" }
    /// A consent that membership stands on: it ends when the account is erased.
    CONSENT_WITHDRAWAL = 409 "consent-withdrawal" { ru: "Это согласие отзывается вместе с удалением счёта", kk: "Бұл келісім шотты жоюмен бірге қайтарылады", en: "This consent ends only when the account is erased" }
    /// No such challenge.
    UNKNOWN_CHALLENGE = 404 "unknown-challenge" { ru: "Запрос кода не найден", kk: "Код сұрауы табылмады", en: "The code request is not known" }
    /// The challenge was answered, exhausted, superseded or has expired.
    CHALLENGE_ENDED = 409 "challenge-ended" { ru: "Код больше не действует, запросите новый", kk: "Код енді жарамайды, жаңасын сұраңыз", en: "The code is no longer good; ask for a new one" }
    /// Another code was expected.
    CODE_WRONG = 422 "one-time-code-wrong" { ru: "Неверный код", kk: "Код қате", en: "The code is wrong" }
    /// The phone is proven and the account is blocked.
    ACCOUNT_BLOCKED = 403 "account-blocked" { ru: "Счёт заблокирован", kk: "Шот бұғатталған", en: "The account is blocked" }
    /// The message gateway did not take the message; a new code may be asked for at once.
    SMS_UNAVAILABLE = 503 "sms-unavailable" { ru: "Сообщение не удалось отправить", kk: "Хабарлама жіберілмеді", en: "The message could not be sent" }
    /// The refresh token is unknown, or its session has ended or expired.
    SESSION_ENDED = 401 "session-ended" { ru: "Сеанс завершён, войдите снова", kk: "Сеанс аяқталды, қайта кіріңіз", en: "The session has ended; sign in again" }
    /// The refresh token was exchanged before: its session is ended for everybody who holds one.
    REFRESH_REUSED = 401 "refresh-token-reused" { ru: "Сеанс завершён: токен уже использован", kk: "Сеанс аяқталды: токен қолданылып қойған", en: "The session is ended: the token was used before" }
    /// The member has as many active cards as one may have.
    TOO_MANY_CARDS = 409 "too-many-cards" { ru: "Слишком много действующих карт", kk: "Жарамды карталар тым көп", en: "There are too many active cards" }
    /// No card of that number is waiting for its holder.
    CARD_NOT_FREE = 422 "card-not-free" { ru: "Карту с этим номером привязать нельзя", kk: "Бұл нөмірлі картаны байланыстыруға болмайды", en: "No card of that number can be linked" }

    // Orders -----------------------------------------------------------------------------------------------------
    /// The quote became an order before; `order` names it.
    QUOTE_ORDERED = 409 "quote-ordered" { ru: "Этот заказ уже оформлен", kk: "Бұл тапсырыс рәсімделіп қойған", en: "This quote has been ordered already" }
    /// The outlet's till system does not answer; `Retry-After` says when to come again.
    TILL_UNAVAILABLE = 503 "till-unavailable" { ru: "Кофейня сейчас не на связи, попробуйте чуть позже", kk: "Кофехана қазір байланыста емес, сәл кейінірек көріңіз", en: "The coffee shop cannot be reached now; try a little later" }
    /// Nobody takes money for the outlet, or not such a sum.
    PAYMENT_UNAVAILABLE = 409 "payment-unavailable" { ru: "Оплата в этой кофейне сейчас невозможна", kk: "Бұл кофеханада қазір төлеу мүмкін емес", en: "Payment is not possible at this coffee shop now" }
    /// The guest has several orders that are not paid or not at the till yet.
    TOO_MANY_ORDERS = 409 "too-many-orders" { ru: "Слишком много незавершённых заказов", kk: "Аяқталмаған тапсырыс тым көп", en: "Too many unfinished orders" }
    /// Others have used up a budget or coupon of the quote.
    PROMOTION_OVER = 409 "promotion-over" { ru: "Акция закончилась, пересчитайте заказ", kk: "Акция аяқталды, тапсырысты қайта есептеңіз", en: "A promotion is used up; price the cart again" }
    /// The order is not in a state for that.
    ORDER_STATE = 409 "order-state" { ru: "Сейчас это с заказом сделать нельзя", kk: "Қазір тапсырыспен бұлай істеуге болмайды", en: "The order does not allow that now" }
    /// Another franchisee has that account with the acquirer.
    ACQUIRER_TAKEN = 409 "acquirer-taken" { ru: "Этот счёт уже у другого юрлица", kk: "Бұл шот басқа заңды тұлғада", en: "Another legal entity has that account" }

    // Messages ---------------------------------------------------------------------------------------------------
    /// It was told, or waits to be told.
    MESSAGE_NOT_FAILED = 409 "message-not-failed" { ru: "Повторить можно только неудавшееся сообщение", kk: "Тек жеткізілмеген хабарламаны қайталауға болады", en: "Only a message that failed can be sent again" }
    /// What the message tells of is over: told now it would be wrong. `reason` is `over` or `one_time_code`.
    MESSAGE_OUTDATED = 409 "message-outdated" { ru: "Сообщение устарело, отправлять его снова поздно", kk: "Хабарлама ескірген, оны қайта жіберу кеш", en: "The message is out of date and cannot be sent again" }
    /// There is no way to the guest; `reason` says why.
    MESSAGE_NO_WAY = 409 "message-no-way" { ru: "До гостя нет ни одного пути", kk: "Қонаққа жететін жол жоқ", en: "No way leads to the guest" }

    // Back office ------------------------------------------------------------------------------------------------
    /// Login, password or code is wrong, or the login is locked for a while: which one is not said.
    SIGN_IN_REFUSED = 401 "sign-in-refused" { ru: "Логин, пароль или код не подошли", kk: "Логин, құпиясөз немесе код жарамады", en: "Login, password or code was refused" }
    /// Another member of staff has the code.
    STAFF_CODE_TAKEN = 409 "staff-code-taken" { ru: "Код сотрудника уже занят", kk: "Қызметкер коды бос емес", en: "The staff code is taken" }
    /// Another member of staff has the login.
    LOGIN_TAKEN = 409 "login-taken" { ru: "Логин уже занят", kk: "Логин бос емес", en: "The login is taken" }
    /// Somebody who has left gets no login.
    STAFF_LEFT = 409 "staff-left" { ru: "Сотрудник уже не работает", kk: "Қызметкер жұмыстан кеткен", en: "The member of staff has left" }
    /// The role cannot be given with this scope.
    ROLE_SCOPE = 422 "role-scope" { ru: "Роль не сочетается с областью действия", kk: "Рөл қолданылу аясына сай емес", en: "The role does not go with this scope" }
    /// Administrators do not take rights from themselves.
    OWN_ACCOUNT = 409 "own-account" { ru: "Свою учётную запись меняет другой администратор", kk: "Өз тіркелгіңізді басқа әкімші өзгертеді", en: "Another administrator must change this account" }
    /// No such brand.
    UNKNOWN_BRAND = 422 "unknown-brand" { ru: "Неизвестный бренд", kk: "Белгісіз бренд", en: "Unknown brand" }
    /// No such legal entity.
    UNKNOWN_FRANCHISEE = 422 "unknown-franchisee" { ru: "Неизвестный франчайзи", kk: "Белгісіз франчайзи", en: "Unknown franchisee" }
    /// Brand and currency of an outlet cannot be changed: its receipts are in them.
    OUTLET_FIXED = 409 "outlet-fixed" { ru: "Бренд и валюту точки изменить нельзя", kk: "Нүктенің бренді мен валютасын өзгертуге болмайды", en: "An outlet keeps its brand and currency" }
    /// The rules of a programme do not make sense; each fault has its pointer.
    PROGRAMME_INVALID = 422 "programme-invalid" { ru: "Правила программы составлены неверно", kk: "Бағдарлама ережелері қате құрылған", en: "The programme's rules do not make sense" }
    /// A version would begin in the past, or not after the newest one.
    EFFECTIVE_TOO_EARLY = 422 "effective-too-early" { ru: "Версия не может вступить в силу так рано", kk: "Нұсқа мұндай ерте күшіне ене алмайды", en: "The version cannot take effect that early" }
    /// Members have a tier that the new rules do not know.
    TIER_IN_USE = 409 "tier-in-use" { ru: "Уровень нельзя убрать: на нём есть гости", kk: "Деңгейді алып тастауға болмайды: онда қонақтар бар", en: "The tier has members and cannot go" }
    /// A grant of a tier is over, or was revoked.
    TIER_GRANT_ENDED = 409 "tier-grant-ended" { ru: "Уровень больше не предоставлен", kk: "Деңгей бұдан былай берілмеген", en: "The grant of the tier has ended" }
    /// The member has as many grants as one may have.
    TIER_GRANT_LIMIT = 409 "tier-grant-limit" { ru: "Больше уровней предоставить нельзя", kk: "Бұдан артық деңгей беруге болмайды", en: "The member has too many grants" }
    /// The header of a file does not fit its kind.
    IMPORT_HEADER = 422 "import-header" { ru: "Заголовок файла не подходит", kk: "Файл тақырыбы сай емес", en: "The file's header does not fit" }
    /// The member has no home yet, or it was moved by hand lately.
    HOME_STATE = 409 "home-state" { ru: "Дом участника сейчас не перенести", kk: "Мүшенің үйін қазір ауыстыруға болмайды", en: "The member's home cannot be moved now" }
    /// More than the caller's role may give or take: points at once or in a day, the days and the number of tiers granted.
    ADJUSTMENT_LIMIT = 403 "adjustment-limit" { ru: "Больше, чем разрешено вашей роли", kk: "Рөліңізге рұқсат етілгеннен көп", en: "More than your role allows" }
    /// Another run of the job is at it.
    JOB_RUNNING = 409 "job-running" { ru: "Задание уже выполняется", kk: "Тапсырма орындалып жатыр", en: "The job is running already" }

    // Menus ------------------------------------------------------------------------------------------------------
    /// The brand has as many items or categories as it may have.
    TOO_MANY_ITEMS = 409 "too-many-items" { ru: "Больше добавить нельзя", kk: "Одан артық қосуға болмайды", en: "No more can be added" }
    /// Items are still in the category.
    CATEGORY_IN_USE = 409 "category-in-use" { ru: "В категории ещё есть позиции", kk: "Санатта әлі позициялар бар", en: "Items are still in the category" }
    /// Another account of the brand has the name, or some account has the webhook token.
    ACCOUNT_TAKEN = 409 "account-taken" { ru: "Такое имя или токен уже заняты", kk: "Мұндай атау не токен бос емес", en: "The name or the token is taken" }
    /// The chain has no such product.
    UNKNOWN_PRODUCT = 422 "unknown-product" { ru: "В меню сети нет такого товара", kk: "Желі мәзірінде мұндай тауар жоқ", en: "The chain has no such product" }

    // Telegram ---------------------------------------------------------------------------------------------------
    /// What opened a Mini App is not signed for the brand's bot, too old, or has signed in before.
    INIT_DATA_REFUSED = 401 "init-data-refused" { ru: "Откройте приложение из бота заново", kk: "Қосымшаны боттан қайта ашыңыз", en: "Open the app from the bot again" }
    /// The chat belongs to no member: the guest shares their number with the bot first.
    CHAT_NOT_LINKED = 403 "chat-not-linked" { ru: "Сначала подтвердите номер в чате с ботом", kk: "Алдымен бот чатында нөміріңізді растаңыз", en: "Confirm your number in the chat with the bot first" }
    /// Telegram does not accept the bot's token or the webhook's address.
    BOT_REFUSED = 409 "bot-refused" { ru: "Telegram не принимает эти настройки бота", kk: "Telegram боттың бұл баптауларын қабылдамайды", en: "Telegram does not accept the bot's settings" }
    /// Another brand has the bot.
    BOT_TAKEN = 409 "bot-taken" { ru: "Этот бот уже у другого бренда", kk: "Бұл бот басқа брендте", en: "Another brand has that bot" }

    // Promotions -------------------------------------------------------------------------------------------------
    /// The rules of a promotion do not make sense; each fault has its pointer.
    PROMOTION_INVALID = 422 "promotion-invalid" { ru: "Правила акции составлены неверно", kk: "Акция ережелері қате құрылған", en: "The promotion's rules do not make sense" }
    /// What is asked does not go with the promotion's state or times.
    PROMOTION_STATE = 409 "promotion-state" { ru: "Состояние или сроки акции этого не допускают", kk: "Акцияның күйі не мерзімі бұған жол бермейді", en: "The promotion's state or times do not allow this" }
    /// No such promotion, or no such version of it.
    UNKNOWN_PROMOTION = 422 "unknown-promotion" { ru: "Акция не найдена", kk: "Акция табылмады", en: "The promotion is not known" }
    /// Codes of such a batch come another way.
    COUPON_BATCH_KIND = 409 "coupon-batch-kind" { ru: "Коды этой партии добавляются иначе", kk: "Бұл топтаманың кодтары басқаша қосылады", en: "Codes of this batch come another way" }
    /// The batch has as many codes as it may have.
    TOO_MANY_CODES = 409 "too-many-codes" { ru: "В партии слишком много кодов", kk: "Топтамада код тым көп", en: "The batch has too many codes" }

    // Feedback ---------------------------------------------------------------------------------------------------
    /// The brand has no rules of feedback yet.
    NO_FEEDBACK_RULES = 409 "no-feedback-rules" { ru: "Правила обратной связи ещё не действуют", kk: "Кері байланыс ережелері әлі күшіне енбеген", en: "No rules of feedback are in force" }
    /// The rules of feedback do not make sense; each fault has its pointer.
    FEEDBACK_RULES_INVALID = 422 "feedback-rules-invalid" { ru: "Правила обратной связи составлены неверно", kk: "Кері байланыс ережелері қате құрылған", en: "The rules of feedback do not make sense" }
    /// The question was answered: a link works once.
    FEEDBACK_ANSWERED = 409 "feedback-answered" { ru: "На этот вопрос уже ответили", kk: "Бұл сұраққа жауап берілген", en: "The question has been answered already" }
    /// The question was not answered in time.
    FEEDBACK_CLOSED = 409 "feedback-closed" { ru: "Время для ответа прошло", kk: "Жауап беру уақыты өтті", en: "The question is no longer open" }
    /// Playing comes after answering.
    FEEDBACK_NOT_ANSWERED = 409 "feedback-not-answered" { ru: "Сначала ответьте на вопрос", kk: "Алдымен сұраққа жауап беріңіз", en: "Answer the question first" }
    /// No play takes place; `reason` says why.
    GAME_CLOSED = 409 "game-closed" { ru: "Сыграть сейчас нельзя", kk: "Қазір ойнауға болмайды", en: "The game is closed" }
    /// The answer has played.
    GAME_PLAYED = 409 "game-played" { ru: "Эта игра уже сыграна", kk: "Бұл ойын ойналып қойған", en: "This answer has played already" }
    /// The ticket's state does not allow this.
    TICKET_STATE = 409 "ticket-state" { ru: "Состояние обращения этого не допускает", kk: "Өтініштің күйі бұған жол бермейді", en: "The ticket's state does not allow this" }
    /// More points than the role, the outlet or the guest has left.
    COMPENSATION_LIMIT = 403 "compensation-limit" { ru: "Компенсация больше разрешённой", kk: "Өтемақы рұқсат етілгеннен көп", en: "The compensation is above its limit" }
    /// Points for nothing bought and kept, or to a colleague: only support gives them.
    COMPENSATION_FOR_SUPPORT = 403 "compensation-for-support" { ru: "Баллы здесь может дать только поддержка", kk: "Мұнда ұпайды тек қолдау қызметі бере алады", en: "Only support may give points here" }
    /// That person does not see the ticket.
    UNFIT_ASSIGNEE = 422 "unfit-assignee" { ru: "Этому сотруднику обращение передать нельзя", kk: "Өтінішті бұл қызметкерге беруге болмайды", en: "The ticket cannot be given to that person" }
    /// The team does not take such tickets, or nobody of it would see this one.
    UNFIT_TEAM = 422 "unfit-team" { ru: "Этой команде обращение передать нельзя", kk: "Өтінішті бұл топқа беруге болмайды", en: "The ticket cannot be given to that team" }
    /// The owner has as many teams as one may have.
    TOO_MANY_TEAMS = 409 "too-many-teams" { ru: "Команд уже столько, сколько возможно", kk: "Топ саны шегіне жетті", en: "There are as many teams as there may be" }
    // Staff goals ------------------------------------------------------------------------------------------------
    /// The rules of a goal do not make sense; each fault has its pointer.
    GOAL_INVALID = 422 "goal-invalid" { ru: "Цель составлена неверно", kk: "Мақсат қате құрылған", en: "The goal's rules do not make sense" }
    /// What is asked does not go with what the goal is or has become.
    GOAL_STATE = 409 "goal-state" { ru: "С этой целью так поступить нельзя", kk: "Бұл мақсатпен олай жасауға болмайды", en: "The goal does not allow this" }
    /// Nobody who works here has the code.
    UNKNOWN_STAFF = 422 "unknown-staff" { ru: "Сотрудник с таким кодом не найден", kk: "Мұндай коды бар қызметкер табылмады", en: "Nobody who works here has this code" }
    /// The person's shifts do not allow this: one goes on, has ended, or overlaps.
    SHIFT_STATE = 409 "shift-state" { ru: "Смены сотрудника этого не допускают", kk: "Қызметкердің ауысымдары бұған жол бермейді", en: "The person's shifts do not allow this" }
    /// There is no discount for staff here, or not by this hand.
    STAFF_DISCOUNT_REFUSED = 422 "staff-discount-refused" { ru: "Скидка сотрудника здесь не действует", kk: "Қызметкер жеңілдігі мұнда жарамсыз", en: "There is no staff discount here" }
    /// The limit of the day or the month is reached.
    STAFF_DISCOUNT_LIMIT = 409 "staff-discount-limit" { ru: "Лимит скидки сотрудника исчерпан", kk: "Қызметкер жеңілдігінің шегі таусылды", en: "The limit of the staff discount is reached" }
    /// The guest account or the member of staff has another link.
    STAFF_LINKED = 409 "staff-linked" { ru: "Счёт гостя или сотрудник уже связаны с другим", kk: "Қонақ шоты не қызметкер басқамен байланысқан", en: "The guest account or the member of staff is linked already" }
    // Fraud control ----------------------------------------------------------------------------------------------
    /// Nothing can be spent until a person has looked at the account; the guest may appeal.
    SPENDING_HELD = 403 "spending-held" { ru: "Списание баллов приостановлено до проверки", kk: "Ұпай жұмсау тексеруге дейін тоқтатылған", en: "Spending is stopped until the account is checked" }
    /// While something is held against an account its guest cannot erase it; support can.
    ACCOUNT_UNDER_REVIEW = 409 "account-under-review" { ru: "Счёт проверяют: удалить его можно, когда проверка закончится", kk: "Шот тексерілуде: оны тексеру аяқталған соң жоюға болады", en: "The account is under review and can be erased once that has ended" }
    /// What holds for a guest is ruled in the open case.
    OTHER_CASE_OPEN = 409 "other-case-open" { ru: "Открыто другое дело этого гостя: решите его", kk: "Осы қонақтың басқа ісі ашық: соны шешіңіз", en: "Another case of this guest is open: decide that one" }
    /// The rules of fraud control do not make sense; each fault has its pointer.
    FRAUD_RULES_INVALID = 422 "fraud-rules-invalid" { ru: "Правила составлены неверно", kk: "Ережелер қате құрылған", en: "The rules do not make sense" }
    /// An overturned case stays so.
    CASE_OVERTURNED = 409 "case-overturned" { ru: "Решение по этому случаю уже отменено", kk: "Бұл іс бойынша шешім өзгертілген", en: "The case was overturned already" }
    /// Nothing is held against the account.
    NOTHING_TO_APPEAL = 409 "nothing-to-appeal" { ru: "Обжаловать нечего", kk: "Шағымданатын ештеңе жоқ", en: "There is nothing to appeal against" }
    /// An appeal waits for its answer, or there were too many.
    APPEAL_LIMIT = 409 "appeal-limit" { ru: "Обращение уже рассматривается", kk: "Өтініш қаралып жатыр", en: "An appeal is being looked at already" }
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
