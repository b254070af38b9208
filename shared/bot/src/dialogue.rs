//! The state machine: what the bot waits for, what it knows and what a guest did become what it does and waits for next.
//!
//! No I/O, no clock, no words: [`decide`] is a function of its arguments.

use club::directory::geo::Position;
use membership::profile::Language;
use telegram::press::{Advertising, Agreement, Press, Setting};

use crate::input::{Command, Input, Start};
use crate::state::{Marks, StepV1};

/// What is known of whoever writes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The chat belongs to a member who takes part.
    pub is_member: bool,
    /// The question that this chat was about lately.
    pub ticket: Option<String>,
    /// The question whose answer is replied to.
    pub replied: Option<String>,
    /// A message is replied to of which it is not known what it was about.
    pub replies_to_unknown: bool,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Say hello to a member, with the menu.
    Greet,
    Help,
    ChooseLanguage,
    SetLanguage(Language),
    /// Ask what the guest agrees to.
    AskConsents {
        marks: Marks,
    },
    /// Ask for the guest's own number.
    AskContact,
    /// Tell that something required is not agreed to.
    ConsentsMissing,
    /// Link to the member with this number, or make one.
    Join {
        phone: String,
        marks: Marks,
        referral: Option<String>,
    },
    /// Tell that only the guest's own number counts.
    NotYourNumber,
    Card {
        rotating: bool,
    },
    Balance,
    Tier,
    /// Movements, from the one before which the last page ended.
    History {
        before: Option<String>,
    },
    AskPlace,
    Outlets(Position),
    /// Ask for stars about a visit.
    AskStars {
        token: String,
    },
    Rate {
        token: String,
        stars: u8,
    },
    Comment {
        token: String,
        words: String,
    },
    /// Play the game of a rated visit.
    Play {
        token: String,
    },
    /// Ask for a question, or an answer about a ticket.
    AskWords {
        ticket: Option<String>,
    },
    Write {
        ticket: Option<String>,
        words: String,
    },
    Invite,
    Settings,
    Consents,
    ToggleConsent(Advertising),
    AskUnlink,
    Unlink,
    AskErase,
    Erase,
    /// Nothing changes.
    Leave,
    /// Tell that the question is too old.
    TooLate,
    /// Tell that it is not known which question is replied to.
    ReplyUnknown,
    NotUnderstood,
}

/// A turn of the dialogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    pub step: StepV1,
    pub act: Act,
    /// The message that is to show the outcome, instead of a new one.
    pub edit: Option<i64>,
}

impl Act {
    /// Whether only a member can have it.
    const fn is_for_members(&self) -> bool {
        matches!(
            self,
            Self::Card { .. }
                | Self::Balance
                | Self::Tier
                | Self::History { .. }
                | Self::AskWords { .. }
                | Self::Write { .. }
                | Self::Invite
                | Self::Consents
                | Self::ToggleConsent(_)
                | Self::AskUnlink
                | Self::Unlink
                | Self::AskErase
                | Self::Erase
        )
    }
}

/// Decides a turn.
#[must_use]
pub fn decide(step: &StepV1, facts: &Facts, input: Input) -> Turn {
    let turn = match input {
        Input::Start(start) => started(start, facts),
        Input::Command(command) => commanded(command, step),
        Input::OwnContact(phone) => contact(step, phone),
        Input::ForeignContact => Turn::stay(step, Act::NotYourNumber),
        Input::Place(position) => Turn::stay(step, Act::Outlets(position)),
        Input::Words(words) => worded(step, facts, words),
        Input::Press { press, message } => pressed(step, facts, press, message),
        Input::Unreadable => Turn::stay(step, Act::NotUnderstood),
    };
    if turn.act.is_for_members() && !facts.is_member {
        return Turn::join(step);
    }
    turn
}

impl Turn {
    fn idle(act: Act) -> Self {
        Self { step: StepV1::Idle, act, edit: None }
    }

    fn stay(step: &StepV1, act: Act) -> Self {
        Self { step: step.clone(), act, edit: None }
    }

    /// To the consents, with which joining begins; what was agreed to stays.
    fn join(step: &StepV1) -> Self {
        let (marks, referral) = match step {
            StepV1::Joining { marks, referral } => (*marks, referral.clone()),
            _ => (Marks::default(), None),
        };
        Self { step: StepV1::Joining { marks, referral }, act: Act::AskConsents { marks }, edit: None }
    }

    fn editing(self, message: Option<i64>) -> Self {
        Self { edit: message, ..self }
    }
}

fn started(start: Start, facts: &Facts) -> Turn {
    match start {
        Start::Feedback(token) => Turn::idle(Act::AskStars { token }),
        Start::Card if facts.is_member => Turn::idle(Act::Card { rotating: true }),
        _ if facts.is_member => Turn::idle(Act::Greet),
        Start::Referral(code) => {
            Turn::join(&StepV1::Joining { marks: Marks::default(), referral: Some(code) })
        }
        Start::Plain | Start::Card => Turn::join(&StepV1::Idle),
    }
}

fn commanded(command: Command, step: &StepV1) -> Turn {
    let act = match command {
        Command::Card => Act::Card { rotating: true },
        Command::Balance => Act::Balance,
        Command::History => Act::History { before: None },
        Command::Tier => Act::Tier,
        Command::Outlets => Act::AskPlace,
        Command::Write => {
            return Turn {
                step: StepV1::Writing { ticket: None },
                act: Act::AskWords { ticket: None },
                edit: None,
            };
        }
        Command::Invite => Act::Invite,
        Command::Settings => Act::Settings,
        Command::Language => return Turn::stay(step, Act::ChooseLanguage),
        Command::Consents => Act::Consents,
        Command::Unlink => Act::AskUnlink,
        Command::Erase => return Turn { step: StepV1::Erasing, act: Act::AskErase, edit: None },
        Command::Help => return Turn::stay(step, Act::Help),
    };
    // Who is about to join goes on with that: asking for the way to a coffee shop is no reason to begin anew.
    match step {
        StepV1::Joining { .. } => Turn::stay(step, act),
        _ => Turn::idle(act),
    }
}

fn contact(step: &StepV1, phone: String) -> Turn {
    let (marks, referral) = match step {
        StepV1::Joining { marks, referral } => (*marks, referral.clone()),
        _ => (Marks::default(), None),
    };
    Turn::stay(step, Act::Join { phone, marks, referral })
}

fn worded(step: &StepV1, facts: &Facts, words: String) -> Turn {
    // Whoever replies to a message says what they mean, whatever the bot waits for.
    if let Some(ticket) = &facts.replied {
        return Turn::idle(Act::Write { ticket: Some(ticket.clone()), words });
    }
    match step {
        StepV1::Comment { token } => Turn::idle(Act::Comment { token: token.clone(), words }),
        StepV1::Writing { ticket } => Turn::idle(Act::Write { ticket: ticket.clone(), words }),
        StepV1::Joining { .. } => Turn::join(step),
        // A conversation goes on without pressing anything.
        StepV1::Idle | StepV1::Erasing => match &facts.ticket {
            Some(ticket) => Turn::idle(Act::Write { ticket: Some(ticket.clone()), words }),
            // They take it for a conversation that goes on; a member has somebody to write to.
            None if facts.replies_to_unknown && facts.is_member => Turn::idle(Act::ReplyUnknown),
            None => Turn::idle(Act::NotUnderstood),
        },
    }
}

fn pressed(step: &StepV1, facts: &Facts, press: Press, message: Option<i64>) -> Turn {
    match press {
        Press::Language(lang) => {
            let language = Language::parse(lang.code()).unwrap_or_default();
            Turn::stay(step, Act::SetLanguage(language)).editing(message)
        }
        Press::Agree(agreement) => agreed(step, facts, agreement, message),
        Press::AgreeDone => agreed_to_all(step, facts),
        Press::CardRotating => Turn::stay(step, Act::Card { rotating: true }).editing(message),
        Press::CardStatic => Turn::stay(step, Act::Card { rotating: false }).editing(message),
        Press::HistoryBefore(entry) => {
            Turn::stay(step, Act::History { before: Some(entry) }).editing(message)
        }
        Press::Consent(advertising) => Turn::stay(step, Act::ToggleConsent(advertising)).editing(message),
        Press::Settings(setting) => match setting {
            Setting::Language => Turn::stay(step, Act::ChooseLanguage).editing(message),
            Setting::Consents => Turn::idle(Act::Consents).editing(message),
            Setting::Unlink => Turn::idle(Act::AskUnlink).editing(message),
            Setting::Erase => Turn { step: StepV1::Erasing, act: Act::AskErase, edit: message },
        },
        Press::UnlinkConfirmed => Turn::idle(Act::Unlink).editing(message),
        Press::EraseConfirmed if *step == StepV1::Erasing => Turn::idle(Act::Erase).editing(message),
        Press::EraseConfirmed => Turn::stay(step, Act::TooLate).editing(message),
        Press::Never => Turn::idle(Act::Leave).editing(message),
        // What may be said about it depends on what comes of the rating.
        Press::Stars { stars, token } => Turn::idle(Act::Rate { token, stars }).editing(message),
        Press::Play(token) => Turn::stay(step, Act::Play { token }).editing(message),
        Press::Ticket(ticket) => Turn {
            step: StepV1::Writing { ticket: Some(ticket.clone()) },
            act: Act::AskWords { ticket: Some(ticket) },
            edit: None,
        },
    }
}

/// Turns one consent on or off. Members have theirs in the settings.
fn agreed(step: &StepV1, facts: &Facts, agreement: Agreement, message: Option<i64>) -> Turn {
    if facts.is_member {
        return Turn::stay(step, Act::Consents).editing(message);
    }
    let (mut marks, referral) = match step {
        StepV1::Joining { marks, referral } => (*marks, referral.clone()),
        _ => (Marks::default(), None),
    };
    let mark = match agreement {
        Agreement::Terms => &mut marks.terms,
        Agreement::PersonalData => &mut marks.personal_data,
        Agreement::Marketing => &mut marks.marketing,
    };
    *mark = !*mark;
    Turn { step: StepV1::Joining { marks, referral }, act: Act::AskConsents { marks }, edit: message }
}

fn agreed_to_all(step: &StepV1, facts: &Facts) -> Turn {
    match step {
        _ if facts.is_member => Turn::idle(Act::Greet),
        StepV1::Joining { marks, .. } if marks.suffice() => Turn::stay(step, Act::AskContact),
        StepV1::Joining { .. } => Turn::stay(step, Act::ConsentsMissing),
        _ => Turn::join(step),
    }
}
