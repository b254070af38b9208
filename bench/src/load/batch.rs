//! A month's receipts through the batch function.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use tokio::task::JoinSet;

use crate::host::Server;
use crate::http::{self, Client};
use crate::load::fixture::Fixture;

/// Tills that send at once.
const LANES: usize = 4;
/// Receipts in one request: a day of an outlet.
const BATCH: usize = 250;
/// Of a hundred receipts, those that name a guest.
const MEMBER_PERCENT: u32 = 60;
const SEED: u64 = 250;

/// Posts `receipts` receipts and says how long the server took; the bodies are made beforehand.
///
/// # Errors
/// When a line is refused.
pub async fn post(server: &Server, fixture: &Arc<Fixture>, receipts: usize) -> Result<Duration> {
    let mut lanes: Vec<Vec<Vec<u8>>> = vec![Vec::new(); LANES];
    let mut rng = SmallRng::seed_from_u64(SEED);
    for (index, first) in (0..receipts).step_by(BATCH).enumerate() {
        lanes[index % LANES].push(request(fixture, &mut rng, first, BATCH.min(receipts - first))?);
    }
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for requests in lanes {
        let mut client = Client::connect(server.address).await?;
        tasks.spawn(async move {
            for request in requests {
                let reply = client.send(&request).await?;
                let refused = reply.body.windows(9).filter(|window| window == b"\"refused\"").count();
                ensure!(reply.status == 200 && refused == 0, "a batch: {} {}", reply.status, reply.text());
            }
            Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(started.elapsed())
}

/// One till's batch.
fn request(fixture: &Fixture, rng: &mut SmallRng, first: usize, count: usize) -> Result<Vec<u8>> {
    let till_index = rng.random_range(0..fixture.tills.len());
    let till = &fixture.tills[till_index];
    let guests: Vec<_> =
        fixture.guests.iter().filter(|guest| fixture.tills[guest.till].brand == till.brand).collect();
    let sold_at = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::get(&till.zone)?);
    let (date, time) = (sold_at.date(), sold_at.strftime("%Y-%m-%dT%H:%M:%S%:z"));
    let currency = &till.currency;
    let mut lines = String::new();
    for number in first..first + count {
        let guest = if rng.random_range(0..100) < MEMBER_PERCENT {
            format!(r#""guest":{{"card":"{}"}},"#, guests[rng.random_range(0..guests.len())].card)
        } else {
            String::new()
        };
        let cups = rng.random_range(1..=3);
        writeln!(
            lines,
            r#"{{"receipt":{{"outlet":"{}","business_date":"{date}","number":"batch-{number}","sold_at":"{time}",{guest}"lines":[{{"line_no":1,"product":"p{:03}","quantity":"{cups}","unit_price":{{"amount":"150.00","currency":"{currency}"}},"amount":{{"amount":"{}.00","currency":"{currency}"}}}},{{"line_no":2,"product":"p{:03}","quantity":"1","unit_price":{{"amount":"120.00","currency":"{currency}"}},"amount":{{"amount":"120.00","currency":"{currency}"}}}}],"payments":[{{"method":"card","amount":{{"amount":"{}.00","currency":"{currency}"}}}}]}}}}"#,
            till.outlet,
            rng.random_range(1..=80),
            150 * cups,
            rng.random_range(1..=80),
            150 * cups + 120,
        )?;
    }
    let headers =
        [format!("authorization: Bearer {}", till.token), "content-type: application/x-ndjson".to_owned()];
    Ok(http::request("POST", "/v1/receipts/batch", &headers, lines.as_bytes()))
}
