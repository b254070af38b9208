//! A text message gateway for development: takes messages as the real one does, and lets a person read them.
//!
//! - `POST /messages` with `{"id","to","sender","text","ttl_s","kind"}` answers
//!   `{"provider_id","status":"accepted","parts","price"}`; the same `id` again answers the same and is not a second
//!   message.
//! - `GET /messages?to=%2B77010000001` lists what came for a number, newest first; without `to`, everything.
//!
//! A test double: nothing is sent anywhere, and nothing survives the process.

use std::collections::VecDeque;
use std::io::Read as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use anyhow::{Context as _, Result, anyhow};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tiny_http::{Header, Method, Request, Response, Server};

/// Largest body read.
const BODY_BYTES_MAX: u64 = 16 * 1024;
/// Messages kept; older ones are forgotten.
const MESSAGES_MAX: usize = 10_000;
/// Characters of a message in UCS-2: alone, and in each part of a longer one.
const CHARACTERS_ALONE: usize = 70;
const CHARACTERS_PER_PART: usize = 67;

/// A message as the product sends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    id: String,
    to: String,
    sender: String,
    text: String,
    ttl_s: u32,
    kind: Kind,
}

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Otp,
    Service,
    Promo,
}

type Messages = Arc<Mutex<VecDeque<Message>>>;

/// A running inbox; it stops when dropped.
pub struct Inbox {
    address: SocketAddr,
    server: Arc<Server>,
    worker: Option<JoinHandle<()>>,
}

impl Inbox {
    /// Starts one on the loopback address; port 0 takes any free port.
    ///
    /// # Errors
    /// When the port is taken.
    pub fn start(port: u16) -> Result<Self> {
        let server = Server::http((Ipv4Addr::LOCALHOST, port))
            .map_err(|error| anyhow!("{error}"))
            .with_context(|| format!("the text message inbox could not listen on port {port}"))?;
        let address = server.server_addr().to_ip().context("the inbox has no IP address")?;
        let server = Arc::new(server);
        let serving = Arc::clone(&server);
        let worker = std::thread::spawn(move || {
            let messages = Messages::default();
            for request in serving.incoming_requests() {
                // The reader went away: nothing to do for it.
                answer(request, &messages).ok();
            }
        });
        Ok(Self { address, server, worker: Some(worker) })
    }

    /// Where it listens: `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.server.unblock();
        if let Some(worker) = self.worker.take() {
            worker.join().ok();
        }
    }
}

fn answer(mut request: Request, messages: &Messages) -> std::io::Result<()> {
    let url = request.url().to_owned();
    let (path, query) = url.split_once('?').unwrap_or((&url, ""));
    let (status, body) = match (request.method(), path) {
        (Method::Post, "/messages") => receive(&mut request, messages),
        (Method::Get, "/messages") => (200, list(query, messages)),
        _ => (404, json!({ "error": "POST or GET /messages" })),
    };
    let header = Header::from_bytes("content-type", "application/json")
        .map_err(|()| std::io::ErrorKind::InvalidData)?;
    request.respond(Response::from_string(body.to_string()).with_status_code(status).with_header(header))
}

fn receive(request: &mut Request, messages: &Messages) -> (u16, serde_json::Value) {
    let mut body = Vec::new();
    if let Err(error) = request.as_reader().take(BODY_BYTES_MAX).read_to_end(&mut body) {
        return (400, json!({ "error": error.to_string() }));
    }
    let message: Message = match serde_json::from_slice(&body) {
        Ok(message) => message,
        Err(error) => return (422, json!({ "error": error.to_string() })),
    };
    let mut kept = messages.lock().unwrap_or_else(PoisonError::into_inner);
    let accepted = json!({
        "provider_id": format!("local-{}", message.id),
        "status": "accepted",
        "parts": parts(&message.text),
        "price": "0.00",
    });
    match kept.iter().find(|known| known.id == message.id) {
        Some(known) if *known == message => {}
        Some(_) => return (409, json!({ "error": "this id was used with another message" })),
        None => {
            kept.push_front(message);
            kept.truncate(MESSAGES_MAX);
        }
    }
    (200, accepted)
}

fn list(query: &str, messages: &Messages) -> serde_json::Value {
    let to = query.split('&').find_map(|pair| pair.strip_prefix("to="));
    let digits = |text: &str| text.replace("%2B", "+").replace("%2b", "+");
    let wanted = to.map(|to| digits(to).trim_start_matches(['+', ' ']).to_owned());
    let kept = messages.lock().unwrap_or_else(PoisonError::into_inner);
    let chosen: Vec<&Message> = kept
        .iter()
        .filter(|message| wanted.as_deref().is_none_or(|wanted| message.to.trim_start_matches('+') == wanted))
        .collect();
    json!({ "messages": chosen })
}

/// Parts of a message with letters beyond Latin.
fn parts(text: &str) -> usize {
    let characters = text.encode_utf16().count();
    if characters <= CHARACTERS_ALONE { 1 } else { characters.div_ceil(CHARACTERS_PER_PART) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(inbox: &Inbox, text: &str) -> Result<u16, ureq::Error> {
        let body = json!({
            "id": "one", "to": "+77010000001", "sender": "COFFEE", "text": text, "ttl_s": 300, "kind": "otp",
        });
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        Ok(agent.post(format!("{}/messages", inbox.url())).send_json(body)?.status().as_u16())
    }

    #[test]
    fn a_message_is_kept_once_and_found_by_number() {
        let inbox = Inbox::start(0).expect("any port");
        assert_eq!(post(&inbox, "482193").expect("answer"), 200);
        assert_eq!(post(&inbox, "482193").expect("answer"), 200);
        assert_eq!(post(&inbox, "another text under the same id").expect("answer"), 409);
        let mut read =
            ureq::get(format!("{}/messages?to=%2B77010000001", inbox.url())).call().expect("answer");
        let listed: serde_json::Value = read.body_mut().read_json().expect("json");
        assert_eq!(listed["messages"].as_array().map(Vec::len), Some(1));
        assert_eq!(listed["messages"][0]["text"], "482193");
        let mut other = ureq::get(format!("{}/messages?to=77010000002", inbox.url())).call().expect("answer");
        let listed: serde_json::Value = other.body_mut().read_json().expect("json");
        assert_eq!(listed["messages"].as_array().map(Vec::len), Some(0));
    }

    #[test]
    fn long_messages_have_parts() {
        assert_eq!(parts(&"я".repeat(70)), 1);
        assert_eq!(parts(&"я".repeat(71)), 2);
        assert_eq!(parts(&"я".repeat(135)), 3);
    }
}
