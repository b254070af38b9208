//! What one choice from an outlet's menu costs, or why it cannot be had.

use notation::Names;
use serde::{Deserialize, Serialize};

use crate::limits::{charge, check_limits};
use crate::outlet::{Group, Item, Modifier, OutletMenu, Size, TillModifier, TillProduct};
use crate::refusal::{ALTERNATIVES_MAX, Named, Refusal};
use crate::schedule::{LocalTime, is_served};

/// Entries in one choice, and pieces of one modifier in it.
pub const MODIFIERS_MAX: u32 = 50;

/// What a guest wants one piece of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The brand's code of the item.
    pub item: String,
    /// The brand's code of the size; none for the usual one.
    #[serde(default)]
    pub size: Option<String>,
    #[serde(default)]
    pub modifiers: Vec<ModifierChoice>,
}

/// An addition that a guest wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ModifierChoice {
    /// The brand's code of the modifier.
    pub code: String,
    /// Code of its group; needed where several groups offer it.
    #[serde(default)]
    pub group: Option<String>,
    /// How many go into one piece.
    pub amount: u32,
}

/// A lawful choice with its price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    pub item: String,
    pub product_code: String,
    pub names: Names,
    pub category: String,
    pub tags: Vec<String>,
    /// None for an item without sizes.
    pub size: Option<Named>,
    /// List price of one piece without modifiers.
    pub base_minor: i64,
    /// List price of one piece with its modifiers.
    pub unit_minor: i64,
    /// Percent in hundredths.
    pub tax_rate: Option<i64>,
    pub till: TillProduct,
    /// In the order of the menu.
    pub modifiers: Vec<SelectedModifier>,
    /// Portions left of the item in this size; none for no limit.
    pub left: Option<u32>,
}

/// An addition with its price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectedModifier {
    pub code: String,
    pub group: String,
    pub names: Names,
    /// How many go into one piece.
    pub amount: u32,
    /// How many of them are charged for.
    pub charged: u32,
    pub unit_price_minor: i64,
    pub till: TillModifier,
    /// Portions left; none for no limit.
    pub left: Option<u32>,
}

/// Prices one choice.
///
/// # Errors
/// The first thing that is wrong with it: item, hours, size, modifiers, limits, in this order.
pub fn select(menu: &OutletMenu, choice: &Choice, at: LocalTime) -> Result<Selected, Box<Refusal>> {
    let item = find_item(menu, &choice.item)?;
    check_hours(menu, item, at)?;
    let size = find_size(menu, item, choice.size.as_deref(), at)?;
    // A size that is found has a price.
    let base_minor = size.price_minor.unwrap_or(0);
    let wanted = Wanted::read(menu, item, size, &choice.modifiers)?;
    let mut modifiers = Vec::with_capacity(wanted.entries.len());
    let mut added = 0_i64;
    for (position, group) in menu.groups_of(size).enumerate() {
        let chosen = wanted.of_group(position);
        check_limits(item, group, &chosen)?;
        for (modifier, amount, charged) in charge(group, chosen) {
            let unit_price_minor = modifier.price_minor.unwrap_or(0);
            // Prices and amounts are bounded far below where this could saturate.
            added = added.saturating_add(unit_price_minor.saturating_mul(i64::from(charged)));
            modifiers.push(SelectedModifier {
                code: modifier.code.clone(),
                group: group.code.clone(),
                names: modifier.names.clone(),
                amount,
                charged,
                unit_price_minor,
                till: modifier.till.clone(),
                left: modifier.left,
            });
        }
    }
    Ok(Selected {
        item: item.code.clone(),
        product_code: size.product_code.clone(),
        names: item.names.clone(),
        category: item.category.clone(),
        tags: item.tags.clone(),
        size: size.names.as_ref().map(|names| Named { code: size.code.clone(), names: names.clone() }),
        base_minor,
        unit_minor: base_minor.saturating_add(added),
        tax_rate: item.tax_rate,
        till: size.till.clone(),
        modifiers,
        left: size.left,
    })
}

/// Whether some size of the item can be had at this hour.
#[must_use]
pub fn is_offered(menu: &OutletMenu, item: &Item, at: LocalTime) -> bool {
    is_served(&item.schedule, at) && item.sizes.iter().any(|size| can_be_made(menu, size))
}

/// In stock with everything that it must have.
fn can_be_made(menu: &OutletMenu, size: &Size) -> bool {
    size.is_available() && menu.groups_of(size).all(Group::can_be_satisfied)
}

fn find_item<'a>(menu: &'a OutletMenu, code: &str) -> Result<&'a Item, Box<Refusal>> {
    if let Some(item) = menu.item(code) {
        return Ok(item);
    }
    match menu.absent.iter().find(|absent| absent.code == code) {
        None => Err(Box::new(Refusal::UnknownItem { code: code.to_owned() })),
        Some(absent) => {
            let item = Named { code: absent.code.clone(), names: absent.names.clone() };
            Err(Box::new(Refusal::NotSoldHere {
                item,
                alternatives: others(menu, &absent.category, code, None, None),
            }))
        }
    }
}

fn check_hours(menu: &OutletMenu, item: &Item, at: LocalTime) -> Result<(), Box<Refusal>> {
    if is_served(&item.schedule, at) {
        return Ok(());
    }
    let alternatives = menu
        .items
        .iter()
        .filter(|other| is_offered(menu, other, at))
        .take(ALTERNATIVES_MAX)
        .map(named_item)
        .collect();
    Err(Box::new(Refusal::NotServedNow {
        item: named_item(item),
        served: item.schedule.clone(),
        alternatives,
    }))
}

fn find_size<'a>(
    menu: &'a OutletMenu,
    item: &'a Item,
    wanted: Option<&str>,
    at: LocalTime,
) -> Result<&'a Size, Box<Refusal>> {
    let sizes = || -> Vec<Named> {
        item.sizes.iter().filter(|size| can_be_made(menu, size)).filter_map(named_size).collect()
    };
    let size = match wanted {
        Some(code) => item.sizes.iter().find(|size| size.code == code).ok_or_else(|| {
            Refusal::UnknownSize { item: named_item(item), size: code.to_owned(), sizes: sizes() }
        })?,
        None => usual_size(item)
            .ok_or_else(|| Box::new(Refusal::SizeNeeded { item: named_item(item), sizes: sizes() }))?,
    };
    if size.is_available() {
        return Ok(size);
    }
    let sizes = sizes();
    match named_size(size) {
        Some(size) if !sizes.is_empty() => {
            Err(Box::new(Refusal::SizeUnavailable { item: named_item(item), size, sizes }))
        }
        _ => {
            let alternatives = others(menu, &item.category, &item.code, size.price_minor, Some(at));
            let item_named = named_item(item);
            if item.sizes.iter().all(|size| size.price_minor.is_none()) {
                Err(Box::new(Refusal::NotSoldHere { item: item_named, alternatives }))
            } else {
                Err(Box::new(Refusal::OutOfStock { item: item_named, alternatives }))
            }
        }
    }
}

fn usual_size(item: &Item) -> Option<&Size> {
    match item.sizes.as_slice() {
        [only] => Some(only),
        sizes => sizes.iter().find(|size| size.default),
    }
}

/// What the same category offers instead, nearest in price first.
fn others(
    menu: &OutletMenu,
    category: &str,
    code: &str,
    near: Option<i64>,
    at: Option<LocalTime>,
) -> Vec<Named> {
    let mut found: Vec<(u64, &Item)> = menu
        .items
        .iter()
        .filter(|item| item.category == category && item.code != code)
        .filter(|item| match at {
            Some(at) => is_offered(menu, item, at),
            None => item.sizes.iter().any(|size| can_be_made(menu, size)),
        })
        .map(|item| {
            let price = usual_size(item).or(item.sizes.first()).and_then(|size| size.price_minor);
            let distance = match (near, price) {
                (Some(near), Some(price)) => near.abs_diff(price),
                _ => 0,
            };
            (distance, item)
        })
        .collect();
    found.sort_by_key(|(distance, _)| *distance);
    found.into_iter().take(ALTERNATIVES_MAX).map(|(_, item)| named_item(item)).collect()
}

/// The modifiers of a choice, found in the menu: position of the group, position of the modifier, amount.
struct Wanted<'a> {
    entries: Vec<(usize, usize, u32)>,
    groups: Vec<&'a Group>,
}

impl<'a> Wanted<'a> {
    fn read(
        menu: &'a OutletMenu,
        item: &Item,
        size: &'a Size,
        choices: &[ModifierChoice],
    ) -> Result<Self, Box<Refusal>> {
        let too_many = || Box::new(Refusal::TooManyModifiers { item: named_item(item), max: MODIFIERS_MAX });
        if choices.len() > MODIFIERS_MAX as usize {
            return Err(too_many());
        }
        let mut wanted = Self { entries: Vec::new(), groups: menu.groups_of(size).collect() };
        for choice in choices {
            let (group, position) = wanted.place(item, choice)?;
            let known = wanted.entries.iter_mut().find(|entry| (entry.0, entry.1) == (group, position));
            let amount = match known {
                Some(entry) => {
                    entry.2 = entry.2.saturating_add(choice.amount);
                    entry.2
                }
                None => {
                    wanted.entries.push((group, position, choice.amount));
                    choice.amount
                }
            };
            if amount > MODIFIERS_MAX {
                return Err(too_many());
            }
        }
        // Menu order, so that equal choices give equal answers.
        wanted.entries.retain(|entry| entry.2 > 0);
        wanted.entries.sort_unstable();
        Ok(wanted)
    }

    /// Where the menu has this modifier.
    fn place(&self, item: &Item, choice: &ModifierChoice) -> Result<(usize, usize), Box<Refusal>> {
        let mut places = Vec::new();
        for (at, group) in self.groups.iter().enumerate() {
            if choice.group.as_ref().is_some_and(|code| *code != group.code) {
                continue;
            }
            if let Some(position) = group.modifiers.iter().position(|modifier| modifier.code == choice.code) {
                places.push((at, position));
            }
        }
        match places.as_slice() {
            [] => Err(Box::new(Refusal::UnknownModifier {
                item: named_item(item),
                modifier: choice.code.clone(),
                modifiers: self
                    .groups
                    .iter()
                    .filter(|group| choice.group.as_ref().is_none_or(|code| *code == group.code))
                    .flat_map(|group| available(group, None))
                    .take(ALTERNATIVES_MAX)
                    .collect(),
            })),
            [(at, position)] => {
                let group = self.groups[*at];
                let modifier = &group.modifiers[*position];
                if modifier.is_available() || choice.amount == 0 {
                    return Ok((*at, *position));
                }
                Err(Box::new(Refusal::ModifierUnavailable {
                    item: named_item(item),
                    modifier: named_modifier(modifier),
                    group: named_group(group),
                    alternatives: available(group, Some(&modifier.code)),
                }))
            }
            [(at, position), ..] => Err(Box::new(Refusal::GroupNeeded {
                item: named_item(item),
                modifier: named_modifier(&self.groups[*at].modifiers[*position]),
                groups: places.iter().map(|(at, _)| named_group(self.groups[*at])).collect(),
            })),
        }
    }

    /// What was chosen from one group.
    fn of_group(&self, group: usize) -> Vec<(usize, u32)> {
        self.entries.iter().filter(|entry| entry.0 == group).map(|entry| (entry.1, entry.2)).collect()
    }
}

pub(crate) fn available(group: &Group, except: Option<&str>) -> Vec<Named> {
    group
        .modifiers
        .iter()
        .filter(|modifier| modifier.is_available() && Some(modifier.code.as_str()) != except)
        .take(ALTERNATIVES_MAX)
        .map(named_modifier)
        .collect()
}

pub(crate) fn named_item(item: &Item) -> Named {
    Named { code: item.code.clone(), names: item.names.clone() }
}

fn named_size(size: &Size) -> Option<Named> {
    size.names.as_ref().map(|names| Named { code: size.code.clone(), names: names.clone() })
}

pub(crate) fn named_group(group: &Group) -> Named {
    Named { code: group.code.clone(), names: group.names.clone() }
}

pub(crate) fn named_modifier(modifier: &Modifier) -> Named {
    Named { code: modifier.code.clone(), names: modifier.names.clone() }
}
