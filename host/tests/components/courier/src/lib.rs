//! Carries messages through the ports that functions use, from a request and from a timer.

use http_body_util::BodyExt as _;
use partner::Fault;
use platform::scheduled;
use spin_sdk::http::Request;
use spin_sdk::http_service;
use store::{Sql, Value};
use web::Problem;
use web::events::{self, Event, Outcome, Progress};

mod cron {
    spin_sdk::wit_bindgen::generate!({
        path: "../../../wit/deps/fermyon-spin-cron@2.0.0",
        world: "spin-cron",
        runtime_path: "::spin_sdk::wit_bindgen::rt",
    });
    pub struct Courier;
    export!(Courier);
}

/// Posts the body of the last answer, kept in the key-value store, to the address in the variable `partner`, and
/// writes down how it went.
impl cron::Guest for cron::Courier {
    fn handle_cron_event(_: cron::Metadata) -> Result<(), cron::Error> {
        let fail = |error: String| cron::Error::Other(error);
        let run = scheduled::run(&["partner"]).map_err(fail)?;
        let url = run.settings.get("partner").expect("asked for");
        let last = scheduled::finish(run.kv.get("last")).map_err(fail)?.map_err(|e| fail(e.to_string()))?;
        let answer = exchange(&url, 5_000, last.unwrap_or_default());
        scheduled::finish(run.kv.set("last", answer.as_bytes()))
            .map_err(fail)?
            .map_err(|e| fail(e.to_string()))?;
        let sql = |statement: &str, values: &[Value]| {
            run.sql.execute(statement, values).map(drop).map_err(|error| fail(error.to_string()))
        };
        sql("create table if not exists answers (at integer, answer text)", &[])?;
        sql("insert into answers values (?1, ?2)", &[run.now.millis().into(), answer.into()])
    }
}

/// `/v1/openapi.json`, a path that anybody may call: the news as they come. Else a message, see [`deliver`].
#[http_service]
async fn serve(request: Request) -> platform::Response {
    if request.uri().path() != "/v1/openapi.json" {
        return deliver(request).await;
    }
    platform::serve_feed("openapi", &[], request, async |call| {
        let mut seen = events::last_event_id(&call.request).map_or(0, |id| id.parse().expect("a number"));
        Ok(Outcome::Feed(Box::new(move |sql, _| news(sql, &mut seen))))
    })
    .await
}

/// The rows after `seen`; a row that says `end` is the last.
fn news(sql: &dyn Sql, seen: &mut i64) -> Result<Progress, Problem> {
    let rows = sql
        .execute("select id, text from news where id > ?1 order by id", &[(*seen).into()])
        .map_err(|error| Problem::internal(error.to_string()))?;
    let mut ends = false;
    let events = rows.into_iter().map(|row| {
        let [Value::Integer(id), Value::Text(data)] = row.as_slice() else { panic!("{row:?}") };
        *seen = *id;
        ends |= data == "end";
        Event { id: id.to_string(), name: "news", data: data.clone() }
    });
    let events = events.collect();
    Ok(if ends { Progress::Ends(events) } else { Progress::Goes(events) })
}

/// `?<timeout in ms>,<url>`: posts the body there and shows what came back.
async fn deliver(request: Request) -> platform::Response {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let body = request.into_body().collect().await.map(|b| b.to_bytes()).unwrap_or_default();
    let (timeout, url) = query.split_once(',').expect("a timeout and an address");
    let text = exchange(url, timeout.parse().expect("a number"), body.to_vec());
    http::Response::new(http_body_util::Either::Left(text.into_bytes().into()))
}

fn exchange(url: &str, timeout_ms: u32, body: Vec<u8>) -> String {
    let method = if body.is_empty() { http::Method::GET } else { http::Method::POST };
    let headers = vec![("x-courier", "yes".to_owned())];
    let request = partner::Request { method, url: url.to_owned(), headers, body, timeout_ms };
    let run = scheduled::run(&[]).expect("no variable is asked for");
    match run.partners.exchange(&request) {
        Ok(answer) => {
            let length = answer.body.len();
            let kind = answer.header("content-type").unwrap_or("none").to_owned();
            let body = String::from_utf8_lossy(&answer.body[..length.min(64)]).into_owned();
            format!("{} {kind} {length} {body}", answer.status)
        }
        Err(Fault::NotSent(why)) => format!("not sent: {why}"),
        Err(Fault::NoAnswer(why)) => format!("no answer: {why}"),
    }
}
