//! Refusals of promotions and coupons as problems.

use api::problem as p;
use kernel::Lang;
use shop::promotion::administration;
use shop::{coupon, segment, simulation};

use crate::problem::{Problem, Text};

impl From<administration::Refused> for Problem {
    fn from(refused: administration::Refused) -> Self {
        use administration::Refused as R;
        let words = refused.to_string();
        match refused {
            R::Store(error) => error.into(),
            R::Unknown => Self::of(&p::NOT_FOUND),
            R::UnknownBrand => Self::of(&p::UNKNOWN_BRAND).at("/rules/brand", words),
            R::Rules(problems) => {
                problems.into_iter().fold(Self::of(&p::PROMOTION_INVALID), |problem, found| {
                    problem.at(
                        format!("/rules{}", found.pointer),
                        Text::Words(Lang::ALL.map(|lang| found.fault.text(lang))),
                    )
                })
            }
            R::OtherBrand => Self::of(&p::PROMOTION_INVALID).at("/rules/brand", words),
            R::State { state, .. } => {
                Self::of(&p::PROMOTION_STATE).because(words).with("state", state.code())
            }
            R::InPast => Self::of(&p::PROMOTION_STATE).at("/starts_at", words),
            R::EndsBeforeStart => Self::of(&p::PROMOTION_STATE).at("/ends_at", words),
            R::TooMany => Self::of(&p::PROMOTION_STATE).because(words),
        }
    }
}

impl From<coupon::Refused> for Problem {
    fn from(refused: coupon::Refused) -> Self {
        use coupon::Refused as R;
        let words = refused.to_string();
        match refused {
            R::Store(error) => error.into(),
            R::UnknownPromotion => Self::of(&p::UNKNOWN_PROMOTION).at("/promotion", words),
            R::UnknownBatch | R::NoReferral => Self::of(&p::NOT_FOUND).because(words),
            R::OtherKind(_) => Self::of(&p::COUPON_BATCH_KIND).because(words),
            R::BadCode { index } => Self::of(&p::INVALID_FIELD).at(format!("/import/{index}"), words),
            R::TooManyCodes => Self::of(&p::TOO_MANY_CODES).because(words),
            R::ReferralLimit => Self::of(&p::INVALID_FIELD).at("/uses_per_guest", words),
            R::RewardWithoutReferral => Self::of(&p::INVALID_FIELD).at("/reward", words),
        }
    }
}

impl From<segment::Refused> for Problem {
    fn from(refused: segment::Refused) -> Self {
        use segment::Refused as R;
        let words = refused.to_string();
        match refused {
            R::Store(error) => error.into(),
            R::UnknownBrand => Self::of(&p::UNKNOWN_BRAND).because(words),
            R::UnknownMember => Self::of(&p::NOT_FOUND).because(words),
            R::TooMany => Self::of(&p::INVALID_FIELD).because(words),
            R::Rule(faults) => {
                faults.into_iter().fold(Self::of(&p::INVALID_FIELD), |problem, (at, fault)| {
                    problem.at(format!("/rule{at}"), fault.to_string())
                })
            }
        }
    }
}

impl From<simulation::Refused> for Problem {
    fn from(refused: simulation::Refused) -> Self {
        use simulation::Refused as R;
        let words = refused.to_string();
        match refused {
            R::Store(error) => error.into(),
            R::UnknownPromotion => Self::of(&p::UNKNOWN_PROMOTION).at("/promotion", words),
            R::Unknown => Self::of(&p::NOT_FOUND),
            R::Span => Self::of(&p::INVALID_FIELD).at("/until", words),
        }
    }
}
