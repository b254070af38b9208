//! What a test does to iiko, from its own process or through `/_control/`.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::change::move_to;
use super::state::{Account, Creation, Kind, Order, Stop};
use super::{Iiko, events};
use crate::serve::Reply;
use crate::world::OrganizationSpec;

/// An order as a test looks at it.
#[derive(Debug, Clone)]
pub struct OrderView {
    pub account: String,
    pub organization: String,
    pub id: String,
    pub external_number: Option<String>,
    pub table: bool,
    /// What the till thinks: `InProgress`, `Success`, or the code of its refusal.
    pub creation: String,
    /// Empty until the till has it.
    pub status: String,
    pub sum: Decimal,
    /// The member `order` of the request.
    pub request: Value,
}

fn view(account: &Account, order: &Order) -> OrderView {
    OrderView {
        account: account.spec.name.clone(),
        organization: order.organization.clone(),
        id: order.id.clone(),
        external_number: order.request["externalNumber"].as_str().map(str::to_owned),
        table: order.kind == Kind::Table,
        creation: match &order.creation {
            Creation::InProgress => "InProgress".to_owned(),
            Creation::Success => "Success".to_owned(),
            Creation::Error { code, .. } => (*code).to_owned(),
        },
        status: order.status.clone(),
        sum: order.sum,
        request: order.request.clone(),
    }
}

impl Iiko {
    /// Every order of every account.
    #[must_use]
    pub fn orders(&self) -> Vec<OrderView> {
        let accounts = self.lock();
        let of =
            |account: &Account| account.orders.values().map(|order| view(account, order)).collect::<Vec<_>>();
        accounts.values().flat_map(of).collect()
    }

    /// An order.
    #[must_use]
    pub fn order(&self, id: &str) -> Option<OrderView> {
        self.orders().into_iter().find(|order| order.id == id)
    }

    /// What an organization's till does with an order: moves it on, and tells. False if it cannot.
    pub fn advance(&self, id: &str, status: &str) -> bool {
        let now_ms = self.clock.now_ms();
        let mut accounts = self.lock();
        let Some(account) = accounts.values_mut().find(|account| account.orders.contains_key(id)) else {
            return false;
        };
        let Some(mut order) = account.orders.get(id).cloned() else { return false };
        if order.creation != Creation::Success || move_to(&mut order, status, now_ms).is_err() {
            return false;
        }
        order.changed_ms = now_ms;
        order.revision = account.next_order_revision();
        account.orders.insert(id.to_owned(), order.clone());
        events::order_changed(self, account, &order, &crate::ids::fresh());
        true
    }

    /// Switches the till of an outlet off or on.
    pub fn till(&self, outlet: &str, on: bool) {
        self.with_outlet(outlet, |_, account, organization| {
            let terminal = account.terminal(organization);
            account.asleep.retain(|asleep| *asleep != terminal);
            if !on {
                account.asleep.push(terminal);
            }
        });
    }

    /// Takes an article out of stock at an outlet; `balance` above zero says how many are left.
    pub fn stop(&self, outlet: &str, sku: &str, balance: i64) {
        let now_ms = self.clock.now_ms();
        self.with_outlet(outlet, |iiko, account, organization| {
            let terminal = account.terminal(organization);
            let product = account.id("product", sku);
            account.stops.retain(|stop| stop.terminal != terminal || stop.product != product);
            account.stops.push(Stop {
                terminal: terminal.clone(),
                product,
                size: None,
                sku: sku.to_owned(),
                balance: balance.into(),
                added_ms: now_ms,
            });
            let id = account.id("organization", &organization.code);
            events::stops_changed(iiko, account, &id, &terminal);
        });
    }

    /// Brings an article back.
    pub fn restock(&self, outlet: &str, sku: &str) {
        self.with_outlet(outlet, |iiko, account, organization| {
            let terminal = account.terminal(organization);
            let product = account.id("product", sku);
            account.stops.retain(|stop| stop.terminal != terminal || stop.product != product);
            let id = account.id("organization", &organization.code);
            events::stops_changed(iiko, account, &id, &terminal);
        });
    }

    /// Changes a price at an outlet; none takes it off sale there. `size` is empty for what comes in one.
    pub fn price(&self, outlet: &str, sku: &str, size: &str, price: Option<i64>) {
        self.with_outlet(outlet, |iiko, account, organization| {
            let key = (organization.code.clone(), sku.to_owned(), size.to_owned());
            account.prices.insert(key, price.map(Decimal::from));
            account.menu_revision += 1;
            let id = account.id("organization", &organization.code);
            events::menu_changed(iiko, account, &id);
        });
    }

    /// Ends every token at once.
    pub fn expire_tokens(&self) {
        for account in self.lock().values_mut() {
            account.tokens.clear();
        }
    }

    /// Forgets every command, as after an hour.
    pub fn forget_commands(&self) {
        for account in self.lock().values_mut() {
            account.commands.clear();
        }
    }

    /// Sets where the webhooks of an outlet's organization go, with everything switched on.
    pub fn hooks_to(&self, outlet: &str, uri: &str, auth_token: &str) {
        self.with_outlet(outlet, |_, account, organization| {
            let states =
                ["Unconfirmed", "WaitCooking", "CookingStarted", "CookingCompleted", "Waiting", "OnWay"];
            let states: Vec<&str> = states.into_iter().chain(["Delivered", "Closed", "Cancelled"]).collect();
            let filter = json!({
                "deliveryOrderFilter": { "orderStatuses": states, "itemStatuses": [], "errors": true },
                "tableOrderFilter": {
                    "orderStatuses": ["New", "Bill", "Closed", "Deleted"], "itemStatuses": [], "errors": true,
                },
                "stopListUpdateFilter": { "updates": true }, "nomenclatureUpdateFilter": { "updates": true },
            });
            let id = account.id("organization", &organization.code);
            let settings = super::state::HookSettings {
                uri: uri.to_owned(),
                auth_token: Some(auth_token.to_owned()),
                filter,
            };
            account.hooks.insert(id, settings);
        });
    }

    /// Account, organization and terminal group of an outlet.
    #[must_use]
    pub fn outlet_ids(&self, outlet: &str) -> Option<(String, String, String)> {
        self.with_outlet(outlet, |_, account, organization| {
            let id = account.id("organization", &organization.code);
            (account.spec.name.clone(), id, account.terminal(organization))
        })
    }

    /// The id of something of an account (`product`, `size`, `group`, `payment_type`, `order_type`, `discount`).
    #[must_use]
    pub fn id(&self, account: &str, kind: &str, code: &str) -> Option<String> {
        self.lock().get(account).map(|account| account.id(kind, code))
    }

    fn with_outlet<T>(
        &self,
        outlet: &str,
        work: impl FnOnce(&Self, &mut Account, &OrganizationSpec) -> T,
    ) -> Option<T> {
        let mut accounts = self.lock();
        for account in accounts.values_mut() {
            let found = account.spec.organizations.iter().find(|organization| organization.code == outlet);
            if let Some(organization) = found.cloned() {
                return Some(work(self, account, &organization));
            }
        }
        None
    }

    /// `orders`, `advance {id or external_number,status}`, `till {outlet,on}`, `stop {outlet,sku,balance}`, `restock {outlet,sku}`,
    /// `price {outlet,sku,size,price}`, `expire_tokens`, `forget_commands`, `hooks {outlet,uri,token}`, `lose_hooks`,
    /// `hold_hooks`, `release_hooks {reversed}`, `attempts`, `advance_clock {ms}`.
    pub(super) fn controlled(&self, path: &str, body: &Value) -> Option<Reply> {
        let text = |key: &str| body[key].as_str().unwrap_or_default();
        let mut answer = json!({});
        match path {
            "orders" => {
                let orders = self.orders().into_iter().map(|order| {
                    json!({
                        "account": order.account, "id": order.id, "external_number": order.external_number,
                        "creation": order.creation, "status": order.status, "sum": order.sum.to_string(),
                        "request": order.request,
                    })
                });
                answer = json!({ "orders": orders.collect::<Vec<_>>() });
            }
            "advance" => {
                let named = self.orders().into_iter().find(|order| {
                    order.id == text("id")
                        || order.external_number.as_deref() == body["external_number"].as_str()
                });
                let moved = named.is_some_and(|order| self.advance(&order.id, text("status")));
                answer = json!({ "moved": moved });
            }
            "till" => self.till(text("outlet"), body["on"] == true),
            "stop" => self.stop(text("outlet"), text("sku"), body["balance"].as_i64().unwrap_or_default()),
            "restock" => self.restock(text("outlet"), text("sku")),
            "price" => self.price(text("outlet"), text("sku"), text("size"), body["price"].as_i64()),
            "expire_tokens" => self.expire_tokens(),
            "forget_commands" => self.forget_commands(),
            "hooks" => self.hooks_to(text("outlet"), text("uri"), text("token")),
            "hold_hooks" => self.hooks.hold(),
            "release_hooks" => self.hooks.release(body["reversed"] == true),
            "lose_hooks" => answer = json!({ "lost": self.hooks.lose() }),
            "attempts" => answer = json!({ "attempts": self.hooks.attempts() }),
            "advance_clock" => self.clock.advance(body["ms"].as_i64().unwrap_or_default()),
            _ => return None,
        }
        Some(Reply::json(200, answer))
    }
}
