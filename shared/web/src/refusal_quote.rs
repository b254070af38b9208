//! Refusals of quotes as problems.

use api::problem as p;
use kernel::Lang;
use menu::Refusal as Choice;
use menu::refusal::Named;
use menu::stock::Shortage;
use serde_json::{Value, json};
use shop::opening::Closed;
use shop::quote::Refusal;

use crate::problem::{Problem, Text};

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Store(error) => error.into(),
            Refusal::Club(refusal) => refusal.into(),
            Refusal::UnknownOutlet | Refusal::OtherBrand => Self::of(&p::UNKNOWN_OUTLET),
            Refusal::OutletUnavailable => Self::of(&p::OUTLET_UNAVAILABLE),
            Refusal::Closed(found) => closed(&found),
            Refusal::Unavailable { lines, shortages } => unavailable(&lines, &shortages),
            Refusal::Cart(refusal) => cart(refusal),
            Refusal::PointsNeedGuest => Self::of(&p::UNAUTHENTICATED),
            Refusal::Unknown => Self::of(&p::UNKNOWN_QUOTE),
            Refusal::Expired => Self::of(&p::QUOTE_EXPIRED),
        }
    }
}

/// Closed when the goods are wanted, with the time from which they can be had.
#[must_use]
pub fn closed(found: &Closed) -> Problem {
    let problem = Problem::of(&p::OUTLET_CLOSED).with("wanted_at", found.wanted_at.as_str());
    let Some(opens_at) = &found.opens_at else { return problem };
    let part = |range| opens_at.get(range).unwrap_or_default();
    let (date, time) = (format!("{}.{}", part(8..10), part(5..7)), part(11..16));
    let words = [
        format!("откроется {date} в {time}"),
        format!("{date} күні {time} ашылады"),
        format!("opens on {date} at {time}"),
    ];
    problem.because(Text::Words(words)).with("opens_at", opens_at.as_str())
}

fn cart(refusal: pricing::evaluate::Refusal) -> Problem {
    use pricing::evaluate::Refusal as R;
    let words = refusal.to_string();
    match refusal {
        R::TooLarge => Problem::of(&p::INVALID_FIELD).at("/lines", words),
        R::BadLine { line_no } => {
            Problem::of(&p::INVALID_FIELD).at(format!("/lines/{}", line_no.saturating_sub(1)), words)
        }
        R::Overflow => Problem::internal(words),
    }
}

/// Every line at fault with its reason, and beside it, for programs, what there is instead.
fn unavailable(lines: &[(usize, Box<Choice>)], shortages: &[Shortage]) -> Problem {
    let mut problem = Problem::of(&p::CART_UNAVAILABLE);
    let mut members: Vec<Value> = Vec::new();
    for (index, refusal) in lines {
        problem = problem.at(format!("/lines/{index}"), words(|lang| refusal.text(lang)));
        let alternatives: Vec<Value> = refusal.alternatives().iter().map(named).collect();
        members.push(json!({ "line": index, "reason": refusal.code(), "alternatives": alternatives }));
    }
    for shortage in shortages {
        problem = problem.at("/lines", words(|lang| short_text(shortage, lang)));
        members.push(json!({
            "reason": "too_few_left",
            "code": shortage.code,
            "left": shortage.left,
            "needed": shortage.needed,
            "alternatives": [],
        }));
    }
    problem.with("unavailable", members)
}

fn words(text: impl Fn(Lang) -> String) -> Text {
    Text::Words([text(Lang::Ru), text(Lang::Kk), text(Lang::En)])
}

fn named(item: &Named) -> Value {
    json!({ "code": item.code, "names": item.names })
}

fn short_text(shortage: &Shortage, lang: Lang) -> String {
    let Shortage { names, left, needed, .. } = shortage;
    let name = names.text(lang);
    match lang {
        Lang::Ru => format!("«{name}»: осталось {left}, нужно {needed}"),
        Lang::Kk => format!("«{name}»: {left} қалды, {needed} керек"),
        Lang::En => format!("“{name}”: {left} left, {needed} needed"),
    }
}
