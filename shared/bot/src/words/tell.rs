//! What the bot tells.

use club::balance::Balance;
use club::directory::Found;
use club::tiers::view::View;
use kernel::{Money, Points, Timestamp, Zone};
use loyalty::tiers::rules::{Facts, Requirement};
use membership::profile::Language;
use store::history::Movement;

use super::{date, lang, of};

/// A member with the menu before them.
#[must_use]
pub fn greeting(brand: &str, language: Language) -> String {
    match language {
        Language::Ru => format!("С возвращением в клуб «{brand}»! Всё нужное — на кнопках внизу."),
        Language::Kk => format!("«{brand}» клубына қайта қош келдіңіз! Керегінің бәрі төмендегі түймелерде."),
        Language::En => format!("Welcome back to the club of {brand}! Everything is on the buttons below."),
    }
}

/// The chat belongs to a member now.
#[must_use]
pub fn joined(is_new: bool, points: Points, coupon: Option<&str>, language: Language) -> String {
    let mut words = match (is_new, language) {
        (true, Language::Ru) => format!("Готово, вы в клубе! На счёте {points} баллов."),
        (true, Language::Kk) => format!("Дайын, сіз клубтасыз! Шотыңызда {points} ұпай бар."),
        (true, Language::En) => format!("Done, you are in the club! You have {points} points."),
        (false, Language::Ru) => {
            format!("Нашёл ваш счёт и привязал его к этому чату. На нём {points} баллов.")
        }
        (false, Language::Kk) => {
            format!("Шотыңызды тауып, осы чатқа байланыстырдым. Онда {points} ұпай бар.")
        }
        (false, Language::En) => {
            format!("I found your account and linked it to this chat. It has {points} points.")
        }
    };
    if let Some(code) = coupon {
        words.push_str("\n\n");
        words.push_str(&match language {
            Language::Ru => format!("Код от друга: {code}. Назовите его в заказе."),
            Language::Kk => format!("Достан келген код: {code}. Оны тапсырыста айтыңыз."),
            Language::En => format!("Your friend's code: {code}. Use it with an order."),
        });
    }
    words
}

/// What the bot can do.
#[must_use]
pub fn help(language: Language) -> String {
    let head = of(["Вот что я умею:", "Мен мынаны істей аламын:", "This is what I can do:"], language);
    let commands = super::menu::commands(language);
    let lines: Vec<String> = commands.iter().map(|(name, meaning)| format!("/{name} — {meaning}")).collect();
    format!("{head}\n\n{}", lines.join("\n"))
}

/// Under the card.
#[must_use]
pub fn card(number: &str, rotating: bool, language: Language) -> String {
    let head = match language {
        Language::Ru | Language::Kk => format!("Карта {number}"),
        Language::En => format!("Card {number}"),
    };
    let rest = match rotating {
        true => of(
            [
                "Покажите код на кассе. Он действует около минуты — потом нажмите «Обновить».",
                "Кодты кассада көрсетіңіз. Ол бір минуттай жарамды — содан кейін «Жаңарту» түймесін басыңыз.",
                "Show the code at the till. It is good for about a minute; then press “New code”.",
            ],
            language,
        ),
        false => of(
            [
                "Постоянный номер: баллы по нему начисляются. Чтобы списать баллы, покажите код.",
                "Тұрақты нөмір: ол бойынша ұпай есептеледі. Ұпай жұмсау үшін кодты көрсетіңіз.",
                "The lasting number: it earns points. To spend points, show the code.",
            ],
            language,
        ),
    };
    format!("{head}\n{rest}")
}

/// What a member has.
#[must_use]
pub fn balance(balance: &Balance, language: Language) -> String {
    let mut lines = Vec::new();
    let available = balance.available;
    lines.push(match language {
        Language::Ru => format!("Доступно баллов: {available}"),
        Language::Kk => format!("Қолжетімді ұпай: {available}"),
        Language::En => format!("Points to spend: {available}"),
    });
    for (points, three) in [
        (balance.pending, ["Скоро будут доступны", "Жақында қолжетімді болады", "Soon to spend"]),
        (balance.held, ["В резерве", "Резервте", "Reserved"]),
    ] {
        if !points.is_zero() {
            lines.push(format!("{}: {points}", of(three, language)));
        }
    }
    if let Some((points, at)) = balance.expiring {
        let on = date(at.date_in(&balance.rules.home_zone()));
        lines.push(match language {
            Language::Ru => format!("Сгорят с {on}: {points}"),
            Language::Kk => format!("{on} бастап жанады: {points}"),
            Language::En => format!("Expire from {on}: {points}"),
        });
    }
    lines.join("\n")
}

/// How a member stands, and what leads further.
#[must_use]
pub fn tier(view: &View, language: Language) -> String {
    let rules = &*view.rules;
    let name = |code: &str| rules.tier(code).map_or(code, |tier| tier.name.text(lang(language))).to_owned();
    let current = name(&view.tier);
    let mut lines = vec![match language {
        Language::Ru => format!("Ваш статус: {current}"),
        Language::Kk => format!("Деңгейіңіз: {current}"),
        Language::En => format!("Your tier: {current}"),
    }];
    if let Some(until) = view.judged.as_ref().and_then(|judged| judged.valid_until) {
        let until = date(until.plus_days(-1));
        lines.push(match language {
            Language::Ru => format!("Действует по {until}"),
            Language::Kk => format!("{until} дейін жарамды"),
            Language::En => format!("Good until {until}"),
        });
    }
    let next = rules.tiers.get(rules.tier_place(&view.tier) + 1);
    if let Some((tier, tree)) = next.and_then(|tier| Some((tier, tier.requirement()?))) {
        let next = tier.name.text(lang(language));
        lines.push(match language {
            Language::Ru => format!("\nДо статуса «{next}»:"),
            Language::Kk => format!("\n«{next}» деңгейіне дейін:"),
            Language::En => format!("\nTo reach {next}:"),
        });
        lines.push(requirement(&tree, &view.facts, language));
    }
    lines.join("\n")
}

/// A requirement with what there is of it.
fn requirement(tree: &Requirement, facts: &Facts, language: Language) -> String {
    let several = |of_these: &[Requirement], word| {
        let parts: Vec<String> = of_these.iter().map(|part| requirement(part, facts, language)).collect();
        parts.join(&format!("\n{}\n", of(word, language)))
    };
    match tree {
        Requirement::Spend { amounts } => {
            let currency = facts.spend.currency();
            let need = amounts.iter().find(|amount| amount.currency() == currency).copied();
            let need = need.map_or_else(|| "—".to_owned(), money);
            let (have, word) = (money(facts.spend), of(["Покупки", "Сатып алу", "Spent"], language));
            format!("• {word}: {have} / {need}")
        }
        Requirement::Points { points } => {
            let (have, word) = (facts.points, of(["Баллы", "Ұпайлар", "Points"], language));
            format!("• {word}: {have} / {points}")
        }
        Requirement::Visits { visits } => {
            let (have, word) = (facts.visits, of(["Визиты", "Келу саны", "Visits"], language));
            format!("• {word}: {have} / {visits}")
        }
        Requirement::All { of: parts } => several(parts, ["и", "және", "and"]),
        Requirement::Any { of: parts } => several(parts, ["или", "немесе", "or"]),
    }
}

fn money(money: Money) -> String {
    format!("{} {}", money.amount(), money.currency().code())
}

/// Movements of points.
#[must_use]
pub fn history(page: &[Movement], language: Language) -> String {
    if page.is_empty() {
        return of(["Движений пока нет.", "Әзірге қозғалыс жоқ.", "Nothing has come or gone yet."], language)
            .to_owned();
    }
    let lines: Vec<String> = page.iter().map(|movement| line(movement, language)).collect();
    lines.join("\n\n")
}

fn line(movement: &Movement, language: Language) -> String {
    let zone = movement.zone.as_deref().and_then(|name| Zone::parse(name).ok()).unwrap_or(Zone::UTC);
    let on = date(movement.effective_at.date_in(&zone));
    let reason = club::movement::text(movement, language);
    let changed =
        [movement.available, movement.pending, movement.held].into_iter().find(|points| !points.is_zero());
    format!("{on}  {}\n{reason}", signed(changed.unwrap_or(Points::ZERO)))
}

fn signed(points: Points) -> String {
    if points.is_positive() { format!("+{points}") } else { points.to_string() }
}

/// Metres from which kilometres are named.
const KILOMETRE: i64 = 1_000;

/// Outlets around a place, nearest first.
#[must_use]
pub fn outlets(found: &[Found], now: Timestamp, language: Language) -> String {
    if found.is_empty() {
        return of(
            ["Рядом кофеен нет.", "Жақын маңда кофехана жоқ.", "There is no coffee shop nearby."],
            language,
        )
        .to_owned();
    }
    let lines: Vec<String> = found.iter().map(|outlet| place(outlet, now, language)).collect();
    lines.join("\n\n")
}

fn place(found: &Found, now: Timestamp, language: Language) -> String {
    let entry = &found.entry;
    let far = found.metres.map_or_else(String::new, |metres| format!(" — {}", distance(metres, language)));
    let open = if found.is_open {
        of(["открыто", "ашық", "open"], language).to_owned()
    } else {
        match next_opening(found, now) {
            Some(at) => match language {
                Language::Ru => format!("закрыто, откроется {at}"),
                Language::Kk => format!("жабық, {at} ашылады"),
                Language::En => format!("closed, opens {at}"),
            },
            None => of(["закрыто", "жабық", "closed"], language).to_owned(),
        }
    };
    format!("{}{far}\n{}, {}\n{open}", entry.name, entry.city, entry.address)
}

/// When a closed outlet opens next, as `25.11 08:00`.
fn next_opening(found: &Found, now: Timestamp) -> Option<String> {
    let zone = Zone::parse(&found.entry.zone).ok()?;
    let at = found.hours.opens_next(now, &zone)?.rfc3339_in(&zone);
    let part = |range| at.get(range).unwrap_or_default();
    Some(format!("{}.{} {}", part(8..10), part(5..7), part(11..16)))
}

fn distance(metres: i64, language: Language) -> String {
    let (near, far) = match language {
        Language::Ru | Language::Kk => ("м", "км"),
        Language::En => ("m", "km"),
    };
    if metres < KILOMETRE {
        format!("{metres} {near}")
    } else {
        format!("{}.{} {far}", metres / KILOMETRE, metres % KILOMETRE / (KILOMETRE / 10))
    }
}

/// A link for friends.
#[must_use]
pub fn invitation(link: &str, code: &str, language: Language) -> String {
    match language {
        Language::Ru => format!("Отправьте другу ссылку: {link}\n\nИли код для заказа: {code}"),
        Language::Kk => {
            format!("Досыңызға сілтемені жіберіңіз: {link}\n\nНемесе тапсырысқа арналған код: {code}")
        }
        Language::En => format!("Send this link to a friend: {link}\n\nOr the code for an order: {code}"),
    }
}

/// A visit was rated.
#[must_use]
pub fn rated(stars: u8, language: Language) -> String {
    let shown = "★".repeat(usize::from(stars));
    match language {
        Language::Ru => format!("{shown} Спасибо! Если хотите что-то добавить, напишите одним сообщением."),
        Language::Kk => format!("{shown} Рақмет! Қосарыңыз болса, бір хабарламамен жазыңыз."),
        Language::En => format!("{shown} Thank you! If you want to add something, write it in one message."),
    }
}

/// The game is over.
#[must_use]
pub fn won(points: Points, language: Language) -> String {
    match language {
        Language::Ru if points.is_positive() => format!("🎉 Вы выиграли баллы: {points}. Они уже на счёте."),
        Language::Kk if points.is_positive() => {
            format!("🎉 Сіз ұпай ұтып алдыңыз: {points}. Олар шотыңызда.")
        }
        Language::En if points.is_positive() => {
            format!("🎉 You have won {points} points. They are on your account.")
        }
        Language::Ru => "На этот раз без выигрыша. Удачи в следующий!".to_owned(),
        Language::Kk => "Бұл жолы ұтыс болмады. Келесіде сәттілік!".to_owned(),
        Language::En => "No win this time. Better luck with the next one!".to_owned(),
    }
}

/// Words arrived.
#[must_use]
pub fn written(ticket: &str, language: Language) -> String {
    match language {
        Language::Ru => {
            format!("Передал, обращение {ticket}. Ответ придёт сюда, дописать можно прямо в чат.")
        }
        Language::Kk => format!("Жеткіздім, өтініш {ticket}. Жауап осында келеді, чатқа қосып жаза аласыз."),
        Language::En => {
            format!("Passed on as request {ticket}. The answer will come here; just write on to add to it.")
        }
    }
}
