//! What an iiko account holds.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::ids;
use crate::world::{AccountSpec, Item, Modifier, OrganizationSpec};

/// Whether an order is for pick-up and delivery, or for the till itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Delivery,
    Table,
}

/// How far the till is with a new order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Creation {
    InProgress,
    Success,
    Error { code: &'static str, message: String },
}

/// An order.
#[derive(Debug, Clone)]
pub struct Order {
    pub id: String,
    pub kind: Kind,
    pub organization: String,
    pub terminal: String,
    /// The member `order` of the request.
    pub request: Value,
    pub check_stop_list: bool,
    pub pos_id: Option<String>,
    pub creation: Creation,
    pub status: String,
    pub number: i64,
    pub sum: Decimal,
    pub received_ms: i64,
    pub taken_ms: i64,
    pub changed_ms: i64,
    /// When it was cooked, delivered, closed: by the name of the field.
    pub times: BTreeMap<&'static str, i64>,
    /// Cause and comment.
    pub cancelled: Option<(Option<String>, Option<String>)>,
    pub revision: i64,
}

/// How far a command is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    Running,
    Success,
    Error(String),
}

/// A command and its correlation id.
#[derive(Debug, Clone)]
pub struct Command {
    pub organization: String,
    pub progress: Progress,
    pub made_ms: i64,
}

/// Something out of stock or nearly.
#[derive(Debug, Clone)]
pub struct Stop {
    pub terminal: String,
    pub product: String,
    pub size: Option<String>,
    pub sku: String,
    pub balance: Decimal,
    pub added_ms: i64,
}

/// Where an organization's webhooks go.
#[derive(Debug, Clone)]
pub struct HookSettings {
    pub uri: String,
    pub auth_token: Option<String>,
    pub filter: Value,
}

/// An account.
#[derive(Debug, Clone)]
pub struct Account {
    pub spec: AccountSpec,
    /// Tokens and when they end, milliseconds since 1970.
    pub tokens: BTreeMap<String, i64>,
    pub orders: BTreeMap<String, Order>,
    pub commands: BTreeMap<String, Command>,
    pub hooks: BTreeMap<String, HookSettings>,
    pub stops: Vec<Stop>,
    /// Terminals that are switched off.
    pub asleep: Vec<String>,
    /// Of the menu.
    pub menu_revision: i64,
    /// Of the orders.
    pub order_revision: i64,
    /// Prices that differ from the menu's, by organization, article and size; none is "not for sale".
    pub prices: BTreeMap<(String, String, String), Option<Decimal>>,
    /// How many orders the tills have numbered.
    pub numbered: i64,
}

/// First revision of a menu: what the real one looks like.
const FIRST_REVISION: i64 = 1_763_712_000;

impl Account {
    /// A fresh one.
    #[must_use]
    pub fn new(spec: AccountSpec) -> Self {
        Self {
            spec,
            tokens: BTreeMap::new(),
            orders: BTreeMap::new(),
            commands: BTreeMap::new(),
            hooks: BTreeMap::new(),
            stops: Vec::new(),
            asleep: Vec::new(),
            menu_revision: FIRST_REVISION,
            order_revision: 1,
            prices: BTreeMap::new(),
            numbered: 0,
        }
    }

    /// The id of something of this account: of a product, a size, a group.
    #[must_use]
    pub fn id(&self, kind: &str, code: &str) -> String {
        ids::named(&format!("{}/{kind}/{code}", self.spec.name))
    }

    /// An organization by its id.
    #[must_use]
    pub fn organization(&self, id: &str) -> Option<&OrganizationSpec> {
        self.spec.organizations.iter().find(|organization| self.id("organization", &organization.code) == id)
    }

    /// The zone of an organization's terminals.
    #[must_use]
    pub fn zone(&self, organization: &str) -> &str {
        self.organization(organization).map_or("UTC", |organization| &organization.zone)
    }

    /// The terminal group of an organization.
    #[must_use]
    pub fn terminal(&self, organization: &OrganizationSpec) -> String {
        self.id("terminal", &organization.code)
    }

    /// An item of the menu by its product id.
    #[must_use]
    pub fn item(&self, product: &str) -> Option<&Item> {
        self.spec.book.items().find(|item| self.id("product", &item.sku) == product)
    }

    /// A modifier by its product id, with its group's id.
    #[must_use]
    pub fn modifier(&self, product: &str) -> Option<&Modifier> {
        self.spec
            .book
            .groups
            .iter()
            .flat_map(|group| &group.items)
            .find(|modifier| self.id("product", &modifier.sku) == product)
    }

    /// What an item costs in an organization; none if it is not for sale there.
    #[must_use]
    pub fn price(&self, organization: &OrganizationSpec, item: &Item, size: &str) -> Option<Decimal> {
        let key = (organization.code.clone(), item.sku.clone(), size.to_owned());
        if let Some(price) = self.prices.get(&key) {
            return *price;
        }
        if organization.lacks.contains(&item.sku) {
            return None;
        }
        let index = item.sizes.iter().position(|code| code == size).unwrap_or(0);
        item.prices.get(&organization.currency)?.get(index).map(|price| (*price).into())
    }

    /// What a modifier costs in an organization.
    #[must_use]
    pub fn modifier_price(&self, organization: &OrganizationSpec, modifier: &Modifier) -> Option<Decimal> {
        let key = (organization.code.clone(), modifier.sku.clone(), String::new());
        if let Some(price) = self.prices.get(&key) {
            return *price;
        }
        modifier.prices.get(&organization.currency)?.first().map(|price| (*price).into())
    }

    /// The next revision of the orders.
    pub fn next_order_revision(&mut self) -> i64 {
        self.order_revision += 1;
        self.order_revision
    }
}
