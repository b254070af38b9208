//! An answer, and what is lawful in it.

use crate::fault::{Fault, Problem};
use crate::rules::QuestionSet;

/// Most stars.
pub const STARS_MAX: u8 = 5;
/// Most points on the scale of recommending.
pub const NPS_MAX: u8 = 10;
/// Characters of what a guest writes.
pub const TEXT_LEN_MAX: usize = 1_000;
/// Tags of one answer.
pub const TAGS_MAX: usize = 10;
/// Characters of a photo's reference in the chain's own file store.
pub const PHOTO_LEN_MAX: usize = 128;

/// What a guest answers.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    pub stars: u8,
    pub tags: Vec<String>,
    pub nps: Option<u8>,
    /// Personal: encrypted where it is stored, never logged.
    pub text: Option<String>,
    pub photo: Option<String>,
}

/// Without the words.
impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({} stars, {} tags)", self.stars, self.tags.len())
    }
}

/// How somebody stands by the answer to the question of recommending (Reichheld 2003).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recommends {
    Promoter,
    Passive,
    Detractor,
}

impl Recommends {
    /// 9 and 10 promote, 0 to 6 detract.
    #[must_use]
    pub const fn of(nps: u8) -> Self {
        match nps {
            9.. => Self::Promoter,
            7 | 8 => Self::Passive,
            _ => Self::Detractor,
        }
    }
}

impl Answer {
    /// Everything that is not lawful for what was asked.
    #[must_use]
    pub fn check(&self, set: &QuestionSet) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut fault = |pointer: String, fault| problems.push(Problem { pointer, fault });
        if !(1..=STARS_MAX).contains(&self.stars) {
            fault("/stars".to_owned(), Fault::Range { min: 1, max: i64::from(STARS_MAX) });
        }
        if self.tags.len() > TAGS_MAX {
            fault("/tags".to_owned(), Fault::Count { min: 0, max: TAGS_MAX });
        }
        for (index, code) in self.tags.iter().enumerate().take(TAGS_MAX) {
            let known = set.tags.iter().find(|tag| tag.code == *code);
            let fits = known.is_some_and(|tag| (tag.stars_from..=tag.stars_to).contains(&self.stars));
            if !fits {
                fault(format!("/tags/{index}"), Fault::Unknown);
            } else if self.tags[..index].contains(code) {
                fault(format!("/tags/{index}"), Fault::Twice);
            }
        }
        match self.nps {
            Some(_) if set.nps.is_none() => fault("/nps".to_owned(), Fault::Unexpected),
            Some(nps) if nps > NPS_MAX => {
                fault("/nps".to_owned(), Fault::Range { min: 0, max: i64::from(NPS_MAX) });
            }
            _ => {}
        }
        match &self.text {
            Some(_) if set.text.is_none() => fault("/text".to_owned(), Fault::Unexpected),
            Some(text) if !is_text(text) => {
                fault("/text".to_owned(), Fault::Text { chars_max: TEXT_LEN_MAX });
            }
            _ => {}
        }
        match &self.photo {
            Some(_) if !set.photo => fault("/photo".to_owned(), Fault::Unexpected),
            Some(photo) if !is_reference(photo) => {
                fault("/photo".to_owned(), Fault::Text { chars_max: PHOTO_LEN_MAX });
            }
            _ => {}
        }
        problems
    }
}

/// Whether a text may be written by a guest or to one: lines are separate, nothing else controls.
#[must_use]
pub fn is_text(text: &str) -> bool {
    let chars = text.chars().count();
    let controls = |c: char| c.is_control() && c != '\n';
    !text.trim().is_empty() && chars <= TEXT_LEN_MAX && !text.chars().any(controls)
}

/// A reference is a key of the chain's own file store, never an address that somebody would have to fetch.
fn is_reference(photo: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
    (1..=PHOTO_LEN_MAX).contains(&photo.len()) && photo.bytes().all(known) && !photo.contains("..")
}
