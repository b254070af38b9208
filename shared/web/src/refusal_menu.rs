//! Refusals of the use cases of menus as problems.

use api::problem as p;
use shop::{iiko_account, menu_brand};

use crate::problem::Problem;

impl From<menu_brand::Refused> for Problem {
    fn from(refused: menu_brand::Refused) -> Self {
        use menu_brand::Refused as R;
        match refused {
            R::Store(error) => error.into(),
            R::UnknownBrand | R::UnknownAccount | R::UnknownItem | R::UnknownOutlet => {
                Self::of(&p::NOT_FOUND)
            }
            R::UnknownProduct => {
                Self::of(&p::UNKNOWN_PRODUCT).at("/product_id", "the chain has no such product")
            }
            R::Invalid(faults) => faults
                .into_iter()
                .fold(Self::of(&p::INVALID_FIELD), |problem, (pointer, words)| problem.at(pointer, words)),
            R::CategoryInUse => Self::of(&p::CATEGORY_IN_USE),
            R::TooMany => Self::of(&p::TOO_MANY_ITEMS),
        }
    }
}

impl From<iiko_account::Refused> for Problem {
    fn from(refused: iiko_account::Refused) -> Self {
        use iiko_account::Refused as R;
        let words = refused.to_string();
        match refused {
            R::Store(error) => error.into(),
            R::Unknown | R::UnknownBrand => Self::of(&p::NOT_FOUND),
            R::Taken => Self::of(&p::ACCOUNT_TAKEN).because(words),
            R::Address => Self::of(&p::INVALID_FIELD).at("/base_url", words),
            R::CredentialsNeeded => Self::of(&p::INVALID_FIELD).at("/credentials", words),
        }
    }
}
