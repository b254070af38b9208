//! A chain with one outlet that takes orders: its database, and the partners that it talks to.

use std::path::{Path, PathBuf};

use basket::{FiscalLine, Line, Modifier, Quote, TillModifier, TillProduct, Totals};
use club::personal::Personal;
use kernel::{IdSource, MemberId, OutletId, QuoteId, Timestamp};
use kernel::{OrderId, PaymentId};
use membership::secrets::Secrets;
use notation::Names;
use partners::world::World;
use partners::{Partners, Ports};
use rig::counter::{self, Bank, OUTLET};
use rig::small;
use rust_decimal::Decimal;
use shop::order::Urls;
use store::native::NativeSql;

/// Hundredths of points, and kopecks, that the order is paid with.
pub const SPENT: i64 = 5_000;
/// Hundredths of points that it earns.
pub const EARNED: i64 = 2_440;
/// Kopecks of two middle cappuccinos with oat milk, and of what is left to pay.
const LISTED: i64 = 53_800;
pub const PAYABLE: i64 = LISTED - SPENT;

/// Everything that stays the same from run to run.
pub struct Place {
    pub partners: Partners,
    pub secrets: Secrets,
    pub member: MemberId,
    pub outlet: OutletId,
    pub urls: Urls,
    pub bank: Bank,
    folder: tempfile::TempDir,
}

/// A payment at whichever acquirer.
#[derive(Debug, Clone)]
pub struct AtBank {
    pub id: String,
    /// It can still be paid.
    pub is_open: bool,
    pub is_declined: bool,
    /// Kopecks that came and have not gone back.
    pub kept_minor: i64,
}

impl Place {
    pub fn new(name: &str, bank: Bank) -> Self {
        let folder = tempfile::Builder::new().prefix(name).tempdir().expect("a folder");
        let partners = Partners::start(Ports::default(), World::small()).expect("free ports");
        let chain = small::create(&folder.path().join("first"), 1, 7).expect("a chain");
        let [_, yookassa, tbank] = partners.roots().clone();
        let urls = Urls {
            yookassa,
            tbank,
            after_payment: "https://app.example/orders/{order}".to_owned(),
            tbank_notifications: String::new(),
        };
        let place = Self {
            secrets: Secrets::parse(&chain.secret).expect("a secret"),
            member: chain.guests[0].member,
            outlet: counter::till(&chain).outlet,
            partners,
            urls,
            bank,
            folder,
        };
        counter::furnish_with(&open(&place.template()), &chain, &place.partners, bank).expect("an outlet");
        place
    }

    fn template(&self) -> PathBuf {
        rig::state::database_path(&self.folder.path().join("first"))
    }

    /// A database of its own for a run; what an earlier run left is gone.
    pub fn fresh(&self) -> PathBuf {
        let path = self.folder.path().join("run.db");
        for end in ["", "-wal", "-shm"] {
            std::fs::remove_file(path.with_extension(format!("db{end}"))).ok();
        }
        std::fs::copy(self.template(), &path).expect("a copy");
        path
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.partners.clock.now_ms())
    }

    pub const fn personal(&self) -> Personal<'_> {
        Personal { secrets: &self.secrets, random: &counter::random }
    }

    /// The payments that the acquirer has of an order whose attempts to pay are `ours`.
    pub fn payments(&self, order: OrderId, ours: &[PaymentId]) -> Vec<AtBank> {
        match self.bank {
            Bank::YooKassa => {
                let mut payments = self.partners.yookassa.payments();
                payments.retain(|payment| payment.metadata["order_id"] == order.to_string());
                let shown = payments.into_iter().map(|payment| {
                    let kept = payment.amount - payment.refunded;
                    AtBank {
                        is_open: payment.status == "pending",
                        is_declined: payment.status == "canceled",
                        kept_minor: match payment.status.as_str() {
                            "succeeded" => i64::try_from(kept * Decimal::ONE_HUNDRED).expect("a sum"),
                            _ => 0,
                        },
                        id: payment.id,
                    }
                });
                shown.collect()
            }
            Bank::TBank => {
                let mut payments = self.partners.tbank.payments();
                payments.retain(|payment| ours.iter().any(|id| id.to_string() == payment.order));
                let shown = payments.into_iter().map(|payment| AtBank {
                    id: payment.id.to_string(),
                    is_open: matches!(payment.status, "NEW" | "FORM_SHOWED"),
                    is_declined: matches!(payment.status, "REJECTED" | "DEADLINE_EXPIRED"),
                    kept_minor: match payment.status {
                        "CONFIRMED" | "PARTIAL_REFUNDED" => payment.amount - payment.returned,
                        _ => 0,
                    },
                });
                shown.collect()
            }
        }
    }

    /// The guest pays.
    pub fn pay(&self, payment: &str) -> bool {
        match self.bank {
            Bank::YooKassa => self.partners.yookassa.pay(payment),
            Bank::TBank => self.partners.tbank.pay(payment.parse().expect("a number")),
        }
    }

    /// The guest's bank declines.
    pub fn decline(&self, payment: &str) -> bool {
        match self.bank {
            Bank::YooKassa => self.partners.yookassa.decline(payment, "insufficient_funds"),
            Bank::TBank => self.partners.tbank.decline(payment.parse().expect("a number")),
        }
    }

    /// Two middle cappuccinos with oat milk, fifty roubles of it paid with points.
    pub fn quote(&self, ids: &mut IdSource, pickup_at: Option<Timestamp>) -> Quote {
        let now = self.now();
        let id = |kind, code| self.partners.iiko.id(small::NORTH, kind, code).expect("an account");
        let totals = Totals {
            list_minor: LISTED,
            discount_minor: 0,
            points_spent: SPENT,
            points_spent_minor: SPENT,
            payable_minor: PAYABLE,
            points_earned: EARNED,
            points_bonus: 0,
        };
        let milk = Modifier {
            code: "milk/oat".to_owned(),
            name: names("Овсяное молоко"),
            amount: 1,
            charged: 1,
            unit_price_minor: 6_000,
            till: TillModifier { product_id: id("product", "M-OAT"), group_id: Some(id("group", "MG-MILK")) },
        };
        let line = Line {
            line_no: 1,
            item: "cappuccino".to_owned(),
            product_code: "cappuccino".to_owned(),
            name: names("Капучино"),
            category: "coffee".to_owned(),
            size: Some(names("M")),
            quantity: 2,
            modifiers: vec![milk],
            unit_list_minor: LISTED / 2,
            list_minor: LISTED,
            discounts: Vec::new(),
            points_spent: SPENT,
            points_spent_minor: SPENT,
            final_minor: PAYABLE,
            fiscal: vec![FiscalLine { quantity: 2, unit_minor: PAYABLE / 2 }],
            tax_rate: Some(500),
            points_earned: EARNED,
            bonuses: Vec::new(),
            till: TillProduct {
                product_id: id("product", "00013"),
                size_id: Some(id("size", "M")),
                compound: false,
            },
        };
        Quote {
            id: QuoteId::new(ids, now).to_string(),
            brand: small::NORTH.to_owned(),
            outlet: self.outlet.to_string(),
            outlet_code: OUTLET.to_owned(),
            member: Some(self.member.to_string()),
            channel: "app".to_owned(),
            currency: "RUB".to_owned(),
            priced_at: now.millis(),
            expires_at: now.plus_millis(600_000).millis(),
            pickup_at: pickup_at.map(Timestamp::millis),
            menu_revision: "1".to_owned(),
            coupons: Vec::new(),
            lines: vec![line],
            totals,
            uses: Vec::new(),
            programme_version: None,
        }
    }
}

fn names(text: &str) -> Names {
    Names { ru: text.to_owned(), kk: text.to_owned(), en: text.to_owned() }
}

/// The database, as another process would open it.
pub fn open(path: &Path) -> NativeSql {
    NativeSql::open(path).expect("a database")
}
