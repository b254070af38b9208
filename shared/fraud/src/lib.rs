//! Fraud control: what is counted of whom, how it becomes features, and what rules make of them. Plain data in, plain
//! data out; integers only.
//!
//! Reading order: [`facts`] (what happened), [`told`] (what is known of which event), [`subject`] (of whom something is counted), [`window`] and [`state`] (how),
//! [`observe`] (what an event adds), [`feature`] (what rules may ask), [`rules`] (rules as data), [`judge`] (score,
//! action, reasons), [`standard`] (the rules that a chain begins with), [`advice`] (what guests are told to do), [`ring`] (accounts that belong together).
//!
//! An event is observed first and judged afterwards, so that it counts itself. Observing does not depend on rules: new
//! rules find everything counted already.

pub mod action;
pub mod advice;
pub mod facts;
pub mod feature;
pub mod geo;
pub mod judge;
pub mod observe;
pub mod reason;
pub mod ring;
pub mod rules;
pub mod standard;
pub mod state;
pub mod subject;
pub mod told;
pub mod window;

pub use action::Action;
pub use facts::{Event, Facts};
pub use feature::{Feature, Features};
pub use judge::{Reason, Verdict, judge};
pub use observe::observe;
pub use rules::RuleSet;
pub use state::{Known, State};
pub use subject::Subject;
