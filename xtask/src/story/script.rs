//! The script: what a person can do with the service, with the figures that must come out.
