//! What is wrong with rules or an answer, with words in three languages.

use kernel::Lang;

/// A fault and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// JSON pointer into the rules or the answer.
    pub pointer: String,
    pub fault: Fault,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No code: 1 to 64 characters, lower case letters, digits, `_`, `-`, `.`.
    Code,
    /// A text is empty, too long or has control characters.
    Text { chars_max: usize },
    /// A number outside its range.
    Range { min: i64, max: i64 },
    /// A list with too few or too many items.
    Count { min: usize, max: usize },
    /// Said twice.
    Twice,
    /// Nothing of that name is there.
    Unknown,
    /// Must be left out here.
    Unexpected,
    /// Must be said here.
    Missing,
}

impl Fault {
    /// The fault in words.
    #[must_use]
    pub fn text(self, lang: Lang) -> String {
        let [ru, kk, en] = self.words();
        match lang {
            Lang::Ru => ru,
            Lang::Kk => kk,
            Lang::En => en,
        }
    }

    /// In Russian, Kazakh and English.
    #[must_use]
    pub fn words(self) -> [String; 3] {
        match self {
            Self::Code => [
                "код: от 1 до 64 строчных латинских букв, цифр и знаков _ - .".to_owned(),
                "код: 1–64 кіші латын әрпі, цифр және _ - . белгілері".to_owned(),
                "a code has 1 to 64 lower case letters, digits and _ - .".to_owned(),
            ],
            Self::Text { chars_max } => [
                format!("текст: от 1 до {chars_max} знаков, без управляющих"),
                format!("мәтін: 1–{chars_max} таңба, басқару таңбаларынсыз"),
                format!("a text has 1 to {chars_max} characters, none of them control characters"),
            ],
            Self::Range { min, max } => [
                format!("от {min} до {max}"),
                format!("{min} мен {max} аралығында"),
                format!("from {min} to {max}"),
            ],
            Self::Count { min, max } => [
                format!("от {min} до {max} элементов"),
                format!("{min}–{max} элемент"),
                format!("{min} to {max} items"),
            ],
            Self::Twice => {
                ["указано дважды".to_owned(), "екі рет көрсетілген".to_owned(), "given twice".to_owned()]
            }
            Self::Unknown => {
                ["такого нет".to_owned(), "мұндай жоқ".to_owned(), "there is no such thing".to_owned()]
            }
            Self::Unexpected => [
                "здесь это не указывается".to_owned(),
                "мұнда көрсетілмейді".to_owned(),
                "does not belong here".to_owned(),
            ],
            Self::Missing => {
                ["нужно указать".to_owned(), "көрсету қажет".to_owned(), "must be given".to_owned()]
            }
        }
    }
}
