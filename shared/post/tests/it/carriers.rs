//! Carriers that do as they are told.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use carriers::oauth::ServiceAccount;
use carriers::{email, sms};
use partner::{Answer, Exchange, Fault, Request};
use post::carry::{Carriers, Fcm, Rustore};
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// What a carrier does with a call.
#[derive(Debug, Clone)]
pub enum Does {
    Answers(u16, String),
    /// The call never got out.
    NotSent,
    /// Nobody knows.
    Silent,
}

/// The other end of the way out.
#[derive(Default)]
pub struct Desk {
    /// By the beginning of the address; without an entry everything is taken.
    pub does: RefCell<BTreeMap<&'static str, Does>>,
    pub asked: RefCell<Vec<Request>>,
    /// The process dies when calls are made.
    pub dies: Cell<bool>,
}

pub const FCM: &str = "http://fcm/v1";
pub const TOKEN: &str = "http://google";
pub const RUSTORE: &str = "http://rustore";
pub const SMS: &str = "http://sms";
pub const EMAIL: &str = "http://email";
pub const TELEGRAM: &str = "http://telegram";

impl Desk {
    pub fn set(&self, carrier: &'static str, does: Does) {
        self.does.borrow_mut().insert(carrier, does);
    }

    pub fn heal(&self) {
        self.does.borrow_mut().clear();
    }

    /// Bodies of the calls to a carrier.
    pub fn bodies(&self, carrier: &str) -> Vec<Value> {
        let asked = self.asked.borrow();
        let to_carrier = asked.iter().filter(|request| request.url.starts_with(carrier));
        to_carrier.map(|request| serde_json::from_slice(&request.body).unwrap_or(Value::Null)).collect()
    }

    pub fn calls(&self, carrier: &str) -> usize {
        self.bodies(carrier).len()
    }
}

impl Exchange for Desk {
    fn exchange(&self, request: &Request) -> Result<Answer, Fault> {
        self.asked.borrow_mut().push(request.clone());
        assert!(!self.dies.get(), "the process dies here");
        let does = self.does.borrow();
        let told =
            does.iter().find(|(carrier, _)| request.url.starts_with(**carrier)).map(|(_, does)| does.clone());
        let (status, body) = match told {
            Some(Does::Answers(status, body)) => (status, body),
            Some(Does::NotSent) => return Err(Fault::NotSent("no connection".to_owned())),
            Some(Does::Silent) => return Err(Fault::NoAnswer("not in time".to_owned())),
            None => (200, taken(&request.url)),
        };
        Ok(Answer { status, headers: Vec::new(), body: body.into_bytes() })
    }
}

fn taken(url: &str) -> String {
    let body = match url {
        url if url.starts_with(TOKEN) => {
            json!({ "access_token": "t", "expires_in": 3599, "token_type": "Bearer" })
        }
        url if url.starts_with(FCM) => json!({ "name": "projects/p/messages/1" }),
        url if url.starts_with(SMS) => json!({ "provider_id": "s1", "status": "accepted" }),
        url if url.starts_with(EMAIL) => json!({ "id": "e1" }),
        url if url.starts_with(TELEGRAM) => {
            json!({ "ok": true, "result": { "message_id": 5, "date": 1, "chat": { "id": 1, "type": "private" } } })
        }
        _ => json!({}),
    };
    body.to_string()
}

/// FCM's words for a device whose app is gone.
pub fn unregistered() -> Does {
    let body = json!({ "error": { "code": 404, "message": "Requested entity was not found.", "status": "NOT_FOUND",
        "details": [{ "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": "UNREGISTERED" }] } });
    Does::Answers(404, body.to_string())
}

/// Every carrier.
pub fn all() -> Carriers {
    let account = json!({ "project_id": "p", "client_email": "a@b.c", "private_key": KEY }).to_string();
    Carriers {
        fcm: Some(Fcm {
            url: "http://fcm".to_owned(),
            token_url: TOKEN.to_owned(),
            account: ServiceAccount::parse(&account).unwrap(),
        }),
        rustore: Some(Rustore {
            url: RUSTORE.to_owned(),
            project: "p".to_owned(),
            token: Zeroizing::new("t".to_owned()),
        }),
        email: Some(email::Gateway {
            url: EMAIL.to_owned(),
            token: "t".to_owned(),
            sender: "Coffee <club@example.com>".to_owned(),
        }),
        sms: Some(sms::Gateway { url: SMS.to_owned(), token: String::new(), sender: "COFFEE".to_owned() }),
        telegram: Some(TELEGRAM.to_owned()),
        complaints: Vec::new(),
    }
}

/// Made for tests: it opens nothing.
const KEY: &str = include_str!("../../../../tests/partners/src/carriers/service_account.pem");
