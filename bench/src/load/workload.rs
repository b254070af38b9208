//! What a connection of the driver sends.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use jiff::tz::TimeZone;
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use serde::Serialize;

use crate::http::{self, Client};
use crate::load::fixture::Fixture;
use crate::quote;

/// A kind of load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Workload {
    /// `GET /v1/balance` of random guests.
    Balance,
    /// `GET /v1/history` of random guests, first page.
    History,
    /// `POST /v1/receipts`: two lines, a card.
    Receipt,
    /// `POST /v1/holds` and the receipt that captures it; counted and timed as one.
    Redemption,
    /// `GET /probe`: a key-value read and a select, nothing else.
    Probe,
    /// `POST /v1/quotes`: a cart of eight lines of a signed-in guest.
    Quote,
    /// `GET /v1/balance` without a token: the way into a function and out again, no storage.
    Refusal,
}

impl Workload {
    /// The name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Balance => "balance",
            Self::History => "history",
            Self::Receipt => "receipt",
            Self::Redemption => "redemption",
            Self::Probe => "kv get + select",
            Self::Quote => "quote",
            Self::Refusal => "refusal",
        }
    }
}

/// One connection's sender: random by its own seed, with receipt numbers that nobody else uses.
pub struct Sender {
    workload: Workload,
    fixture: Arc<Fixture>,
    rng: SmallRng,
    /// Unique in this run of the program.
    name: String,
    sent: u64,
    now: jiff::Timestamp,
    body: String,
    request: Vec<u8>,
    fixed: Option<Vec<u8>>,
}

impl Sender {
    /// A sender.
    #[must_use]
    pub fn new(workload: Workload, fixture: Arc<Fixture>, seed: u64, name: String) -> Self {
        let fixed = match workload {
            Workload::Probe => Some(http::request("GET", "/probe", &[], &[])),
            Workload::Refusal => Some(http::request("GET", "/v1/balance", &[], &[])),
            _ => None,
        };
        Self {
            workload,
            fixture,
            rng: SmallRng::seed_from_u64(seed),
            name,
            sent: 0,
            now: jiff::Timestamp::now(),
            body: String::new(),
            request: Vec::new(),
            fixed,
        }
    }

    /// Does one unit of work and says how long it took.
    ///
    /// # Errors
    /// When the connection breaks or the reply is not the one that the workload is about.
    pub async fn step(&mut self, client: &mut Client) -> Result<Duration> {
        match self.workload {
            Workload::Balance | Workload::History | Workload::Quote => {
                timed(client, self.compose()?, 200).await
            }
            Workload::Receipt => timed(client, self.compose()?, 201).await,
            Workload::Redemption => self.redemption(client).await,
            Workload::Probe => self.fixed(client, 200).await,
            Workload::Refusal => self.fixed(client, 401).await,
        }
    }

    async fn fixed(&mut self, client: &mut Client, expected: u16) -> Result<Duration> {
        let request = self.fixed.as_deref().context("a workload without a fixed request")?;
        timed(client, request, expected).await
    }

    /// Writes the next request of a workload that has one request a unit.
    ///
    /// # Errors
    /// For the other workloads.
    pub fn compose(&mut self) -> Result<&[u8]> {
        self.sent += 1;
        let guest = self.rng.random_range(0..self.fixture.guests.len());
        match self.workload {
            Workload::Balance => self.compose_read(guest, "/v1/balance"),
            Workload::History => self.compose_read(guest, "/v1/history"),
            Workload::Receipt => self.compose_receipt(guest, None)?,
            Workload::Quote => self.compose_quote(guest)?,
            Workload::Redemption | Workload::Probe | Workload::Refusal => {
                anyhow::bail!("{} is no single composed request", self.workload.name())
            }
        }
        Ok(&self.request)
    }

    fn compose_read(&mut self, guest: usize, path: &str) {
        self.request.clear();
        for part in ["GET ", path, " HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer "] {
            self.request.extend_from_slice(part.as_bytes());
        }
        self.request.extend_from_slice(self.fixture.guests[guest].token.as_bytes());
        self.request.extend_from_slice(b"\r\n\r\n");
    }

    fn compose_quote(&mut self, guest: usize) -> Result<()> {
        let fixture = Arc::clone(&self.fixture);
        let guest = &fixture.guests[guest];
        quote::cart(&mut self.body, &fixture.tills[guest.till].outlet, &mut self.rng)?;
        frame(&mut self.request, "/v1/quotes", &guest.token, &[], &self.body);
        Ok(())
    }

    async fn redemption(&mut self, client: &mut Client) -> Result<Duration> {
        self.sent += 1;
        let guest = self.rng.random_range(0..self.fixture.guests.len());
        let fixture = Arc::clone(&self.fixture);
        let (guest_fixture, till) = (&fixture.guests[guest], &fixture.tills[fixture.guests[guest].till]);
        self.body.clear();
        write!(
            self.body,
            r#"{{"outlet":"{}","guest":{{"card":"{}"}},"points":"1.00","receipt_total":{{"amount":"420.00","currency":"{}"}}}}"#,
            till.outlet, guest_fixture.card, till.currency
        )?;
        let key = format!("idempotency-key: {}-{}", self.name, self.sent);
        frame(&mut self.request, "/v1/holds", &till.token, &[&key], &self.body);
        let started = Instant::now();
        let reply = client.send(&self.request).await?;
        ensure!(reply.status == 201, "hold: {} {}", reply.status, reply.text());
        let hold = text_after(reply.body, br#""id":""#).context("a hold without id")?;
        let value = text_after(reply.body, br#""value":{"amount":""#).context("a hold without value")?;
        let (hold, value) = (hold.to_owned(), value.to_owned());
        self.compose_receipt(guest, Some((&hold, &value)))?;
        let reply = client.send(&self.request).await?;
        ensure!(reply.status == 201, "capture: {} {}", reply.status, reply.text());
        Ok(started.elapsed())
    }

    /// Two cups and a pastry, 420.00 in all; what a hold pays comes off the card payment.
    fn compose_receipt(&mut self, guest: usize, hold: Option<(&str, &str)>) -> Result<()> {
        let fixture = Arc::clone(&self.fixture);
        let guest = &fixture.guests[guest];
        let till = &fixture.tills[guest.till];
        let sold_at = self.now.to_zoned(TimeZone::get(&till.zone)?);
        let currency = &till.currency;
        let body = &mut self.body;
        body.clear();
        write!(
            body,
            r#"{{"outlet":"{}","business_date":"{}","number":"{}-{}","sold_at":"{}","guest":{{"card":"{}"}},"lines":["#,
            till.outlet,
            sold_at.date(),
            self.name,
            self.sent,
            sold_at.strftime("%Y-%m-%dT%H:%M:%S%:z"),
            guest.card
        )?;
        write!(
            body,
            r#"{{"line_no":1,"product":"p001","quantity":"2","unit_price":{{"amount":"150.00","currency":"{currency}"}},"amount":{{"amount":"300.00","currency":"{currency}"}}}},"#
        )?;
        write!(
            body,
            r#"{{"line_no":2,"product":"p002","quantity":"1","unit_price":{{"amount":"120.00","currency":"{currency}"}},"amount":{{"amount":"120.00","currency":"{currency}"}}}}],"payments":["#
        )?;
        let mut rest = 42_000;
        if let Some((hold, value)) = hold {
            rest -= value.replace('.', "").parse::<i64>()?;
            write!(
                body,
                r#"{{"method":"points","amount":{{"amount":"{value}","currency":"{currency}"}},"hold":"{hold}"}},"#
            )?;
        }
        let (whole, part) = (rest / 100, rest % 100);
        write!(
            body,
            r#"{{"method":"card","amount":{{"amount":"{whole}.{part:02}","currency":"{currency}"}}}}]}}"#
        )?;
        frame(&mut self.request, "/v1/receipts", &till.token, &[], &self.body);
        Ok(())
    }
}

/// Writes a request of the holder of `token` into `request`.
fn frame(request: &mut Vec<u8>, path: &str, token: &str, headers: &[&str], body: &str) {
    request.clear();
    for part in [
        "POST ",
        path,
        " HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nauthorization: Bearer ",
    ] {
        request.extend_from_slice(part.as_bytes());
    }
    request.extend_from_slice(token.as_bytes());
    for header in headers {
        request.extend_from_slice(b"\r\n");
        request.extend_from_slice(header.as_bytes());
    }
    request.extend_from_slice(format!("\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes());
    request.extend_from_slice(body.as_bytes());
}

async fn timed(client: &mut Client, request: &[u8], expected: u16) -> Result<Duration> {
    let started = Instant::now();
    let reply = client.send(request).await?;
    let took = started.elapsed();
    ensure!(reply.status == expected, "{} {}", reply.status, reply.text());
    Ok(took)
}

/// The JSON string that follows `key` in `body`.
fn text_after<'b>(body: &'b [u8], key: &[u8]) -> Option<&'b str> {
    let start = body.windows(key.len()).position(|window| window == key)? + key.len();
    let length = body[start..].iter().position(|&byte| byte == b'"')?;
    std::str::from_utf8(&body[start..start + length]).ok()
}
