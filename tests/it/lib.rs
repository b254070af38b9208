//! The real WebAssembly on the real host, over HTTP: see `main.rs`, the one test binary.
