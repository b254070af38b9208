//! The bot's words, in the three languages.

pub mod ask;
pub mod menu;
pub mod settings;
pub mod tell;
pub mod trouble;

use membership::profile::Language;

/// The same in Russian, Kazakh and English.
pub type Three = [&'static str; 3];

/// The words of one language.
#[must_use]
pub const fn of(three: Three, language: Language) -> &'static str {
    let [ru, kk, en] = three;
    match language {
        Language::Ru => ru,
        Language::Kk => kk,
        Language::En => en,
    }
}

/// The language to speak before a guest has chosen one: their application's, where we speak it. Neighbours' languages
/// lead to Russian, all others to English.
#[must_use]
pub fn guess(code: Option<&str>) -> Language {
    let main = code.unwrap_or("ru").split(['-', '_']).next().unwrap_or_default();
    match main {
        "kk" => Language::Kk,
        "ru" | "be" | "ky" | "uk" | "uz" | "tg" | "hy" | "az" | "ka" => Language::Ru,
        _ => Language::En,
    }
}

/// The language in kernel's words.
#[must_use]
pub fn lang(language: Language) -> kernel::Lang {
    match language {
        Language::Ru => kernel::Lang::Ru,
        Language::Kk => kernel::Lang::Kk,
        Language::En => kernel::Lang::En,
    }
}

/// A date as people write it: `25.11.2026`.
#[must_use]
pub fn date(date: kernel::Date) -> String {
    let (year, month, day) = date.parts();
    format!("{day:02}.{month:02}.{year}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_guessed() {
        for (code, language) in [
            (Some("kk"), Language::Kk),
            (Some("ru"), Language::Ru),
            (Some("ru-RU"), Language::Ru),
            (Some("uz"), Language::Ru),
            (Some("en"), Language::En),
            (Some("pt-br"), Language::En),
            (None, Language::Ru),
        ] {
            assert_eq!(guess(code), language, "{code:?}");
        }
    }
}
