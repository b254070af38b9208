//! What there is: iiko accounts with organizations and menus, a shop at YooKassa, a terminal at T-Bank.
//!
//! The menus in `menus/` are ours, in a notation of ours; two chains sell much the same under other names, in other
//! sizes and with other modifier groups.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

const SCALE: &str = include_str!("../menus/scale.json");
const PLAIN: &str = include_str!("../menus/plain.json");

/// Everything that the simulators start with.
#[derive(Debug, Clone)]
pub struct World {
    pub accounts: Vec<AccountSpec>,
    pub pace: Pace,
    pub shop: Shop,
    pub terminal: Terminal,
    /// What time it is at the partners, milliseconds since 1970; this machine's clock if not given.
    pub now_ms: Option<i64>,
}

/// How fast things happen at the tills.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// From the request to the till's verdict.
    pub till: Duration,
    /// How long a till's second lasts: what a request waits for is given in seconds.
    pub second: Duration,
    /// Pause between the states of a dish; it waits for [`crate::iiko::Iiko::advance`] if not given.
    pub cooking: Option<Duration>,
    /// Life of a token in seconds.
    pub token_s: i64,
}

/// A shop at YooKassa.
#[derive(Debug, Clone)]
pub struct Shop {
    pub id: String,
    pub secret: String,
    /// Where its notifications go; nowhere until somebody says so.
    pub hook: Option<String>,
}

/// A terminal at T-Bank.
#[derive(Debug, Clone)]
pub struct Terminal {
    pub key: String,
    pub password: String,
}

/// An iiko account.
#[derive(Debug, Clone)]
pub struct AccountSpec {
    /// First segment of its base address.
    pub name: String,
    pub api_login: String,
    pub app_id: String,
    pub client_secret: String,
    pub organizations: Vec<OrganizationSpec>,
    pub book: Book,
}

/// An organization with one terminal group.
#[derive(Debug, Clone)]
pub struct OrganizationSpec {
    pub code: String,
    pub name: String,
    pub address: String,
    pub country: String,
    pub currency: String,
    pub zone: String,
    /// Articles that it does not sell though they are on the menu.
    pub lacks: Vec<String>,
}

/// A chain's menu.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Book {
    pub menu_id: i64,
    pub menu_name: String,
    pub sizes: Vec<Size>,
    pub groups: Vec<Group>,
    pub categories: Vec<Category>,
    /// Sold at a price of their own.
    #[serde(default)]
    pub combos: Vec<Combo>,
}

/// A combo at a fixed price.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Combo {
    pub code: String,
    pub name: String,
    /// By currency.
    pub prices: Prices,
    pub groups: Vec<ComboGroup>,
}

/// What one part of a combo is chosen from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComboGroup {
    pub code: String,
    pub name: String,
    pub main: bool,
    pub parts: Vec<ComboPart>,
}

/// A part to choose.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComboPart {
    pub sku: String,
    /// Empty for what comes in one.
    pub size: String,
    /// What is paid more or less for it.
    pub more: i64,
}

/// A size of the chain's scale.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Size {
    pub code: String,
    pub name: String,
    pub grams: u32,
    pub default: bool,
}

/// A group of modifiers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub code: String,
    pub name: String,
    pub min: u32,
    pub max: u32,
    /// So many of the group cost nothing.
    pub free: u32,
    pub items: Vec<Modifier>,
}

/// Prices by currency, in whole roubles or tenge: one for each size, or one.
pub type Prices = BTreeMap<String, Vec<i64>>;

/// A modifier.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Modifier {
    pub sku: String,
    pub name: String,
    pub prices: Prices,
}

/// A page of the menu.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    pub code: String,
    pub name: String,
    pub items: Vec<Item>,
}

/// Something to order.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    pub sku: String,
    pub name: String,
    pub description: String,
    /// Codes of its sizes; none if it comes in one.
    pub sizes: Vec<String>,
    #[serde(default)]
    pub grams: u32,
    pub prices: Prices,
    /// Codes of its modifier groups.
    pub groups: Vec<String>,
    pub kcal: u32,
    pub vat: u32,
}

impl Book {
    /// The chain with sizes S, M, L.
    ///
    /// # Panics
    /// When the file beside this crate is not a menu.
    #[must_use]
    pub fn scale() -> Self {
        serde_json::from_str(SCALE).expect("menus/scale.json is a menu")
    }

    /// The chain that names everything otherwise.
    ///
    /// # Panics
    /// When the file beside this crate is not a menu.
    #[must_use]
    pub fn plain() -> Self {
        serde_json::from_str(PLAIN).expect("menus/plain.json is a menu")
    }

    /// Every item.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.categories.iter().flat_map(|category| &category.items)
    }

    /// A size by its code.
    #[must_use]
    pub fn size(&self, code: &str) -> Option<&Size> {
        self.sizes.iter().find(|size| size.code == code)
    }

    /// A modifier group by its code.
    #[must_use]
    pub fn group(&self, code: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.code == code)
    }
}

/// Code, name, country, currency, zone, city.
type Place = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

fn account(name: &str, book: Book, places: &[Place]) -> AccountSpec {
    let organizations =
        places.iter().map(|(code, name, country, currency, zone, address)| OrganizationSpec {
            code: (*code).to_owned(),
            name: (*name).to_owned(),
            address: (*address).to_owned(),
            country: (*country).to_owned(),
            currency: (*currency).to_owned(),
            zone: (*zone).to_owned(),
            lacks: Vec::new(),
        });
    AccountSpec {
        organizations: organizations.collect(),
        api_login: format!("{name}-login"),
        app_id: crate::ids::named(&format!("{name}/app")),
        client_secret: format!("{name}-secret"),
        name: name.to_owned(),
        book,
    }
}

impl World {
    fn of(accounts: Vec<AccountSpec>, pace: Pace) -> Self {
        Self {
            accounts,
            pace,
            shop: Shop { id: "100500".to_owned(), secret: "test_yookassa".to_owned(), hook: None },
            terminal: Terminal { key: "1700000000001DEMO".to_owned(), password: "demo-password".to_owned() },
            now_ms: None,
        }
    }

    /// The demo chain's outlets: an iiko of each of two regions, in the pace of a coffee shop.
    #[must_use]
    pub fn demo() -> Self {
        let mut volga = account(
            "volga",
            Book::scale(),
            &[
                ("KZN-1", "Казань, Баумана", "Россия", "RUB", "Europe/Moscow", "Казань, ул. Баумана, 64"),
                (
                    "SAM-1",
                    "Самара, Куйбышева",
                    "Россия",
                    "RUB",
                    "Europe/Samara",
                    "Самара, ул. Куйбышева, 103",
                ),
            ],
        );
        // One outlet does not sell what its sisters do.
        volga.organizations[1].lacks.push("00044".to_owned());
        let ural = account(
            "ural",
            Book::plain(),
            &[(
                "EKB-1",
                "Екатеринбург, Малышева",
                "Россия",
                "RUB",
                "Asia/Yekaterinburg",
                "Екатеринбург, ул. Малышева, 71",
            )],
        );
        let alatau = account(
            "alatau",
            Book::plain(),
            &[
                ("ALA-1", "Алматы, Абая", "Казахстан", "KZT", "Asia/Almaty", "Алматы, пр. Абая, 52"),
                (
                    "ALA-2",
                    "Алматы, Кабанбай батыра",
                    "Казахстан",
                    "KZT",
                    "Asia/Almaty",
                    "Алматы, ул. Кабанбай батыра, 85",
                ),
                (
                    "AST-1",
                    "Астана, Мангилик Ел",
                    "Казахстан",
                    "KZT",
                    "Asia/Almaty",
                    "Астана, пр. Мангилик Ел, 37",
                ),
            ],
        );
        let pace = Pace {
            till: Duration::from_millis(400),
            second: Duration::from_secs(1),
            cooking: Some(Duration::from_secs(2)),
            token_s: 3_600,
        };
        Self::of(vec![volga, ural, alatau], pace)
    }

    /// The tills of the tests' small chain, where everything happens at once and dishes wait to be cooked.
    #[must_use]
    pub fn small() -> Self {
        let north = account(
            "north",
            Book::scale(),
            &[
                ("ala-1", "Almaty", "Казахстан", "KZT", "Asia/Almaty", "Main street, 1"),
                ("msk-1", "Moscow", "Россия", "RUB", "Europe/Moscow", "Main street, 1"),
            ],
        );
        let south = account(
            "south",
            Book::plain(),
            &[("msk-2", "Moscow", "Россия", "RUB", "Europe/Moscow", "Main street, 1")],
        );
        let pace = Pace {
            till: Duration::from_millis(20),
            second: Duration::from_millis(20),
            cooking: None,
            token_s: 3_600,
        };
        Self::of(vec![north, south], pace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn menus_refer_to_what_they_have() {
        for book in [Book::scale(), Book::plain()] {
            for item in book.items() {
                assert!(item.sizes.iter().all(|code| book.size(code).is_some()), "{}", item.name);
                assert!(item.groups.iter().all(|code| book.group(code).is_some()), "{}", item.name);
                for prices in item.prices.values() {
                    assert_eq!(prices.len(), item.sizes.len().max(1), "{}", item.name);
                }
            }
        }
    }
}
