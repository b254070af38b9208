//! Dispatch, trials, the job.

use api::problem as p;
use api::wire::fraud::{NewTrialBody, SweepReply};
use kernel::Timestamp;
use membership::staff_auth::Permission;
use platform::scheduled::Run;
use watch::page;
use watch::sweep::{self, Outcome};
use watch::trial::{self, NewTrial, SLICE_MAX};
use watch::{Moment, trial as trials};
use web::fields::Fields;
use web::{Call, Problem, Reply, body, fraud as show, idempotency, paging};

use crate::rules;

/// Receipts and returns that one call looks at unless `limit` says otherwise.
const SLICE_DEFAULT: i64 = 1_000;
/// Characters of a brand's code.
const BRAND_LEN_MAX: usize = 64;

/// Serves the operations on rules and trials.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "list_fraud_rules" => rules::list(call),
        "publish_fraud_rules" => rules::publish(call),
        "list_observed_decisions" => rules::observed(call),
        "begin_fraud_trial" => begin(call),
        "read_fraud_trial" => read(call),
        "run_fraud_trial" => go_on(call),
        "run_fraud_check" => sweep_now(call),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

fn begin(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let by = call.staff(Permission::ManageFraudRules)?.id;
    let body: NewTrialBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    fields.length("/brand", &body.brand, BRAND_LEN_MAX);
    let sold_from = fields.read("/from", Timestamp::parse(&body.from));
    let sold_until = fields.read("/until", Timestamp::parse(&body.until));
    fields.finish()?;
    let (Some(sold_from), Some(sold_until)) = (sold_from, sold_until) else {
        return Err(Problem::internal("a field without a value passed the check"));
    };
    let rules = body.rules.unwrap_or_else(fraud::standard::rules);
    idempotency::once(call, |call, tx| {
        let new = NewTrial { brand: &body.brand, rules: &rules, sold_from, sold_until, by: Some(by) };
        let begun = trial::begin(tx, &new, &mut Moment { now: call.now, ids: &mut call.ids })?;
        Reply::json(201, &show::trial(tx, &begun)?)
    })
}

fn read(call: &Call<'_>) -> Result<Reply, Problem> {
    let found = trials::load(call.sql, call.parameter("id", show::trial_id)?)?;
    Reply::json(200, &show::trial(call.sql, &found)?)
}

fn go_on(call: &Call<'_>) -> Result<Reply, Problem> {
    let id = call.parameter("id", show::trial_id)?;
    let limit = paging::limit::<SLICE_MAX>(call, SLICE_DEFAULT)?;
    let found = trial::run(call.sql, id, limit, call.now)?;
    Reply::json(200, &show::trial(call.sql, &found)?)
}

fn sweep_now(call: &mut Call<'_>) -> Result<Reply, Problem> {
    // What is wrong with the variable stands in the job's record after the next tick; nobody waits for that here.
    let page = call.settings.get(page::APPEAL_URL)?;
    if let Err(error) = page::keep(call.sql, &page) {
        eprintln!("appeal_url refused: {error}");
    }
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    match sweep::run(call.sql, true, &mut moment)? {
        Outcome::Ran(done) => Reply::json(
            200,
            &SweepReply { looked_at: done.looked_at, rings: done.rings, fresh: done.fresh, more: done.more },
        ),
        Outcome::Busy | Outcome::NotDue => Err(Problem::of(&p::JOB_RUNNING)),
    }
}

/// Runs the job if it is due.
///
/// # Errors
/// What failed, for the host's log.
pub fn tick(resources: Run) -> Result<(), String> {
    let Run { now, mut ids, sql, settings, .. } = resources;
    // A page that cannot be read is none; the look at accounts goes on.
    let page = settings.get(page::APPEAL_URL).map_err(|error| format!("{}: {error:?}", sweep::JOB))?;
    let kept = page::keep(sql, &page);
    match sweep::run(sql, false, &mut Moment { now, ids: &mut ids }) {
        Ok(Outcome::Ran(done)) => {
            let sweep::Done { looked_at, rings, fresh, more } = done;
            if rings + fresh > 0 {
                println!(
                    "job.ran name={} looked_at={looked_at} rings={rings} fresh={fresh} more={more}",
                    sweep::JOB
                );
            }
            kept.map_err(|error| match store::jobs::broke(sql, sweep::JOB, now, &error) {
                Ok(()) => format!("{}: {error}", sweep::JOB),
                Err(unwritten) => format!("{}: {error}; {unwritten}", sweep::JOB),
            })
        }
        Ok(_) => Ok(()),
        Err(error) => Err(format!("{}: {error}", sweep::JOB)),
    }
}
