//! The carriers' simulators without a network between: they answer at once, in their own words, and judge every request.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use anyhow::Result;
use messaging::Channel;
use partner::{Answer, Exchange, Fault, Request};
use partners::carriers::Carriers;
use partners::journal::Received;
use partners::serve::Partner;
use partners::telegram::{Bot, Running};
use serde_json::Value;
use web::Problem;

use crate::meter::{self, Spent};
use crate::simulated::{answer, received};

/// How the carriers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    Fair,
    /// A share of calls is refused for a while, or lost on the way out, or its answer on the way back.
    Rough,
    /// One carrier answers 503 to everything.
    Down(Channel),
}

/// Of a thousand calls in rough weather: 429, 503, not sent, taken without an answer.
const ROUGH: [(u64, Fate); 4] =
    [(10, Fate::Refused(429)), (30, Fate::Refused(503)), (10, Fate::NotSent), (10, Fate::AnswerLost)];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Answered,
    Refused(u16),
    NotSent,
    AnswerLost,
}

/// The other end of the way out.
pub struct Double {
    carriers: Carriers,
    telegram: Running,
    settings: Vec<(String, String)>,
    pub weather: Cell<Weather>,
    calls: Cell<u64>,
    failed: Cell<u64>,
    /// What readers see, by our id (by the chat where the wire carries no id): the channels, each once per showing.
    seen: RefCell<HashMap<String, Vec<Channel>>>,
    spent: Cell<Spent>,
    violations: RefCell<Vec<String>>,
}

impl Double {
    /// Carriers that have taken nothing yet.
    ///
    /// # Errors
    /// When no port is free: the simulators listen, though nobody calls them there.
    pub fn new(secrets: &str) -> Result<Self> {
        let carriers = Carriers::start()?;
        let telegram = Running::start(0, Bot::example(), carriers.clock.clone())?;
        let mut settings = carriers.variables();
        let more = [
            ("telegram_url", telegram.url()),
            ("sms_gateway_token", "sms-gateway-token".to_owned()),
            ("sms_sender", "COFFEE".to_owned()),
            (web::till::MASTER_SECRET, secrets.to_owned()),
        ];
        settings.extend(more.map(|(name, value)| (name.to_owned(), value)));
        Ok(Self {
            carriers,
            telegram,
            settings,
            weather: Cell::new(Weather::Fair),
            calls: Cell::new(0),
            failed: Cell::new(0),
            seen: RefCell::default(),
            spent: Cell::default(),
            violations: RefCell::default(),
        })
    }

    /// What the time is at the carriers.
    pub fn set_clock(&self, millis: i64) {
        self.carriers.clock.set(millis);
    }

    /// The app was removed from a device.
    pub fn uninstall(&self, device: &str) {
        self.carriers.fcm.uninstall(device);
    }

    /// The bot's token.
    #[must_use]
    pub fn bot_token(&self) -> String {
        Bot::example().token
    }

    /// Calls so far, and those of them that came to nothing.
    #[must_use]
    pub const fn calls(&self) -> (u64, u64) {
        (self.calls.get(), self.failed.get())
    }

    /// What the carriers themselves took of this thread so far.
    #[must_use]
    pub const fn spent(&self) -> Spent {
        self.spent.get()
    }

    /// The channels on which a reader sees a message.
    #[must_use]
    pub fn seen(&self, name: &str) -> Vec<Channel> {
        self.seen.borrow().get(name).cloned().unwrap_or_default()
    }

    /// What was wrong with requests.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.violations.borrow().clone()
    }

    fn carry(&self, request: &Request) -> Result<Answer, Fault> {
        let number = self.calls.get();
        self.calls.set(number + 1);
        let (channel, received) = self.addressed(request)?;
        let fate = self.fate(channel, number);
        if fate != Fate::Answered {
            self.failed.set(self.failed.get() + 1);
        }
        let partner: &dyn Partner = match channel {
            Channel::PushFcm => &self.carriers.fcm,
            Channel::PushRustore => &self.carriers.rustore,
            Channel::Telegram => &self.telegram.telegram,
            Channel::Email => &self.carriers.email,
            Channel::Sms => &self.carriers.sms,
        };
        match fate {
            Fate::NotSent => return Err(Fault::NotSent("no connection".to_owned())),
            Fate::Refused(status) => return Ok(answer(&partner.failure(status, Some(1)))),
            Fate::Answered | Fate::AnswerLost => {}
        }
        let reply = partner.answer(&received);
        self.violations.borrow_mut().extend(reply.violations.iter().cloned());
        if reply.status == 200 {
            self.show(channel, &received);
        }
        if fate == Fate::AnswerLost {
            return Err(Fault::NoAnswer("not in time".to_owned()));
        }
        Ok(answer(&reply))
    }

    /// Which carrier a request goes to, and the request as it would arrive there.
    fn addressed(&self, request: &Request) -> Result<(Channel, Received), Fault> {
        let at = |name: &str| self.settings.iter().find(|(known, _)| known == name).map(|(_, url)| url);
        let carriers = [
            ("fcm_url", Channel::PushFcm),
            ("rustore_url", Channel::PushRustore),
            ("telegram_url", Channel::Telegram),
            ("email_gateway_url", Channel::Email),
            ("sms_gateway_url", Channel::Sms),
        ];
        for (name, channel) in carriers {
            let path = at(name).and_then(|url| request.url.strip_prefix(url.as_str()));
            if let Some(path) = path.filter(|path| path.starts_with('/')) {
                return Ok((channel, received(request, path)));
            }
        }
        Err(Fault::NotSent(format!("nobody is at {}", request.url)))
    }

    fn fate(&self, channel: Channel, number: u64) -> Fate {
        match self.weather.get() {
            Weather::Fair => Fate::Answered,
            Weather::Down(down) if down == channel => Fate::Refused(503),
            Weather::Down(_) => Fate::Answered,
            Weather::Rough => {
                let mut drawn = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29) % 1_000;
                for (share, fate) in ROUGH {
                    if drawn < share {
                        return fate;
                    }
                    drawn -= share;
                }
                Fate::Answered
            }
        }
    }

    /// Notes what a reader sees. A repetition that the carrier or the phone knows again is none.
    fn show(&self, channel: Channel, received: &Received) {
        let body = received.json();
        let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let name = match channel {
            Channel::PushFcm | Channel::PushRustore => text("/message/data/id"),
            Channel::Email => received.header("idempotency-key").map(str::to_owned),
            Channel::Sms => text("/id"),
            Channel::Telegram => body.pointer("/chat_id").map(Value::to_string),
        };
        // The exchange for FCM's token shows nothing.
        let Some(name) = name else { return };
        let mut seen = self.seen.borrow_mut();
        let channels = seen.entry(name).or_default();
        let is_known_again = matches!(channel, Channel::PushFcm | Channel::Email | Channel::Sms);
        if !(is_known_again && channels.contains(&channel)) {
            channels.push(channel);
        }
    }

    fn metered<T>(&self, work: impl FnOnce() -> T) -> T {
        let started = meter::start().ok();
        let done = work();
        if let Some(Ok(spent)) = started.map(|started| Spent::since(&started)) {
            let mut all = self.spent.get();
            all += spent;
            self.spent.set(all);
        }
        done
    }
}

impl Exchange for Double {
    fn exchange(&self, request: &Request) -> Result<Answer, Fault> {
        self.metered(|| self.carry(request))
    }

    fn exchange_all(&self, requests: &[Request]) -> Vec<Result<Answer, Fault>> {
        self.metered(|| requests.iter().map(|request| self.carry(request)).collect())
    }
}

impl web::Settings for Double {
    fn get(&self, name: &'static str) -> Result<String, Problem> {
        let found = self.settings.iter().find(|(known, _)| known == name);
        let missing = || Problem::internal(format!("the bench has no variable {name}"));
        found.map(|(_, value)| value.clone()).ok_or_else(missing)
    }
}
