//! Request ids: taken over from a proxy if sane, made otherwise.

use http::{HeaderMap, HeaderName, HeaderValue};

/// Read from requests and set on every reply.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longer ids are replaced: they end up in every log line.
const MAX_LENGTH: usize = 128;

/// The id of a request, which also becomes its header.
pub fn assign(headers: &mut HeaderMap) -> HeaderValue {
    if let Some(id) = headers.get(REQUEST_ID).filter(|id| is_sane(id.as_bytes())) {
        return id.clone();
    }
    let id = format!("{:032x}", rand::random::<u128>());
    // Hexadecimal digits are always a header value.
    let id = HeaderValue::try_from(id).unwrap_or(HeaderValue::from_static("-"));
    headers.insert(REQUEST_ID, id.clone());
    id
}

fn is_sane(id: &[u8]) -> bool {
    (1..=MAX_LENGTH).contains(&id.len())
        && id.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sane_ids_are_kept_and_others_replaced() {
        for (given, kept) in [("abc-123", true), ("", false), ("a b", false), ("a\"b", false)] {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_static(given));
            let id = assign(&mut headers);
            assert_eq!(id == given, kept, "{given:?}");
            assert_eq!(headers[REQUEST_ID], id);
        }
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::try_from("x".repeat(MAX_LENGTH + 1)).unwrap());
        assert_eq!(assign(&mut headers).len(), 32);
    }
}
