//! Phone numbers: any spelling in, E.164 out.
//!
//! The numbering plans are libphonenumber's, through the crate `rlibphonenumber`. Reading a number costs about
//! 4 ms once in a component's life (the plans are loaded), then microseconds. [`Phone`] alone, the stored
//! value, needs none of it: a component that only masks or shows phones does not carry the plans.

use std::fmt;

use kernel::ParseError;
use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumberFormat, PhoneNumberType, Region};

/// Longest text that is looked at as a phone.
pub const TEXT_LEN_MAX: usize = 64;
/// Most digits of an E.164 number.
const DIGITS_MAX: usize = 15;
const DIGITS_MIN: usize = 7;
/// Characters shown at either end of a masked number: `+7701•••4567`.
const MASK_HEAD: usize = 5;
const MASK_TAIL: usize = 4;
/// Digits that even the shortest number keeps hidden.
const HIDDEN_MIN: usize = 3;

/// A country of the default region, ISO 3166-1 alpha-2: how national spellings (`8 701 …`) are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Country(Region);

impl Country {
    /// Reads a code in capitals, such as `KZ`.
    ///
    /// # Errors
    /// When there is no numbering plan for it.
    pub fn parse(code: &str) -> Result<Self, ParseError> {
        const UNKNOWN: ParseError = ParseError("unknown country; use an ISO 3166 code such as KZ or RU");
        if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(UNKNOWN);
        }
        let region = Region::from_code(code).map_err(|_| UNKNOWN)?;
        // Any two letters are a region to the library; only a known one has a calling code.
        PHONE_NUMBER_UTIL.get_country_code_for_region(region).map(|_| Self(region)).ok_or(UNKNOWN)
    }

    /// The two letters.
    #[must_use]
    pub fn code(self) -> String {
        self.0.as_region_str().to_string()
    }
}

/// What a number reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A mobile phone.
    Mobile,
    /// A mobile or a fixed line: in some countries (+1) the number does not tell.
    FixedOrMobile,
    /// A fixed line.
    Fixed,
    /// A free service number.
    TollFree,
    /// Anything else: premium, shared-cost, internet, pager, service numbers.
    Other,
}

/// Why a text is not a phone number. No variant holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Empty, too long a text, or no number in it.
    #[error("not a phone number")]
    NotANumber,
    /// The country's numbers have another length.
    #[error("a phone number has more or fewer digits")]
    Length,
    /// Of a right length, but no operator has such numbers.
    #[error("there is no such phone number")]
    NotAssigned,
}

/// The number is real, but no text message reaches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("only a mobile number can be used to sign up")]
pub struct NotMobile(pub Kind);

/// A number in E.164, as it is stored and indexed. Masked wherever it is shown.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phone(String);

impl Phone {
    /// Takes a number that is already in E.164: from the vault, or from another part of the service. Checks the
    /// form, not the numbering plan.
    ///
    /// # Errors
    /// When it is not `+` and 7 to 15 digits.
    pub fn from_e164(text: &str) -> Result<Self, ParseError> {
        let digits = text.strip_prefix('+').filter(|digits| {
            (DIGITS_MIN..=DIGITS_MAX).contains(&digits.len())
                && digits.bytes().all(|byte| byte.is_ascii_digit())
                && !digits.starts_with('0')
        });
        digits.map(|_| Self(text.to_owned())).ok_or(ParseError("not a phone number in E.164"))
    }

    /// The number in clear: for the vault, the blind index, the message gateway and the guest's own export.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// `+7701•••4567`.
impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tail = self.0.len() - MASK_TAIL;
        let head = MASK_HEAD.min(tail - HIDDEN_MIN);
        write!(f, "{}•••{}", &self.0[..head], &self.0[tail..])
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({self})")
    }
}

/// A number that was read from a person's spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The number without any extension.
    pub phone: Phone,
    /// Where it belongs; `None` for numbers of no country (satellite, international free numbers).
    pub country: Option<Country>,
    /// What it reaches.
    pub kind: Kind,
}

impl Read {
    /// The phone, if a text message can reach it.
    ///
    /// # Errors
    /// When it is a fixed line or a service number.
    pub fn mobile(self) -> Result<Phone, NotMobile> {
        match self.kind {
            Kind::Mobile | Kind::FixedOrMobile => Ok(self.phone),
            Kind::Fixed | Kind::TollFree | Kind::Other => Err(NotMobile(self.kind)),
        }
    }
}

/// Reads a number in any spelling; national ones as `home` would dial them. Only numbers that exist by their
/// country's numbering plan are read.
///
/// # Errors
/// When it is no number, or none that exists.
pub fn read(text: &str, home: Country) -> Result<Read, PhoneError> {
    if text.len() > TEXT_LEN_MAX {
        return Err(PhoneError::NotANumber);
    }
    let plans = &*PHONE_NUMBER_UTIL;
    let number = plans.parse(text, Some(home.0)).map_err(|_| PhoneError::NotANumber)?;
    match plans.is_possible_number_with_reason(&number) {
        Ok(NumberLengthType::IsPossible) => {}
        Ok(NumberLengthType::IsPossibleLocalOnly) | Err(_) => return Err(PhoneError::Length),
    }
    let kind = match plans.get_number_type(&number) {
        PhoneNumberType::Mobile => Kind::Mobile,
        PhoneNumberType::FixedLineOrMobile => Kind::FixedOrMobile,
        PhoneNumberType::FixedLine => Kind::Fixed,
        PhoneNumberType::TollFree => Kind::TollFree,
        PhoneNumberType::Unknown => return Err(PhoneError::NotAssigned),
        _ => Kind::Other,
    };
    // E.164 has no extension: one that was typed is dropped here.
    let e164 = plans.format(&number, PhoneNumberFormat::E164);
    let phone = Phone::from_e164(&e164).map_err(|_| PhoneError::NotANumber)?;
    let country = plans.get_region_for_number(&number).filter(|&region| region != Region::World).map(Country);
    Ok(Read { phone, country, kind })
}

#[cfg(test)]
mod tests;
