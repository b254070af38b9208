//! The game after an answer. An answer plays once; what it wins is an entry of the ledger in the same transaction.

use club::Moment;
use club::gift::{self, Gift, Giver};
use feedback::game::{self, Game, GameKind, NoPlay, Table, Won};
use feedback::rules::FeedbackRules;
use kernel::time::DAY_MS;
use kernel::{Points, Timestamp};
use store::feedback::answers;
use store::feedback::plays::{self, Budget, NewPlay};
use store::feedback::requests::Request;
use store::{Sql, StoreError};

use crate::refusal::Refusal;
use crate::submit;

/// Random words for one draw: that none of so many falls into the range happens one time in 2^248 or less.
pub const RANDOM_WORDS: usize = 8;

/// How an answer stands by the game.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// It may play, once it is given.
    Open,
    /// It may not, and why.
    Closed(NoPlay),
    /// It has played.
    Played { prize: Option<String>, points: Points },
}

/// What a play brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Played {
    /// Code of the prize; `None` of a streak that is not long enough yet.
    pub prize: Option<String>,
    pub points: Points,
    /// The answer's place among the guest's answers in a row.
    pub streak: u32,
}

/// How the answer to a request stands by the game; `None` where there is none.
///
/// # Errors
/// A failure of storage.
pub fn offer(
    sql: &dyn Sql,
    request: &Request,
    rules: &FeedbackRules,
    now: Timestamp,
) -> Result<Option<Offer>, Refusal> {
    let Some(game) = &rules.game else { return Ok(None) };
    if let Some((prize, points)) = plays::load(sql, request.id)? {
        return Ok(Some(Offer::Played { prize, points }));
    }
    let (table, _) = table(sql, request, game, now)?;
    Ok(Some(game.admit(table).map_or_else(Offer::Closed, |()| Offer::Open)))
}

/// Plays. `randomness` comes from a cryptographic random source: the guest has no part in the draw.
///
/// # Errors
/// As [`submit::read`]; [`Refusal::NotAnswered`], [`Refusal::NoGame`], [`Refusal::Played`], [`Refusal::NoPlay`].
pub fn play(
    tx: &dyn Sql,
    id: i64,
    randomness: &[u64; RANDOM_WORDS],
    moment: &mut Moment<'_>,
) -> Result<Played, Refusal> {
    let question = submit::read(tx, id, moment.now)?;
    if !question.answered {
        return Err(Refusal::NotAnswered);
    }
    let (request, rules) = (&question.request, &question.rules);
    let game = rules.game.as_ref().ok_or(Refusal::NoGame)?;
    if plays::load(tx, id)?.is_some() {
        return Err(Refusal::Played);
    }
    let (table, period) = table(tx, request, game, moment.now)?;
    game.admit(table)?;
    let streak = match game.kind {
        GameKind::Streak => {
            // As of the answer, not of now: however late it plays, each answer has a place of its own.
            answers::load_streak(tx, id)?
        }
        GameKind::Scratch | GameKind::Wheel => 0,
    };
    let won = game.outcome(randomness, streak);
    let won =
        won.ok_or(StoreError::Unreadable { what: "game", problem: "no ticket was drawn".to_owned() })?;
    let (prize, points) = match won {
        Won::Nothing => (None, Points::ZERO),
        Won::Prize(prize) => (Some(prize.code.clone()), prize.points),
    };
    let play = NewPlay {
        request: id,
        member: request.member,
        rules: request.rules,
        game: game.kind.code(),
        prize: prize.as_deref(),
        points,
        played_at: moment.now,
    };
    plays::insert(tx, &play)?;
    if points.is_positive() {
        plays::spend(tx, Budget::Game, &request.brand, &period, points)?;
        let gift = Gift {
            member: request.member,
            points,
            giver: Giver::Rule,
            event: game::event(id),
            outlet: Some(request.outlet),
            note: None,
            good_days: game.good_days,
        };
        gift::give(tx, &gift, moment)?;
    }
    Ok(Played { prize, points, streak })
}

fn table(sql: &dyn Sql, request: &Request, game: &Game, now: Timestamp) -> Result<(Table, String), Refusal> {
    let period = game::month(now, &request.zone);
    let since = now.plus_millis(-i64::from(game.plays_days) * DAY_MS);
    let plays = plays::count(sql, request.member, since)?;
    let table = Table {
        spent: plays::load_spent(sql, Budget::Game, &request.brand, &period)?,
        plays: u32::try_from(plays).unwrap_or(u32::MAX),
        returned: request.returned,
    };
    Ok((table, period))
}
