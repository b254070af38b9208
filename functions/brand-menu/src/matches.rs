//! Which product of a chain is which item of the brand.

use api::wire::brand_menu::{
    ConfirmAllBody, ConfirmBody, ConfirmedReply, CountReply, MatchesReply, ProductReply, ProposalReply,
    RejectBody,
};
use kernel::StaffId;
use menu::chain::Product;
use shop::menu_brand;
use store::menus::chains;
use store::menus::matches::{self, Match};
use store::transaction::transaction;
use web::{Call, Problem, Reply, body};

use crate::run::{account, brand, by, code};

/// Products that no item looks like, in a reply.
const UNMATCHED_MAX: usize = 500;

/// Makes items after a chain's products.
pub fn adopt(call: &Call<'_>) -> Result<Reply, Problem> {
    let (brand, account) = (brand(call)?, account(call)?);
    let count = transaction(call.sql, |tx| menu_brand::adopt(tx, &brand, account, by(call), call.now))?;
    Reply::json(200, &CountReply { count: count as u64 })
}

/// What is confirmed, proposed, in conflict and unmatched.
pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let (brand, account) = (brand(call)?, account(call)?);
    let found = menu_brand::findings(call.sql, &brand, account)?;
    let products = chains::list_catalogue(call.sql, account)?;
    let product = |id: &str| products.iter().find(|product| product.id == id);
    let confirmed = matches::list(call.sql, account)?.into_iter().filter(|decision| decision.is_confirmed);
    let proposals = found.proposals.into_iter().map(|(candidate, mapping)| ProposalReply {
        product_name: product(&candidate.product_id).map(|product| product.name.clone()).unwrap_or_default(),
        candidate,
        mapping,
    });
    let unmatched = found.unmatched_products.iter().take(UNMATCHED_MAX).filter_map(|id| product(id));
    Reply::json(
        200,
        &MatchesReply {
            confirmed: confirmed.map(confirmed_reply).collect(),
            proposals: proposals.collect(),
            conflicts: found.conflicts,
            unmatched_items: found.unmatched_items,
            unmatched_products: unmatched.map(product_reply).collect(),
        },
    )
}

/// Confirms one pair.
pub fn confirm(call: &Call<'_>) -> Result<Reply, Problem> {
    let (brand, account, item) = (brand(call)?, account(call)?, call.parameter("item", code)?);
    let body: ConfirmBody = body::json(&call.request)?;
    let who = (by(call), call.now);
    let mapping = transaction(call.sql, |tx| {
        menu_brand::confirm(tx, &brand, account, &item, &body.product_id, body.mapping, who)
    })?;
    Reply::json(200, &mapping)
}

/// Confirms every proposal from a score on.
pub fn confirm_all(call: &Call<'_>) -> Result<Reply, Problem> {
    let (brand, account) = (brand(call)?, account(call)?);
    let body: ConfirmAllBody = body::json(&call.request)?;
    let who = (by(call), call.now);
    let count =
        transaction(call.sql, |tx| menu_brand::confirm_all(tx, &brand, account, body.score_min, who))?;
    Reply::json(200, &CountReply { count: count as u64 })
}

/// Says that a product is not an item.
pub fn reject(call: &Call<'_>) -> Result<Reply, Problem> {
    let (brand, account, item) = (brand(call)?, account(call)?, call.parameter("item", code)?);
    let body: RejectBody = body::json(&call.request)?;
    let who = (by(call), call.now);
    transaction(call.sql, |tx| menu_brand::reject(tx, &brand, account, &item, &body.product_id, who))?;
    Ok(Reply::empty(204))
}

/// Takes a confirmation back.
pub fn reopen(call: &Call<'_>) -> Result<Reply, Problem> {
    let (brand, account, item) = (brand(call)?, account(call)?, call.parameter("item", code)?);
    transaction(call.sql, |tx| menu_brand::reopen(tx, &brand, account, &item))?;
    Ok(Reply::empty(204))
}

fn confirmed_reply(decision: Match) -> ConfirmedReply {
    ConfirmedReply {
        item: decision.item,
        mapping: decision.mapping,
        score: decision.score,
        decided_by: decision.decided_by.map(|id: StaffId| id.to_string()),
        decided_at: decision.decided_at.to_string(),
    }
}

fn product_reply(product: &Product) -> ProductReply {
    ProductReply {
        id: product.id.clone(),
        sku: product.sku.clone(),
        name: product.name.clone(),
        category: product.category.clone(),
    }
}
