//! Ids in the partners' forms.

use std::sync::atomic::{AtomicU64, Ordering};

use sha1::{Digest as _, Sha1};

/// The id that belongs to a name: the same in every run.
#[must_use]
pub fn named(name: &str) -> String {
    let digest: [u8; 20] = Sha1::digest(name.as_bytes()).into();
    uuid(&digest, 5)
}

/// An id that no other call in this process or another gives.
#[must_use]
pub fn fresh() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let now = jiff::Timestamp::now().as_nanosecond();
    let digest: [u8; 20] = Sha1::digest(format!("{}/{now}/{number}", std::process::id())).into();
    uuid(&digest, 4)
}

fn uuid(bytes: &[u8; 20], version: u8) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "{}-{}-{version}{}-8{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[13..16],
        &digits[17..20],
        &digits[20..32]
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids_are_stable_or_unique() {
        assert_eq!(super::named("a"), super::named("a"));
        assert_ne!(super::named("a"), super::named("b"));
        assert_ne!(super::fresh(), super::fresh());
        assert_eq!(super::fresh().len(), 36);
    }
}
