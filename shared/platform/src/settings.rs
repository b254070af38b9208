//! Spin variables.

use std::collections::HashMap;
use std::sync::OnceLock;

use spin_sdk::variables;
use web::Problem;

/// The component's variables, read once per instance: they do not change while it lives.
static VALUES: OnceLock<SpinSettings> = OnceLock::new();

/// Variables by name.
pub struct SpinSettings {
    values: HashMap<&'static str, String>,
}

impl SpinSettings {
    /// Values that were read already.
    pub const fn from_values(values: HashMap<&'static str, String>) -> Self {
        Self { values }
    }
}

impl web::Settings for SpinSettings {
    fn get(&self, name: &'static str) -> Result<String, Problem> {
        let value = self.values.get(name).cloned();
        value.ok_or_else(|| Problem::internal(format!("variable {name} is not set; grant it in spin.toml")))
    }
}

/// Reads `names` and the test clock's switch, unless this instance has them already.
///
/// # Errors
/// When the host cannot provide a variable: a deployment fault.
pub async fn load(names: &'static [&'static str]) -> Result<&'static SpinSettings, Problem> {
    if let Some(known) = VALUES.get() {
        return Ok(known);
    }
    let mut values = HashMap::new();
    for name in names.iter().copied().chain([crate::TEST_CLOCK_VARIABLE]) {
        let value = variables::get(name)
            .await
            .map_err(|error| Problem::internal(format!("variable {name}: {error}")))?;
        values.insert(name, value);
    }
    Ok(VALUES.get_or_init(|| SpinSettings { values }))
}
