//! Coupon codes: how they are written, and how a mistyped one shows.
//!
//! A code of ours has eight random characters of thirty-one, 39 bits, and a check character: the sum of the characters'
//! values, each times its place, modulo 31. As 31 is prime, every single wrong character and every exchange of two
//! characters changes it, so that a typing error is told from a code that does not exist without asking the database.

/// Digits and letters without those that look alike: no 0, 1, I, L, O.
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// Random characters of a code.
const RANDOM_LEN: usize = 8;
/// Random bytes that a code takes.
pub const ENTROPY_LEN: usize = 8;
/// Characters of somebody else's code.
pub const CODE_LEN_MAX: usize = 32;
/// Characters of somebody else's code at least: shorter ones are guessed.
pub const CODE_LEN_MIN: usize = 4;

/// A new code from [`ENTROPY_LEN`] random bytes.
#[must_use]
pub fn code(entropy: [u8; ENTROPY_LEN]) -> String {
    let mut rest = u64::from_le_bytes(entropy);
    let mut code = String::with_capacity(RANDOM_LEN + 1);
    for _ in 0..RANDOM_LEN {
        // 31^8 is 2^39.6: taking remainders of 64 random bits favours no character by more than 2^-24.
        code.push(char::from(ALPHABET[(rest % 31) as usize]));
        rest /= 31;
    }
    code.push(check(&code));
    code
}

/// Whether a normalised code is one of ours, rightly typed.
#[must_use]
pub fn is_ours(code: &str) -> bool {
    code.len() == RANDOM_LEN + 1
        && code.bytes().all(|byte| ALPHABET.contains(&byte))
        && code.ends_with(check(&code[..RANDOM_LEN]))
}

fn check(body: &str) -> char {
    let value = |byte: u8| ALPHABET.iter().position(|&known| known == byte).unwrap_or(0);
    let sum: usize = (1..).zip(body.bytes()).map(|(place, byte)| place * value(byte)).sum();
    char::from(ALPHABET[sum % 31])
}

/// A code as people type it, in the form in which it is stored: capitals without blanks and hyphens; Cyrillic letters
/// that look like Latin ones are those. `None` when no code can be meant.
#[must_use]
pub fn normalise(typed: &str) -> Option<String> {
    let mut code = String::with_capacity(typed.len());
    for letter in typed.chars().filter(|letter| !letter.is_whitespace() && !"-_–".contains(*letter)) {
        let letter = letter.to_uppercase().next()?;
        code.push(match letter {
            'А' => 'A',
            'В' => 'B',
            'Е' => 'E',
            'К' => 'K',
            'М' => 'M',
            'Н' => 'H',
            'О' => 'O',
            'Р' => 'P',
            'С' => 'C',
            'Т' => 'T',
            'У' => 'Y',
            'Х' => 'X',
            other => other,
        });
        if code.len() > CODE_LEN_MAX {
            return None;
        }
    }
    let lawful = code.len() >= CODE_LEN_MIN && code.chars().all(|letter| letter.is_alphanumeric());
    lawful.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_typed_in_many_ways() {
        for typed in ["SPRING26", "spring26", " Spring-26 ", "sрring 26"] {
            assert_eq!(normalise(typed).as_deref(), Some("SPRING26"), "{typed}");
        }
        for typed in ["", "abc", "a b", "!!!!!", &"x".repeat(33)] {
            assert_eq!(normalise(typed), None, "{typed}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_single_error_and_every_exchange_shows(entropy: [u8; 8], place in 0..9_usize, other in 0..9_usize, letter in 0..31_usize) {
            let right = code(entropy);
            proptest::prop_assert!(is_ours(&right));
            proptest::prop_assert_eq!(normalise(&right), Some(right.clone()));
            let mut wrong = right.clone().into_bytes();
            wrong[place] = ALPHABET[letter];
            let wrong = String::from_utf8(wrong).expect("ASCII");
            proptest::prop_assert!(wrong == right || !is_ours(&wrong));
            let mut swapped = right.clone().into_bytes();
            // The check character stands outside of the sum; exchanges among the others all show.
            swapped.swap(place.min(7), other.min(7));
            let swapped = String::from_utf8(swapped).expect("ASCII");
            proptest::prop_assert!(swapped == right || !is_ours(&swapped));
        }
    }
}
