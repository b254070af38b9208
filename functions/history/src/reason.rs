//! Why points moved.

use api::wire::ReasonBody;
use club::movement;
use membership::profile::Language;
use store::history::Movement;

/// The reason of a movement: a stable code and a sentence.
pub fn of(movement: &Movement, language: Language) -> ReasonBody {
    ReasonBody { code: movement::code(movement).to_owned(), text: movement::text(movement, language) }
}
