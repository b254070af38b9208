//! What a guest tells about themselves, as checked values.

use std::fmt;

use email_address::{EmailAddress, Options};
use kernel::{Date, ParseError, Timestamp};

/// Most characters of a display name.
pub const NAME_CHARS_MAX: usize = 60;
/// Most bytes of an e-mail address (RFC 5321: a path of 256 with its two brackets).
pub const EMAIL_LEN_MAX: usize = 254;
/// Oldest believable age in years.
pub const AGE_MAX: i16 = 120;
/// Most bytes of a consent's text version and source.
pub const CONSENT_WORD_LEN_MAX: usize = 64;

/// How a guest wants to be called.
#[derive(Clone, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// Trims, folds inner white space to single spaces, and checks.
    ///
    /// # Errors
    /// When nothing is left, it is longer than [`NAME_CHARS_MAX`], has no letter, or has characters that no
    /// name has: control and direction marks, angle brackets.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        // Four bytes a character is UTF-8's most; longer texts are refused before they are copied.
        if text.len() > 8 * NAME_CHARS_MAX {
            return Err(ParseError("a name has at most 60 characters"));
        }
        if text.chars().any(|c| c.is_control() || is_invisible(c) || matches!(c, '<' | '>')) {
            return Err(ParseError("a name has no control characters or angle brackets"));
        }
        let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.chars().count() > NAME_CHARS_MAX {
            return Err(ParseError("a name has at most 60 characters"));
        }
        if !name.chars().any(char::is_alphabetic) {
            return Err(ParseError("a name has at least one letter"));
        }
        Ok(Self(name))
    }

    /// The name in clear.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Marks that change how the text around them is shown without being seen.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// The first letter only.
impl fmt::Debug for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DisplayName({}•••)", self.0.chars().next().unwrap_or_default())
    }
}

/// A day of birth; the year is the guest's to keep.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Birthday {
    year: Option<i16>,
    month: i8,
    day: i8,
}

impl Birthday {
    /// Reads `1990-04-13`, or `--04-13` (ISO 8601) without the year.
    ///
    /// # Errors
    /// When it is no such day, after `today`, or more than [`AGE_MAX`] years before.
    pub fn parse(text: &str, today: Date) -> Result<Self, ParseError> {
        const SHAPE: ParseError = ParseError("not a birthday such as 1990-04-13 or --04-13");
        /// Leap, so that 29 February is a birthday.
        const ANY_YEAR: &str = "2000";
        if let Some(rest) = text.strip_prefix("--") {
            let (_, month, day) = Date::parse(&format!("{ANY_YEAR}-{rest}")).map_err(|_| SHAPE)?.parts();
            return Ok(Self { year: None, month, day });
        }
        let date = Date::parse(text).map_err(|_| SHAPE)?;
        let (year, month, day) = date.parts();
        if date > today {
            return Err(ParseError("a birthday is not in the future"));
        }
        if today.parts().0 - year > AGE_MAX {
            return Err(ParseError("a birthday is at most 120 years ago"));
        }
        Ok(Self { year: Some(year), month, day })
    }

    /// Month (1 to 12) and day (1 to 31).
    #[must_use]
    pub const fn month_day(self) -> (i8, i8) {
        (self.month, self.day)
    }

    /// The year, if the guest told it.
    #[must_use]
    pub const fn year(self) -> Option<i16> {
        self.year
    }

    /// The day on which it is kept in `year`: itself, or 28 February for those born on the 29th.
    #[must_use]
    pub fn in_year(self, year: i16) -> Option<Date> {
        Date::new(year, self.month, self.day).or_else(|_| Date::new(year, self.month, self.day - 1)).ok()
    }

    /// The text that [`Birthday::parse`] reads.
    #[must_use]
    pub fn expose(self) -> String {
        match self.year {
            Some(year) => format!("{year:04}-{:02}-{:02}", self.month, self.day),
            None => format!("--{:02}-{:02}", self.month, self.day),
        }
    }
}

impl fmt::Debug for Birthday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Birthday(hidden)")
    }
}

/// An e-mail address in its normal form: the domain in small letters.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Checks the form (RFC 5321 and 6531, without quoted names, comments and address literals), not that
    /// anybody reads it.
    ///
    /// # Errors
    /// When it is no such address.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        const SHAPE: ParseError = ParseError("not an e-mail address");
        let text = text.trim();
        if text.len() > EMAIL_LEN_MAX || text.contains(['"', '(']) || text.chars().any(is_invisible) {
            return Err(SHAPE);
        }
        let options = Options::default().with_required_tld().without_domain_literal().without_display_text();
        let address = EmailAddress::parse_with_options(text, options).map_err(|_| SHAPE)?;
        Ok(Self(format!("{}@{}", address.local_part(), address.domain().to_lowercase())))
    }

    /// The address in clear.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The domain only.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Email(•••@{})", self.0.rsplit_once('@').map_or("", |(_, domain)| domain))
    }
}

/// A language the service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// Russian.
    #[default]
    Ru,
    /// Kazakh.
    Kk,
    /// English.
    En,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 3] = [Self::Ru, Self::Kk, Self::En];

    /// ISO 639-1 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ru => "ru",
            Self::Kk => "kk",
            Self::En => "en",
        }
    }

    /// Reads an ISO 639-1 code in small letters.
    ///
    /// # Errors
    /// When the service does not speak it.
    pub fn parse(code: &str) -> Result<Self, ParseError> {
        Self::ALL
            .into_iter()
            .find(|language| language.code() == code)
            .ok_or(ParseError("unknown language; use ru, kk or en"))
    }
}

/// What a guest agrees to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ConsentKind {
    /// The programme's rules.
    Terms,
    /// The handling of personal data.
    PersonalData,
    /// Advertising by text message.
    MarketingSms,
    /// Advertising by push message.
    MarketingPush,
}

impl ConsentKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Terms, Self::PersonalData, Self::MarketingSms, Self::MarketingPush];

    /// The name in JSON and in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Terms => "terms",
            Self::PersonalData => "personal_data",
            Self::MarketingSms => "marketing_sms",
            Self::MarketingPush => "marketing_push",
        }
    }

    /// Reads the name.
    ///
    /// # Errors
    /// When there is no such kind.
    pub fn parse(code: &str) -> Result<Self, ParseError> {
        Self::ALL.into_iter().find(|kind| kind.code() == code).ok_or(ParseError("unknown kind of consent"))
    }

    /// True when nobody can be a member without it.
    #[must_use]
    pub const fn is_required(self) -> bool {
        matches!(self, Self::Terms | Self::PersonalData)
    }
}

/// A guest's yes or no to one version of one text. Never changed: the latest of a kind counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// To what.
    pub kind: ConsentKind,
    /// Yes or no.
    pub granted: bool,
    /// Which version of the text they saw.
    pub text_version: ConsentWord,
    /// When they said so.
    pub at: Timestamp,
    /// Where they said so: `app`, `telegram`, `till`, an import.
    pub source: ConsentWord,
}

impl Consent {
    /// The consents that count: the latest of each kind, in the order of kinds. Of two at one instant the later in
    /// the list counts.
    #[must_use]
    pub fn in_force(all: &[Self]) -> Vec<&Self> {
        let latest =
            |kind| all.iter().filter(move |consent| consent.kind == kind).max_by_key(|consent| consent.at);
        ConsentKind::ALL.into_iter().filter_map(latest).collect()
    }
}

/// A version or a source: Latin letters, digits, `.`, `_`, `-`, `:`; 1 to [`CONSENT_WORD_LEN_MAX`] bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConsentWord(String);

impl ConsentWord {
    /// Checks the characters and the length.
    ///
    /// # Errors
    /// When one does not fit.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b':');
        if (1..=CONSENT_WORD_LEN_MAX).contains(&text.len()) && text.bytes().all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseError("use 1 to 64 Latin letters, digits, dots, hyphens, underscores or colons"))
        }
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests;
