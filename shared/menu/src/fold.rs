//! Texts made comparable: case, accents, letters of Kazakh and Russian that people type for one another, and letters
//! that look alike in two scripts.

/// Folds one letter; none for what separates words.
fn fold_letter(letter: char) -> Option<char> {
    let folded = match letter {
        'ё' => 'е',
        'қ' => 'к',
        'ғ' => 'г',
        'ң' => 'н',
        'ө' => 'о',
        'ұ' | 'ү' => 'у',
        'һ' => 'х',
        'і' => 'и',
        'ә' => 'а',
        'й' => 'и',
        'ъ' | 'ь' => return Some('\0'),
        'à' | 'á' | 'â' | 'ä' | 'å' => 'a',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ò' | 'ó' | 'ô' | 'ö' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        letter if letter.is_alphanumeric() => letter,
        _ => return None,
    };
    Some(folded)
}

/// Cyrillic letters and the Latin ones that look like them.
const LOOKALIKES: [(char, char); 12] = [
    ('а', 'a'),
    ('в', 'b'),
    ('е', 'e'),
    ('к', 'k'),
    ('м', 'm'),
    ('н', 'h'),
    ('о', 'o'),
    ('р', 'p'),
    ('с', 'c'),
    ('т', 't'),
    ('у', 'y'),
    ('х', 'x'),
];

/// The folded words of a text, in order.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for letter in text.chars().flat_map(char::to_lowercase) {
        match fold_letter(letter) {
            Some('\0') => {}
            Some(folded) => word.push(folded),
            None if word.is_empty() => {}
            None => words.push(one_script(std::mem::take(&mut word))),
        }
    }
    if !word.is_empty() {
        words.push(one_script(word));
    }
    words
}

/// A word in two scripts is written in one that most of its letters belong to: «Сappuccino» with a Cyrillic С.
fn one_script(word: String) -> String {
    let cyrillic = word.chars().filter(|letter| ('\u{400}'..='\u{52f}').contains(letter)).count();
    let latin = word.chars().filter(char::is_ascii_alphabetic).count();
    if cyrillic == 0 || latin == 0 {
        return word;
    }
    let swap = |letter: char| {
        let pair = LOOKALIKES.iter().find(|(here, there)| letter == *here || letter == *there);
        pair.map_or(letter, |(here, there)| if latin > cyrillic { *there } else { *here })
    };
    word.chars().map(swap).collect()
}

/// A text as one folded string without blanks: for codes and stock-keeping numbers. Leading zeros do not count.
#[must_use]
pub fn code(text: &str) -> String {
    let joined = words(text).concat();
    let short = joined.trim_start_matches('0');
    if short.is_empty() { joined } else { short.to_owned() }
}

/// How alike two texts are, in thousandths: pairs of neighbouring letters of their words that both have (Dice), with
/// the order of words left out of account.
#[must_use]
pub fn similarity(one: &str, other: &str) -> u32 {
    let (mut one, mut other) = (pairs(one), pairs(other));
    let total = one.len() + other.len();
    if total == 0 {
        return 0;
    }
    one.sort_unstable();
    other.sort_unstable();
    let (mut at, mut shared) = (0, 0_usize);
    for pair in &one {
        while at < other.len() && other[at] < *pair {
            at += 1;
        }
        if at < other.len() && other[at] == *pair {
            shared += 1;
            at += 1;
        }
    }
    u32::try_from(2_000 * shared / total).unwrap_or(1_000)
}

/// Neighbouring letters, with the beginning of each word as a letter of its own.
fn pairs(text: &str) -> Vec<(char, char)> {
    let mut pairs = Vec::new();
    for word in words(text) {
        let mut before = ' ';
        for letter in word.chars() {
            pairs.push((before, letter));
            before = letter;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_what_people_type_for_one_another() {
        assert_eq!(words("Сappuccino"), words("Cappuccino"), "a Cyrillic С");
        assert_eq!(words("Қымыз, үлкен"), vec!["кымыз", "улкен"]);
        assert_eq!(words("Чёрный  ЧАЙ"), vec!["черныи", "чаи"]);
        assert_eq!(words("Crème brûlée"), vec!["creme", "brulee"]);
        assert!(words(" — ").is_empty());
        assert_eq!(code("00064-S"), "64s");
        assert_eq!(code("000"), "000");
    }

    #[test]
    fn likeness_is_symmetric_and_ordered() {
        assert_eq!(similarity("Капучино", "капучино"), 1_000);
        assert_eq!(similarity("Раф ванильный", "Ванильный раф"), 1_000);
        assert!(similarity("Капучино", "Капуччино") > 850);
        assert!(similarity("Капучино", "Латте") < 200);
        assert_eq!(similarity("", ""), 0);
    }

    proptest::proptest! {
        #[test]
        fn likeness_has_bounds(one: String, other: String) {
            let there = similarity(&one, &other);
            proptest::prop_assert_eq!(there, similarity(&other, &one));
            proptest::prop_assert!(there <= 1_000);
        }
    }
}
