//! What many answers are worth, with 95 % confidence intervals, in whole numbers.
//!
//! A mean of stars is a share: (stars − 1) / 4 lies between 0 and 1. Its interval is Wilson's (1927), which is for yes and
//! no; among all variables between 0 and 1 with one mean those have the greatest variance, so the interval is never too
//! narrow, and it does not collapse for three times five stars. Lists are in the order of its lower end (F4).
//!
//! A net promoter score is a difference of two shares of one sample. Its interval is that of Agresti and Min (2005): the
//! usual one after adding half an answer to each of four cells, that is half a promoter, half a detractor and one passive.

/// Fixed point: millionths.
const ONE: i128 = 1_000_000;
/// The 97.5 % quantile of the normal distribution, and its square, in millionths.
const Z: i128 = 1_959_964;
const Z_SQUARED: i128 = 3_841_459;

/// A mean of stars in hundredths: 480 is 4.80.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rating {
    pub answers: u64,
    pub mean: u32,
    /// Ends of the interval; lists are ordered by the lower one.
    pub low: u32,
    pub high: u32,
}

/// A net promoter score in tenths: 425 is 42.5, from −1000 to 1000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nps {
    pub answers: u64,
    pub score: i32,
    pub low: i32,
    pub high: i32,
}

/// The rating of `answers` answers with `stars` stars together; `None` without answers.
#[must_use]
pub fn rating(answers: u64, stars: u64) -> Option<Rating> {
    if answers == 0 {
        return None;
    }
    let n = i128::from(answers);
    // Steps above one star, of 4 n that there could be.
    let steps = (i128::from(stars) - n).clamp(0, 4 * n);
    let share = |low_or_high: i128| {
        // (x/4 + z²/2 ± z √(x (4n − x) / 16n + z²/4)) / (n + z²)
        let inner = steps * (4 * n - steps) * ONE / (16 * n) + Z_SQUARED / 4;
        let term = Z * (inner * ONE).isqrt() / ONE;
        (steps * ONE / 4 + Z_SQUARED / 2 + low_or_high * term) * ONE / (n * ONE + Z_SQUARED)
    };
    let stars_of = |share: i128| hundredths(ONE + 4 * share.clamp(0, ONE));
    let mean = hundredths(ONE + steps * ONE / n);
    Some(Rating { answers, mean, low: stars_of(share(-1)).min(mean), high: stars_of(share(1)).max(mean) })
}

/// The net promoter score of so many promoters, passives and detractors; `None` without answers.
#[must_use]
pub fn nps(promoters: u64, passives: u64, detractors: u64) -> Option<Nps> {
    let answers = promoters + passives + detractors;
    if answers == 0 {
        return None;
    }
    let (n, p, d) = (i128::from(answers), i128::from(promoters), i128::from(detractors));
    // Twice everything, so that halves are whole.
    let (p2, d2, n2) = (2 * p + 1, 2 * d + 1, 2 * n + 4);
    let (both, difference) = ((p2 + d2) * ONE / n2, (p2 - d2) * ONE / n2);
    let variance = (both * ONE - difference * difference).max(0) / (n + 2);
    let half = Z * variance.isqrt() / ONE;
    let score = tenths((p - d) * ONE / n);
    Some(Nps {
        answers,
        score,
        low: tenths(difference - half).clamp(-1_000, score),
        high: tenths(difference + half).clamp(score, 1_000),
    })
}

/// A share of a whole in tenths of a percent; `None` of nothing.
#[must_use]
pub fn per_mille(part: u64, whole: u64) -> Option<u32> {
    let share = (u128::from(part) * 1_000 + u128::from(whole) / 2).checked_div(u128::from(whole))?;
    u32::try_from(share).ok()
}

/// Millionths as hundredths, to the nearest.
fn hundredths(millionths: i128) -> u32 {
    u32::try_from((millionths + 5_000) / 10_000).unwrap_or(0)
}

/// Millionths of a share as tenths of a percent, to the nearest.
fn tenths(millionths: i128) -> i32 {
    i32::try_from((millionths + 500).div_euclid(1_000)).unwrap_or(0)
}
