//! The webhook's secret: what Telegram repeats in a header of every update.

use crate::hash::same;
use crate::limit::SECRET_LEN_MAX;

/// The header's name.
pub const HEADER: &str = "x-telegram-bot-api-secret-token";

/// Whether the header carries the secret. Takes the same time wherever they differ; an empty secret is nobody's.
#[must_use]
pub fn is_right(header: Option<&str>, secret: &str) -> bool {
    let header = header.unwrap_or_default();
    !secret.is_empty() && header.len() <= SECRET_LEN_MAX && same(header.as_bytes(), secret.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_secret_is_right() {
        for (header, secret, right) in [
            (Some("a-secret"), "a-secret", true),
            (Some("a-secreT"), "a-secret", false),
            (Some("a-secret "), "a-secret", false),
            (Some(""), "a-secret", false),
            (None, "a-secret", false),
            (Some(""), "", false),
            (None, "", false),
        ] {
            assert_eq!(is_right(header, secret), right, "{header:?} {secret:?}");
        }
    }
}
