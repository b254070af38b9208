//! Requests about orders. Every call is a POST with a JSON body.

use partner::Request;
use serde::Serialize;
use serde_json::json;

use super::create::{NewOrder, Service};
use crate::call::Access;

/// Ids in one request.
pub const IDS_MAX: usize = 200;
/// How long iikoCloud may take. Its own wait for a till is said in the header `Timeout`, in seconds, and is shorter.
const TIMEOUT_MS: u32 = 8_000;
const WAIT_SECONDS: &str = "7";

impl Access<'_> {
    /// Is the outlet's till connected?
    #[must_use]
    pub fn is_alive(&self, organization: &str, terminal_group: &str) -> Request {
        let body = json!({ "organizationIds": [organization], "terminalGroupIds": [terminal_group] });
        self.command("/api/1/terminal_groups/is_alive", &body)
    }

    /// Sends an order. A command: see [`Access::command_status`].
    #[must_use]
    pub fn create(&self, order: &NewOrder) -> Request {
        self.command(order.path(), &order.body())
    }

    /// How a command goes.
    #[must_use]
    pub fn command_status(&self, organization: &str, correlation: &str) -> Request {
        let body = json!({ "organizationId": organization, "correlationId": correlation });
        self.command("/api/1/commands/status", &body)
    }

    /// Reads an order by the id that we gave it.
    #[must_use]
    pub fn by_id(&self, service: &Service, organization: &str, order: &str) -> Request {
        match service {
            Service::PickUp { .. } => self.command(
                "/api/1/deliveries/by_id",
                &json!({ "organizationId": organization, "orderIds": [order] }),
            ),
            Service::Till { .. } => self.command(
                "/api/1/order/by_id",
                &json!({ "organizationIds": [organization], "orderIds": [order] }),
            ),
        }
    }

    /// Reads many orders of the house, at most [`IDS_MAX`], by the ids that we gave them.
    #[must_use]
    pub fn of_houses(&self, organizations: &[String], orders: &[String]) -> Request {
        let body = json!({ "organizationIds": organizations, "orderIds": orders });
        self.command("/api/1/order/by_id", &body)
    }

    /// Everything that changed in pick-up orders since a revision; iiko looks back three hours at most.
    #[must_use]
    pub fn by_revision(&self, organizations: &[String], revision: i64) -> Request {
        let body = json!({ "startRevision": revision, "organizationIds": organizations });
        self.command("/api/1/deliveries/by_revision", &body)
    }

    /// Cancels an order at the till. A command.
    #[must_use]
    pub fn cancel(&self, service: &Service, organization: &str, order: &str, comment: &str) -> Request {
        match service {
            Service::PickUp { .. } => self.command(
                "/api/1/deliveries/cancel",
                &json!({ "organizationId": organization, "orderId": order, "cancelComment": comment }),
            ),
            Service::Till { .. } => self
                .command("/api/1/order/cancel", &json!({ "organizationId": organization, "orderId": order })),
        }
    }

    /// Has iikoCloud post events of an organisation to us.
    #[must_use]
    pub fn subscribe(&self, organization: &str, url: &str, token: &str) -> Request {
        let delivery = [
            "Unconfirmed",
            "WaitCooking",
            "CookingStarted",
            "CookingCompleted",
            "Delivered",
            "Closed",
            "Cancelled",
        ];
        let body = json!({
            "organizationId": organization,
            "webHooksUri": url,
            "authToken": token,
            "webHooksFilter": {
                "deliveryOrderFilter": { "orderStatuses": delivery, "itemStatuses": [], "errors": true },
                "tableOrderFilter": {
                    "orderStatuses": ["New", "Bill", "Closed", "Deleted"], "itemStatuses": [], "errors": true,
                },
                "stopListUpdateFilter": { "updates": true },
                "nomenclatureUpdateFilter": { "updates": true },
            },
        });
        self.command("/api/1/webhooks/update_settings", &body)
    }

    /// A call that waits for a till no longer than a guest waits for us.
    fn command(&self, path: &str, body: &impl Serialize) -> Request {
        let mut request = self.post(path, body);
        request.headers.push(("timeout", WAIT_SECONDS.to_owned()));
        request.timeout_ms = TIMEOUT_MS;
        request
    }
}
