//! List, read, answer, play.

use api::problem as p;
use api::wire::feedback::{AnswerBody, AnsweredReply, PlayedReply, QuestionsReply};
use care::play::{self, RANDOM_WORDS};
use care::shown::ticket_id;
use care::submit::{self, Question};
use club::Moment;
use club::personal::Personal;
use feedback::answer::Answer;
use kernel::ParseError;
use web::auth::Principal;
use web::problem::lang;
use web::{Call, Problem, Reply, body, feedback as words, guest, idempotency};

/// Longest token looked at.
const TOKEN_LEN_MAX: usize = 64;

/// Serves the operations on questions.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "list_feedback_questions" => list(call),
        "read_feedback_question" => read(call),
        "answer_feedback" => answer(call),
        "play_feedback_game" => play(call),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let signer = words::signer(call.settings)?;
    let open = submit::list_open(call.sql, call.guest()?.member, call.now)?;
    let items = open.iter().map(|one| words::question(one, signer.sign(one.request.id), lang(call.language)));
    Reply::json(200, &QuestionsReply { items: items.collect::<Result<_, _>>()? })
}

fn read(call: &Call<'_>) -> Result<Reply, Problem> {
    let (token, question) = found(call)?;
    Reply::json(200, &words::question(&question, token, lang(call.language))?)
}

fn answer(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let id = opened(call)?.1;
    let AnswerBody { stars, tags, nps, text, photo } = body::json(&call.request)?;
    let answer = Answer { stars, tags, nps, text, photo };
    let (secrets, random) = (guest::secrets(call.settings)?, call.random);
    idempotency::once(call, |call, tx| {
        let question = own(call, submit::read(tx, id, call.now)?)?;
        let personal = Personal { secrets: &secrets, random: &random };
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        let done = submit::submit(tx, id, &answer, personal, &mut moment)?;
        let game = words::game(question.game_rules(), done.game.as_ref(), lang(call.language));
        Reply::json(201, &AnsweredReply { ticket: done.ticket.map(ticket_id), game })
    })
}

fn play(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let id = opened(call)?.1;
    let randomness = randomness(call)?;
    idempotency::once(call, |call, tx| {
        let question = own(call, submit::read(tx, id, call.now)?)?;
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        let played = play::play(tx, id, &randomness, &mut moment)?;
        let prize = question.game_rules().and_then(|game| {
            game.prizes.iter().find(|prize| played.prize.as_deref() == Some(prize.code.as_str()))
        });
        let name = prize.map(|prize| prize.name.text(lang(call.language)).to_owned());
        let points = played.points.to_string();
        Reply::json(200, &PlayedReply { prize: played.prize, name, points, streak: played.streak })
    })
}

/// The question behind the token of the path.
fn found(call: &Call<'_>) -> Result<(String, Question), Problem> {
    let (token, id) = opened(call)?;
    let question = submit::read(call.sql, id, call.now)?;
    Ok((token, own(call, question)?))
}

/// The token of the path, and what it was signed for.
fn opened(call: &Call<'_>) -> Result<(String, i64), Problem> {
    let token = call.parameter("token", token)?;
    let id = words::signer(call.settings)?.open(&token).ok_or_else(|| Problem::of(&p::NOT_FOUND))?;
    Ok((token, id))
}

fn token(text: &str) -> Result<String, ParseError> {
    let lawful = text.len() <= TOKEN_LEN_MAX && text.is_ascii();
    lawful.then(|| text.to_owned()).ok_or(ParseError("no such question"))
}

/// A signed-in guest answers for nobody else, whatever link they were sent.
fn own(call: &Call<'_>, question: Question) -> Result<Question, Problem> {
    match &call.principal {
        Principal::Guest(guest) if guest.member != question.request.member => Err(Problem::of(&p::NOT_FOUND)),
        _ => Ok(question),
    }
}

fn randomness(call: &Call<'_>) -> Result<[u64; RANDOM_WORDS], Problem> {
    let bytes = (call.random)(RANDOM_WORDS * size_of::<u64>());
    let mut words = [0; RANDOM_WORDS];
    for (word, chunk) in words.iter_mut().zip(bytes.chunks_exact(size_of::<u64>())) {
        let chunk = chunk.try_into().map_err(|_| Problem::internal("a random word is cut off"))?;
        *word = u64::from_le_bytes(chunk);
    }
    Ok(words)
}
