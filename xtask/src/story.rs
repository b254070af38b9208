//! The story that shows what the service does: one script, printed as commands by `up` and performed by `demo`.

mod curl;
pub mod orders;
mod perform;
pub mod script;

pub use curl::print;
pub use perform::{Places, perform};

use serde_json::Value;

/// A value that is there before the first step.
pub struct Known {
    pub name: &'static str,
    pub value: String,
    /// The same for a shell: an expression to put between double quotes.
    pub shell: String,
}

impl Known {
    /// A value that is the same each time the commands are run.
    #[must_use]
    pub fn fixed(name: &'static str, value: &str) -> Self {
        Self { name, value: value.to_owned(), shell: value.to_owned() }
    }
}

/// One request of the story. `${NAME}` in path and body stands for a value captured earlier.
pub struct Step {
    pub title: &'static str,
    /// Keeps the time right before the request under this name: a sale happens when it is posted.
    pub stamp: Option<&'static str>,
    pub request: Request,
    /// Status of the reply.
    pub status: u16,
    /// Whether it is asked again until the checks hold: what happens takes a moment.
    pub awaited: bool,
    /// Values that later steps need.
    pub captures: Vec<Capture>,
    /// JSON pointers into the reply and what must be there.
    pub checks: Vec<(&'static str, Value)>,
}

/// What is sent, and to whom.
pub struct Request {
    pub method: &'static str,
    pub to: To,
    pub path: String,
    /// Name of the captured value that is the bearer token.
    pub bearer: Option<&'static str>,
    /// Whether it carries an `Idempotency-Key`.
    pub keyed: bool,
    pub body: Option<Value>,
}

/// The servers of the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// The service.
    Api,
    /// The text message inbox: asked again until something is there.
    Inbox,
    /// The till system's simulator: what a barista does.
    Iiko,
    /// The acquirer's simulator: what it does by itself.
    YooKassa,
    /// Anywhere: the path is a whole address.
    Web,
}

/// A value to take from a reply.
pub struct Capture {
    pub name: &'static str,
    /// Field that holds it: the first of that name in the reply.
    pub field: &'static str,
    /// Of the field's text, only the first run of four to six digits: the one-time code.
    pub digits: bool,
}

impl Step {
    /// A step that expects 200 and captures nothing.
    #[must_use]
    pub const fn new(title: &'static str, request: Request) -> Self {
        Self {
            title,
            stamp: None,
            request,
            status: 200,
            awaited: false,
            captures: Vec::new(),
            checks: Vec::new(),
        }
    }

    /// Keeps the time under `name` before the request.
    #[must_use]
    pub const fn stamp(mut self, name: &'static str) -> Self {
        self.stamp = Some(name);
        self
    }

    /// Expects another status.
    #[must_use]
    pub const fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Asks again until the checks hold.
    #[must_use]
    pub const fn awaited(mut self) -> Self {
        self.awaited = true;
        self
    }

    /// Keeps the value of `field` as `name`.
    #[must_use]
    pub fn capture(mut self, name: &'static str, field: &'static str) -> Self {
        self.captures.push(Capture { name, field, digits: false });
        self
    }

    /// Keeps the one-time code in `field` as `name`.
    #[must_use]
    pub fn capture_code(mut self, name: &'static str, field: &'static str) -> Self {
        self.captures.push(Capture { name, field, digits: true });
        self
    }

    /// Expects `value` at a JSON pointer.
    #[must_use]
    pub fn check(mut self, pointer: &'static str, value: impl Into<Value>) -> Self {
        self.checks.push((pointer, value.into()));
        self
    }
}

impl Request {
    /// Reads from the service.
    #[must_use]
    pub fn get(path: &str) -> Self {
        let path = path.to_owned();
        Self { method: "GET", to: To::Api, path, bearer: None, keyed: false, body: None }
    }

    /// Asks the service to do something that needs no body.
    #[must_use]
    pub fn post_empty(path: &str) -> Self {
        Self { method: "POST", ..Self::get(path) }
    }

    /// Sends JSON to the service.
    #[must_use]
    pub fn post(path: &str, body: Value) -> Self {
        Self { body: Some(body), ..Self::post_empty(path) }
    }

    /// Reads from the text message inbox.
    #[must_use]
    pub fn inbox(path: &str) -> Self {
        Self { to: To::Inbox, ..Self::get(path) }
    }

    /// Has a simulator do something.
    #[must_use]
    pub fn control(to: To, path: &str, body: Value) -> Self {
        Self { to, ..Self::post(&format!("/_control/{path}"), body) }
    }

    /// Writes JSON to the service.
    #[must_use]
    pub fn put(path: &str, body: Value) -> Self {
        Self { method: "PUT", ..Self::post(path, body) }
    }

    /// Opens an address.
    #[must_use]
    pub fn web(address: &str) -> Self {
        Self { to: To::Web, ..Self::get(address) }
    }

    /// Authenticates with a captured token.
    #[must_use]
    pub const fn bearer(mut self, name: &'static str) -> Self {
        self.bearer = Some(name);
        self
    }

    /// Carries an `Idempotency-Key`.
    #[must_use]
    pub const fn keyed(mut self) -> Self {
        self.keyed = true;
        self
    }
}
