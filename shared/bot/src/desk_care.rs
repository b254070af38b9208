//! The desk of crate `care`.

use care::guest;
use care::play::{self, Offer, RANDOM_WORDS};
use care::shown::{parse_ticket_id, ticket_id};
use care::submit::{self, Question};
use feedback::answer::Answer;
use kernel::{MemberId, Points};

use crate::Refusal;
use crate::desk::{At, Desk, Rated};

/// Bytes of a random word.
const WORD_LEN: usize = 8;

/// Questions after visits and tickets, as the chain keeps them.
#[derive(Debug, Clone, Copy)]
pub struct Care;

impl Desk for Care {
    fn visit(&self, at: &mut At<'_, '_>, token: &str) -> Result<String, Refusal> {
        let question = asked(at, token)?;
        if question.answered { Err(Refusal::FeedbackClosed) } else { Ok(question.request.outlet_name) }
    }

    fn rate(&self, at: &mut At<'_, '_>, token: &str, stars: u8) -> Result<Rated, Refusal> {
        let id = opened(at, token)?;
        let answer = Answer { stars, tags: Vec::new(), nps: None, text: None, photo: None };
        let done = submit::submit(at.tx, id, &answer, at.personal, at.moment).map_err(refusal)?;
        Ok(Rated { ticket: done.ticket.map(ticket_id), may_play: matches!(done.game, Some(Offer::Open)) })
    }

    fn comment(&self, at: &mut At<'_, '_>, token: &str, words: &str) -> Result<String, Refusal> {
        let question = asked(at, token)?;
        if !question.answered {
            return Err(Refusal::FeedbackClosed);
        }
        let (member, outlet) = (question.request.member, question.request.outlet_code);
        let own = guest::open(at.tx, member, Some(&outlet), words, at.personal, at.moment);
        Ok(ticket_id(own.map_err(refusal)?.ticket.id))
    }

    fn play(&self, at: &mut At<'_, '_>, token: &str) -> Result<Points, Refusal> {
        let id = opened(at, token)?;
        let bytes: [u8; RANDOM_WORDS * WORD_LEN] = at.personal.bytes();
        let (words, _) = bytes.as_chunks::<WORD_LEN>();
        let mut randomness = [0; RANDOM_WORDS];
        for (number, word) in randomness.iter_mut().zip(words) {
            *number = u64::from_be_bytes(*word);
        }
        Ok(play::play(at.tx, id, &randomness, at.moment).map_err(refusal)?.points)
    }

    fn ask(&self, at: &mut At<'_, '_>, member: MemberId, words: &str) -> Result<String, Refusal> {
        let own = guest::open(at.tx, member, None, words, at.personal, at.moment);
        Ok(ticket_id(own.map_err(refusal)?.ticket.id))
    }

    fn answer(
        &self,
        at: &mut At<'_, '_>,
        member: MemberId,
        ticket: &str,
        words: &str,
    ) -> Result<(), Refusal> {
        let id = parse_ticket_id(ticket).map_err(|_| Refusal::UnknownTicket)?;
        guest::write(at.tx, member, id, words, at.personal, at.moment).map_err(refusal)?;
        Ok(())
    }
}

/// The question of a token.
fn asked(at: &At<'_, '_>, token: &str) -> Result<Question, Refusal> {
    submit::read(at.tx, opened(at, token)?, at.moment.now).map_err(refusal)
}

fn opened(at: &At<'_, '_>, token: &str) -> Result<i64, Refusal> {
    care::signer(at.personal.secrets).open(token).ok_or(Refusal::FeedbackClosed)
}

fn refusal(refusal: care::Refusal) -> Refusal {
    use care::Refusal as R;
    match refusal {
        R::Store(error) => Refusal::Store(error),
        R::Club(refusal) => Refusal::Club(refusal),
        R::UnknownTicket | R::Ticket(_) => Refusal::UnknownTicket,
        R::Limited { retry_after_seconds } => Refusal::Limited { retry_after_seconds },
        R::NoRules => Refusal::NoDesk,
        _ => Refusal::FeedbackClosed,
    }
}
