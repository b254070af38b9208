//! Answers, and the files from outside.

use std::collections::BTreeMap;
use std::io::Read;

use menu::brand::{BrandCategory, BrandItem, adopt, same_names};
use menu::build::{self, Input};
use menu::chain::{Assortment, Stop};
use menu::mapping::{Mapping, pair};
use menu::{Choice, LocalTime, ModifierChoice, OutletMenu};
use partner::Answer;

/// A Saturday at noon.
pub const NOON: LocalTime = LocalTime { weekday: 6, minute: 720 };

/// A success with this body.
pub fn ok(body: impl Into<Vec<u8>>) -> Answer {
    Answer { status: 200, headers: Vec::new(), body: body.into() }
}

/// A file of the menus from outside, unpacked; says so where it is absent.
pub fn outside(name: &str) -> Option<Vec<u8>> {
    let path = format!("{}/../../../shared/data/iiko_menus/{name}", env!("CARGO_MANIFEST_DIR"));
    let Ok(bytes) = std::fs::read(&path) else {
        eprintln!("skipped: {name} is not there; docs/testing.md says where such files go");
        return None;
    };
    if !name.ends_with(".gz") {
        return Some(bytes);
    }
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut plain).expect("a gzip file");
    Some(plain)
}

/// The menu of an outlet of a brand whose menu is this chain's.
pub fn menu_of(assortment: &Assortment, stops: &[Stop]) -> OutletMenu {
    let category = BrandCategory { code: "all".to_owned(), names: same_names("All"), position: 0 };
    let items: Vec<BrandItem> =
        assortment.products.iter().filter_map(|product| adopt(product, &category.code)).collect();
    let matches: BTreeMap<String, Mapping> = assortment
        .products
        .iter()
        .filter_map(|product| {
            let item = adopt(product, &category.code)?;
            Some((item.code.clone(), pair(&item, product)))
        })
        .collect();
    build::outlet_menu(&Input {
        brand: "b",
        outlet: "out_1",
        outlet_code: "1",
        currency: "RUB",
        zone: "Europe/Moscow",
        categories: &[category],
        items: &items,
        matches: &matches,
        products: &assortment.products,
        stops,
    })
}

/// A choice of an item in a size with modifiers by code and amount.
pub fn choice(item: &str, size: Option<&str>, modifiers: &[(&str, u32)]) -> Choice {
    Choice {
        item: item.to_owned(),
        size: size.map(str::to_owned),
        modifiers: modifiers
            .iter()
            .map(|(code, amount)| ModifierChoice { code: (*code).to_owned(), group: None, amount: *amount })
            .collect(),
    }
}
