//! Begin, go on, read; set what goods cost.

use api::problem as p;
use api::wire::promotions::{NewSimulationBody, ProductCostsBody};
use club::Moment;
use kernel::{Currency, Money, PromotionId, SimulationId, Timestamp};
use membership::staff_auth::Permission;
use platform::scheduled::Run;
use shop::simulation::{self, JOB, NewSimulation, SLICE_MAX, TICK_MAX};
use store::brands;
use store::promotions::costs;
use store::transaction::transaction;
use web::fields::Fields;
use web::{Call, Problem, Reply, body, idempotency, paging, till};

use crate::show;

/// Receipts that one call looks at unless `limit` says otherwise.
const SLICE_DEFAULT: i64 = 1_000;
/// Goods in one call.
const COSTS_MAX: usize = 1_000;
/// Characters of a product's code.
const CODE_LEN_MAX: usize = 64;

/// Serves the operations on replays.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "begin_simulation" => begin(call),
        "read_simulation" => read(call),
        "run_simulation" => go_on(call),
        "set_product_costs" => set_costs(call),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

fn begin(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let by = call.staff(Permission::ManageProgramme)?.id;
    let body: NewSimulationBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    let promotion = fields.read("/promotion", PromotionId::parse(&body.promotion));
    let sold_from = fields.read("/from", Timestamp::parse(&body.from));
    let sold_until = fields.read("/until", Timestamp::parse(&body.until));
    fields.finish()?;
    let (Some(promotion), Some(sold_from), Some(sold_until)) = (promotion, sold_from, sold_until) else {
        return Err(Problem::internal("a field without a value passed the check"));
    };
    let (version, assume_coupon) = (body.version, body.assume_coupon);
    let new = NewSimulation { promotion, version, sold_from, sold_until, assume_coupon };
    idempotency::once(call, |call, tx| {
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        let begun = simulation::begin(tx, &new, Some(by), &mut moment)?;
        Reply::json(201, &show::simulation(tx, &begun)?)
    })
}

fn read(call: &Call<'_>) -> Result<Reply, Problem> {
    let found = simulation::load(call.sql, call.parameter("id", SimulationId::parse)?)?;
    Reply::json(200, &show::simulation(call.sql, &found)?)
}

fn go_on(call: &Call<'_>) -> Result<Reply, Problem> {
    let id = call.parameter("id", SimulationId::parse)?;
    let limit = paging::limit::<SLICE_MAX>(call, SLICE_DEFAULT)?;
    let secrets = till::secrets(call.settings)()?;
    let found = simulation::run(call.sql, id, limit, Some(&secrets), call.now)?;
    Reply::json(200, &show::simulation(call.sql, &found)?)
}

/// Goes on with replays that nobody asks to go on with.
///
/// # Errors
/// What failed, for the host's log.
pub fn tick(resources: Run) -> Result<(), String> {
    let Run { now, mut ids, sql, settings, .. } = resources;
    let secrets = till::secrets(&*settings)().map_err(|error| format!("{JOB}: {error}"))?;
    let mut moment = Moment { now, ids: &mut ids };
    match simulation::tick(sql, TICK_MAX, Some(&secrets), &mut moment) {
        Ok(Some(receipts)) if receipts > 0 => {
            println!("job.ran name={JOB} receipts={receipts}");
            Ok(())
        }
        Ok(_) => Ok(()),
        Err(error) => Err(format!("{JOB}: {error}")),
    }
}

fn set_costs(call: &Call<'_>) -> Result<Reply, Problem> {
    let body: ProductCostsBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    if !(1..=COSTS_MAX).contains(&body.costs.len()) {
        fields.fault(&p::INVALID_FIELD, "/costs", format!("must have 1 to {COSTS_MAX} items"));
    }
    let mut costs = Vec::with_capacity(body.costs.len().min(COSTS_MAX));
    for (index, cost) in body.costs.iter().take(COSTS_MAX).enumerate() {
        let at = format!("/costs/{index}");
        fields.length(&format!("{at}/product"), &cost.product, CODE_LEN_MAX);
        let currency = fields.read(&format!("{at}/cost/currency"), Currency::parse(&cost.cost.currency));
        let money = currency.and_then(|currency| {
            fields.read(&format!("{at}/cost/amount"), Money::parse(&cost.cost.amount, currency))
        });
        if money.is_some_and(Money::is_negative) {
            fields.fault(&p::INVALID_FIELD, format!("{at}/cost/amount"), "must not be below zero");
        }
        costs.extend(money.map(|money| (cost.product.clone(), money.currency(), money.minor())));
    }
    fields.finish()?;
    if brands::load(call.sql, &body.brand)?.is_none() {
        return Err(Problem::of(&p::UNKNOWN_BRAND).at("/brand", "no such brand"));
    }
    let now = call.now;
    transaction(call.sql, |tx| costs::set_costs(tx, &body.brand, &costs, now))?;
    Ok(Reply::empty(204))
}
