//! Fraud control: counts, rules, decisions, cases, appeals, trials. What they mean is `fraud`'s and `watch`'s matter; states,
//! rules and reasons are JSON here.

pub mod appeals;
pub mod cases;
pub mod decisions;
pub mod delays;
pub mod inline;
pub mod leavers;
pub mod links;
pub mod rules;
pub mod settings;
pub mod trials;

use kernel::{MemberId, OutletId};

use crate::error::StoreError;
use crate::statement::Row;

fn member_or_null(row: &mut Row) -> Result<Option<MemberId>, StoreError> {
    Ok(row.integer_or_null()?.map(MemberId::from_raw))
}

fn outlet_or_null(row: &mut Row) -> Result<Option<OutletId>, StoreError> {
    Ok(row.integer_or_null()?.map(OutletId::from_raw))
}

fn count(row: &mut Row) -> Result<u32, StoreError> {
    let number = row.integer()?;
    u32::try_from(number).map_err(|_| row.inconsistent("not a count"))
}
