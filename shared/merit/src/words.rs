//! Faults of goals in words: Russian, Kazakh, English.

use crate::check::Fault;
use crate::formula;

impl Fault {
    /// The fault in Russian, Kazakh and English.
    #[must_use]
    pub fn words(self) -> [String; 3] {
        let (ru, kk) = match self {
            Self::Formula(fault) => return fault.words(),
            Self::Text(max) => (
                format!("от 1 до {max} знаков, без управляющих"),
                format!("1–{max} таңба, басқару таңбаларынсыз"),
            ),
            Self::TooMany(max) => (format!("не больше {max}"), format!("{max} шамасынан аспайды")),
            Self::Range(least, most) => {
                (format!("от {least} до {most}"), format!("{least} мен {most} аралығында"))
            }
            Self::None
            | Self::NoDistance
            | Self::NotRising
            | Self::ShiftPeriod
            | Self::NoPlan
            | Self::ShiftHours
            | Self::Currency
            | Self::ClassSubject => {
                let (ru, kk) = self.fixed();
                (ru.to_owned(), kk.to_owned())
            }
        };
        [ru, kk, self.to_string()]
    }

    /// In Russian and Kazakh, of what has no number in it.
    const fn fixed(self) -> (&'static str, &'static str) {
        match self {
            Self::NoDistance => ("цель и начало отсчёта равны", "мақсат пен бастапқы мән тең"),
            Self::NotRising => ("должно быть больше предыдущего", "алдыңғысынан үлкен болуы керек"),
            Self::ShiftPeriod => ("период смены — день", "ауысымның кезеңі — күн"),
            Self::NoPlan => {
                ("план есть только у точек и их групп", "жоспар тек нүктелер мен олардың топтарында бар")
            }
            Self::ShiftHours => {
                ("у смены, которая идёт, ещё нет часов", "жүріп жатқан ауысымның сағаты әлі жоқ")
            }
            Self::Currency => ("неизвестная валюта", "белгісіз валюта"),
            Self::ClassSubject => (
                "по размеру сравнивают точки: без точек и людей классов нет",
                "көлемі бойынша нүктелер салыстырылады: нүктесіз және адамсыз сынып жоқ",
            ),
            Self::None | Self::Text(_) | Self::TooMany(_) | Self::Range(..) | Self::Formula(_) => {
                ("укажите хотя бы одно", "кемінде біреуін көрсетіңіз")
            }
        }
    }
}

impl formula::Fault {
    /// The fault in Russian, Kazakh and English.
    #[must_use]
    pub fn words(self) -> [String; 3] {
        let (ru, kk) = match self {
            Self::TooLarge => (
                "формула слишком велика: не больше 32 узлов, 6 уровней, 8 частей",
                "формула тым үлкен: ең көбі 32 түйін, 6 деңгей, 8 бөлік",
            ),
            Self::NoParts => ("укажите хотя бы одну часть", "кемінде бір бөлікті көрсетіңіз"),
            Self::Units => ("части в разных единицах", "бөліктердің өлшем бірліктері әртүрлі"),
            Self::Category => ("код категории: от 1 до 64 знаков", "санат коды: 1–64 таңба"),
        };
        [ru.to_owned(), kk.to_owned(), self.to_string()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_words_of_its_own_in_each_language() {
        let formulas = [
            formula::Fault::TooLarge,
            formula::Fault::NoParts,
            formula::Fault::Units,
            formula::Fault::Category,
        ];
        let faults = [
            Fault::Text(80),
            Fault::None,
            Fault::TooMany(8),
            Fault::Range(1, 300),
            Fault::NoDistance,
            Fault::NotRising,
            Fault::ShiftPeriod,
            Fault::NoPlan,
            Fault::ShiftHours,
            Fault::Currency,
            Fault::ClassSubject,
        ];
        let all: Vec<[String; 3]> =
            faults.into_iter().chain(formulas.into_iter().map(Fault::Formula)).map(Fault::words).collect();
        for (index, words) in all.iter().enumerate() {
            let [ru, kk, en] = words;
            assert!(ru != kk && kk != en && ru != en, "{words:?}");
            assert!(en.is_ascii() && !ru.is_ascii() && !kk.is_ascii(), "{words:?}");
            assert!(all[..index].iter().all(|other| other[0] != *ru && other[1] != *kk), "{words:?}");
        }
    }
}
