//! Server-sent events: a reply that goes on while something changes.
//!
//! A feed is asked again and again what is new; who carries it decides how often and for how long. It ends long before
//! its reader is satisfied, and the reader comes back with the id of the last event it saw.

use kernel::Timestamp;
use store::Sql;

use crate::call::Request;
use crate::problem::Problem;
use crate::reply::Reply;

/// Longest id of an event that is taken back from a reader.
const ID_LEN_MAX: usize = 64;

/// The media type of a feed.
pub const CONTENT_TYPE: &str = "text/event-stream";

/// Something new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The reader sends it as `Last-Event-ID` when it comes back: whoever gets it must know what came later.
    pub id: String,
    /// What kind of event.
    pub name: &'static str,
    /// JSON.
    pub data: String,
}

impl Event {
    /// The event as it is sent. A line break, in whatever form, would end a field: each line is a field of its own.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("id: {}\nevent: {}\n", single_line(&self.id), single_line(self.name));
        for line in self.data.split(['\n', '\r']) {
            text += "data: ";
            text += line;
            text.push('\n');
        }
        text.push('\n');
        text
    }
}

fn single_line(text: &str) -> String {
    text.chars().filter(|character| !matches!(character, '\n' | '\r' | '\0')).collect()
}

/// What a feed has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// These are new, none perhaps; more may come.
    Goes(Vec<Event>),
    /// These are the last.
    Ends(Vec<Event>),
}

/// Says what is new since it was last asked.
pub type Feed = Box<dyn FnMut(&dyn Sql, Timestamp) -> Result<Progress, Problem>>;

/// How a call is answered that may be answered by a feed.
pub enum Outcome {
    /// At once.
    Reply(Reply),
    /// As long as something happens.
    Feed(Feed),
}

/// The id of the last event that a returning reader saw.
#[must_use]
pub fn last_event_id(request: &Request) -> Option<&str> {
    request.header("last-event-id").filter(|id| (1..=ID_LEN_MAX).contains(&id.len()))
}

/// Whether the reader asks for a feed, rather than for how things stand now.
#[must_use]
pub fn is_wanted(request: &Request) -> bool {
    let media_types = request.header("accept").unwrap_or_default().split(',');
    let mut essences = media_types.map(|media_type| media_type.split(';').next().unwrap_or_default().trim());
    essences.any(|essence| essence.eq_ignore_ascii_case(CONTENT_TYPE))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Method};

    use super::*;

    #[test]
    fn an_event_is_written_line_by_line() {
        let event = |id: &str, data: &str| Event { id: id.to_owned(), name: "status", data: data.to_owned() };
        for (event, text) in [
            (event("7", "{}"), "id: 7\nevent: status\ndata: {}\n\n"),
            (event("7\n8", "a\nb"), "id: 78\nevent: status\ndata: a\ndata: b\n\n"),
            (event("7", "x\r\ndata: y"), "id: 7\nevent: status\ndata: x\ndata: \ndata: data: y\n\n"),
        ] {
            assert_eq!(event.text(), text);
        }
    }

    #[test]
    fn a_reader_says_what_it_wants_and_where_it_was() {
        let request = |name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_str(value).expect("a header"));
            Request {
                method: Method::GET,
                path: String::new(),
                query: String::new(),
                headers,
                body: Vec::new(),
                client_address: String::new(),
            }
        };
        assert!(is_wanted(&request("accept", "text/event-stream")));
        assert!(is_wanted(&request("accept", "application/json;q=0.5, Text/Event-Stream;q=1")));
        assert!(!is_wanted(&request("accept", "*/*")), "only who asks for it can read it");
        assert!(!is_wanted(&request("accept", "text/event-streams")));
        assert_eq!(last_event_id(&request("last-event-id", "12")), Some("12"));
        assert_eq!(last_event_id(&request("last-event-id", "")), None);
        assert_eq!(last_event_id(&request("last-event-id", &"1".repeat(65))), None);
    }
}
