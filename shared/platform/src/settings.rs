//! Spin variables.

use std::collections::HashMap;
use std::sync::OnceLock;

use web::Problem;

use crate::bindings::fermyon::spin::variables;

/// The component's variables, read once per instance: they do not change while it lives.
static VALUES: OnceLock<SpinSettings> = OnceLock::new();

/// Variables by name.
pub struct SpinSettings {
    values: HashMap<&'static str, String>,
}

impl web::Settings for SpinSettings {
    fn get(&self, name: &'static str) -> Result<String, Problem> {
        let value = self.values.get(name).cloned();
        value.ok_or_else(|| Problem::internal(format!("variable {name} is not set; grant it in spin.toml")))
    }
}

/// Reads `names`.
///
/// # Errors
/// A variable that is not set or not granted, in words: a deployment fault.
pub fn read(names: impl Iterator<Item = &'static str>) -> Result<SpinSettings, String> {
    let value = |name| variables::get(name).map_err(|error| format!("variable {name}: {error}"));
    let values = names.map(|name| Ok((name, value(name)?))).collect::<Result<_, String>>()?;
    Ok(SpinSettings { values })
}

/// Reads `names` and the test clock's switch, unless this instance has them already.
///
/// # Errors
/// As [`read`].
pub fn load(names: &'static [&'static str]) -> Result<&'static SpinSettings, Problem> {
    if let Some(known) = VALUES.get() {
        return Ok(known);
    }
    let read = read(names.iter().copied().chain([crate::TEST_CLOCK_VARIABLE])).map_err(Problem::internal)?;
    Ok(VALUES.get_or_init(|| read))
}
