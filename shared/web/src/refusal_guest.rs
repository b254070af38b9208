//! Refusals of what guests do, as problems: one exhaustive match each.

use api::problem as p;
use club::{card, member, session, signup};
use membership::phone::{Kind, PhoneError};
use membership::profile::ConsentKind;

use crate::problem::{Problem, Text};

impl From<signup::Refusal> for Problem {
    fn from(refusal: signup::Refusal) -> Self {
        use signup::Refusal as R;
        let words = refusal.to_string();
        match refusal {
            R::Store(error) => error.into(),
            R::Club(refusal) => refusal.into(),
            R::UnknownBrand => Self::of(&p::UNKNOWN_BRAND).at("/brand", words),
            R::Phone(error) => Self::of(&p::INVALID_FIELD).at("/phone", phone_words(error)),
            R::NotMobile(refused) => {
                Self::of(&p::NOT_MOBILE).at("/phone", words).with("phone_kind", phone_kind(refused.0))
            }
            R::NotServed => Self::of(&p::COUNTRY_NOT_SERVED).at("/phone", words),
            R::Consents(kinds) => Self::of(&p::CONSENT_REQUIRED).with("required", codes(&kinds)),
            R::ConsentTwice => Self::of(&p::INVALID_FIELD).at("/consents", words),
            R::Limited(limited) => {
                Self::of(&p::RATE_LIMITED).because(words).retry_after(limited.retry_after_seconds)
            }
            R::UnknownChallenge => Self::of(&p::UNKNOWN_CHALLENGE),
            R::ChallengeEnded { challenge } => {
                Self::of(&p::CHALLENGE_ENDED).with("challenge", challenge.to_string())
            }
        }
    }
}

impl From<session::Refusal> for Problem {
    fn from(refusal: session::Refusal) -> Self {
        match refusal {
            session::Refusal::Store(error) => error.into(),
            session::Refusal::Ended => Self::of(&p::SESSION_ENDED),
        }
    }
}

impl From<member::Refusal> for Problem {
    fn from(refusal: member::Refusal) -> Self {
        use member::Refusal as R;
        let words = refusal.to_string();
        match refusal {
            R::Store(error) => error.into(),
            R::Club(refusal) => refusal.into(),
            R::UnknownMember => Self::of(&p::NOT_FOUND),
            R::UnderReview => Self::of(&p::ACCOUNT_UNDER_REVIEW).because(crate::fraud::appeal_first()),
            R::ConsentTwice => Self::of(&p::INVALID_FIELD).at("/consents", words),
            R::ConsentRequired(kind) => Self::of(&p::CONSENT_WITHDRAWAL)
                .because("erase the account instead: POST /v1/member/erase")
                .with("consent", kind.code()),
            R::Limited { retry_after_seconds } => {
                Self::of(&p::RATE_LIMITED).because(words).retry_after(retry_after_seconds)
            }
        }
    }
}

impl From<card::Refusal> for Problem {
    fn from(refusal: card::Refusal) -> Self {
        use card::Refusal as R;
        let words = refusal.to_string();
        match refusal {
            R::Store(error) => error.into(),
            R::MemberInactive => Self::of(&p::MEMBER_INACTIVE),
            R::Unknown => Self::of(&p::NOT_FOUND),
            R::Inactive { status } => Self::of(&p::CARD_INACTIVE).with("card_status", status),
            R::TooMany => Self::of(&p::TOO_MANY_CARDS).with("active_max", card::ACTIVE_MAX),
            R::Limited { retry_after_seconds } => {
                Self::of(&p::RATE_LIMITED).because(words).retry_after(retry_after_seconds)
            }
            R::Numbers(_) => Self::internal(words),
        }
    }
}

fn codes(kinds: &[ConsentKind]) -> Vec<&'static str> {
    kinds.iter().map(|kind| kind.code()).collect()
}

const fn phone_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Mobile => "mobile",
        Kind::FixedOrMobile => "fixed_or_mobile",
        Kind::Fixed => "fixed",
        Kind::TollFree => "toll_free",
        Kind::Other => "other",
    }
}

fn phone_words(error: PhoneError) -> Text {
    let words = match error {
        PhoneError::NotANumber => {
            ["это не номер телефона", "бұл телефон нөмірі емес", "this is not a phone number"]
        }
        PhoneError::Length => [
            "в номере лишние цифры или их не хватает",
            "нөмірде артық сандар бар немесе сандар жетіспейді",
            "the number has too many digits or too few",
        ],
        PhoneError::NotAssigned => {
            ["такого номера не существует", "мұндай нөмір жоқ", "there is no such phone number"]
        }
    };
    Text::Words(words.map(str::to_owned))
}
