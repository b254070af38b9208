//! Spin's synchronous interfaces, beside those of the SDK: see `wit/README.md`.

spin_sdk::wit_bindgen::generate!({
    path: "wit",
    world: "crema:platform/synchronous",
    runtime_path: "::spin_sdk::wit_bindgen::rt",
    generate_all,
});
