//! Telegram's Bot API: bots, private chats, webhooks.
//!
//! What it refuses, Telegram refuses, in Telegram's words; what it notes as a violation, Telegram would show otherwise than
//! was meant, or ignore. Limits are kept per chat and for the bot as a whole, by the simulator's own clock.
//!
//! Control: `POST /_control/chats` `{"chat":1,"state":"open|blocked|deactivated|missing"}`,
//! `GET /_control/said?chat=1` is [`Telegram::said`] as JSON, `POST /_control/limits` `{"on":false}`.

mod call;
mod handle;
mod html;
mod shapes;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};

pub use call::Call;

use crate::clock::Clock;
use crate::journal::Received;
use crate::serve::{Desk, Partner, Reply, Served};

/// Messages to one chat in a second, and in all.
const PER_CHAT_MS: i64 = 1_000;
const PER_SECOND: usize = 30;

/// A bot that BotFather has made.
#[derive(Debug, Clone)]
pub struct Bot {
    pub id: i64,
    pub token: String,
    pub username: String,
}

impl Bot {
    /// The bot of tests.
    #[must_use]
    pub fn example() -> Self {
        Self {
            id: 6_000_000_001,
            token: "6000000001:AAExampleExampleExampleExampleExample00".to_owned(),
            username: "brand_bot".to_owned(),
        }
    }
}

/// How a user stands by the bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatState {
    Open,
    Blocked,
    Deactivated,
    /// The user never wrote to the bot.
    Missing,
}

/// A message of the bot's, as its reader sees it.
#[derive(Debug, Clone, Serialize)]
pub struct Said {
    pub message_id: i64,
    /// The text, or the caption of a picture.
    pub text: String,
    pub parse_mode: Option<String>,
    /// The bytes of the picture, if there is one.
    #[serde(skip)]
    pub picture: Option<Vec<u8>>,
    pub reply_markup: Value,
    /// How often it was changed.
    pub edits: u32,
}

impl Said {
    /// The data of the button under it that says this.
    #[must_use]
    pub fn button(&self, words: &str) -> Option<String> {
        let rows = self.reply_markup["inline_keyboard"].as_array()?;
        let buttons = rows.iter().filter_map(Value::as_array).flatten();
        let found = buttons
            .into_iter()
            .find(|button| button["text"].as_str().is_some_and(|text| text.contains(words)))?;
        found["callback_data"].as_str().map(str::to_owned)
    }
}

#[derive(Default)]
struct State {
    chats: HashMap<i64, ChatState>,
    said: BTreeMap<i64, Vec<Said>>,
    next_message: i64,
    webhook: Option<Webhook>,
    commands: BTreeMap<String, Value>,
    /// The button beside the field, once it was set.
    menu_button: Option<Value>,
    /// Answered presses, and what was shown over the chat.
    answered: Vec<(String, Option<String>)>,
    /// When messages went, by chat and in all.
    sent_at: HashMap<i64, i64>,
    all_sent_at: Vec<i64>,
    limits_off: bool,
}

/// Where updates go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    pub url: String,
    pub secret: String,
}

/// The simulator. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Telegram {
    bot: Bot,
    clock: Clock,
    state: Arc<Mutex<State>>,
}

/// A running simulator; it stops when dropped.
pub struct Running {
    pub telegram: Telegram,
    pub desk: Arc<Desk>,
    served: Served,
}

impl Running {
    /// Serves `bot` on a port; 0 takes any free one.
    ///
    /// # Errors
    /// When the port is taken.
    pub fn start(port: u16, bot: Bot, clock: Clock) -> Result<Self> {
        let telegram = Telegram { bot, clock, state: Arc::default() };
        let desk = Arc::<Desk>::default();
        let served = Served::start(port, Arc::new(telegram.clone()), Arc::clone(&desk))?;
        Ok(Self { telegram, desk, served })
    }

    /// Instead of `https://api.telegram.org`.
    #[must_use]
    pub fn url(&self) -> String {
        self.served.url()
    }

    /// What was wrong with any call so far.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.desk.journal.violations()
    }
}

impl Telegram {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on a chat stands like this. A chat that nobody spoke of is open.
    pub fn chat(&self, chat: i64, state: ChatState) {
        self.lock().chats.insert(chat, state);
    }

    /// Lets messages through however fast they come: for stories that are about something else.
    pub fn without_limits(&self) {
        self.lock().limits_off = true;
    }

    /// What the bot has said in a chat, oldest first; edited messages as they are now.
    #[must_use]
    pub fn said(&self, chat: i64) -> Vec<Said> {
        self.lock().said.get(&chat).cloned().unwrap_or_default()
    }

    /// Presses that were answered, with what was shown over the chat.
    #[must_use]
    pub fn answered(&self) -> Vec<(String, Option<String>)> {
        self.lock().answered.clone()
    }

    /// Where updates are to be sent.
    #[must_use]
    pub fn webhook(&self) -> Option<Webhook> {
        self.lock().webhook.clone()
    }

    /// Languages for which commands are listed; empty for all others.
    #[must_use]
    pub fn command_languages(&self) -> Vec<String> {
        self.lock().commands.keys().cloned().collect()
    }

    /// The button beside the field, as the bot set it.
    #[must_use]
    pub fn menu_button(&self) -> Option<Value> {
        self.lock().menu_button.clone()
    }

    /// Carries out what a webhook answered an update with, as Telegram does: nobody is told what came of it.
    ///
    /// # Errors
    /// Everything that is wrong with it, if anything is.
    pub fn hear(&self, content_type: &str, body: &[u8]) -> Result<(), Vec<String>> {
        if body.is_empty() {
            return Ok(());
        }
        let mut call = Call::read(content_type, body).map_err(|fault| vec![fault])?;
        let Some(Value::String(method)) = call.fields.remove("method") else {
            return Err(vec!["the answer to an update names no method".to_owned()]);
        };
        let reply = self.carry_out(&method, &call);
        let mut faults = reply.violations;
        if reply.status != 200 {
            faults.push(format!("{method} was refused: {}", reply.body["description"]));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// Whether one more message may go to a chat now; otherwise in how many seconds. Counts it if it may.
    fn admit(&self, chat: i64) -> Result<(), i64> {
        let now = self.clock.now_ms();
        let mut state = self.lock();
        if state.limits_off {
            return Ok(());
        }
        let last = state.sent_at.get(&chat).copied().filter(|last| now - last < PER_CHAT_MS);
        state.all_sent_at.retain(|at| now - at < PER_CHAT_MS);
        if last.is_some() || state.all_sent_at.len() >= PER_SECOND {
            return Err(1);
        }
        state.sent_at.insert(chat, now);
        state.all_sent_at.push(now);
        Ok(())
    }
}

impl Partner for Telegram {
    fn answer(&self, request: &Received) -> Reply {
        let path = request.path.strip_prefix("/bot").and_then(|rest| rest.split_once('/'));
        let Some((token, method)) = path else {
            return refused(404, "Not Found").noting(vec!["no such path".to_owned()]);
        };
        if token != self.bot.token {
            return refused(401, "Unauthorized");
        }
        let content_type = request.header("content-type").unwrap_or_default();
        let call = match request.bytes.is_empty() {
            true => Ok(Call::default()),
            false => Call::read(content_type, &request.bytes),
        };
        match call {
            Ok(call) => self.carry_out(method, &call),
            Err(fault) => refused(400, "Bad Request: can't parse the request").noting(vec![fault]),
        }
    }

    fn failure(&self, status: u16, retry_after_s: Option<u32>) -> Reply {
        match (status, retry_after_s) {
            (429, seconds) => too_many(i64::from(seconds.unwrap_or(1))),
            (500.., _) => refused(status, "Internal Server Error"),
            _ => refused(status, "Bad Request"),
        }
    }

    fn control(&self, path: &str, body: &Value) -> Option<Reply> {
        match path {
            "chats" => {
                let state = match body["state"].as_str()? {
                    "open" => ChatState::Open,
                    "blocked" => ChatState::Blocked,
                    "deactivated" => ChatState::Deactivated,
                    _ => ChatState::Missing,
                };
                self.chat(body["chat"].as_i64()?, state);
                Some(Reply::json(200, json!({})))
            }
            "limits" => {
                self.lock().limits_off = body["on"] == json!(false);
                Some(Reply::json(200, json!({})))
            }
            "said" => Some(Reply::json(200, json!({ "said": self.said(body["chat"].as_i64()?) }))),
            _ => None,
        }
    }
}

fn refused(code: u16, description: &str) -> Reply {
    Reply::json(code, json!({ "ok": false, "error_code": code, "description": description }))
}

fn too_many(seconds: i64) -> Reply {
    Reply::json(
        429,
        json!({
            "ok": false, "error_code": 429, "description": format!("Too Many Requests: retry after {seconds}"),
            "parameters": {"retry_after": seconds},
        }),
    )
}
