//! Look, tell what is new.

use kernel::Timestamp;
use store::Sql;
use web::events::{self, Event, Outcome, Progress};
use web::orders::{own, reply};
use web::problem::lang;
use web::{Call, Problem, Reply};

/// The name of an event with an order in it.
const ORDER: &str = "order";

/// Follows the caller's order.
///
/// # Errors
/// 404 for anybody else's; a failure of storage.
pub async fn run(call: &mut Call<'_>) -> Result<Outcome, Problem> {
    let stored = own(call)?;
    let language = lang(call.language);
    if !events::is_wanted(&call.request) {
        let now = reply(call.sql, &stored, language, call.now)?;
        return Ok(Outcome::Reply(Reply::json(200, &now)?));
    }
    let id = stored.order.id;
    let mut seen = events::last_event_id(&call.request).map(str::to_owned);
    Ok(Outcome::Feed(Box::new(move |sql: &dyn Sql, now: Timestamp| {
        let stored = store::orders::load(sql, id)?.ok_or_else(|| Problem::of(&api::problem::NOT_FOUND))?;
        let current = reply(sql, &stored, language, now)?;
        // Any two states that differ in what the guest sees have different ids.
        let payment = current.payment.as_ref().map(|payment| payment.status.as_str()).unwrap_or_default();
        let back = current.refunds.iter().filter(|refund| refund.status == "succeeded").count();
        let counts =
            [stored.order.payments.len(), current.refunds.len(), back].map(|count| count.to_string());
        let state =
            [current.stage.as_str(), current.status.code.as_str(), payment, &counts.join(".")].join("-");
        let is_over = stored.order.is_settled();
        let mut news = Vec::new();
        if seen.as_ref() != Some(&state) {
            let data =
                serde_json::to_string(&current).map_err(|error| Problem::internal(error.to_string()))?;
            news.push(Event { id: state.clone(), name: ORDER, data });
            seen = Some(state);
        }
        Ok(if is_over { Progress::Ends(news) } else { Progress::Goes(news) })
    })))
}
