//! Posts receipts: the outlets side by side, each outlet's in the order of time.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use api::wire::GuestBody;
use api::wire::MoneyBody;
use api::wire::receipts::{
    BatchItemBody, BatchItemReply, BatchOutcome, ChannelBody, PaymentBody, PaymentMethodBody, ReceiptBody,
    ReceiptLineBody,
};
use indicatif::{ProgressBar, ProgressStyle};
use kernel::{Currency, Money, Timestamp, Zone};
use tokio::task::JoinSet;

use crate::http::{self, Client};
use crate::replay::mapping::Mapping;
use crate::replay::prepare::Chain;
use crate::replay::sales::{Receipt, Sales};

/// How receipts travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// One request a receipt.
    Single,
    /// Many receipts a request.
    Batch,
}

/// Receipts in one batch.
const BATCH_RECEIPTS: usize = 200;
/// How long after a sale the till reports it.
const REPORTED_AFTER_MS: i64 = 2 * kernel::time::SECOND_MS;
/// Refusals kept for the report.
const REFUSALS_SHOWN: usize = 5;

/// What came of it.
#[derive(Debug, Default, Clone)]
pub struct Tally {
    pub recorded: usize,
    pub replayed: usize,
    pub refused: usize,
    /// The first few, in words.
    pub refusals: Vec<String>,
    pub took: Duration,
}

impl Tally {
    fn refuse(&mut self, what: String) {
        self.refused += 1;
        if self.refusals.len() < REFUSALS_SHOWN {
            self.refusals.push(what);
        }
    }
}

/// Posts everything.
///
/// # Errors
/// When the connection breaks; what the server refuses is in the tally.
pub async fn post(
    address: SocketAddr,
    mapping: &Mapping,
    chain: &Chain,
    sales: &Sales,
    mode: Mode,
    label: &str,
) -> Result<Tally> {
    let zone = Zone::parse(&mapping.chain.zone)?;
    let mut outlets: BTreeMap<&str, Vec<(Timestamp, ReceiptBody)>> = BTreeMap::new();
    for receipt in &sales.receipts {
        let sold_at = Timestamp::from_millis(receipt.sold_at_ms);
        let body = body(receipt, chain, &zone, mapping)?;
        outlets.entry(&receipt.outlet).or_default().push((sold_at, body));
    }
    let bar = progress(sales.receipts.len(), label)?;
    let tally = Arc::new(Mutex::new(Tally::default()));
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for (outlet, receipts) in outlets {
        let till =
            chain.tills.get(outlet).with_context(|| format!("no outlet {outlet} in the chain"))?.clone();
        let lane = Lane { address, till, zone: zone.clone(), bar: bar.clone(), tally: Arc::clone(&tally) };
        tasks.spawn(async move {
            match mode {
                Mode::Single => lane.singly(receipts).await,
                Mode::Batch => lane.in_batches(receipts).await,
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    bar.finish_and_clear();
    let mut tally = tally.lock().map_err(|_| anyhow!("a posting task panicked"))?.clone();
    tally.took = started.elapsed();
    Ok(tally)
}

/// One outlet's till.
struct Lane {
    address: SocketAddr,
    till: String,
    zone: Zone,
    bar: ProgressBar,
    tally: Arc<Mutex<Tally>>,
}

impl Lane {
    async fn singly(self, receipts: Vec<(Timestamp, ReceiptBody)>) -> Result<()> {
        let mut client = Client::connect(self.address).await?;
        for (sold_at, body) in receipts {
            let headers = self.headers(sold_at, "application/json");
            let request = http::request("POST", "/v1/receipts", &headers, &serde_json::to_vec(&body)?);
            let reply = client.send(&request).await?;
            self.count(|tally| match (reply.status, reply.replayed) {
                (201, false) => tally.recorded += 1,
                (200, true) => tally.replayed += 1,
                _ => tally.refuse(format!(
                    "{} {} {}: {} {}",
                    body.outlet,
                    body.business_date,
                    body.number,
                    reply.status,
                    reply.text()
                )),
            })?;
            self.bar.inc(1);
        }
        Ok(())
    }

    async fn in_batches(self, receipts: Vec<(Timestamp, ReceiptBody)>) -> Result<()> {
        let mut client = Client::connect(self.address).await?;
        let mut rest = receipts.into_iter().peekable();
        while rest.peek().is_some() {
            let chunk: Vec<_> = rest.by_ref().take(BATCH_RECEIPTS).collect();
            let latest = chunk.iter().map(|(sold_at, _)| *sold_at).max().unwrap_or(Timestamp::from_millis(0));
            let count = chunk.len();
            let mut lines = Vec::new();
            for (_, body) in chunk {
                serde_json::to_writer(&mut lines, &BatchItemBody::Receipt(Box::new(body)))?;
                lines.push(b'\n');
            }
            let headers = self.headers(latest, "application/x-ndjson");
            let reply = client.send(&http::request("POST", "/v1/receipts/batch", &headers, &lines)).await?;
            self.count_batch(count, reply.status, reply.body)?;
            self.bar.inc(count as u64);
        }
        Ok(())
    }

    fn count_batch(&self, sent: usize, status: u16, body: &[u8]) -> Result<()> {
        if status != 200 {
            let text = String::from_utf8_lossy(body);
            return self
                .count(|tally| (0..sent).for_each(|_| tally.refuse(format!("a batch: {status} {text}"))));
        }
        let mut answered = 0;
        for line in body.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            let item: BatchItemReply = serde_json::from_slice(line).context("a line of a batch's reply")?;
            answered += 1;
            self.count(|tally| match item.outcome {
                BatchOutcome::Recorded => tally.recorded += 1,
                BatchOutcome::Replayed => tally.replayed += 1,
                BatchOutcome::Refused => tally.refuse(format!("line {}: {:?}", item.line, item.problem)),
            })?;
        }
        anyhow::ensure!(answered == sent, "a batch of {sent} was answered with {answered} lines");
        Ok(())
    }

    fn headers(&self, sold_at: Timestamp, content_type: &str) -> [String; 3] {
        [
            format!("authorization: Bearer {}", self.till),
            format!("content-type: {content_type}"),
            format!("crema-test-clock: {}", sold_at.plus_millis(REPORTED_AFTER_MS).rfc3339_in(&self.zone)),
        ]
    }

    fn count(&self, note: impl FnOnce(&mut Tally)) -> Result<()> {
        note(&mut *self.tally.lock().map_err(|_| anyhow!("a posting task panicked"))?);
        Ok(())
    }
}

fn progress(receipts: usize, label: &str) -> Result<ProgressBar> {
    let style = "{msg} [{wide_bar}] {human_pos}/{human_len} receipts, {per_sec}, {eta} left";
    let bar = ProgressBar::new(receipts as u64).with_message(label.to_owned());
    Ok(bar.with_style(ProgressStyle::with_template(style)?.progress_chars("=> ")))
}

/// The receipt as the API takes it. The files do not say how it was paid.
fn body(receipt: &Receipt, chain: &Chain, zone: &Zone, mapping: &Mapping) -> Result<ReceiptBody> {
    let card =
        |code: &String| chain.cards.get(code).cloned().with_context(|| format!("member {code} has no card"));
    let guest = receipt.member.as_ref().map(card).transpose()?.map(GuestBody::Card);
    let currency = Currency::parse(&mapping.chain.currency)?;
    let lines = (1_u32..).zip(&receipt.lines).map(|(line_no, line)| ReceiptLineBody {
        line_no,
        product: line.product.clone(),
        name: None,
        category: None,
        quantity: line.quantity.to_string(),
        unit_price: line.unit_price.into(),
        discount: (line.discount.minor() != 0).then(|| line.discount.into()),
        amount: line.amount.into(),
        promo: line.promo,
    });
    let total: MoneyBody = Money::new(receipt.total_minor(), currency).into();
    Ok(ReceiptBody {
        outlet: receipt.outlet.clone(),
        business_date: receipt.business_date.to_string(),
        number: receipt.number.clone(),
        sold_at: Timestamp::from_millis(receipt.sold_at_ms).rfc3339_in(zone),
        staff: receipt.staff.clone(),
        channel: ChannelBody::Counter,
        guest,
        lines: lines.collect(),
        payments: vec![PaymentBody { method: PaymentMethodBody::Other, amount: total, hold: None }],
        rounding: None,
        order: None,
        payment_token: None,
        device: None,
    })
}
