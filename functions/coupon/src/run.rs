//! Make batches and codes, list them, withdraw them; a guest's own code.

use api::problem as p;
use api::wire::coupons::{
    BatchPage, BatchReply, BatchRow, CodePage, CodeRow, NewBatchBody, NewCodesBody, NewCodesReply,
    ReferralReply,
};
use club::Moment;
use kernel::{CouponBatchId, ParseError, PromotionId, Timestamp};
use membership::staff_auth::Permission;
use pricing::coupon::ENTROPY_LEN;
use shop::coupon::{self, CODES_PER_CALL_MAX, LABEL_LEN_MAX, NewBatch, USES_MAX};
use store::coupons::{self, Batch, Kind};
use store::transaction::transaction;
use store::{Sql, StoreError, referrals};
use web::fields::Fields;
use web::{Call, Problem, Reply, body, idempotency, paging};

use crate::reward;

/// Batches on a page unless `limit` says otherwise, and at most.
const PAGE_DEFAULT: i64 = 20;
const PAGE_MAX: i64 = 100;
/// Codes on a page likewise.
const CODES_DEFAULT: i64 = 100;
const CODES_MAX: i64 = 1_000;
/// Most characters of a brand's code.
const BRAND_LEN_MAX: usize = 64;

/// Serves the operations on coupons.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "create_coupon_batch" => create(call),
        "list_coupon_batches" => list(call),
        "add_coupon_codes" => add(call),
        "list_coupon_codes" => codes(call),
        "block_coupon_batch" => block(call),
        "read_referral_code" => referral(call),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

fn create(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let by = call.staff(Permission::ManageProgramme)?.id;
    let new = new_batch(body::json(&call.request)?)?;
    idempotency::once(call, |call, tx| {
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        let batch = coupon::create_batch(tx, &new, Some(by), &mut moment)?;
        Reply::json(201, &show(tx, &batch)?)
    })
}

fn new_batch(body: NewBatchBody) -> Result<NewBatch, Problem> {
    let mut fields = Fields::new();
    let promotion = fields.read("/promotion", PromotionId::parse(&body.promotion));
    let kind = match body.kind.as_str() {
        "generated" => Ok(Kind::Generated),
        "imported" => Ok(Kind::Imported),
        "referral" => Ok(Kind::Referral),
        _ => Err(ParseError("must be generated, imported or referral")),
    };
    let kind = fields.read("/kind", kind);
    fields.length("/label", &body.label, LABEL_LEN_MAX);
    for (pointer, uses) in [("/uses_per_code", body.uses_per_code), ("/uses_per_guest", body.uses_per_guest)]
    {
        if uses.is_some_and(|uses| !(1..=USES_MAX).contains(&uses)) {
            fields.fault(&p::INVALID_FIELD, pointer, format!("must be from 1 to {USES_MAX}"));
        }
    }
    let mut time = |pointer: &str, text: &Option<String>| {
        text.as_deref().and_then(|text| fields.read(pointer, Timestamp::parse(text)))
    };
    let (valid_from, valid_until) =
        (time("/valid_from", &body.valid_from), time("/valid_until", &body.valid_until));
    if valid_from.zip(valid_until).is_some_and(|(from, until)| until <= from) {
        fields.fault(&p::INVALID_FIELD, "/valid_until", "must be later than valid_from");
    }
    let reward = body.reward.as_ref().and_then(|body| reward::read(&mut fields, body));
    fields.finish()?;
    let (Some(promotion), Some(kind)) = (promotion, kind) else {
        return Err(Problem::internal("a field without a value passed the check"));
    };
    let (uses_per_code, uses_per_guest) = (body.uses_per_code, body.uses_per_guest);
    Ok(NewBatch {
        promotion,
        kind,
        label: body.label,
        uses_per_code,
        uses_per_guest,
        valid_from,
        valid_until,
        reward,
    })
}

fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let brand = call.query("brand", brand)?.ok_or_else(|| {
        Problem::of(&p::INVALID_FIELD).at("?brand", "name the brand whose batches you want")
    })?;
    let before = call.query("cursor", paging::whole::<{ i64::MAX }>)?.unwrap_or(i64::MAX);
    let limit = paging::limit::<PAGE_MAX>(call, PAGE_DEFAULT)?;
    let mut batches = coupons::list_batches(call.sql, &brand, before, limit + 1)?;
    let more = paging::cut(&mut batches, limit);
    let next_cursor = batches.last().filter(|_| more).map(|(batch, ..)| batch.id.raw().to_string());
    let items = batches.iter().map(|(batch, codes, uses)| {
        Ok(BatchRow { batch: show(call.sql, batch)?, codes: *codes, uses: *uses })
    });
    let items = items.collect::<Result<_, StoreError>>()?;
    Reply::json(200, &BatchPage { items, next_cursor })
}

fn add(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let id = call.parameter("id", CouponBatchId::parse)?;
    let body: NewCodesBody = body::json(&call.request)?;
    let (pointer, count) = match &body {
        NewCodesBody::Generate(count) => ("/generate", *count as usize),
        NewCodesBody::Import(codes) => ("/import", codes.len()),
    };
    if !(1..=CODES_PER_CALL_MAX).contains(&count) {
        let words = format!("must be from 1 to {CODES_PER_CALL_MAX}");
        return Err(Problem::of(&p::INVALID_FIELD).at(pointer, words));
    }
    idempotency::once(call, |call, tx| {
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        let added = match &body {
            NewCodesBody::Generate(_) => {
                coupon::generate(tx, id, &(call.random)(count * ENTROPY_LEN), &mut moment)?
            }
            NewCodesBody::Import(codes) => coupon::import(tx, id, codes, &mut moment)?,
        };
        Reply::json(201, &NewCodesReply { added })
    })
}

fn codes(call: &Call<'_>) -> Result<Reply, Problem> {
    let id = call.parameter("id", CouponBatchId::parse)?;
    let after = call.query("cursor", paging::whole::<{ i64::MAX }>)?.unwrap_or(0);
    let limit = paging::limit::<CODES_MAX>(call, CODES_DEFAULT)?;
    if coupons::load_batch(call.sql, id)?.is_none() {
        return Err(Problem::of(&p::NOT_FOUND));
    }
    let mut codes = coupons::list(call.sql, id, after, limit + 1)?;
    let more = paging::cut(&mut codes, limit);
    let next_cursor = codes.last().filter(|_| more).map(|last| last.id.raw().to_string());
    let items = codes.into_iter().map(|coupon| CodeRow {
        code: coupon.code,
        uses: coupon.uses,
        uses_max: coupon.uses_max,
    });
    Reply::json(200, &CodePage { items: items.collect(), next_cursor })
}

fn block(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let id = call.parameter("id", CouponBatchId::parse)?;
    let moment = Moment { now: call.now, ids: &mut call.ids };
    let batch = transaction(call.sql, |tx| coupon::block(tx, id, &moment))?;
    Reply::json(200, &show(call.sql, &batch)?)
}

fn referral(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let (member, brand) = (call.guest()?.member, call.guest()?.brand.clone());
    let entropy: [u8; ENTROPY_LEN] = (call.random)(ENTROPY_LEN)
        .try_into()
        .map_err(|_| Problem::internal("the host gave another number of random bytes"))?;
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let (own, batch) =
        transaction(call.sql, |tx| coupon::referral(tx, &brand, member, entropy, &mut moment))?;
    let summary = referrals::load_summary(call.sql, member)?;
    Reply::json(
        200,
        &ReferralReply {
            code: own.code,
            uses: own.uses,
            valid_until: batch.valid_until.map(|until| until.to_string()),
            reward: referrals::load_terms(call.sql, batch.id)?.as_ref().map(reward::show),
            friends: summary.friends,
            friends_rewarded: summary.rewarded,
            points_rewarded: summary.points.to_string(),
        },
    )
}

fn show(sql: &dyn Sql, batch: &Batch) -> Result<BatchReply, StoreError> {
    let reward = match batch.kind {
        Kind::Referral => referrals::load_terms(sql, batch.id)?.as_ref().map(reward::show),
        Kind::Generated | Kind::Imported => None,
    };
    Ok(BatchReply {
        id: batch.id.to_string(),
        brand: batch.brand.clone(),
        promotion: batch.promotion.to_string(),
        kind: batch.kind.code().to_owned(),
        label: batch.label.clone(),
        uses_per_code: batch.uses_per_code,
        uses_per_guest: batch.uses_per_guest,
        valid_from: batch.valid_from.to_string(),
        valid_until: batch.valid_until.map(|until| until.to_string()),
        blocked_at: batch.blocked_at.map(|at| at.to_string()),
        created_at: batch.created_at.to_string(),
        reward,
    })
}

fn brand(text: &str) -> Result<String, ParseError> {
    let lawful =
        (1..=BRAND_LEN_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    lawful.then(|| text.to_owned()).ok_or(ParseError("not a brand's code"))
}
