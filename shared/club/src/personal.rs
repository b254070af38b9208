//! Personal fields: sealed on the way in, opened on the way out.

use membership::phone::Phone;
use membership::secrets::{BlindIndex, Indexed, Place, Secrets, Vault};
use store::StoreError;

/// A cryptographic random source: so many bytes.
pub type Random<'a> = &'a dyn Fn(usize) -> Vec<u8>;

/// The deployment's keys and a random source: what it takes to handle personal data.
#[derive(Clone, Copy)]
pub struct Personal<'a> {
    pub secrets: &'a Secrets,
    pub random: Random<'a>,
}

impl Personal<'_> {
    /// Encrypts a field for its place.
    #[must_use]
    pub fn seal(&self, place: Place<'_>, text: &str) -> Vec<u8> {
        self.vault().seal(place, text, self.bytes())
    }

    /// Decrypts a field, if there is one.
    ///
    /// # Errors
    /// When the stored bytes are damaged or belong elsewhere: never the guest's fault.
    pub fn open(&self, place: Place<'_>, sealed: Option<&[u8]>) -> Result<Option<String>, StoreError> {
        let Some(sealed) = sealed else { return Ok(None) };
        let opened = self.vault().open(place, sealed).map_err(|error| StoreError::Unreadable {
            what: "personal field",
            problem: format!("{}.{}: {error}", place.table, place.field),
        })?;
        Ok(Some(opened.to_string()))
    }

    /// The index by which a phone is found.
    #[must_use]
    pub fn phone_index(&self, phone: &Phone) -> BlindIndex {
        self.secrets.blind_indexer().index(Indexed::Phone, phone.expose())
    }

    /// So many random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        (self.random)(N).try_into().expect("a random source gives as many bytes as it is asked for")
    }

    fn vault(&self) -> Vault {
        self.secrets.vault()
    }
}
