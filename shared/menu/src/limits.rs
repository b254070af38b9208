//! What a group allows of what was chosen from it, and what of it is charged for. A choice is positions in the group
//! and amounts.

use crate::outlet::{Group, Item, Modifier};
use crate::refusal::Refusal;
use crate::select::{available, named_group, named_item, named_modifier};

/// Limits of the group and, where they hold, of its modifiers (M2, M3).
pub(crate) fn check_limits(item: &Item, group: &Group, chosen: &[(usize, u32)]) -> Result<(), Box<Refusal>> {
    let amount_of = |position: usize| {
        chosen.iter().find(|(known, _)| *known == position).map_or(0, |(_, amount)| *amount)
    };
    if group.own_limits {
        for (position, modifier) in group.modifiers.iter().enumerate() {
            let chosen = amount_of(position);
            if chosen < modifier.min {
                let (min, modifier) = (modifier.min, named_modifier(modifier));
                return Err(Box::new(Refusal::TooFewOfModifier {
                    item: named_item(item),
                    modifier,
                    min,
                    chosen,
                }));
            }
            if modifier.max > 0 && chosen > modifier.max {
                let (max, modifier) = (modifier.max, named_modifier(modifier));
                return Err(Box::new(Refusal::TooManyOfModifier {
                    item: named_item(item),
                    modifier,
                    max,
                    chosen,
                }));
            }
        }
    }
    let chosen = chosen.iter().fold(0_u32, |sum, (_, amount)| sum.saturating_add(*amount));
    if chosen < group.min {
        return Err(Box::new(Refusal::TooFewInGroup {
            item: named_item(item),
            group: named_group(group),
            min: group.min,
            chosen,
            alternatives: available(group, None),
        }));
    }
    if group.max > 0 && chosen > group.max {
        let (item, max) = (named_item(item), group.max);
        return Err(Box::new(Refusal::TooManyInGroup { item, group: named_group(group), max, chosen }));
    }
    Ok(())
}

/// How many of each are charged for (M4): own free amounts first, then the group's, dearest first.
pub(crate) fn charge(group: &Group, chosen: Vec<(usize, u32)>) -> Vec<(&Modifier, u32, u32)> {
    let mut charged: Vec<(&Modifier, u32, u32)> = chosen
        .into_iter()
        .map(|(position, amount)| {
            let modifier = &group.modifiers[position];
            let own_free = if group.own_limits { modifier.free } else { 0 };
            (modifier, amount, amount.saturating_sub(own_free))
        })
        .collect();
    let mut by_price: Vec<usize> = (0..charged.len()).collect();
    by_price.sort_by_key(|&at| std::cmp::Reverse(charged[at].0.price_minor));
    let mut free = group.free;
    for at in by_price {
        let given = free.min(charged[at].2);
        charged[at].2 -= given;
        free -= given;
    }
    charged
}
