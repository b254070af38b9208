//! Words that fit.

use crate::limit::length;

/// Stands where a text was cut.
const ELLIPSIS: char = '…';

/// As much of a plain text as fits into `max` UTF-16 units; a cut one ends with an ellipsis.
#[must_use]
pub fn fit(text: &str, max: usize) -> String {
    if length(text) <= max {
        return text.to_owned();
    }
    let mut left = max.saturating_sub(ELLIPSIS.len_utf16());
    let mut fitting = String::with_capacity(text.len().min(max * 4));
    for letter in text.chars() {
        match left.checked_sub(letter.len_utf16()) {
            Some(rest) => left = rest,
            None => break,
        }
        fitting.push(letter);
    }
    fitting.truncate(fitting.trim_end().len());
    fitting.push(ELLIPSIS);
    fitting
}

/// A plain text where HTML is read (`parse_mode` `HTML`).
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A link in HTML.
#[must_use]
pub fn link(url: &str, words: &str) -> String {
    format!("<a href=\"{}\">{}</a>", escape(url), escape(words))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_cut_fits_and_what_fits_is_not_cut(text: String, max in 1usize..40) {
            let fitting = fit(&text, max);
            prop_assert!(length(&fitting) <= max);
            prop_assert_eq!(fitting == text, length(&text) <= max);
        }
    }

    #[test]
    fn surrogate_pairs_count_twice() {
        assert_eq!(fit("☕☕☕", 3), "☕☕☕");
        assert_eq!(fit("😀😀😀", 5), "😀😀…");
        assert_eq!(fit("кофе и чай", 7), "кофе и…");
    }

    #[test]
    fn html_is_escaped() {
        assert_eq!(link("https://a/?b&c\"", "<i>"), "<a href=\"https://a/?b&amp;c&quot;\">&lt;i&gt;</a>");
    }
}
