//! JSON Schemas of everything stored as JSON: key-value records, and JSON columns of the database.

use basket::Quote;
use bot::say::SayV1;
use bot::state::DialogueV1;
use feedback::rules::FeedbackRules;
use fraud::RuleSet;
use loyalty::programme::Programme;
use menu::OutletMenu;
use menu::brand::{BrandCategory, BrandItem};
use menu::chain::Product;
use menu::mapping::Mapping;
use pricing::Promotion;
use pricing::segment::SegmentRule;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;
use web::session::SessionV1;

/// File names in `kv-schemas/` and their schemas.
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("basket.quote.v1.schema.json", of::<Quote>()),
        ("bot.dialogue.v1.schema.json", of::<DialogueV1>()),
        ("bot.say.v1.schema.json", of::<SayV1>()),
        ("feedback.rules.v1.schema.json", of::<FeedbackRules>()),
        ("fraud.rules.v1.schema.json", of::<RuleSet>()),
        ("loyalty.programme.v1.schema.json", of::<Programme>()),
        ("menu.brand-category.v1.schema.json", of::<BrandCategory>()),
        ("menu.brand-item.v1.schema.json", of::<BrandItem>()),
        ("menu.chain-product.v1.schema.json", of::<Product>()),
        ("menu.mapping.v1.schema.json", of::<Mapping>()),
        ("menu.outlet-menu.v1.schema.json", of::<OutletMenu>()),
        ("pricing.promotion.v1.schema.json", of::<Promotion>()),
        ("pricing.segment.v1.schema.json", of::<SegmentRule>()),
        ("web.session.v1.schema.json", of::<SessionV1>()),
    ]
}

fn of<T: JsonSchema>() -> Value {
    let schema: Schema = SchemaGenerator::default().into_root_schema_for::<T>();
    schema.to_value()
}
