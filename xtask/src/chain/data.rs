//! What the demo chain consists of: invented brands, companies and addresses; people are named by their role.

/// A brand and the files that describe it, as an administrator would send them.
pub struct Brand {
    pub code: &'static str,
    pub name: &'static str,
    /// Country that phone numbers without a code belong to.
    pub region: &'static str,
    /// First two digits of its cards.
    pub card_prefix: &'static str,
    pub programme: &'static str,
    pub outlets: &'static str,
}

pub const BRANDS: &[Brand] = &[
    Brand {
        code: "daily",
        name: "Crema Daily",
        region: "KZ",
        card_prefix: "21",
        programme: include_str!("../../demo/daily.json"),
        outlets: include_str!("../../demo/outlets-daily.csv"),
    },
    Brand {
        code: "roastery",
        name: "Crema Roastery",
        region: "RU",
        card_prefix: "22",
        programme: include_str!("../../demo/roastery.json"),
        outlets: include_str!("../../demo/outlets-roastery.csv"),
    },
];

/// Rules of feedback of either brand.
pub const FEEDBACK: &str = include_str!("../../demo/feedback.json");

/// Products of either brand.
pub const PRODUCTS: &str = include_str!("../../demo/products.csv");

/// Everybody but the administrator.
pub const STAFF: &str = include_str!("../../demo/staff.csv");

/// Code and name of the first administrator, who takes on everybody else.
pub const ADMINISTRATOR: (&str, &str) = ("S-1", "Administrator");

/// Who signs in: code and login.
pub const LOGINS: &[(&str, &str)] = &[
    ("S-1", "administrator"),
    ("S-2", "marketer"),
    ("S-3", "finance"),
    ("S-4", "support"),
    ("S-5", "manager"),
    ("S-6", "owner"),
    ("B-1", "barista"),
];
