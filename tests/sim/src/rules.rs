//! A programme's rules as plain numbers: what the reference reads, and the JSON that the product stores.

use kernel::{Currency, Money, Points, Rate};
use serde_json::{Value, json};

/// The zone of what happens at no outlet.
pub const ZONE: &str = "Asia/Almaty";

/// The rules of one programme version. Points are hundredths, rates millionths, money minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// What a point is worth in each currency.
    pub values: Vec<(Currency, i64)>,
    /// Earn rates, from the entry tier upwards.
    pub tiers: Vec<(&'static str, i64)>,
    pub no_points_for_categories: Vec<&'static str>,
    pub no_points_for_products: Vec<&'static str>,
    pub promo_lines_earn: bool,
    pub earn_on_points_paid: bool,
    pub points_step: i64,
    pub pending: Pending,
    pub expiry: Expiry,
    pub cap_receipt: Option<i64>,
    pub cap_day: Option<i64>,
    pub cap_day_receipts: Option<i64>,
    /// Points for a first receipt or for signing up, and how long they are good.
    pub welcome: Option<(i64, Expiry)>,
    pub welcome_at_sign_up: bool,
    pub unpayable_categories: Vec<&'static str>,
    pub unpayable_products: Vec<&'static str>,
    pub min_points: i64,
    pub spend_step: i64,
    pub share_max: i64,
    pub hold_minutes: i64,
    pub static_code_may_spend: bool,
    pub clawback: Clawback,
    pub grace_days: i32,
}

/// When earned points become spendable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    No,
    Hours(i64),
    /// At local midnight, so many days after the business day.
    BusinessDays(i32),
}

/// How long points are good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    Never,
    /// Through the so-manieth day after.
    Days(i32),
    /// Through the end of the so-manieth month after.
    MonthEnd(i32),
    /// Through the end of the so-manieth year after.
    YearEnd(i32),
}

/// How far a return takes points back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clawback {
    OnlyPending,
    WithinBalance,
    Unlimited,
}

impl Rules {
    /// What a point is worth in `currency`, if the programme runs in it.
    #[must_use]
    pub fn value(&self, currency: Currency) -> Option<i64> {
        self.values.iter().find(|(known, _)| *known == currency).map(|(_, value)| *value)
    }

    /// The rules as the product stores them.
    #[must_use]
    pub fn to_json(&self, brand: &str) -> Value {
        let money = |minor: i64, currency: Currency| json!({"amount": Money::new(minor, currency).amount(), "currency": currency.code()});
        let points = |hundredths: i64| Points::from_hundredths(hundredths).to_string();
        let rate = |millionths: i64| Rate::from_millionths(millionths).to_string();
        let tiers = self.tiers.iter().enumerate().map(|(index, (code, earn_rate))| {
            let spend = (index as i64) * 1_000_000;
            let thresholds =
                self.values.iter().filter(|_| index > 0).map(|(currency, _)| money(spend, *currency));
            json!({
                "code": code, "name": {"ru": code, "kk": code, "en": code}, "earn_rate": rate(*earn_rate),
                "monthly_spend": thresholds.collect::<Vec<_>>(),
            })
        });
        let mut caps = json!({});
        for (name, cap) in [("points_per_receipt", self.cap_receipt), ("points_per_day", self.cap_day)] {
            if let Some(cap) = cap {
                caps[name] = json!(points(cap));
            }
        }
        if let Some(receipts) = self.cap_day_receipts {
            caps["receipts_per_day"] = json!(receipts);
        }
        let mut rules = json!({
            "brand": brand,
            "zone": ZONE,
            "point_values": self.values.iter().map(|&(currency, value)| money(value, currency)).collect::<Vec<_>>(),
            "tiers": tiers.collect::<Vec<_>>(),
            "earning": {
                "excluded": {"categories": self.no_points_for_categories, "products": self.no_points_for_products},
                "promo_lines_earn": self.promo_lines_earn, "earn_on_points_paid": self.earn_on_points_paid,
                "points_step": points(self.points_step), "pending_delay": self.pending.to_json(),
                "expiry": self.expiry.to_json(), "caps": caps,
            },
            "redemption": {
                "excluded": {"categories": self.unpayable_categories, "products": self.unpayable_products},
                "min_points": points(self.min_points), "step": points(self.spend_step),
                "share_max": rate(self.share_max), "hold_minutes": self.hold_minutes,
                "static_code_may_spend": self.static_code_may_spend,
            },
            "returns": {"clawback": self.clawback.code(), "reinstatement_grace_days": self.grace_days},
        });
        if let Some((bonus, expiry)) = self.welcome {
            let trigger = if self.welcome_at_sign_up { "sign_up" } else { "first_receipt" };
            rules["welcome_bonus"] =
                json!({"points": points(bonus), "trigger": trigger, "expiry": expiry.to_json()});
        }
        rules
    }
}

impl Pending {
    fn to_json(self) -> Value {
        match self {
            Self::No => json!({"kind": "none"}),
            Self::Hours(hours) => json!({"kind": "hours", "hours": hours}),
            Self::BusinessDays(days) => json!({"kind": "next_business_day", "days": days}),
        }
    }
}

impl Expiry {
    fn to_json(self) -> Value {
        match self {
            Self::Never => json!({"kind": "never"}),
            Self::Days(days) => json!({"kind": "days", "days": days}),
            Self::MonthEnd(months) => json!({"kind": "month_end", "months": months}),
            Self::YearEnd(years) => json!({"kind": "year_end", "years": years}),
        }
    }
}

impl Clawback {
    const fn code(self) -> &'static str {
        match self {
            Self::OnlyPending => "only_pending",
            Self::WithinBalance => "within_balance",
            Self::Unlimited => "unlimited",
        }
    }
}
