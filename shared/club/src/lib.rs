//! Use cases of the loyalty club: load, decide, record in one transaction
