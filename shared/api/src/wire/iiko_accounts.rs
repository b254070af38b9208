//! Accounts at iiko, and which till is which outlet's.

use serde::{Deserialize, Serialize};

/// What opens an account. Never shown again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum CredentialsBody {
    /// The older login.
    ApiLogin {
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 200)))]
        api_login: String,
    },
    /// An application's key.
    App {
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 200)))]
        api_key: String,
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 200)))]
        app_id: String,
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 200)))]
        client_secret: String,
    },
}

/// Where a menu is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum SourceBody {
    /// An external menu.
    External {
        /// Its id at iiko.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
        menu: String,
        /// Id of a price category; null where prices come from the menu.
        #[serde(default)]
        price_category: Option<String>,
        /// 2, 3 or 4.
        #[cfg_attr(feature = "schema", schemars(range(min = 2, max = 4)))]
        format: i64,
    },
    /// An external menu with its combos, by iiko's newer call for one organisation at a time.
    Plain {
        /// Its id at iiko.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
        menu: String,
        /// Id of a price category; null where prices come from the menu.
        #[serde(default)]
        price_category: Option<String>,
    },
    /// The nomenclature.
    Nomenclature,
}

/// What an administrator says of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AccountBody {
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 100)))]
    pub name: String,
    /// Scheme and host, such as `https://api-ru.iiko.services`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 200)))]
    pub base_url: String,
    /// Needed for a new account; absent keeps what is known.
    #[serde(default)]
    pub credentials: Option<CredentialsBody>,
    pub source: SourceBody,
    /// False: neither read nor sent to.
    pub active: bool,
    /// What iiko is told to send with its events; absent keeps what is known.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(min = 16, max = 200)))]
    pub webhook_token: Option<String>,
}

/// An account, without what opens it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccountReply {
    /// `iik_…`
    pub id: String,
    pub brand: String,
    pub name: String,
    pub base_url: String,
    pub source: SourceBody,
    pub active: bool,
    /// Events are taken.
    pub webhook: bool,
    /// `closed`, `open` or `half_open`: whether the account is left alone after failures.
    pub breaker: String,
    pub last_synced_at: Option<String>,
    /// Why the last run could not read it; null when it could.
    pub last_error: Option<String>,
}

/// A brand's accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccountsReply {
    pub items: Vec<AccountReply>,
}

/// An account with what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccountDetailReply {
    pub account: AccountReply,
    pub organizations: Vec<OrganizationReply>,
    pub terminal_groups: Vec<TerminalReply>,
    pub payment_types: Vec<PaymentTypeReply>,
    pub order_types: Vec<OrderTypeReply>,
}

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrganizationReply {
    pub id: String,
    pub name: String,
    pub code: Option<String>,
    pub currency: Option<String>,
    pub address: Option<String>,
    pub tax_number: Option<String>,
    /// Outlets whose orders go there.
    pub outlets: i64,
    pub menu_synced_at: Option<String>,
    pub menu_error: Option<String>,
    /// When the account named it last.
    pub seen_at: String,
}

/// A terminal group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TerminalReply {
    pub id: String,
    pub organization: String,
    pub name: String,
    pub zone: Option<String>,
    pub asleep: bool,
}

/// A kind of payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PaymentTypeReply {
    pub id: String,
    pub code: String,
    pub name: String,
    pub kind: String,
}

/// A kind of order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderTypeReply {
    pub id: String,
    pub organization: String,
    pub name: String,
    pub service: String,
}

/// How an outlet takes orders from the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OrderModeBody {
    /// A delivery to be picked up.
    Delivery,
    /// An order of the till.
    Table,
}

/// Where an outlet's orders go. Ids are the till's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TillBody {
    /// `iik_…`
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^iik_[0-9a-hjkmnp-tv-z]{13}$")))]
    pub account: String,
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub organization: String,
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub terminal_group: String,
    pub mode: OrderModeBody,
    /// How an order paid in the app is marked as paid.
    #[serde(default)]
    pub payment_type: Option<String>,
    #[serde(default)]
    pub order_type: Option<String>,
    /// How our discounts are told.
    #[serde(default)]
    pub discount_type: Option<String>,
    /// How spent points are told; null: as a discount.
    #[serde(default)]
    pub points_payment_type: Option<String>,
    /// Minutes before an order is wanted at which its till is told of it: until then it is kept, and free to cancel.
    #[serde(default = "lead_minutes")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 1440)))]
    pub lead_minutes: u32,
}

const fn lead_minutes() -> u32 {
    15
}

/// Where iiko is to post an account's events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EventsBody {
    /// `iik_…`
    pub account: String,
    /// Address of `POST /v1/hooks/iiko` as iiko reaches it.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 200)))]
    pub url: String,
    /// What iiko sends with every event; replaces the token before it.
    #[cfg_attr(feature = "schema", schemars(length(min = 16, max = 200)))]
    pub token: String,
    /// `next` of the reply before, to go on.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub after: Option<String>,
}

/// Which organisations post their events to us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EventsReply {
    /// iiko's ids.
    pub organizations: Vec<String>,
    pub failed: Vec<EventsFailure>,
    /// Pass as `after` for the rest; null when all were told.
    pub next: Option<String>,
}

/// An organisation that could not be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EventsFailure {
    pub organization: String,
    pub error: String,
}

/// What a run of the synchronisation did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SyncReply {
    pub accounts: u64,
    /// Requests made to iiko.
    pub calls: u64,
    /// Organisations whose menu was read.
    pub menus: u64,
    /// Products that have come, changed or gone.
    pub products_changed: u64,
    /// Terminal groups whose stop list differs from before.
    pub stops_changed: u64,
    /// Outlets whose menu was made anew.
    pub rebuilt: u64,
    pub failed: Vec<SyncFailure>,
    /// The run stopped at its bound: call again for the rest, or leave it to the timer.
    pub more: bool,
}

/// An account that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SyncFailure {
    /// `iik_…`
    pub account: String,
    pub error: String,
}
