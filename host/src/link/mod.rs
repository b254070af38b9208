//! What the host offers components: one file per capability.

mod config;
mod key_value;
mod legacy;
pub mod outbound_http;
mod sqlite;
pub mod stdio;
mod variables;

use wasmtime::Engine;
use wasmtime::component::{HasSelf, Linker};

use crate::instance::InstanceState;

/// Bindings of the interfaces in `wit/`.
mod bindings {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "crema:host/imports",
        imports: {
            // The synchronous forms suspend the guest's fibre while SQLite works, instead of a thread.
            "spin:sqlite/sqlite": async | trappable,
            "fermyon:spin/sqlite": async | trappable,
            "fermyon:spin/key-value": async | trappable,
            default: trappable,
        },
        with: {
            "fermyon:spin/key-value.store": crate::link::key_value::Store,
            "fermyon:spin/sqlite.connection": crate::link::sqlite::SqliteConnection,
            "spin:key-value/key-value.store": crate::link::key_value::Store,
            "spin:sqlite/sqlite.connection": crate::link::sqlite::SqliteConnection,
        },
    });
}

/// Bindings of the cron trigger's export.
#[expect(missing_docs, reason = "generated code")]
pub mod cron {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "fermyon:spin-cron/spin-cron",
        exports: { default: async },
    });
}

/// Builds the linker that every component is linked with. Granting happens per instance, in the functions.
pub fn linker(engine: &Engine) -> wasmtime::Result<Linker<InstanceState>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    bindings::Imports::add_to_linker::<_, HasSelf<InstanceState>>(&mut linker, |state| state)?;
    Ok(linker)
}
