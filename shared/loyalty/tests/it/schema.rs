//! The published JSON Schema says what the parser does.

use loyalty::programme::Programme;
use loyalty::reason::Reason;

#[test]
fn the_programmes_schema_is_closed_and_typed() {
    let schema = schemars::schema_for!(Programme).to_value();
    assert_eq!(schema["additionalProperties"], false);
    let money = &schema["properties"]["point_values"]["items"];
    assert_eq!(money["required"], serde_json::json!(["amount", "currency"]));
    let tier = &schema["$defs"]["Tier"]["properties"];
    assert_eq!(tier["earn_rate"]["type"], "string");
    assert!(tier["earn_rate"]["pattern"].is_string());
    let clawback = &schema["$defs"]["Returns"]["properties"]["clawback"];
    assert!(clawback.to_string().contains("within_balance"), "{clawback}");
    let expiry = schema["$defs"]["Expiry"]["oneOf"].as_array().expect("variants");
    assert_eq!(expiry.len(), 4);
    assert!(expiry.iter().all(|variant| variant["additionalProperties"] == false), "{expiry:?}");
}

#[test]
fn every_reason_is_in_the_schema() {
    let schema = schemars::schema_for!(Reason).to_value();
    let variants = schema["oneOf"].as_array().expect("variants");
    assert_eq!(variants.len(), 11);
    assert_eq!(variants[0]["properties"]["code"]["const"], "tier_rate");
}
