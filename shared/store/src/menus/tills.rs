//! Where outlets' orders go: account, organisation, terminal group.

use kernel::{IikoAccountId, OutletId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

const PUT: Statement = Statement::new(
    "outlet_tills.put",
    "insert into outlet_tills (outlet_id, account_id, organization_id, terminal_group_id, order_mode, \
     payment_type_id, order_type_id, discount_type_id, points_payment_type_id, changed_at, lead_minutes) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) \
     on conflict (outlet_id) do update set account_id = excluded.account_id, \
     organization_id = excluded.organization_id, terminal_group_id = excluded.terminal_group_id, \
     order_mode = excluded.order_mode, payment_type_id = excluded.payment_type_id, \
     order_type_id = excluded.order_type_id, discount_type_id = excluded.discount_type_id, \
     points_payment_type_id = excluded.points_payment_type_id, changed_at = excluded.changed_at, \
     lead_minutes = excluded.lead_minutes",
);
const BY_OUTLET: Statement = Statement::new(
    "outlet_tills.by_outlet",
    "select outlet_id, account_id, organization_id, terminal_group_id, order_mode, payment_type_id, order_type_id, \
     discount_type_id, points_payment_type_id, lead_minutes from outlet_tills where outlet_id = ?1",
);
const ZONE: Statement = Statement::new("outlet_tills.zone", "select zone from outlets where id = ?1");
/// How an outlet takes orders from the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderMode {
    /// A delivery to be picked up.
    Delivery,
    /// An order of the till.
    Table,
}

impl OrderMode {
    /// As stored and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Table => "table",
        }
    }

    fn parse(code: &str) -> Result<Self, ()> {
        [Self::Delivery, Self::Table].into_iter().find(|mode| mode.code() == code).ok_or(())
    }
}

/// Where an outlet's orders go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutletTill {
    pub outlet: OutletId,
    pub account: IikoAccountId,
    /// The till's id.
    pub organization: String,
    /// The till's id.
    pub terminal_group: String,
    pub mode: OrderMode,
    /// How an order paid in the app is marked as paid.
    pub payment_type: Option<String>,
    pub order_type: Option<String>,
    /// How our discounts are told to the till.
    pub discount_type: Option<String>,
    /// How spent points are told to the till; none: as a discount.
    pub points_payment_type: Option<String>,
    /// Minutes before an order is wanted at which its till is told of it.
    pub lead_minutes: u32,
}

/// Minutes of lead where an outlet says nothing else: what making a large order takes at a busy hour.
pub const LEAD_MINUTES: u32 = 15;
/// An order is not kept from its till for longer than a day before it is wanted.
pub const LEAD_MINUTES_MAX: u32 = 24 * 60;

/// Writes where an outlet's orders go.
///
/// # Errors
/// A failure of storage.
pub fn put(sql: &dyn Sql, till: &OutletTill, now: Timestamp) -> Result<(), StoreError> {
    PUT.run(
        sql,
        &[
            till.outlet.raw().into(),
            till.account.raw().into(),
            till.organization.as_str().into(),
            till.terminal_group.as_str().into(),
            till.mode.code().into(),
            till.payment_type.as_deref().into(),
            till.order_type.as_deref().into(),
            till.discount_type.as_deref().into(),
            till.points_payment_type.as_deref().into(),
            now.millis().into(),
            i64::from(till.lead_minutes).into(),
        ],
    )
}

/// Where an outlet's orders go; none for an outlet without a till.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, outlet: OutletId) -> Result<Option<OutletTill>, StoreError> {
    BY_OUTLET.query_one(sql, &[outlet.raw().into()])?.map(|mut row| read(&mut row)).transpose()
}

/// The name of an outlet's time zone.
///
/// # Errors
/// A failure of storage.
pub fn load_zone(sql: &dyn Sql, outlet: OutletId) -> Result<Option<String>, StoreError> {
    ZONE.query_one(sql, &[outlet.raw().into()])?.map(|mut row| row.text()).transpose()
}

fn read(row: &mut Row) -> Result<OutletTill, StoreError> {
    Ok(OutletTill {
        outlet: OutletId::from_raw(row.integer()?),
        account: IikoAccountId::from_raw(row.integer()?),
        organization: row.text()?,
        terminal_group: row.text()?,
        mode: row.parsed(OrderMode::parse)?,
        payment_type: row.text_or_null()?,
        order_type: row.text_or_null()?,
        discount_type: row.text_or_null()?,
        points_payment_type: row.text_or_null()?,
        lead_minutes: u32::try_from(row.integer()?)
            .map_err(|_| row.inconsistent("not a count of minutes"))?,
    })
}
