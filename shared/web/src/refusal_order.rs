//! Refusals of orders as problems.

use api::problem as p;
use kernel::Timestamp;
use ordering::InvalidTransition;
use serde_json::json;
use shop::order::Refusal;
use shop::order::stock::Missing;

use crate::problem::{Problem, Text};

/// A refusal at a time, which says how long to wait.
#[must_use]
pub fn problem(refusal: Refusal, now: Timestamp) -> Problem {
    let words = refusal.to_string();
    match refusal {
        Refusal::Store(error) => error.into(),
        Refusal::Club(refusal) => refusal.into(),
        Refusal::Transition(why) => Problem::of(&p::ORDER_STATE).because(transition(why)),
        Refusal::Unknown => Problem::of(&p::NOT_FOUND),
        Refusal::Ordered { order } => Problem::of(&p::QUOTE_ORDERED).with("order", order.to_string()),
        Refusal::QuoteExpired => Problem::of(&p::QUOTE_EXPIRED),
        Refusal::DayFull => Problem::of(&p::QUOTE_EXPIRED).because(Text::Words([
            "баллы за этот день начислены или обещаны по другому заказу".to_owned(),
            "осы күннің ұпайлары басқа тапсырыс бойынша берілген немесе уәде етілген".to_owned(),
            "the day's points were earned or promised with another order".to_owned(),
        ])),
        Refusal::OutletUnavailable => Problem::of(&p::OUTLET_UNAVAILABLE),
        Refusal::Closed(found) => crate::refusal_quote::closed(&found),
        Refusal::TillUnavailable { until, .. } => {
            let wait_ms = until.millis().saturating_sub(now.millis());
            let wait = membership::allowance::whole_seconds(wait_ms);
            Problem::of(&p::TILL_UNAVAILABLE).retry_after(wait)
        }
        Refusal::PaymentUnavailable => Problem::of(&p::PAYMENT_UNAVAILABLE),
        Refusal::TooManyOpen { max } => Problem::of(&p::TOO_MANY_ORDERS).with("max", max),
        Refusal::PromotionOver { .. } => Problem::of(&p::PROMOTION_OVER).because(words),
        Refusal::NotReturnable => Problem::of(&p::RETURN_EXCEEDS),
    }
}

/// What cannot be had any more, line by line.
#[must_use]
pub fn missing(found: &[Missing]) -> Problem {
    let names: Vec<_> =
        found.iter().map(|one| json!({ "line_no": one.line_no, "name": one.name.ru })).collect();
    let problem = Problem::of(&p::CART_UNAVAILABLE).with("missing", names);
    found.iter().fold(problem, |problem, one| {
        let pointer = format!("/lines/{}", one.line_no.saturating_sub(1));
        problem.at(
            pointer,
            Text::Words([
                format!("{}: закончилось", one.name.ru),
                format!("{}: таусылды", one.name.kk),
                format!("{}: sold out", one.name.en),
            ]),
        )
    })
}

fn transition(why: InvalidTransition) -> Text {
    let words = match why {
        InvalidTransition::Unknown => ["нет такого платежа", "мұндай төлем жоқ", "there is no such payment"],
        InvalidTransition::Over => ["заказ завершён", "тапсырыс аяқталған", "the order is over"],
        InvalidTransition::NotPayable => [
            "заказ оплачен, или время на оплату вышло",
            "тапсырыс төленген немесе төлем уақыты біткен",
            "the order is paid, or the time to pay is over",
        ],
        InvalidTransition::PaymentUnderWay => {
            ["оплата уже начата", "төлем басталып кеткен", "a payment is under way"]
        }
        InvalidTransition::BeingMade => [
            "заказ уже готовят: отменить его можно только в кофейне",
            "тапсырыс дайындалып жатыр: оны тек кофеханада тоқтатуға болады",
            "the order is being made; only the coffee shop can cancel it",
        ],
        InvalidTransition::MoreThanPaid => {
            ["больше, чем было оплачено", "төленгеннен көп", "more than was paid"]
        }
        InvalidTransition::OtherState => {
            ["заказ в другом состоянии", "тапсырыс басқа күйде", "the order is in another state"]
        }
    };
    Text::Words(words.map(str::to_owned))
}
