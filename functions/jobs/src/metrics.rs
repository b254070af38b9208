//! Every job for monitoring, in Prometheus's text format.

use api::problem as p;
use kernel::Timestamp;
use kernel::time::{DAY_MS, SECOND_MS};
use partner::breaker::State;
use shop::schedule::{self, Scheduled};
use store::deliveries::{Status, desk};
use store::message_providers;
use store::tickets::follow::{self, Waiting};
use subtle::ConstantTimeEq as _;
use web::{Call, Problem, Reply};

/// The variable with monitoring's token; empty: nobody has one.
pub const TOKEN: &str = "monitoring_token";
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";
/// Messages that failed are counted up to this.
const FAILED_MAX: i64 = 10_000;

/// Answers with every job's figures.
///
/// # Errors
/// 401 without the token; a failure of storage.
pub fn serve(call: &Call<'_>) -> Result<Reply, Problem> {
    let token = call.settings.get(TOKEN)?;
    let given = call.request.header("authorization").and_then(|header| header.strip_prefix("Bearer "));
    let is_known = given.is_some_and(|given| bool::from(given.trim().as_bytes().ct_eq(token.as_bytes())));
    if token.is_empty() || !is_known {
        return Err(Problem::of(&p::UNAUTHENTICATED));
    }
    let jobs = schedule::list(call.sql, call.now)?;
    let mut text = of_jobs(&jobs, call.now);
    let since = call.now.plus_millis(-DAY_MS);
    let unsent = |status| desk::count_unsent(call.sql, status, since, FAILED_MAX);
    let failed = (unsent(Status::Dead)? + unsent(Status::Unconfirmed)?).min(FAILED_MAX);
    family(
        &mut text,
        "crema_messages_failed_day",
        "Messages that reached nobody, or of which nobody knows, in a day",
    );
    text.push_str(&format!("crema_messages_failed_day {failed}\n"));
    family(
        &mut text,
        "crema_messages_expired_day",
        "Messages that were of no more use before they could be told, in a day",
    );
    text.push_str(&format!("crema_messages_expired_day {}\n", unsent(Status::Expired)?));
    family(
        &mut text,
        "crema_message_carrier_shut",
        "1 while a carrier of messages is left alone after failures",
    );
    for (carrier, breaker) in message_providers::list(call.sql)? {
        let shut = i64::from(breaker.state != State::Closed);
        text.push_str(&format!("crema_message_carrier_shut{{carrier=\"{}\"}} {shut}\n", label(&carrier)));
    }
    of_tickets(&mut text, follow::count_waiting(call.sql, call.now)?);
    Ok(Reply::bytes(200, CONTENT_TYPE, text.into_bytes()).header("cache-control", "no-store"))
}

/// Guests who wait: nobody else tells people who have no page open.
fn of_tickets(text: &mut String, waiting: Waiting) {
    for (name, help, count) in [
        ("crema_tickets_unclosed", "Tickets of guests that are not closed", waiting.unclosed),
        ("crema_tickets_unanswered", "Of them, without a first answer after its time", waiting.unanswered),
        ("crema_tickets_overdue", "Of them, after the time by which they were to be closed", waiting.overdue),
        (
            "crema_tickets_urgent_overdue",
            "Urgent ones, without an answer or not closed in time",
            waiting.urgent,
        ),
    ] {
        family(text, name, help);
        text.push_str(&format!("{name} {count}\n"));
    }
}

type Figure = fn(&Scheduled, Timestamp) -> Option<String>;

const FIGURES: &[(&str, &str, Figure)] = &[
    ("crema_job_due", "1 while a job is due", |job, now| Some(flag(is_due(job, now)))),
    ("crema_job_overdue_seconds", "For how long a job has been due; 0 while it is not", |job, now| {
        let since = job.due_at.filter(|at| at.millis() > 0 && *at <= now);
        Some(since.map_or_else(|| "0".to_owned(), |at| seconds(now.millis() - at.millis())))
    }),
    ("crema_job_never_ran", "1 while a job is due that never ran: is its timer alive?", |job, now| {
        Some(flag(job.job.is_none() && is_due(job, now)))
    }),
    ("crema_job_next_run_timestamp_seconds", "When the job's timer runs it next", |job, _| {
        Some(seconds(job.next_run_at.millis()))
    }),
    ("crema_job_every_seconds", "How often the job's timer looks", |job, _| {
        Some((job.timer.every_ms / SECOND_MS).to_string())
    }),
    ("crema_job_running", "1 while a run is at it", |job, now| {
        Some(flag(job.job.as_ref().is_some_and(|job| job.lease_until > now)))
    }),
    ("crema_job_backlog", "How many things are due, 10000 at most", |job, _| {
        job.backlog.map(|count| count.to_string())
    }),
    ("crema_job_last_duration_seconds", "How long the last run took", |job, _| {
        job.job.as_ref().and_then(|job| job.last_ms).map(seconds)
    }),
    ("crema_job_last_finished_timestamp_seconds", "When the last run ended", |job, _| {
        job.job.as_ref().and_then(|job| job.last_finished_at).map(|at| seconds(at.millis()))
    }),
    ("crema_job_last_done", "How many things the last run moved", |job, _| {
        job.job.as_ref().map(|job| job.last_done.to_string())
    }),
    ("crema_job_last_failed", "1 when something went wrong in the last run", |job, _| {
        job.job.as_ref().map(|job| flag(job.last_error.is_some()))
    }),
];

fn is_due(job: &Scheduled, now: Timestamp) -> bool {
    job.due_at.is_some_and(|at| at <= now)
}

fn of_jobs(jobs: &[Scheduled], now: Timestamp) -> String {
    let mut text = String::new();
    for (name, help, figure) in FIGURES {
        family(&mut text, name, help);
        for job in jobs {
            if let Some(value) = figure(job, now) {
                text.push_str(&format!("{name}{{job=\"{}\"}} {value}\n", label(job.name)));
            }
        }
    }
    text
}

fn family(text: &mut String, name: &str, help: &str) {
    text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} gauge\n"));
}

fn flag(is: bool) -> String {
    i64::from(is).to_string()
}

/// Milliseconds as seconds with three digits.
fn seconds(milliseconds: i64) -> String {
    format!("{}.{:03}", milliseconds / SECOND_MS, milliseconds.rem_euclid(SECOND_MS))
}

/// A label's value as the format wants it.
fn label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use shop::schedule::Timer;
    use store::jobs::Job;

    use super::*;

    #[test]
    fn every_figure_is_a_line_and_nothing_stands_for_the_unknown() {
        let at = Timestamp::from_millis;
        let timer = Timer { every_ms: 2_000, after_ms: 0 };
        let ran = Scheduled {
            name: "one",
            component: "first",
            timer,
            next_run_at: at(10_000),
            job: Some(Job {
                name: "one".to_owned(),
                due_at: at(5_000),
                lease_until: at(0),
                last_started_at: Some(at(1_000)),
                last_finished_at: Some(at(1_000)),
                last_done: 7,
                last_error: Some("why".to_owned()),
                last_ms: Some(1_250),
                is_broken: false,
            }),
            due_at: Some(at(5_000)),
            backlog: Some(3),
        };
        let never = Scheduled { name: "two", job: None, due_at: Some(at(0)), backlog: None, ..ran.clone() };
        let text = of_jobs(&[ran, never], at(8_500));
        for line in [
            "# TYPE crema_job_due gauge",
            "crema_job_due{job=\"one\"} 1",
            "crema_job_due{job=\"two\"} 1",
            "crema_job_overdue_seconds{job=\"one\"} 3.500",
            "crema_job_overdue_seconds{job=\"two\"} 0",
            "crema_job_never_ran{job=\"one\"} 0",
            "crema_job_never_ran{job=\"two\"} 1",
            "crema_job_next_run_timestamp_seconds{job=\"one\"} 10.000",
            "crema_job_every_seconds{job=\"two\"} 2",
            "crema_job_backlog{job=\"one\"} 3",
            "crema_job_last_duration_seconds{job=\"one\"} 1.250",
            "crema_job_last_finished_timestamp_seconds{job=\"one\"} 1.000",
            "crema_job_last_failed{job=\"one\"} 1",
        ] {
            assert!(text.lines().any(|each| each == line), "{line}\n{text}");
        }
        assert!(
            !text.contains("backlog{job=\"two\"}") && !text.contains("duration_seconds{job=\"two\"}"),
            "{text}"
        );
        assert_eq!(label("a\"b\\c"), "a\\\"b\\\\c");
    }
}
