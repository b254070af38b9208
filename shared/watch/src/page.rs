//! Where guests appeal: a page of the chain's app or site, told to the scheduled look by a variable and kept in the database.
//!
//! Rules stop spending in the transactions of a dozen components, and only one of them is told the variable. Without a page
//! messages say in words what to do.

use kernel::ParseError;
use store::fraud::settings;
use store::transaction::transaction;
use store::{Sql, StoreError};

/// The name of the setting, and of the variable.
pub const APPEAL_URL: &str = "appeal_url";
/// Most characters of an address.
pub const LEN_MAX: usize = 300;
/// What becomes the brand's code.
const BRAND: &str = "{brand}";
const SCHEME: &str = "https://";

/// An address that guests are led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page(String);

impl Page {
    /// Reads what the variable says; empty: there is none.
    ///
    /// # Errors
    /// When it is no address of the web, over TLS, that a button can lead to.
    pub fn parse(text: &str) -> Result<Option<Self>, ParseError> {
        if text.is_empty() {
            return Ok(None);
        }
        let rest = text.strip_prefix(SCHEME).ok_or(ParseError("appeal_url must begin with https://"))?;
        if text.len() > LEN_MAX {
            return Err(ParseError("appeal_url has more than 300 characters"));
        }
        let plain = rest.replace(BRAND, "");
        if !plain.bytes().all(|byte| byte.is_ascii_graphic() && !b"{}<>\"\\^`|".contains(&byte)) {
            return Err(ParseError(
                "appeal_url has characters that no address has; {brand} is the only blank",
            ));
        }
        // What stands before an `@` would be a name and a password: the host is another than the one that is read first.
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
        if authority.contains('@') || port.parse::<u16>().is_err() || port.starts_with('+') {
            return Err(ParseError("appeal_url has a name, a password or something else than a port"));
        }
        let lawful = |label: &str| {
            !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        // A brand's code in the name of a host would send guests wherever a code says.
        if !host.contains('.') || !host.split('.').all(lawful) {
            return Err(ParseError("appeal_url names no host"));
        }
        Ok(Some(Self(text.to_owned())))
    }

    /// The page of a brand.
    #[must_use]
    pub fn of(&self, brand: &str) -> String {
        let mut encoded = String::with_capacity(brand.len());
        for byte in brand.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                encoded.push(char::from(byte));
            } else {
                encoded.push_str(&format!("%{byte:02X}"));
            }
        }
        self.0.replace(BRAND, &encoded)
    }
}

/// Keeps what the variable says, where it is another than before. What cannot be read is kept as none, so that nobody is
/// led astray.
///
/// # Errors
/// What is wrong with the variable, or a failure of storage, in words for the job's record.
pub fn keep(sql: &dyn Sql, variable: &str) -> Result<(), String> {
    let read = Page::parse(variable.trim());
    let page = read.as_ref().ok().and_then(Option::as_ref).map(|page| page.0.as_str());
    let kept = (|| {
        if settings::load(sql, APPEAL_URL)?.as_deref() != page {
            transaction(sql, |tx| settings::save(tx, APPEAL_URL, page))?;
        }
        Ok::<(), StoreError>(())
    })();
    kept.map_err(|error| error.to_string()).and(read.map(drop).map_err(|error| error.0.to_owned()))
}

/// The page of a brand, if there is one.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, brand: &str) -> Result<Option<String>, StoreError> {
    let kept = settings::load(sql, APPEAL_URL)?;
    Ok(kept.and_then(|text| Page::parse(&text).ok().flatten()).map(|page| page.of(brand)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::native::NativeSql;

    #[test]
    fn only_addresses_of_the_web_are_led_to() {
        assert_eq!(Page::parse(""), Ok(None));
        for (text, of_brand) in [
            ("https://club.example/appeal", "https://club.example/appeal"),
            ("https://club.example/@team", "https://club.example/@team"),
            (
                "https://club.example:8443/{brand}/appeal?x=1#y",
                "https://club.example:8443/a%2Fb/appeal?x=1#y",
            ),
        ] {
            let page = Page::parse(text).expect("lawful").expect("a page");
            assert_eq!(page.of("a/b"), of_brand);
        }
        for text in [
            "http://club.example/",
            "javascript:alert(1)",
            "https://",
            "https:///appeal",
            "https://localhost/",
            "https://user@club.example/",
            "https://club.example:x@evil.example/",
            "https://club.example:443@evil.example/",
            "https://club.example:x/",
            "https://club.example:+443/",
            "https://club.example:/",
            "https://club.example:65536/",
            "https://club.example:1:2/",
            "https://{brand}.example/",
            "https://club.example/ appeal",
            "https://club.example/{member}",
            "https://club..example/",
            "https://клуб.example/",
            &format!("https://club.example/{}", "x".repeat(LEN_MAX)),
        ] {
            assert!(Page::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_page_that_cannot_be_read_leads_nobody_astray() {
        let sql = NativeSql::in_memory().expect("a database");
        assert_eq!(load(&sql, "b"), Ok(None));
        keep(&sql, " https://club.example/{brand} ").expect("kept");
        assert_eq!(load(&sql, "b").expect("read").as_deref(), Some("https://club.example/b"));
        let why = keep(&sql, "club.example").expect_err("no address");
        assert!(why.contains("https://"), "{why}");
        assert_eq!(load(&sql, "b"), Ok(None));
        keep(&sql, "").expect("none");
        assert_eq!(load(&sql, "b"), Ok(None));
    }
}
