//! The functions as WebAssembly on the host, over HTTP.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use api::wire::adjust::AdjustmentBody;
use api::wire::balance::BalanceReply;
use api::wire::history::HistoryReply;
use api::wire::holds::HoldBody;
use api::wire::jobs::RunReply;
use api::wire::receipts::{BatchItemBody, ReceiptBody};
use api::wire::returns::ReturnBody;
use club::Moment;
use kernel::{IdSource, Timestamp};
use rig::host::{Crema, Server, test_variables, workspace_root};
use rig::http::{self, Client};
use rig::state;
use rusqlite::Connection;
use serde_json::Value;
use store::native::NativeSql;
use tokio::runtime::Runtime;

use crate::answer::{self, Account, Line, Moved, Points3};
use crate::target::chain::{self, Chain};
use crate::target::native::slug_of;
use crate::target::{Reply, Taken, Target};
use crate::world::World;

/// Servers started by this process: each has a directory of its own.
static STARTED: AtomicU32 = AtomicU32::new(0);

/// The product behind its HTTP interface.
pub struct Wasm {
    runtime: Runtime,
    server: Option<Server>,
    client: Option<Client>,
    chain: Chain,
    /// Looks into the books.
    sql: NativeSql,
    dir: PathBuf,
    /// Requests for holds so far: each is an intent of its own.
    intents: u64,
}

impl Wasm {
    /// A running host with the chain of `world`, its state in a folder below `states`.
    ///
    /// # Errors
    /// When the host is not built or does not start.
    pub fn new(world: &World, states: &Path) -> Result<Self> {
        let root = workspace_root()?;
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let dir = root.join(states).join(format!("{}-{number}", std::process::id()));
        let sql = state::create(&dir)?;
        let kv = state::key_value(&dir)?;
        let chain = Chain::write(world, &sql, sql.connection(), Some(&kv))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let crema = Crema::find(&root)?;
        let server = runtime.block_on(crema.start(&dir, &test_variables(&chain.secret), &[]))?;
        let client = runtime.block_on(Client::connect(server.address))?;
        Ok(Self { runtime, server: Some(server), client: Some(client), chain, sql, dir, intents: 0 })
    }

    fn send(
        &mut self,
        method: &str,
        path: &str,
        token: &str,
        more: &[String],
        body: &[u8],
        now: Timestamp,
    ) -> Result<Reply> {
        let mut headers = vec![
            format!("authorization: Bearer {token}"),
            format!("crema-test-clock: {now}"),
            "accept-language: en".to_owned(),
        ];
        if !body.is_empty() {
            headers.push("content-type: application/json".to_owned());
        }
        headers.extend_from_slice(more);
        let request = http::request(method, path, &headers, body);
        let client = self.client.as_mut().context("a connection")?;
        let reply = self.runtime.block_on(client.send(&request))?;
        let status = reply.status;
        let text = || format!("{method} {path}: {status} {}", reply.text());
        let body: Value = serde_json::from_slice(reply.body).with_context(text)?;
        if (200..300).contains(&status) {
            return Ok(Ok(Taken { body, replayed: reply.replayed }));
        }
        ensure!(status < 500, "a fault of the product: {}", text());
        let kind = body["type"].as_str().and_then(|kind| kind.strip_prefix("/problems/"));
        Ok(Err(kind.with_context(text)?.to_owned()))
    }

    fn till(
        &mut self,
        outlet: usize,
        path: &str,
        more: &[String],
        body: &[u8],
        now: Timestamp,
    ) -> Result<Reply> {
        let key = self.chain.keys[outlet].clone();
        self.send("POST", path, &key, more, body, now)
    }
}

impl Target for Wasm {
    fn code(&self, member: usize, at: Timestamp) -> String {
        self.chain.code(member, at)
    }

    fn sell(&mut self, outlet: usize, body: &ReceiptBody, now: Timestamp) -> Result<Reply> {
        self.till(outlet, "/v1/receipts", &[], &serde_json::to_vec(body)?, now)
    }

    fn give_back(&mut self, outlet: usize, body: &ReturnBody, now: Timestamp) -> Result<Reply> {
        self.till(outlet, "/v1/returns", &[], &serde_json::to_vec(body)?, now)
    }

    /// Every request is sent twice with one key: the second must change nothing and be answered as the first.
    fn hold(&mut self, outlet: usize, body: &HoldBody, now: Timestamp) -> Result<Reply> {
        self.intents += 1;
        let key = [format!("idempotency-key: sim-{}", self.intents)];
        let body = serde_json::to_vec(body)?;
        let first = self.till(outlet, "/v1/holds", &key, &body, now)?;
        let second = self.till(outlet, "/v1/holds", &key, &body, now)?;
        match (&first, &second) {
            (Ok(first), Ok(second)) => ensure!(
                second.replayed && !first.replayed && first.body == second.body,
                "a hold sent twice: {first:?}, then {second:?}"
            ),
            (Err(first), Err(second)) if first == second => {}
            _ => bail!("a hold sent twice: {first:?}, then {second:?}"),
        }
        Ok(first)
    }

    fn release(&mut self, outlet: usize, hold: &str, now: Timestamp) -> Result<Reply> {
        self.till(outlet, &format!("/v1/holds/{hold}/release"), &[], &[], now)
    }

    fn adjust(&mut self, member: usize, body: &AdjustmentBody, now: Timestamp) -> Result<Reply> {
        self.intents += 1;
        let key = [format!("idempotency-key: sim-{}", self.intents)];
        let path = format!("/v1/members/{}/adjustments", self.chain.members[member]);
        let token = self.chain.office_token.clone();
        self.send("POST", &path, &token, &key, &serde_json::to_vec(body)?, now)
    }

    fn batch(&mut self, outlet: usize, items: &[BatchItemBody], now: Timestamp) -> Result<Vec<Line>> {
        let mut body = Vec::new();
        for item in items {
            serde_json::to_writer(&mut body, item)?;
            body.push(b'\n');
        }
        let headers = [
            format!("authorization: Bearer {}", self.chain.keys[outlet]),
            format!("crema-test-clock: {now}"),
            "accept-language: en".to_owned(),
            "content-type: application/x-ndjson".to_owned(),
        ];
        let request = http::request("POST", "/v1/receipts/batch", &headers, &body);
        let client = self.client.as_mut().context("a connection")?;
        let reply = self.runtime.block_on(client.send(&request))?;
        ensure!(reply.status == 200, "a batch: {} {}", reply.status, reply.text());
        let lines = reply.body.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| Line::read(&serde_json::from_slice(line)?)).collect()
    }

    fn history(&mut self, member: usize, page: u8, now: Timestamp) -> Result<Vec<Moved>> {
        let token = self.chain.tokens[member].clone();
        let mut path = format!("/v1/history?limit={page}");
        let mut moved = Vec::new();
        for _ in 0..2 {
            let taken = self.send("GET", &path, &token, &[], &[], now)?;
            let taken = taken.map_err(|slug| anyhow!("a history was refused: {slug}"))?;
            let reply: HistoryReply = serde_json::from_value(taken.body)?;
            for item in &reply.items {
                let change = Points3 {
                    pending: answer::points(item.pending.trim_start_matches('+'))?,
                    available: answer::points(item.available.trim_start_matches('+'))?,
                    held: answer::points(item.held.trim_start_matches('+'))?,
                };
                moved.push(Moved { kind: item.kind.clone(), at: answer::time(&item.at)?, change });
            }
            let Some(cursor) = reply.next_cursor else { break };
            path = format!("/v1/history?limit={page}&cursor={cursor}");
        }
        Ok(moved)
    }

    /// By the use cases over the same database: the message with the code would go to a gateway.
    fn join(&mut self, world: &World, member: usize, now: Timestamp) -> Result<Result<bool, String>> {
        self.intents += 1;
        let wall = chain::wall(self.sql.connection())?;
        let mut ids = IdSource::at_wall(world.seed.wrapping_add(self.intents), wall);
        let kv = state::key_value(&self.dir)?;
        let mut moment = Moment { now, ids: &mut ids };
        slug_of(self.chain.join(world, member, &self.sql, Some(&kv), &mut moment))
    }

    fn erase(&mut self, member: usize, through_support: bool, now: Timestamp) -> Result<Result<(), String>> {
        let (path, token) = if through_support {
            (format!("/v1/members/{}/erase", self.chain.members[member]), self.chain.office_token.clone())
        } else {
            ("/v1/member/erase".to_owned(), self.chain.tokens[member].clone())
        };
        let reply = self.send("POST", &path, &token, &[], br#"{"confirm":true}"#, now)?;
        Ok(reply.map(|_| ()))
    }

    fn lifecycle(&mut self, now: Timestamp) -> Result<()> {
        let token = self.chain.office_token.clone();
        let reply = self.send("POST", "/v1/jobs/points-lifecycle/run", &token, &[], &[], now)?;
        let reply = reply.map_err(|slug| anyhow!("the run was refused: {slug}"))?;
        let ran: RunReply = serde_json::from_value(reply.body)?;
        ensure!(ran.failed == 0 && !ran.more, "the run did not finish its work: {ran:?}");
        Ok(())
    }

    fn account(&mut self, member: usize, now: Timestamp) -> Result<Result<Account, String>> {
        let token = self.chain.tokens[member].clone();
        let taken = match self.send("GET", "/v1/balance", &token, &[], &[], now)? {
            Ok(taken) => taken,
            Err(slug) => return Ok(Err(slug)),
        };
        let reply: BalanceReply = serde_json::from_value(taken.body)?;
        let spent = reply.tier.progress.map(|progress| progress.spent);
        let spent = spent.map(|spent| {
            Ok::<_, anyhow::Error>((answer::minor(&spent)?, answer::currency(&spent.currency)?))
        });
        let expiring = reply.expiring.map(|soon| {
            Ok::<_, anyhow::Error>((answer::points(&soon.points)?, answer::time(&soon.first_at)?))
        });
        Ok(Ok(Account {
            points: Points3 {
                pending: answer::points(&reply.pending)?,
                available: answer::points(&reply.available)?,
                held: answer::points(&reply.held)?,
            },
            expiring: expiring.transpose()?,
            tier: reply.tier.code,
            spent: spent.transpose()?,
        }))
    }

    fn books(&self) -> &Connection {
        self.sql.connection()
    }

    fn member_id(&self, member: usize) -> i64 {
        self.chain.members[member].raw()
    }
}

impl Drop for Wasm {
    fn drop(&mut self) {
        self.client = None;
        // Killed, not stopped: nothing here needs its last words.
        self.server = None;
        if let Err(error) = std::fs::remove_dir_all(&self.dir) {
            eprintln!("{}: {error}", self.dir.display());
        }
    }
}
