//! Orders over a database in memory: what is judged when they are placed, and what follows for points.

mod devices;
mod funding;
mod later;
mod placing;
mod points;
mod reconcile;
mod schedule;
mod told;
mod world;
