//! Why points moved, in a sentence.

use ledger::model::EntryKind;
use membership::profile::Language;
use store::history::Movement;

/// A stable name of the reason.
#[must_use]
pub fn code(movement: &Movement) -> &'static str {
    match movement.kind {
        EntryKind::Accrual if movement.event.starts_with("welcome:") => "welcome",
        EntryKind::Accrual if movement.event.starts_with("game:") => "game",
        EntryKind::Adjustment if movement.event.starts_with("import:") => "opening",
        EntryKind::Accrual if movement.event.starts_with("referral:") => "referral",
        EntryKind::Clawback if movement.event.starts_with("referral:") => "referral_taken_back",
        EntryKind::Adjustment if movement.event.starts_with("ticket:") => "compensated",
        EntryKind::Accrual => "receipt",
        EntryKind::Activation => "activated",
        EntryKind::Hold => "held",
        EntryKind::Capture => "spent",
        EntryKind::Release => "released",
        EntryKind::Expiry => "expired",
        EntryKind::Clawback => "returned_earned",
        EntryKind::Reinstatement => "returned_spent",
        EntryKind::Adjustment => "adjusted",
    }
}

/// The reason in a sentence. A person's own words, where there are any, come first.
#[must_use]
pub fn text(movement: &Movement, language: Language) -> String {
    match &movement.note {
        Some(note) => note.clone(),
        None => sentence(code(movement), movement, language),
    }
}

fn sentence(code: &str, movement: &Movement, language: Language) -> String {
    let number = movement.receipt.as_ref().map_or("", |receipt| receipt.number.as_str());
    let place = movement.receipt.as_ref().map_or("", |receipt| receipt.outlet_name.as_str());
    match language {
        Language::Ru => match code {
            "receipt" => format!("Начислено за чек № {number}, {place}"),
            "welcome" => "Приветственные баллы".to_owned(),
            "referral" => "За приглашённого друга".to_owned(),
            "referral_taken_back" => "Друг вернул покупку: баллы за него списаны".to_owned(),
            "game" => "Выигрыш за отзыв".to_owned(),
            "compensated" => "Компенсация по обращению".to_owned(),
            "opening" => "Баланс из прежней программы".to_owned(),
            "activated" => "Баллы стали доступны".to_owned(),
            "held" => "Зарезервировано для оплаты чека".to_owned(),
            "spent" => format!("Оплачено баллами: чек № {number}, {place}"),
            "released" => "Резерв снят, баллы вернулись".to_owned(),
            "expired" => "Срок действия баллов истёк".to_owned(),
            "returned_earned" => format!("Возврат по чеку № {number}: начисленные баллы списаны"),
            "returned_spent" => format!("Возврат по чеку № {number}: потраченные баллы возвращены"),
            _ => "Исправление баланса".to_owned(),
        },
        Language::Kk => match code {
            "receipt" => format!("№ {number} чек үшін есептелді, {place}"),
            "welcome" => "Қош келдіңіз ұпайлары".to_owned(),
            "referral" => "Шақырылған дос үшін".to_owned(),
            "referral_taken_back" => {
                "Дос сатып алғанын қайтарды: ол үшін берілген ұпайлар шегерілді".to_owned()
            }
            "game" => "Пікір үшін ұтыс".to_owned(),
            "compensated" => "Өтініш бойынша өтемақы".to_owned(),
            "opening" => "Бұрынғы бағдарламадағы қалдық".to_owned(),
            "activated" => "Ұпайлар қолжетімді болды".to_owned(),
            "held" => "Чекті төлеу үшін резервке алынды".to_owned(),
            "spent" => format!("Ұпаймен төленді: № {number} чек, {place}"),
            "released" => "Резерв алынды, ұпайлар қайтарылды".to_owned(),
            "expired" => "Ұпайлардың мерзімі өтті".to_owned(),
            "returned_earned" => format!("№ {number} чек қайтарылды: есептелген ұпайлар шегерілді"),
            "returned_spent" => format!("№ {number} чек қайтарылды: жұмсалған ұпайлар қайтарылды"),
            _ => "Қалдықты түзету".to_owned(),
        },
        Language::En => match code {
            "receipt" => format!("Earned with receipt {number}, {place}"),
            "welcome" => "Welcome points".to_owned(),
            "referral" => "For bringing a friend".to_owned(),
            "referral_taken_back" => {
                "Your friend's purchase came back, and the points for it were taken back".to_owned()
            }
            "game" => "Won for an answer".to_owned(),
            "compensated" => "Compensation for what went wrong".to_owned(),
            "opening" => "Balance from the previous programme".to_owned(),
            "activated" => "Points became spendable".to_owned(),
            "held" => "Reserved to pay a receipt".to_owned(),
            "spent" => format!("Paid with points: receipt {number}, {place}"),
            "released" => "Reservation ended, points are back".to_owned(),
            "expired" => "Points expired".to_owned(),
            "returned_earned" => format!("Return of receipt {number}: points earned with it were taken back"),
            "returned_spent" => format!("Return of receipt {number}: points spent on it were given back"),
            _ => "Balance corrected".to_owned(),
        },
    }
}
