//! The words of the text message.

use membership::one_time_code::Code;
use membership::profile::Language;

/// Characters of one message with letters beyond Latin (UCS-2); a longer one is paid twice.
pub const CHARACTERS_MAX: usize = 70;

/// The message with a code. The brand's name is left out where it would make two messages of one.
#[must_use]
pub fn message(brand: &str, code: &Code, language: Language) -> String {
    let code = code.expose();
    let (label, warning) = match language {
        Language::Ru => ("код", "Никому его не сообщайте."),
        Language::Kk => ("код", "Оны ешкімге айтпаңыз."),
        Language::En => ("code", "Do not share it."),
    };
    let named = format!("{brand}: {label} {code}. {warning}");
    if named.encode_utf16().count() <= CHARACTERS_MAX { named } else { format!("{label} {code}. {warning}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_message_in_every_language() {
        let code = Code::parse("048213").expect("a code");
        for language in Language::ALL {
            for brand in ["Coffee", "Кофейня на углу", &"я".repeat(60), ""] {
                let text = message(brand, &code, language);
                assert!(text.encode_utf16().count() <= CHARACTERS_MAX, "{text}");
                assert!(text.contains("048213"), "{text}");
                assert_eq!(text.starts_with(brand), brand.chars().count() < 60, "{text}");
            }
        }
        assert_eq!(message("Coffee", &code, Language::Ru), "Coffee: код 048213. Никому его не сообщайте.");
    }
}
