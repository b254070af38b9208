//! The only crate that names spin-sdk: requests, SQL, key-value, variables, clock
