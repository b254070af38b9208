//! Model-based simulation: random operations on the product, each judged by an independent reference.
//!
//! An episode is a chain with its rules ([`world`]), a list of [`operation`]s ([`generate`]) and a product
//! ([`target`]): natively over a database in memory, or as WebAssembly on the host over HTTP. Every operation is
//! resolved to what is sent ([`scene`], [`facts`], [`wire`]), judged by the [`reference`], done by the product, and
//! the two [`answer`]s are compared; now and then all of the books are ([`audit`]). A difference ends the episode and
//! is shrunk to the few operations that show it ([`shrink`]). Everything follows from a seed.
//!
//! Architecture invariant: `reference` names nothing of the product but `kernel`'s types.

pub mod answer;
pub mod audit;
pub mod coverage;
pub mod episode;
pub mod facts;
pub mod generate;
pub mod operation;
pub mod play;
pub mod reference;
pub mod rules;
pub mod scene;
pub mod shrink;
pub mod target;
pub mod wire;
pub mod world;
