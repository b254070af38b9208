//! The published JSON Schema says what the parser does.

use pricing::Promotion;

#[test]
fn the_promotions_schema_is_closed_and_typed() {
    let schema = schemars::schema_for!(Promotion).to_value();
    assert_eq!(schema["additionalProperties"], false);
    let definitions = &schema["$defs"];
    let effects = definitions["Effect"]["oneOf"].as_array().expect("variants");
    assert_eq!(effects.len(), 12);
    let conditions = definitions["Condition"]["oneOf"].as_array().expect("variants");
    assert_eq!(conditions.len(), 23);
    for variant in effects.iter().chain(conditions) {
        assert_eq!(variant["additionalProperties"], false, "{variant}");
    }
    assert_eq!(effects[0]["properties"]["percent"]["type"], "string");
}
