//! Checked conversion of wire fields, collecting every fault before refusing.

use api::problem as p;
use api::wire::{MoneyBody, MoneyError};
use kernel::{Currency, Money, ParseError};

use crate::problem::{Problem, Text};

/// Faults found so far in a body.
#[derive(Debug, Default)]
pub struct Fields {
    kind: Option<&'static api::Kind>,
    errors: Vec<(String, Text)>,
}

impl Fields {
    /// No fault yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a fault; the first one names the problem's type.
    pub fn fault(&mut self, kind: &'static api::Kind, pointer: impl Into<String>, text: impl Into<Text>) {
        self.kind.get_or_insert(kind);
        self.errors.push((pointer.into(), text.into()));
    }

    /// Reads a text field; `None`, and a fault noted, when it is not lawful.
    pub fn read<T>(&mut self, pointer: &str, parsed: Result<T, ParseError>) -> Option<T> {
        parsed.map_err(|error| self.fault(&p::INVALID_FIELD, pointer, error.0)).ok()
    }

    /// Reads money that must be in `currency`.
    pub fn money(&mut self, pointer: &str, body: &MoneyBody, currency: Currency) -> Option<Money> {
        match body.minor_in(currency, pointer) {
            Ok(minor) => Some(Money::new(minor, currency)),
            Err(MoneyError::Amount((pointer, why))) => {
                self.fault(&p::INVALID_FIELD, pointer, why);
                None
            }
            Err(MoneyError::Currency { pointer, expected, got }) => {
                self.fault(&p::WRONG_CURRENCY, pointer, format!("expected {expected}, got {got}"));
                None
            }
        }
    }

    /// Refuses a text that is empty or too long.
    pub fn length(&mut self, pointer: &str, text: &str, max: usize) {
        let count = text.chars().count();
        if count == 0 || count > max || text.chars().any(char::is_control) {
            let words = format!("must have 1 to {max} characters, none of them control characters");
            self.fault(&p::INVALID_FIELD, pointer, words);
        }
    }

    /// Everything that was wrong, as one problem.
    ///
    /// # Errors
    /// When a fault was noted.
    pub fn finish(self) -> Result<(), Problem> {
        let Some(kind) = self.kind else { return Ok(()) };
        Err(self
            .errors
            .into_iter()
            .fold(Problem::of(kind), |problem, (pointer, text)| problem.at(pointer, text)))
    }
}
