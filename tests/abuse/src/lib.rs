//! Honest and abusive behaviour with labels, and how well the rules of fraud control tell them apart.
//!
//! A [`town`] (outlets in several cities, staff, devices, means of payment) is peopled by [`honest`] guests with their
//! hard cases (families with one card, colleagues who fetch coffee for others, frequent flyers, baristas who drink coffee,
//! openings of outlets) and by [`attacks`] of fourteen kinds, some of them careful. Everything follows from a seed. [`play`]
//! feeds the events in the order of their times to the very code that judges receipts; [`report`] compares with the labels.
//!
//! Thresholds are chosen on one seed and reported on another: docs/fraud.md.

pub mod attacks;
pub mod honest;
pub mod play;
pub mod report;
pub mod town;
