//! Why points moved, in a sentence.

use kernel::Points;
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
        // What a ruling moved, see `watching::ruling`: what went was withheld, what came was given back.
        EntryKind::Adjustment if movement.event.starts_with("fraud:") => {
            if movement.available < Points::ZERO { "withheld" } else { "given_back" }
        }
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
    let code = code(movement);
    match &movement.note {
        // Written in the language of that day, and by nobody: the reader's own language says it as well.
        Some(_) if matches!(code, "withheld" | "given_back") => sentence(code, movement, language),
        Some(note) => note.clone(),
        None => sentence(code, movement, language),
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
            "withheld" => "Удержано по итогам проверки".to_owned(),
            "given_back" => "Возвращено после проверки".to_owned(),
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
            "withheld" => "Тексеру қорытындысы бойынша ұсталды".to_owned(),
            "given_back" => "Тексеруден кейін қайтарылды".to_owned(),
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
            "withheld" => "Withheld after a check".to_owned(),
            "given_back" => "Given back after a check".to_owned(),
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

#[cfg(test)]
mod tests {
    use kernel::{EntryId, Timestamp};

    use super::*;

    fn ruled(available: i64, note: Option<&str>) -> Movement {
        let at = Timestamp::from_millis(0);
        Movement {
            id: EntryId::from_raw(1),
            kind: EntryKind::Adjustment,
            event: "fraud:7:receipt:9".to_owned(),
            effective_at: at,
            recorded_at: at,
            note: note.map(str::to_owned),
            pending: Points::ZERO,
            available: Points::from_hundredths(available),
            held: Points::ZERO,
            receipt: None,
            zone: None,
        }
    }

    #[test]
    fn what_a_ruling_moved_is_said_in_the_readers_language_whatever_was_noted() {
        for note in [None, Some("Удержано по итогам проверки")] {
            let (taken, back) = (ruled(-500, note), ruled(500, note));
            assert_eq!((code(&taken), code(&back)), ("withheld", "given_back"));
            assert_eq!(text(&taken, Language::En), "Withheld after a check");
            assert_eq!(text(&back, Language::Kk), "Тексеруден кейін қайтарылды");
        }
        let by_hand = Movement { event: "adjust:7".to_owned(), ..ruled(500, Some("За чай")) };
        assert_eq!((code(&by_hand), text(&by_hand, Language::En)), ("adjusted", "За чай".to_owned()));
    }
}
