//! What a request may look like, and everything that is wrong with one: key by key, with the place of each fault.
//!
//! A shape is a constant written next to the endpoint it belongs to. An unknown key is a fault like a missing one: a
//! partner ignores it in silence, and so a typing error would never be found.

use serde_json::{Map, Value};

/// What a value may be.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    Uuid,
    /// Text of `min` to `max` characters.
    Text(usize, usize),
    /// One of these texts.
    One(&'static [&'static str]),
    /// Any JSON number within the limits.
    Number(i64, i64),
    /// A JSON number without a fraction.
    Integer,
    Flag,
    /// `yyyy-MM-dd HH:mm:ss.fff`, without a zone.
    LocalTime,
    /// Text with a dot and two digits.
    Amount,
    /// A number, or a number written as text.
    Quantity,
    List(&'static Shape),
    Object(&'static [Key]),
    /// An object whose other keys follow from the text under `tag`.
    Tagged(&'static str, &'static [(&'static str, &'static [Key])]),
    /// Up to so many texts under keys of any name.
    Texts {
        entries: usize,
        key: usize,
        value: usize,
    },
    /// Anything.
    Any,
}

/// A member of an object.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    name: &'static str,
    required: bool,
    nullable: bool,
    shape: Shape,
}

/// A member that must be there.
#[must_use]
pub const fn must(name: &'static str, shape: Shape) -> Key {
    Key { name, required: true, nullable: false, shape }
}

/// A member that may be left out, and may not be null.
#[must_use]
pub const fn may(name: &'static str, shape: Shape) -> Key {
    Key { name, required: false, nullable: false, shape }
}

/// A member that may be left out or null.
#[must_use]
pub const fn null(name: &'static str, shape: Shape) -> Key {
    Key { name, required: false, nullable: true, shape }
}

impl Shape {
    /// Everything wrong with `value`; nothing if it is as it should be.
    #[must_use]
    pub fn faults(&self, value: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        self.look(value, "", &mut faults);
        faults
    }

    fn look(&self, value: &Value, at: &str, faults: &mut Vec<String>) {
        match (self, value) {
            (Self::Any, _) | (Self::Flag, Value::Bool(_)) => {}
            (Self::List(each), Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    each.look(item, &format!("{at}/{index}"), faults);
                }
            }
            (Self::Object(keys), Value::Object(members)) => object(keys, &[], members, at, faults),
            (Self::Tagged(tag, variants), Value::Object(members)) => {
                let found = members.get(*tag).and_then(Value::as_str).unwrap_or_default();
                match variants.iter().find(|(name, _)| *name == found) {
                    Some((_, keys)) => object(keys, &[tag], members, at, faults),
                    None => faults.push(format!("{at}/{tag}: {found:?} is none of the known kinds")),
                }
            }
            (Self::Texts { entries, key, value }, Value::Object(members)) => {
                if members.len() > *entries {
                    faults.push(format!("{at}: more than {entries} entries"));
                }
                for (name, member) in members {
                    let length = member.as_str().map(|text| text.chars().count());
                    if name.chars().count() > *key || length.is_none_or(|length| length > *value) {
                        faults.push(format!("{at}/{name}: not a text of up to {value} characters"));
                    }
                }
            }
            (scalar, value) => {
                if !scalar.holds(value) {
                    faults.push(format!("{at}: {value} is not {scalar:?}"));
                }
            }
        }
    }

    fn holds(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Uuid, Value::String(text)) => is_uuid(text),
            (Self::Text(min, max), Value::String(text)) => (*min..=*max).contains(&text.chars().count()),
            (Self::One(known), Value::String(text)) => known.contains(&text.as_str()),
            (Self::Number(min, max), Value::Number(_)) => {
                crate::decimal(value).is_some_and(|number| number >= (*min).into() && number <= (*max).into())
            }
            (Self::Integer, Value::Number(number)) => number.is_i64() || number.is_u64(),
            (Self::LocalTime, Value::String(text)) => is_local_time(text),
            (Self::Amount, Value::String(text)) => is_amount(text),
            (Self::Quantity, Value::Number(_) | Value::String(_)) => {
                crate::decimal(value).is_some_and(|number| number > 0.into())
            }
            _ => false,
        }
    }
}

fn object(keys: &[Key], also: &[&str], members: &Map<String, Value>, at: &str, faults: &mut Vec<String>) {
    for key in keys {
        match members.get(key.name) {
            None if key.required => faults.push(format!("{at}/{}: missing", key.name)),
            None => {}
            Some(Value::Null) if key.nullable => {}
            Some(value) => key.shape.look(value, &format!("{at}/{}", key.name), faults),
        }
    }
    for name in members.keys() {
        if !keys.iter().any(|key| key.name == name) && !also.contains(&name.as_str()) {
            faults.push(format!("{at}/{name}: unknown"));
        }
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn is_local_time(text: &str) -> bool {
    text.len() == 23
        && text.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            10 => byte == b' ',
            13 | 16 => byte == b':',
            19 => byte == b'.',
            _ => byte.is_ascii_digit(),
        })
}

fn is_amount(text: &str) -> bool {
    text.split_once('.').is_some_and(|(whole, part)| {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits(whole) && part.len() == 2 && digits(part)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ITEM: Shape = Shape::Tagged(
        "type",
        &[(
            "Product",
            &[must("id", Shape::Uuid), must("amount", Shape::Number(0, 999)), null("size", Shape::Uuid)],
        )],
    );
    const ORDER: Shape = Shape::Object(&[
        must("items", Shape::List(&ITEM)),
        may("time", Shape::LocalTime),
        may("sum", Shape::Amount),
    ]);

    #[test]
    fn every_fault_is_named_with_its_place() {
        let id = "5f1a7c1e-0b7d-4d6b-9a53-2f0f7a9f1c01";
        let good = json!({
            "items": [{"type": "Product", "id": id, "amount": 1.5, "size": null}],
            "time": "2026-11-21 12:40:00.000", "sum": "308.00",
        });
        assert_eq!(ORDER.faults(&good), Vec::<String>::new());
        let bad = json!({
            "items": [{"type": "Product", "id": "x", "amuont": 1}, {"type": "Else"}],
            "time": "2026-11-21T12:40:00Z", "sum": "308",
        });
        let faults = ORDER.faults(&bad);
        for (place, what) in [
            ("/items/0/id", "is not Uuid"),
            ("/items/0/amount", "missing"),
            ("/items/0/amuont", "unknown"),
            ("/items/1/type", "none of the known"),
            ("/time", "is not LocalTime"),
            ("/sum", "is not Amount"),
        ] {
            assert!(
                faults.iter().any(|fault| fault.starts_with(place) && fault.contains(what)),
                "{place}: {faults:?}"
            );
        }
        assert_eq!(faults.len(), 6, "{faults:?}");
    }
}
