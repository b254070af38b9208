//! What of the brand's menu is lawful.

use std::collections::BTreeMap;

use ::menu::brand::{ALIASES_MAX, BrandItem, GROUPS_MAX, MODIFIERS_MAX, SIZES_MAX};
use ::menu::chain::Product;
use ::menu::mapping::{self, Mapping};
use notation::Names;

use super::{CODE_LEN_MAX, DESCRIPTION_LEN_MAX, Fault, NAME_LEN_MAX, Refused, URL_LEN_MAX};

pub(super) fn refuse(faults: Vec<Fault>) -> Result<(), Refused> {
    if faults.is_empty() { Ok(()) } else { Err(Refused::Invalid(faults)) }
}

pub(super) fn check(item: &BrandItem) -> Vec<Fault> {
    let mut faults = Vec::new();
    check_code(&mut faults, "/code", &item.code);
    check_names(&mut faults, "/names", &item.names, NAME_LEN_MAX);
    if let Some(description) = &item.description {
        check_names(&mut faults, "/description", description, DESCRIPTION_LEN_MAX);
    }
    if item.image.as_ref().is_some_and(|image| !image.starts_with("https://") || image.len() > URL_LEN_MAX) {
        faults.push(("/image".to_owned(), "must begin with https:// and have at most 500 characters"));
    }
    if item.tags.len() > ALIASES_MAX || item.aliases.len() > ALIASES_MAX {
        faults.push(("/aliases".to_owned(), "at most 30 tags and 30 other names"));
    }
    for (at, word) in item.tags.iter().enumerate() {
        check_code(&mut faults, &format!("/tags/{at}"), word);
    }
    for (at, word) in item.aliases.iter().enumerate() {
        check_text(&mut faults, format!("/aliases/{at}"), word, NAME_LEN_MAX);
    }
    if let Some(code) = &item.product_code {
        check_code(&mut faults, "/product_code", code);
    }
    if item.sizes.len() > SIZES_MAX || item.groups.len() > GROUPS_MAX {
        faults.push(("/sizes".to_owned(), "at most 20 sizes and 30 groups"));
    }
    for (at, size) in item.sizes.iter().enumerate() {
        check_code(&mut faults, &format!("/sizes/{at}/code"), &size.code);
        check_code(&mut faults, &format!("/sizes/{at}/product_code"), &size.product_code);
        check_names(&mut faults, &format!("/sizes/{at}/names"), &size.names, NAME_LEN_MAX);
        if item.sizes[..at].iter().any(|other| other.code == size.code) {
            faults.push((format!("/sizes/{at}/code"), "there twice"));
        }
    }
    check_groups(&mut faults, item);
    faults
}

fn check_groups(faults: &mut Vec<Fault>, item: &BrandItem) {
    let mut codes: BTreeMap<(&str, &str), ()> = BTreeMap::new();
    for (at, group) in item.groups.iter().enumerate() {
        check_code(faults, &format!("/groups/{at}/code"), &group.code);
        check_text_names(faults, &format!("/groups/{at}/names"), &group.names);
        if item.groups[..at].iter().any(|other| other.code == group.code) {
            faults.push((format!("/groups/{at}/code"), "there twice"));
        }
        if group.modifiers.len() > MODIFIERS_MAX {
            faults.push((format!("/groups/{at}/modifiers"), "at most 100 modifiers"));
        }
        for (place, modifier) in group.modifiers.iter().enumerate() {
            let pointer = format!("/groups/{at}/modifiers/{place}");
            check_code(faults, &format!("{pointer}/code"), &modifier.code);
            check_names(faults, &format!("{pointer}/names"), &modifier.names, NAME_LEN_MAX);
            if codes.insert((&group.code, &modifier.code), ()).is_some() {
                faults.push((format!("{pointer}/code"), "there twice"));
            }
        }
    }
}

pub(super) fn check_mapping(item: &BrandItem, product: &Product, parts: &Mapping) -> Vec<Fault> {
    let mut faults = Vec::new();
    if parts.product_id != product.id {
        faults.push(("/mapping/product_id".to_owned(), "another product"));
    }
    if parts.sizes.is_empty() {
        faults.push(("/mapping/sizes".to_owned(), "at least one size"));
    }
    for (at, pair) in parts.sizes.iter().enumerate() {
        let own = if item.sizes.is_empty() {
            pair.size.is_empty()
        } else {
            item.sizes.iter().any(|size| size.code == pair.size)
        };
        if !own {
            faults.push((format!("/mapping/sizes/{at}/size"), "the item has no such size"));
        }
        if product.sizes.iter().all(|size| size.id != pair.size_id) {
            faults.push((format!("/mapping/sizes/{at}/size_id"), "the product has no such size"));
        }
        if parts.sizes[..at].iter().any(|other| other.size == pair.size || other.size_id == pair.size_id) {
            faults.push((format!("/mapping/sizes/{at}"), "paired twice"));
        }
    }
    let theirs = product.modifiers();
    for (at, pair) in parts.modifiers.iter().enumerate() {
        if !item.modifiers().any(|(_, modifier)| modifier.code == pair.modifier) {
            faults.push((format!("/mapping/modifiers/{at}/modifier"), "the item has no such modifier"));
        }
        if theirs.iter().all(|modifier| modifier.product_id != pair.product_id) {
            faults.push((format!("/mapping/modifiers/{at}/product_id"), "the product has no such modifier"));
        }
        let twice = |other: &mapping::ModifierPair| {
            other.modifier == pair.modifier || other.product_id == pair.product_id
        };
        if parts.modifiers[..at].iter().any(twice) {
            faults.push((format!("/mapping/modifiers/{at}"), "paired twice"));
        }
    }
    faults
}

pub(super) fn check_code(faults: &mut Vec<Fault>, pointer: &str, code: &str) {
    let fits = (1..=CODE_LEN_MAX).contains(&code.chars().count())
        && !code.chars().any(|letter| letter.is_control() || letter == '/');
    if !fits {
        faults.push((
            pointer.to_owned(),
            "must have 1 to 64 characters, none of them a slash or a control character",
        ));
    }
}

pub(super) fn check_names(faults: &mut Vec<Fault>, pointer: &str, names: &Names, max: usize) {
    for (lang, name) in [("ru", &names.ru), ("kk", &names.kk), ("en", &names.en)] {
        check_text(faults, format!("{pointer}/{lang}"), name, max);
    }
}

/// A group's name may be empty: modifiers that stand alone have none.
fn check_text_names(faults: &mut Vec<Fault>, pointer: &str, names: &Names) {
    for (lang, name) in [("ru", &names.ru), ("kk", &names.kk), ("en", &names.en)] {
        if name.chars().count() > NAME_LEN_MAX {
            faults.push((format!("{pointer}/{lang}"), "too long"));
        }
    }
}

fn check_text(faults: &mut Vec<Fault>, pointer: String, text: &str, max: usize) {
    let count = text.chars().count();
    if count == 0 || count > max || text.chars().any(|letter| letter.is_control() && letter != '\n') {
        faults.push((pointer, "empty, too long, or with control characters"));
    }
}
