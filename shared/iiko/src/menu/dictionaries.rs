//! Dictionaries that an order refers to: kinds of payments and of orders.

use partner::{Answer, Request};
use serde::{Deserialize, Serialize};

use crate::call::{self, Access, Failure};
use crate::number::{list, or_default};

/// A kind of payment that a till knows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentType {
    pub id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub code: String,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// `Cash`, `Card`, `External`, `IikoCard` and others.
    #[serde(default, deserialize_with = "or_default")]
    pub payment_type_kind: String,
    #[serde(default, deserialize_with = "or_default")]
    pub is_deleted: bool,
}

/// A kind of order that a till knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderType {
    pub id: String,
    pub organization: String,
    pub name: String,
    /// `Common`, `DeliveryByCourier`, `DeliveryPickUp`.
    pub service: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PaymentTypes {
    #[serde(default, deserialize_with = "list")]
    payment_types: Vec<PaymentType>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OrderTypes {
    #[serde(default, deserialize_with = "list")]
    order_types: Vec<OfOrganization>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfOrganization {
    organization_id: String,
    #[serde(default, deserialize_with = "list")]
    items: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: String,
    #[serde(default, deserialize_with = "or_default")]
    name: String,
    #[serde(default, deserialize_with = "or_default")]
    order_service_type: String,
    #[serde(default, deserialize_with = "or_default")]
    is_deleted: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    organization_ids: &'a [&'a str],
}

/// Asks for the kinds of payments.
#[must_use]
pub fn payment_types_request(access: &Access<'_>, organizations: &[&str]) -> Request {
    access.post("/api/1/payment_types", &Body { organization_ids: organizations })
}

/// Reads the kinds of payments in use.
///
/// # Errors
/// See [`Failure`].
pub fn read_payment_types(answer: &Answer) -> Result<Vec<PaymentType>, Failure> {
    let body: PaymentTypes = call::read(answer)?;
    Ok(body.payment_types.into_iter().filter(|kind| !kind.is_deleted).collect())
}

/// Asks for the kinds of orders.
#[must_use]
pub fn order_types_request(access: &Access<'_>, organizations: &[&str]) -> Request {
    access.post("/api/1/deliveries/order_types", &Body { organization_ids: organizations })
}

/// Reads the kinds of orders in use.
///
/// # Errors
/// See [`Failure`].
pub fn read_order_types(answer: &Answer) -> Result<Vec<OrderType>, Failure> {
    let body: OrderTypes = call::read(answer)?;
    let mut found = Vec::new();
    for organization in body.order_types {
        for entry in organization.items.into_iter().filter(|entry| !entry.is_deleted) {
            found.push(OrderType {
                id: entry.id,
                organization: organization.organization_id.clone(),
                name: entry.name,
                service: entry.order_service_type,
            });
        }
    }
    Ok(found)
}
