//! What an operator may set: secrets, the gateway, and the limits that depend on the market.

use membership::one_time_code::Policy;
use web::call::Settings;
use web::{Problem, sms, till};

/// Messages asked for from one network in an hour. Guests behind one mobile operator's address share it.
const PER_ADDRESS_HOUR: &str = "sms_per_address_hour";
/// Messages of the whole deployment in a minute.
const PER_MINUTE: &str = "sms_per_minute";

/// The component's variables.
pub const VARIABLES: &[&str] =
    &[till::MASTER_SECRET, sms::URL, sms::TOKEN, sms::SENDER, PER_ADDRESS_HOUR, PER_MINUTE];

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

fn count(settings: &dyn Settings, name: &'static str) -> Result<u32, Problem> {
    let count = settings.get(name)?.parse().ok().filter(|&count| count > 0);
    count.ok_or_else(|| Problem::internal(format!("variable {name} must be a whole number above zero")))
}
