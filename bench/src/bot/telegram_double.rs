//! Telegram without a network between: it posts updates, carries out what the bot answers, and knows what a chat shows.

use std::cell::{Cell, RefCell};

use anyhow::{Result, ensure};
use partner::{Answer, Exchange, Fault, Request};
use partners::clock::Clock;
use partners::serve::Partner as _;
use partners::telegram::{Bot, Running};
use serde_json::{Value as Json, json};
use web::{Problem, Reply};

use super::SECRET;
use crate::meter::{self, Spent};
use crate::simulated::{answer, received};

/// The simulator, and what it heard.
pub struct Telegram {
    simulator: Running,
    calls: Cell<u64>,
    spent: Cell<Spent>,
    violations: RefCell<Vec<String>>,
}

impl Telegram {
    /// With a bot, and without its limits on how often a chat is written to: the clock of updates is not its own.
    ///
    /// # Errors
    /// When no port is free: the simulator listens, though nobody calls it there.
    pub fn new() -> Result<Self> {
        let simulator = Running::start(0, Bot::example(), Clock::default())?;
        simulator.telegram.without_limits();
        let violations = RefCell::default();
        Ok(Self { simulator, calls: Cell::new(0), spent: Cell::default(), violations })
    }

    /// What a back office sets the bot with.
    #[must_use]
    pub fn settings() -> Json {
        json!({
            "token": Bot::example().token, "public_url": "https://api.example.com", "terms_url": "https://example.com/terms",
            "privacy_url": "https://example.com/privacy", "texts_version": "1",
        })
    }

    /// The secret that comes with updates.
    #[must_use]
    pub fn secret(&self) -> String {
        self.simulator.telegram.webhook().map(|webhook| webhook.secret).unwrap_or_default()
    }

    /// Carries out what an update was answered with.
    ///
    /// # Errors
    /// When Telegram would not take it.
    pub fn hear(&self, reply: &Reply) -> Result<()> {
        let content_type = reply.headers.iter().find(|(name, _)| *name == "content-type");
        let content_type = content_type.map(|(_, value)| value.as_str()).unwrap_or_default();
        let faults = self.simulator.telegram.hear(content_type, &reply.body).err().unwrap_or_default();
        // What a guest presses twice shows the same twice; Telegram says so, and the guest sees no difference.
        let faults: Vec<String> =
            faults.into_iter().filter(|fault| !fault.contains("is not modified")).collect();
        ensure!(faults.is_empty(), "{faults:?}");
        Ok(())
    }

    /// The number of the newest message in a chat, and the data of the buttons under it.
    #[must_use]
    pub fn newest(&self, chat: i64) -> (i64, Vec<String>) {
        let Some(said) = self.simulator.telegram.said(chat).pop() else { return (1, Vec::new()) };
        let rows = said.reply_markup["inline_keyboard"].as_array().into_iter().flatten();
        let buttons = rows.filter_map(Json::as_array).flatten();
        let data = buttons.filter_map(|button| button["callback_data"].as_str().map(str::to_owned));
        (said.message_id, data.collect())
    }

    /// Calls of the bot's own, beside its answers.
    #[must_use]
    pub const fn calls(&self) -> u64 {
        self.calls.get()
    }

    /// What the simulator took of this thread so far.
    #[must_use]
    pub const fn spent(&self) -> Spent {
        self.spent.get()
    }

    /// What was wrong with calls.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.violations.borrow().clone()
    }
}

impl Exchange for Telegram {
    fn exchange(&self, request: &Request) -> Result<Answer, Fault> {
        let started = meter::start().map_err(|error| Fault::NotSent(error.to_string()))?;
        self.calls.set(self.calls.get() + 1);
        let path = request.url.strip_prefix(&self.simulator.url());
        let path = path.ok_or_else(|| Fault::NotSent(format!("nobody is at {}", request.url)))?;
        let reply = self.simulator.telegram.answer(&received(request, path));
        self.violations.borrow_mut().extend(reply.violations.iter().cloned());
        let answered = answer(&reply);
        let mut spent = self.spent.get();
        spent += Spent::since(&started).map_err(|error| Fault::NoAnswer(error.to_string()))?;
        self.spent.set(spent);
        Ok(answered)
    }
}

impl web::Settings for Telegram {
    fn get(&self, name: &'static str) -> Result<String, Problem> {
        if !crate::run::VARIABLES.contains(&name) {
            return Err(Problem::internal(format!("{name} is not granted")));
        }
        match name {
            web::till::MASTER_SECRET => Ok(SECRET.to_owned()),
            crate::run::TELEGRAM_URL => Ok(self.simulator.url()),
            other => Err(Problem::internal(format!("the bench has no variable {other}"))),
        }
    }
}
