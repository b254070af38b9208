//! What was judged a moment ago, for those who ask next: a brand's board over a month is work of half a second, and many
//! look at it at once. Whoever holds one decides how old an answer may be.

use std::rc::Rc;

use kernel::Timestamp;
use merit::goal::Goal;
use merit::period::Days;
use store::Sql;

use crate::ground::Ground;
use crate::judge::{Judged, judge};
use crate::refusal::Refused;

/// Boards kept at a time; the oldest makes room.
const BOARDS_MAX: usize = 8;

/// A version of a goal in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Of<'a> {
    pub goal_id: i64,
    pub version: i64,
    pub goal: &'a Goal,
    pub days: Days,
}

/// A board, and when it was judged.
#[derive(Debug, Clone)]
pub struct Board {
    pub judged: Rc<[Judged]>,
    pub as_of: Timestamp,
}

/// Boards that were judged a moment ago.
#[derive(Debug, Default)]
pub struct Boards(Vec<((i64, i64, Days), Board)>);

impl Boards {
    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Everybody whom a goal measures, as [`judge`] has them: judged anew unless that was done less than `fresh_ms` ago.
    ///
    /// # Errors
    /// A failure of storage.
    pub fn judge(
        &mut self,
        sql: &dyn Sql,
        ground: &Ground,
        of: Of<'_>,
        now: Timestamp,
        fresh_ms: i64,
    ) -> Result<Board, Refused> {
        let key = (of.goal_id, of.version, of.days);
        let known = self.0.iter().position(|(other, _)| *other == key);
        if let Some((_, board)) = known.map(|index| &self.0[index]) {
            let age_ms = now.millis() - board.as_of.millis();
            if (0..fresh_ms).contains(&age_ms) {
                return Ok(board.clone());
            }
        }
        let board = Board { judged: judge(sql, ground, of.goal, of.days)?.into(), as_of: now };
        if let Some(index) = known {
            self.0.remove(index);
        } else if self.0.len() >= BOARDS_MAX {
            self.0.remove(0);
        }
        self.0.push((key, board.clone()));
        Ok(board)
    }
}
