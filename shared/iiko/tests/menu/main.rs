//! Menus as iiko sends them: samples made after its documentation, and files from outside where they are there.

#![recursion_limit = "256"]

mod combos;
mod external;
mod formats;
mod nomenclature;
mod others;
mod support;
