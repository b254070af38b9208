//! What the back office calls.

use crate::operation::Operation;

pub static OPERATIONS: &[Operation] = &[];
