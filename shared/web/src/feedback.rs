//! Questions, games and versions of rules for replies; links for whoever signs or opens them.

use api::wire::feedback::{FeedbackRulesReply, GameReply, PrizeReply, QuestionReply, TagReply};
use api::wire::programmes::RulesBody;
use care::ask::Links;
use care::play::Offer;
use care::submit::Question;
use feedback::game::{Game, GameKind};
use feedback::rules::FeedbackRules;
use kernel::{Lang, Timestamp, Zone};
use membership::secrets::LinkSigner;
use store::StoreError;
use store::feedback::Version;

use crate::body;
use crate::call::Settings;
use crate::guest;
use crate::problem::Problem;
use crate::refusal_feedback::no_play;

/// The variable with the address of the page that asks; `{token}` in it becomes the token.
pub const FEEDBACK_URL: &str = "feedback_url";

/// Who signs and opens the tokens of questions.
///
/// # Errors
/// An internal error: the deployment's configuration is wrong.
pub fn signer(settings: &dyn Settings) -> Result<LinkSigner, Problem> {
    Ok(care::signer(&guest::secrets(settings)?))
}

/// What links are made of.
///
/// # Errors
/// As [`signer`].
pub fn links(settings: &dyn Settings) -> Result<Links, Problem> {
    Ok(Links { signer: signer(settings)?, url: settings.get(FEEDBACK_URL)? })
}

/// A question for a reply.
///
/// # Errors
/// A defect of ours: the request's set is not in its rules.
pub fn question(question: &Question, token: String, lang: Lang) -> Result<QuestionReply, Problem> {
    let (set, request) = (question.set()?, &question.request);
    let zone = Zone::parse(&request.zone).unwrap_or(Zone::UTC);
    let tags = set.tags.iter().map(|tag| TagReply {
        code: tag.code.clone(),
        text: tag.text.text(lang).to_owned(),
        stars_from: tag.stars_from,
        stars_to: tag.stars_to,
    });
    Ok(QuestionReply {
        token,
        outlet: request.outlet_code.clone(),
        outlet_name: request.outlet_name.clone(),
        visited_on: request.business_date.clone(),
        until: request.until.rfc3339_in(&zone),
        answered: question.answered,
        stars: set.stars.text(lang).to_owned(),
        tags: tags.collect(),
        nps: set.nps.as_ref().map(|names| names.text(lang).to_owned()),
        text: set.text.as_ref().map(|names| names.text(lang).to_owned()),
        photo: set.photo,
        game: game(question.game_rules(), question.game.as_ref(), lang),
    })
}

/// A game with its odds, and how an answer stands by it.
#[must_use]
pub fn game(rules: Option<&Game>, offer: Option<&Offer>, lang: Lang) -> Option<GameReply> {
    let (rules, offer) = (rules?, offer?);
    let prizes = rules.prizes.iter().map(|prize| PrizeReply {
        code: prize.code.clone(),
        name: prize.name.text(lang).to_owned(),
        points: prize.points.to_string(),
        weight: prize.weight,
    });
    let (state, reason, won) = match offer {
        Offer::Open => ("open", None, None),
        Offer::Closed(why) => ("closed", Some(no_play(*why).to_owned()), None),
        Offer::Played { prize, points } => ("played", None, Some((prize.clone(), points.to_string()))),
    };
    let (prize, points) = won.unzip();
    Some(GameReply {
        kind: rules.kind.code().to_owned(),
        state: state.to_owned(),
        reason,
        tickets: if rules.kind == GameKind::Streak { 0 } else { rules.tickets() },
        prizes: prizes.collect(),
        prize: prize.flatten(),
        points,
    })
}

/// Posted rules, read.
///
/// # Errors
/// 400 with a pointer to the field and what is wrong with it.
pub fn rules(body: &RulesBody) -> Result<FeedbackRules, Problem> {
    let text = serde_json::to_vec(body).map_err(|error| Problem::internal(error.to_string()))?;
    body::json_text(&text).map_err(|problem| problem.within("/rules"))
}

/// A version for a reply.
///
/// # Errors
/// When the stored rules cannot be read.
pub fn version(version: &Version, in_force: Option<i64>) -> Result<FeedbackRulesReply, Problem> {
    let rules = serde_json::from_str(&version.rules)
        .map_err(|error| StoreError::Unreadable { what: "feedback rules", problem: error.to_string() })?;
    Ok(FeedbackRulesReply {
        brand: version.brand.clone(),
        version: version.version,
        effective_from: Timestamp::to_string(&version.effective_from),
        in_force: in_force == Some(version.id),
        note: version.note.clone(),
        created_by: version.created_by.map(|staff| staff.to_string()),
        created_at: version.created_at.to_string(),
        rules,
    })
}
