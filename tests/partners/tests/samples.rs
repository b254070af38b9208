//! Our shapes against recorded requests, where the recordings are at hand: a shape that refuses one is wrong.

use std::path::{Path, PathBuf};

use partners::shape::Shape;
use partners::{iiko, tbank, yookassa};
use serde_json::Value;

/// Recorded requests and the shapes of their endpoints.
const SAMPLES: &[(&str, Shape)] = &[
    ("iiko/deliveries_create.req.json", iiko::shapes::DELIVERY_CREATE),
    ("iiko/order_create.req.json", iiko::shapes::TABLE_CREATE),
    ("iiko/webhooks_update_settings.req.json", iiko::shapes::HOOK_SETTINGS),
    ("pay/yk_create.req.json", yookassa::shapes::PAYMENT),
    ("pay/yk_refund.req.json", yookassa::shapes::REFUND),
    ("pay/tb_init.req.json", tbank::INIT),
];

/// Where the recordings are: `CREMA_SAMPLES`, or beside the repository.
fn folder() -> PathBuf {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/research/samples");
    std::env::var_os("CREMA_SAMPLES").map_or(beside, PathBuf::from)
}

#[test]
fn recorded_requests_have_the_shapes_that_we_check() {
    for (name, shape) in SAMPLES {
        let file = folder().join(name);
        let Ok(text) = std::fs::read_to_string(&file) else {
            eprintln!("SKIPPED: no sample at {}; set CREMA_SAMPLES to their folder", file.display());
            continue;
        };
        let sample: Value = serde_json::from_str(&text).expect("a sample is JSON");
        assert_eq!(shape.faults(&sample), Vec::<String>::new(), "{name}");
        let mut spoilt = sample.clone();
        spoilt["unheardOf"] = Value::Bool(true);
        assert_eq!(shape.faults(&spoilt), ["/unheardOf: unknown"], "{name}");
        for key in sample.as_object().expect("an object").keys() {
            let mut lacking = sample.clone();
            lacking.as_object_mut().expect("an object").remove(key);
            let said = shape.faults(&lacking);
            assert!(
                said.len() <= 1 && said.iter().all(|fault| *fault == format!("/{key}: missing")),
                "{name}: {said:?}"
            );
        }
    }
}

#[test]
fn recorded_notifications_carry_the_token_that_we_compute() {
    let file = folder().join("pay/tb_notification.json");
    let Ok(text) = std::fs::read_to_string(&file) else {
        eprintln!("SKIPPED: no sample at {}; set CREMA_SAMPLES to their folder", file.display());
        return;
    };
    let sample: Value = serde_json::from_str(&text).expect("a sample is JSON");
    assert_eq!(sample["Token"], tbank::token::of(&sample, "demo-password"));
}
