//! Staff: be told.

use api::wire::tickets::{TicketNews, TicketNewsReply};
use care::follow::{News, Reader};
use care::teams::parse_team_id;
use care::tickets;
use club::personal::Personal;
use kernel::Timestamp;
use store::tickets::follow::Narrowed;
use store::{Sql, StoreError};
use web::events::{self, Event, Outcome, Progress};
use web::{Call, Problem, Reply, guest as guests, tickets as replies};

use crate::staff::{actor, code, yes};

/// The event that comes first, and again whenever too much was missed: what was known before is to be forgotten.
const BEGIN: &str = "begin";

/// Answers with what is new, once or as it comes.
///
/// # Errors
/// 422 for a parameter that is not lawful; a failure of storage.
pub fn read(call: &Call<'_>) -> Result<Outcome, Problem> {
    let actor = actor(call)?;
    let mine = call.query("mine", yes)?.unwrap_or(false);
    let narrowed = Narrowed {
        outlet: call.query("outlet", code)?,
        assignee: mine.then_some(actor.staff),
        team: call.query("team", parse_team_id)?,
    };
    let (secrets, random) = (guests::secrets(call.settings)?, call.random);
    let mut reader = Reader::new(actor.viewer()?, narrowed, events::last_event_id(&call.request));
    if !events::is_wanted(&call.request) {
        let personal = Personal { secrets: &secrets, random: &random };
        let reading = reader.read(call.sql, call.now)?;
        let items = reading.news.into_iter().map(|news| told(news, personal, call.now));
        let items = items.collect::<Result<_, StoreError>>()?;
        let reply = TicketNewsReply { begins: reading.begins, items, last_event_id: reader.place() };
        return Ok(Outcome::Reply(Reply::json(200, &reply)?));
    }
    // The clock of the call, moved on as the host's moves: a set one stays set.
    let (asked, mut started) = (call.now, None);
    Ok(Outcome::Feed(Box::new(move |sql: &dyn Sql, now: Timestamp| {
        let began = *started.get_or_insert(now);
        let now = asked.plus_millis(now.millis() - began.millis());
        let personal = Personal { secrets: &secrets, random: &random };
        let reading = reader.read(sql, now)?;
        let mut said = Vec::with_capacity(reading.news.len() + 1);
        if reading.begins {
            // Who saw this alone begins anew; where nothing follows it, it is all.
            let id = if reading.news.is_empty() { reader.place() } else { BEGIN.to_owned() };
            said.push(Event { id, name: BEGIN, data: "{}".to_owned() });
        }
        for news in reading.news {
            let (id, name) = (news.place.clone(), news.what.code());
            let row = told(news, personal, now)?.ticket;
            let data = serde_json::to_string(&row).map_err(|error| Problem::internal(error.to_string()))?;
            said.push(Event { id, name, data });
        }
        Ok(Progress::Goes(said))
    })))
}

fn told(news: News, personal: Personal<'_>, now: Timestamp) -> Result<TicketNews, StoreError> {
    let head = tickets::head_of(&news.ticket, personal)?;
    Ok(TicketNews { event: news.what.code().to_owned(), ticket: replies::row(&news.ticket, head, now) })
}
