//! A short slice of the simulation for every build.
