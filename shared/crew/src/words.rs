//! Refusals in words: Russian, Kazakh, English.

use membership::rotating_code::Unproven;

use crate::refusal::{BadTime, Refused};

impl Refused {
    /// What happened, in Russian, Kazakh and English; `None` where the kind of the refusal says all, or it is no
    /// caller's to read.
    #[must_use]
    pub fn words(&self) -> Option<[String; 3]> {
        let (ru, kk) = match self {
            Self::ShiftOpen { since, .. } => {
                let (ru, kk) =
                    (format!("сотрудник на смене с {since}"), format!("қызметкер {since} бастап ауысымда"));
                return Some([ru, kk, self.to_string()]);
            }
            Self::TooManyGoals(max) => {
                let (ru, kk) = (
                    format!("не больше {max} целей бренда сразу"),
                    format!("брендтің бір мезгілдегі мақсаты {max} аспайды"),
                );
                return Some([ru, kk, self.to_string()]);
            }
            Self::Code { why, .. } => code(*why),
            Self::ShiftTime(why) => time(*why),
            _ => self.fixed()?,
        };
        Some([ru.to_owned(), kk.to_owned(), self.to_string()])
    }

    /// In Russian and Kazakh, of what has no number in it.
    const fn fixed(&self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::UnknownOutlet => ("такой точки нет", "мұндай нүкте жоқ"),
            Self::UnknownStaff => {
                ("среди работающих нет такого кода", "жұмыс істейтіндер арасында мұндай код жоқ")
            }
            Self::OtherGoal => (
                "у цели не меняются предмет и период; создайте другую",
                "мақсаттың нысаны мен кезеңі өзгермейді; басқасын жасаңыз",
            ),
            Self::Ended => ("цель завершена", "мақсат аяқталған"),
            Self::EffectiveOn => (
                "effective_on должно быть позже сегодняшнего дня",
                "effective_on бүгінгі күннен кейін болуы керек",
            ),
            Self::PlanCurrency => ("план не в валюте точки", "жоспар нүктенің валютасында емес"),
            Self::PlanMonth => (
                "план — на текущий месяц или один из 24 следующих",
                "жоспар — ағымдағы айға немесе одан кейінгі 24 айдың біріне",
            ),
            Self::ShiftEnded => ("смена закончена", "ауысым аяқталған"),
            Self::ShiftOverlap => (
                "время пересекается с другой сменой сотрудника",
                "уақыт қызметкердің басқа ауысымымен қиылысады",
            ),
            Self::TooManyCodes { .. } => ("слишком много неверных кодов", "қате код тым көп"),
            Self::NoCardRules => ("скидки сотрудника здесь нет", "мұнда қызметкер жеңілдігі жоқ"),
            Self::OwnHand => ("скидку пробивает коллега", "жеңілдікті әріптес өткізеді"),
            Self::BusinessDate => {
                ("business_date дальше дня от даты точки", "business_date нүктенің күнінен бір күннен алыс")
            }
            Self::UseConflict => (
                "у номера чека другая скидка сотрудника или отменённая: возьмите новый номер",
                "чек нөмірінде басқа немесе жойылған қызметкер жеңілдігі бар: жаңа нөмір алыңыз",
            ),
            Self::SaleStands => {
                ("чек действует: сначала верните его целиком", "чек күшінде: алдымен оны толық қайтарыңыз")
            }
            _ => return None,
        })
    }
}

const fn code(why: Unproven) -> (&'static str, &'static str) {
    match why {
        Unproven::NotRotating => (
            "один номер ничего не доказывает; покажите код на телефоне",
            "нөмірдің өзі ештеңені дәлелдемейді; телефондағы кодты көрсетіңіз",
        ),
        Unproven::Stale => (
            "код устарел или часы телефона неверны; обновите его",
            "код ескірген немесе телефон сағаты қате; оны жаңартыңыз",
        ),
        Unproven::Wrong => ("код неверен", "код қате"),
    }
}

const fn time(why: BadTime) -> (&'static str, &'static str) {
    match why {
        BadTime::Ahead => ("время в будущем", "уақыт болашақта"),
        BadTime::Long => ("время больше 90 дней назад", "уақыт 90 күннен бұрын"),
        BadTime::Backwards => ("конец не позже начала", "соңы басынан кейін емес"),
        BadTime::Endless => ("смена длится не больше 24 часов", "ауысым 24 сағаттан аспайды"),
    }
}
