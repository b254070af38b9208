//! What an operator may set: secrets, the gateway, and the limits that depend on the market.

use membership::one_time_code::Policy;
use membership::phone::Country;
use web::call::Settings;
use web::{Problem, sms, till};

/// Messages asked for from one network in an hour. Guests behind one mobile operator's address share it.
const PER_ADDRESS_HOUR: &str = "sms_per_address_hour";
/// Messages of the whole deployment in a minute.
const PER_MINUTE: &str = "sms_per_minute";
/// Countries to which messages go, ISO 3166 codes separated by commas; empty means all.
const COUNTRIES: &str = "sms_countries";

/// The component's variables.
pub const VARIABLES: &[&str] =
    &[till::MASTER_SECRET, sms::URL, sms::TOKEN, sms::SENDER, PER_ADDRESS_HOUR, PER_MINUTE, COUNTRIES];

/// The limits of this deployment.
///
/// # Errors
/// An internal error when a variable is no count.
pub fn policy(settings: &dyn Settings) -> Result<Policy, Problem> {
    let mut policy = Policy::DEFAULT;
    policy.per_address.max = count(settings, PER_ADDRESS_HOUR)?;
    policy.overall.max = count(settings, PER_MINUTE)?;
    Ok(policy)
}

/// The countries to which messages go; empty means all.
///
/// # Errors
/// An internal error when one is unknown.
pub fn countries(settings: &dyn Settings) -> Result<Vec<Country>, Problem> {
    let list = settings.get(COUNTRIES)?;
    let codes = list.split(',').map(str::trim).filter(|code| !code.is_empty());
    codes
        .map(|code| {
            Country::parse(code).map_err(|error| Problem::internal(format!("variable {COUNTRIES}: {error}")))
        })
        .collect()
}

fn count(settings: &dyn Settings, name: &'static str) -> Result<u32, Problem> {
    let count = settings.get(name)?.parse().ok().filter(|&count| count > 0);
    count.ok_or_else(|| Problem::internal(format!("variable {name} must be a whole number above zero")))
}
