//! Phones, cards, codes, secrets: how a guest is known and protected.
//!
//! No I/O: the clock, random bytes and keys come in as parameters, what must be stored goes out as values. Types
//! that hold personal data or secrets mask themselves in `Debug` and `Display`; the clear value has a name that
//! shows in review (`expose`).
//!
//! Reading order: [`secrets`] (keys, tokens, blind indices, encryption at rest), [`phone`], [`profile`],
//! [`allowance`] (so many in so long), [`one_time_code`] (who may get a code and what counts as an answer),
//! [`card_number`], [`rotating_code`] and [`picture`] (what a card shows), [`staff_auth`] (roles, passwords, second
//! factor).
//!
//! In a component [`phone`] weighs 450 KB (the numbering plan of every country), PNG in [`picture`] 80 KB, its QR codes
//! 35 KB, [`staff_auth::password`] 60 KB; the rest is small. A component carries only what it names.

pub mod allowance;
pub mod card_number;
pub mod one_time_code;
pub mod phone;
pub mod picture;
pub mod profile;
pub mod rotating_code;
pub mod secrets;
pub mod staff_auth;
pub mod totp;

mod hash;
