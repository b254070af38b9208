//! An act, carried out by the club's use cases in the open transaction.

use club::balance::{self, Balance};
use club::directory::{self, Found, Search};
use club::member::{consents, erase, profile};
use club::personal::Personal;
use club::tiers::view::{self, View};
use club::{Moment, card};
use kernel::{EntryId, MemberId, Points, Timestamp};
use membership::phone::Phone;
use membership::profile::{Consent, ConsentKind, ConsentWord, Language};
use shop::coupon;
use store::brands::Brand;
use store::cards::CardStatus;
use store::history::{self, Movement};
use store::telegram::links::{self, Link};
use store::telegram::threads;
use store::{Sql, StoreError};
use telegram::ChatId;
use telegram::press::{Advertising, REFERRAL_LINK, deep_link};

use crate::Refusal;
use crate::account::Account;
use crate::desk::{At, Desk};
use crate::dialogue::Act;
use crate::join;
use crate::reach;
use crate::state::{Marks, StepV1};

/// Movements on a page of the history.
pub const HISTORY_PAGE: i64 = 8;
/// Outlets shown around a place.
pub const OUTLETS_MAX: i64 = 5;
/// How far around a place is searched, in kilometres.
pub const OUTLETS_KM: u32 = 30;
/// Where consents were given.
pub const SOURCE: &str = "telegram";

/// Who asks, and what there is to answer with.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    pub tx: &'a dyn Sql,
    pub account: &'a Account,
    pub brand: &'a Brand,
    pub chat: ChatId,
    pub chat_index: &'a [u8],
    /// The chat's link, if its member takes part.
    pub link: Option<&'a Link>,
    /// The number that was shared, read before the transaction.
    pub phone: Option<&'a Phone>,
    pub language: Language,
    pub personal: Personal<'a>,
    pub desk: &'a dyn Desk,
}

/// What came of an act, to be put in words.
#[derive(Debug, Clone)]
pub enum Said {
    Greeting,
    Help,
    ChooseLanguage,
    LanguageSet(Language),
    AskConsents(Marks),
    AskContact,
    ConsentsMissing,
    Joined {
        is_new: bool,
        points: Points,
        coupon: Option<String>,
    },
    NotYourNumber,
    Card {
        number: String,
        key_version: Option<u32>,
    },
    Balance(Box<Balance>),
    Tier(Box<View>),
    History {
        page: Vec<Movement>,
        older: Option<EntryId>,
    },
    AskPlace,
    Outlets(Vec<Found>),
    AskStars {
        token: String,
        place: String,
    },
    /// With the token of the game that may be played.
    Rated {
        stars: u8,
        play: Option<String>,
    },
    Won {
        points: Points,
    },
    AskWords {
        about_ticket: bool,
    },
    Written {
        ticket: String,
    },
    Invitation {
        link: String,
        code: String,
    },
    Settings,
    Consents {
        sms: bool,
        push: bool,
    },
    AskUnlink,
    Unlinked,
    AskErase(Points),
    Erased,
    Left,
    TooLate,
    ReplyUnknown,
    NotUnderstood,
}

/// What an act came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub said: Said,
    /// The step that follows, where the act decides it.
    pub step: Option<StepV1>,
    /// The language chosen in this chat.
    pub language: Option<Language>,
    /// Whether the chat belongs to a member from now on.
    pub is_member: bool,
    /// Keys of sessions to remove from the key-value store after the commit.
    pub stale_keys: Vec<String>,
}

impl Outcome {
    const fn said(said: Said, is_member: bool) -> Self {
        Self { said, step: None, language: None, is_member, stale_keys: Vec::new() }
    }
}

/// Carries an act out.
///
/// # Errors
/// See [`Refusal`]; nothing has happened then, if the caller undoes what was written.
pub fn perform(ground: &Ground<'_>, act: Act, moment: &mut Moment<'_>) -> Result<Outcome, Refusal> {
    let said = match act {
        Act::Greet => Said::Greeting,
        Act::Help => Said::Help,
        Act::ChooseLanguage => Said::ChooseLanguage,
        Act::SetLanguage(language) => return set_language(ground, language, moment),
        Act::AskConsents { marks } => Said::AskConsents(marks),
        Act::AskContact => Said::AskContact,
        Act::ConsentsMissing => Said::ConsentsMissing,
        Act::Join { marks, referral, .. } => return join::join(ground, marks, referral, moment),
        Act::NotYourNumber => Said::NotYourNumber,
        Act::Card { rotating } => card(ground, rotating, moment.now)?,
        Act::Balance => Said::Balance(Box::new(balance::read(ground.tx, ground.member()?, moment.now)?)),
        Act::Tier => Said::Tier(Box::new(view::read(ground.tx, ground.member()?, moment.now)?)),
        Act::History { before } => page(ground, before.as_deref())?,
        Act::AskPlace => Said::AskPlace,
        Act::Outlets(position) => {
            let search = Search { brand: Some(&ground.brand.code), language: None, limit: OUTLETS_MAX };
            Said::Outlets(directory::nearest(ground.tx, &search, position, OUTLETS_KM, None, moment.now)?)
        }
        Act::Invite => invite(ground, moment)?,
        Act::Settings => Said::Settings,
        Act::Consents => consents_of(ground)?,
        Act::ToggleConsent(advertising) => toggle(ground, advertising, moment)?,
        Act::AskUnlink => Said::AskUnlink,
        Act::Unlink => return unlink(ground, moment.now),
        Act::AskErase => Said::AskErase(balance::read(ground.tx, ground.member()?, moment.now)?.available),
        Act::Erase => return erase_account(ground, moment),
        Act::Leave => Said::Left,
        Act::TooLate => Said::TooLate,
        Act::ReplyUnknown => Said::ReplyUnknown,
        Act::NotUnderstood => Said::NotUnderstood,
        feedback => return converse(ground, feedback, moment),
    };
    Ok(Outcome::said(said, ground.link.is_some()))
}

impl Ground<'_> {
    /// The member of the chat. The dialogue asks for nothing of a member's where there is none.
    pub(crate) fn member(&self) -> Result<MemberId, Refusal> {
        let link = self.link.ok_or(Refusal::Club(club::Refusal::MemberInactive))?;
        Ok(link.member)
    }
}

/// Ratings, comments and questions.
fn converse(ground: &Ground<'_>, act: Act, moment: &mut Moment<'_>) -> Result<Outcome, Refusal> {
    let (desk, now) = (ground.desk, moment.now);
    let mut at = At { tx: ground.tx, personal: ground.personal, moment };
    let outcome = |said| Outcome::said(said, ground.link.is_some());
    Ok(match act {
        Act::AskStars { token } => {
            let place = desk.visit(&mut at, &token)?;
            outcome(Said::AskStars { token, place })
        }
        Act::Rate { token, stars } => {
            let rated = desk.rate(&mut at, &token, stars)?;
            touch(ground, rated.ticket.as_deref(), now)?;
            let play = rated.may_play.then(|| token.clone());
            // What the guest adds belongs to the ticket, or opens one.
            let step = match rated.ticket {
                ticket @ Some(_) if ground.link.is_some() => StepV1::Writing { ticket },
                Some(_) => StepV1::Idle,
                None => StepV1::Comment { token },
            };
            Outcome { step: Some(step), ..outcome(Said::Rated { stars, play }) }
        }
        Act::Comment { token, words } => {
            let ticket = desk.comment(&mut at, &token, &words)?;
            touch(ground, Some(&ticket), now)?;
            outcome(Said::Written { ticket })
        }
        Act::Play { token } => outcome(Said::Won { points: desk.play(&mut at, &token)? }),
        Act::AskWords { ticket } => outcome(Said::AskWords { about_ticket: ticket.is_some() }),
        Act::Write { ticket, words } => {
            let member = ground.member()?;
            let ticket = match ticket {
                Some(ticket) => {
                    desk.answer(&mut at, member, &ticket, &words)?;
                    ticket
                }
                None => desk.ask(&mut at, member, &words)?,
            };
            touch(ground, Some(&ticket), now)?;
            outcome(Said::Written { ticket })
        }
        _ => outcome(Said::NotUnderstood),
    })
}

/// What the guest writes next belongs to this ticket.
fn touch(ground: &Ground<'_>, ticket: Option<&str>, now: Timestamp) -> Result<(), StoreError> {
    match ticket.filter(|_| ground.link.is_some()) {
        Some(ticket) => threads::touch(ground.tx, &ground.brand.code, ground.chat_index, ticket, now),
        None => Ok(()),
    }
}

fn set_language(ground: &Ground<'_>, language: Language, moment: &Moment<'_>) -> Result<Outcome, Refusal> {
    if let Some(link) = ground.link {
        let change = profile::Change { language: Some(language), ..profile::Change::default() };
        profile::change(ground.tx, link.member, change, ground.personal, moment.now)?;
    }
    let outcome = Outcome::said(Said::LanguageSet(language), ground.link.is_some());
    Ok(Outcome { language: Some(language), ..outcome })
}

/// The guest's card; their first one is made when they ask for it.
fn card(ground: &Ground<'_>, rotating: bool, now: Timestamp) -> Result<Said, Refusal> {
    let member = ground.member()?;
    let held = card::list(ground.tx, member)?;
    let active = held.into_iter().find(|card| card.status == CardStatus::Active);
    let card = match active {
        Some(card) => card,
        None => card::issue(ground.tx, member, ground.personal.secrets, now)?,
    };
    Ok(Said::Card { number: card.number, key_version: rotating.then_some(card.key_version) })
}

fn page(ground: &Ground<'_>, before: Option<&str>) -> Result<Said, Refusal> {
    let before = before.and_then(|text| EntryId::parse(text).ok()).unwrap_or(EntryId::from_raw(i64::MAX));
    let ever = Timestamp::from_millis(0);
    // One more than shown tells whether there is another page.
    let mut page = history::list(ground.tx, ground.member()?, before, ever, HISTORY_PAGE + 1)?;
    let more = page.len() as i64 > HISTORY_PAGE;
    page.truncate(HISTORY_PAGE as usize);
    let older = page.last().filter(|_| more).map(|last| last.id);
    Ok(Said::History { page, older })
}

fn invite(ground: &Ground<'_>, moment: &mut Moment<'_>) -> Result<Said, Refusal> {
    let entropy = ground.personal.bytes();
    let made = coupon::referral(ground.tx, &ground.brand.code, ground.member()?, entropy, moment);
    let (coupon, _) = made.map_err(|refused| match refused {
        coupon::Refused::Store(error) => Refusal::Store(error),
        _ => Refusal::NoReferral,
    })?;
    let parameter = format!("{REFERRAL_LINK}{}", coupon.code);
    Ok(Said::Invitation { link: deep_link(&ground.account.stored.username, &parameter), code: coupon.code })
}

fn consents_of(ground: &Ground<'_>) -> Result<Said, Refusal> {
    Ok(shown(&consents::list(ground.tx, ground.member()?)?))
}

fn shown(all: &[Consent]) -> Said {
    let granted = |kind| Consent::in_force(all).iter().any(|consent| consent.kind == kind && consent.granted);
    Said::Consents { sms: granted(ConsentKind::MarketingSms), push: granted(ConsentKind::MarketingPush) }
}

/// Says yes where the guest said no or nothing, and no where they said yes.
fn toggle(ground: &Ground<'_>, advertising: Advertising, moment: &mut Moment<'_>) -> Result<Said, Refusal> {
    let member = ground.member()?;
    let kind = match advertising {
        Advertising::Sms => ConsentKind::MarketingSms,
        Advertising::Push => ConsentKind::MarketingPush,
    };
    let all = consents::list(ground.tx, member)?;
    let granted = Consent::in_force(&all).iter().any(|consent| consent.kind == kind && consent.granted);
    let said = said_here(ground.account, kind, !granted, moment.now)?;
    Ok(shown(&consents::record(ground.tx, member, vec![said], moment)?))
}

/// What a guest says in the chat about the version of the texts that the bot shows.
pub(crate) fn said_here(
    account: &Account,
    kind: ConsentKind,
    granted: bool,
    at: Timestamp,
) -> Result<Consent, StoreError> {
    let word = |text: &str| {
        ConsentWord::parse(text).map_err(|error| StoreError::Unreadable {
            what: "version of a bot's texts",
            problem: error.to_string(),
        })
    };
    Ok(Consent {
        kind,
        granted,
        text_version: word(&account.stored.texts_version)?,
        at,
        source: word(SOURCE)?,
    })
}

fn unlink(ground: &Ground<'_>, now: Timestamp) -> Result<Outcome, Refusal> {
    let member = ground.member()?;
    reach::close(ground.tx, member, now)?;
    links::delete_of_member(ground.tx, member)?;
    Ok(Outcome::said(Said::Unlinked, false))
}

/// Everything goes, this chat's link with it.
fn erase_account(ground: &Ground<'_>, moment: &mut Moment<'_>) -> Result<Outcome, Refusal> {
    let stale_keys = erase::erase(ground.tx, ground.member()?, erase::Through::Themselves, moment)?;
    Ok(Outcome { stale_keys, ..Outcome::said(Said::Erased, false) })
}
