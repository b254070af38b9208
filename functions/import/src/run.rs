//! Parse, import, report.

use api::problem as p;
use api::wire::imports::{ImportError, ImportReply};
use club::Moment;
use club::import::{self, FILE_BYTES_MAX, Kind, Means, Order};
use kernel::ParseError;
use membership::staff_auth::Permission;
use sha2::{Digest, Sha256};
use store::StoreError;
use web::{Call, Problem, Reply, body, till};

/// Imports the body.
///
/// # Errors
/// What the file is refused for as a whole; bad rows are in the reply.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let staff = call.staff(Permission::ImportData)?.clone();
    let missing = |name: &str| Problem::of(&p::INVALID_FIELD).at(format!("?{name}"), "must be given");
    let kind = call.query("kind", Kind::parse)?.ok_or_else(|| missing("kind"))?;
    let dry_run = call.query("dry_run", boolean)?.unwrap_or(false);
    let brand = call.request.query("brand").unwrap_or_default();
    if brand.is_empty() && kind != Kind::Staff {
        return Err(missing("brand"));
    }
    body::expect_media_type(&call.request, "text/csv")?;
    if call.request.body.len() > FILE_BYTES_MAX {
        return Err(Problem::of(&p::TOO_LARGE).with("bytes_max", FILE_BYTES_MAX));
    }
    let secrets = till::secrets(call.settings)()?;
    let order = Order {
        kind,
        brand: &brand,
        file: &call.request.body,
        dry_run,
        by: staff.id,
        grant: &staff.grant,
        digest: Sha256::digest(&call.request.body).to_vec(),
    };
    let (vault, indexer) = (secrets.vault(), secrets.blind_indexer());
    let means = Means { vault: &vault, indexer: &indexer, random: call.random };
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let report = import::run(call.sql, &order, &means, &mut moment)?;
    for key in &report.signed_out {
        call.kv.delete(key).await.map_err(StoreError::from)?;
    }
    Reply::json(
        200,
        &ImportReply {
            id: report.id.map(|id| id.to_string()),
            kind: kind.code().to_owned(),
            dry_run,
            rows: report.rows,
            applied: report.applied,
            unchanged: report.unchanged,
            refused: report.refused,
            errors_total: report.faults_total,
            errors: report
                .faults
                .into_iter()
                .map(|fault| ImportError {
                    line: fault.line,
                    column: fault.column,
                    value: fault.value,
                    message: fault.message,
                })
                .collect(),
        },
    )
}

fn boolean(text: &str) -> Result<bool, ParseError> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(ParseError("use true or false")),
    }
}
