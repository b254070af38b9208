//! Refusals of the back office's use cases as problems.

use api::problem as p;
use club::import::HeaderFault;
use club::{adjust, directory, import, programme_admin, staff, till_key};
use membership::secrets::VaultError;

use crate::problem::{Problem, Text};

impl From<VaultError> for Problem {
    fn from(error: VaultError) -> Self {
        Self::internal(error.to_string())
    }
}

impl From<staff::Refused> for Problem {
    fn from(refused: staff::Refused) -> Self {
        use staff::Refused as R;
        let words = refused.to_string();
        match refused {
            R::Store(error) => error.into(),
            R::Vault(error) => error.into(),
            R::UnknownStaff => Self::of(&p::NOT_FOUND),
            R::CodeTaken => Self::of(&p::STAFF_CODE_TAKEN).at("/code", words),
            R::LoginTaken => Self::of(&p::LOGIN_TAKEN).at("/login", words),
            R::NotAStaffRole => Self::of(&p::ROLE_SCOPE).at("/role", words),
            R::UnknownOutlet(_) => Self::of(&p::UNKNOWN_OUTLET).because(words),
            R::UnknownFranchisee(_) => Self::of(&p::UNKNOWN_FRANCHISEE).at("/scope/franchisee", words),
            R::Grant(_) => Self::of(&p::ROLE_SCOPE).at("/scope", words),
            R::OwnAccount => Self::of(&p::OWN_ACCOUNT),
            R::HasLeft => Self::of(&p::STAFF_LEFT),
        }
    }
}

impl From<till_key::Refused> for Problem {
    fn from(refused: till_key::Refused) -> Self {
        use till_key::Refused as R;
        let words = refused.to_string();
        match refused {
            R::Store(error) => error.into(),
            R::UnknownOutlet => Self::of(&p::UNKNOWN_OUTLET).at("/outlet", words),
            R::UnknownKey => Self::of(&p::NOT_FOUND),
        }
    }
}

impl From<directory::Refused> for Problem {
    fn from(refused: directory::Refused) -> Self {
        use directory::Refused as R;
        let words = refused.to_string();
        match refused {
            R::Store(error) => error.into(),
            R::UnknownOutlet => Self::of(&p::NOT_FOUND),
            R::UnknownBrand => Self::of(&p::UNKNOWN_BRAND).at("/brand", words),
            R::UnknownFranchisee(_) => Self::of(&p::UNKNOWN_FRANCHISEE).at("/franchisee", words),
            R::Fixed(what) => Self::of(&p::OUTLET_FIXED).at(format!("/{what}"), words),
        }
    }
}

impl From<programme_admin::Refused> for Problem {
    fn from(refused: programme_admin::Refused) -> Self {
        use programme_admin::Refused as R;
        let words = refused.to_string();
        match refused {
            R::Store(error) => error.into(),
            R::UnknownBrand => Self::of(&p::NOT_FOUND),
            R::Rules(problems) => {
                problems.into_iter().fold(Self::of(&p::PROGRAMME_INVALID), |problem, found| {
                    problem.at(format!("/rules{}", found.pointer), Text::Fault(found.fault))
                })
            }
            R::OtherBrand => Self::of(&p::PROGRAMME_INVALID).at("/rules/brand", words),
            R::InPast => Self::of(&p::EFFECTIVE_TOO_EARLY).at("/effective_from", words),
            R::NotAfterNewest { newest } => Self::of(&p::EFFECTIVE_TOO_EARLY)
                .at("/effective_from", words)
                .with("newest", newest.to_string()),
            R::TierInUse { tier, members } => Self::of(&p::TIER_IN_USE)
                .at("/rules/tiers", words)
                .with("tier", tier)
                .with("members", members),
        }
    }
}

impl From<adjust::Refused> for Problem {
    fn from(refused: adjust::Refused) -> Self {
        use adjust::Refused as R;
        let words = refused.to_string();
        match refused {
            R::Store(error) => error.into(),
            R::Ledger(refusal) => club::Refusal::Ledger(refusal).into(),
            R::Balance(refusal) => refusal.into(),
            R::UnknownMember => Self::of(&p::NOT_FOUND),
            R::MemberInactive => Self::of(&p::MEMBER_INACTIVE),
            R::AboveLimit { max } => {
                Self::of(&p::ADJUSTMENT_LIMIT).at("/points", words).with("max", max.to_string())
            }
            R::OwnAccount => Self::of(&p::OWN_ACCOUNT),
            R::AboveDayLimit { max, left } => Self::of(&p::ADJUSTMENT_LIMIT)
                .at("/points", words)
                .with("max", max.to_string())
                .with("left", left.to_string()),
        }
    }
}

impl From<import::Refused> for Problem {
    fn from(refused: import::Refused) -> Self {
        use import::Refused as R;
        let words = refused.to_string();
        match refused {
            R::Store(error) => error.into(),
            R::Refusal(refusal) => refusal.into(),
            R::Vault(error) => error.into(),
            R::Header(faults) => {
                faults.into_iter().fold(Self::of(&p::IMPORT_HEADER), |problem, fault| match fault {
                    HeaderFault::Missing(name) => problem.at(name, "the file must have this column"),
                    HeaderFault::Unknown(name) => problem.at(name, "files of this kind have no such column"),
                    HeaderFault::Twice(name) => problem.at(name, "the column is there twice"),
                    HeaderFault::NotUtf8 => problem.at("", "the file is not UTF-8"),
                })
            }
            R::TooManyRows => Self::of(&p::TOO_LARGE).because(words).with("rows_max", import::ROWS_MAX),
            R::UnknownBrand => Self::of(&p::UNKNOWN_BRAND).at("?brand", words),
        }
    }
}
