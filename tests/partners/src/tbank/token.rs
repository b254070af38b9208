//! The signature of requests and notifications: SHA-256 over the scalar fields and the password.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The token that belongs to a body.
#[must_use]
pub fn of(body: &Value, password: &str) -> String {
    let mut fields: BTreeMap<&str, String> = BTreeMap::new();
    for (name, value) in body.as_object().into_iter().flatten() {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => continue,
        };
        if name != "Token" {
            fields.insert(name, text);
        }
    }
    fields.insert("Password", password.to_owned());
    let joined: String = fields.into_values().collect();
    let digest: [u8; 32] = Sha256::digest(joined.as_bytes()).into();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn the_token_is_the_banks() {
        // Of the bank's own example: string "19200" … in its documentation of `Init`.
        let body = json!({
            "TerminalKey": "MerchantTerminalKey", "Amount": 19_200, "OrderId": "21090",
            "Description": "Подарочная карта на 1000 рублей",
            "Token": "left out", "DATA": { "Phone": "left out" },
        });
        assert_eq!(
            super::of(&body, "usaf8fw8fsw21g"),
            "0024a00af7c350a3a67ca168ce06502aa72772456662e38696d48b56ee9c97d9"
        );
    }
}
