//! What is wrong with a promotion, in words.

use kernel::{Lang, Points, Rate};

/// One thing wrong with a promotion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// JSON pointer (RFC 6901) into the rules, such as `/effects/0/percent`.
    pub pointer: String,
    pub fault: Fault,
}

/// What is wrong at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A text or list that must not be empty is.
    Empty,
    /// A text is longer than `max` characters, or has control characters.
    TooLong {
        max: usize,
    },
    TooMany {
        max: usize,
    },
    /// Conditions are nested deeper than so many levels.
    TooDeep {
        max: usize,
    },
    /// The same thing occurs earlier.
    Duplicate,
    /// A share is not above 0 and at most 1; a floor not from 0 to 1.
    RateOutOfRange,
    /// A multiplier is not above 1 and at most so much.
    FactorOutOfRange {
        max: Rate,
    },
    PointsOutOfRange {
        max: Points,
    },
    /// A sum is negative, zero where there must be something, or too large.
    AmountOutOfRange,
    OutOfRange {
        min: u32,
        max: u32,
    },
    /// Sums are given for other currencies than elsewhere in the promotion.
    OtherCurrencies,
    /// A range has nothing in it.
    Nothing,
    /// A condition that always holds.
    Everything,
    /// A limit on money off, with goods that are sold for points.
    PointsPriceCapped,
}

impl Fault {
    /// The fault in words.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        match lang {
            Lang::Ru => self.ru(),
            Lang::Kk => self.kk(),
            Lang::En => self.en(),
        }
    }

    fn ru(&self) -> String {
        match self {
            Self::Empty => "не должно быть пустым".into(),
            Self::TooLong { max } => format!("не больше {max} символов, без управляющих"),
            Self::TooMany { max } => format!("не больше {max}"),
            Self::TooDeep { max } => format!("условия вложены глубже {max} уровней"),
            Self::Duplicate => "повторяется".into(),
            Self::RateOutOfRange => "доля должна быть больше 0 и не больше 1".into(),
            Self::FactorOutOfRange { max } => format!("множитель должен быть больше 1 и не больше {max}"),
            Self::PointsOutOfRange { max } => format!("баллов должно быть больше 0 и не больше {max}"),
            Self::AmountOutOfRange => "недопустимая сумма".into(),
            Self::OutOfRange { min, max } => format!("допустимо от {min} до {max}"),
            Self::OtherCurrencies => "валюты не те, что в остальных суммах акции".into(),
            Self::Nothing => "под это условие ничего не подходит".into(),
            Self::Everything => "это условие выполняется всегда: укажите границу".into(),
            Self::PointsPriceCapped => {
                "предел скидки нельзя сочетать с ценой в баллах: ограничьте число штук".into()
            }
        }
    }

    fn kk(&self) -> String {
        match self {
            Self::Empty => "бос болмауы керек".into(),
            Self::TooLong { max } => format!("{max} таңбадан аспауы керек, басқару таңбаларынсыз"),
            Self::TooMany { max } => format!("{max}-ден аспауы керек"),
            Self::TooDeep { max } => format!("шарттар {max} деңгейден терең"),
            Self::Duplicate => "қайталанады".into(),
            Self::RateOutOfRange => "үлес 0-ден үлкен, 1-ден аспауы керек".into(),
            Self::FactorOutOfRange { max } => format!("көбейткіш 1-ден үлкен, {max}-ден аспауы керек"),
            Self::PointsOutOfRange { max } => format!("ұпай 0-ден көп, {max}-ден аспауы керек"),
            Self::AmountOutOfRange => "сома жарамсыз".into(),
            Self::OutOfRange { min, max } => format!("{min} мен {max} аралығында болуы керек"),
            Self::OtherCurrencies => "валюталар акцияның басқа сомаларына сай емес".into(),
            Self::Nothing => "бұл шартқа ештеңе сай келмейді".into(),
            Self::Everything => "бұл шарт әрқашан орындалады: шегін көрсетіңіз".into(),
            Self::PointsPriceCapped => "жеңілдік шегі ұпайлық бағамен үйлеспейді: дана санын шектеңіз".into(),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::Empty => "must not be empty".into(),
            Self::TooLong { max } => format!("at most {max} characters, none of them control characters"),
            Self::TooMany { max } => format!("at most {max}"),
            Self::TooDeep { max } => format!("conditions are nested deeper than {max} levels"),
            Self::Duplicate => "occurs twice".into(),
            Self::RateOutOfRange => "a share must be above 0 and at most 1".into(),
            Self::FactorOutOfRange { max } => format!("a factor must be above 1 and at most {max}"),
            Self::PointsOutOfRange { max } => format!("points must be above 0 and at most {max}"),
            Self::AmountOutOfRange => "the sum is not allowed".into(),
            Self::OutOfRange { min, max } => format!("must be from {min} to {max}"),
            Self::OtherCurrencies => "the currencies are not those of the promotion's other sums".into(),
            Self::Nothing => "nothing can be in this range".into(),
            Self::Everything => "this always holds: give a bound".into(),
            Self::PointsPriceCapped => {
                "a limit on money off does not go with a price in points: limit the pieces".into()
            }
        }
    }
}
