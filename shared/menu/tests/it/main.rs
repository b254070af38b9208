//! Rules of choices, matching, building and gaps; numbers are those of the crate's documentation.

mod build;
mod choices;
mod gaps;
mod matching;
mod properties;
mod samples;
mod search;
