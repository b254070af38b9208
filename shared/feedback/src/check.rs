//! Whether rules make sense, before they are stored.

use std::collections::BTreeSet;

use kernel::Points;
use notation::Names;

use crate::fault::{Fault, Problem};
use crate::game::{Game, GameKind};
use crate::rules::{Compensation, FeedbackRules, QuestionSet, Route, Service, Times};
use crate::ticket::desk_of;

/// Characters of a code and of a text in one language.
pub const CODE_LEN_MAX: usize = 64;
/// Characters of a text in one language.
pub const NAME_LEN_MAX: usize = 200;
/// Types of outlets.
pub const SETS_MAX: usize = 20;
/// Outlets named by one set or route.
pub const OUTLETS_MAX: usize = 2_000;
/// Tags of one set.
pub const TAGS_MAX: usize = 30;
/// Routes.
pub const ROUTES_MAX: usize = 50;
/// Tags and keywords of one route.
pub const WORDS_MAX: usize = 100;
/// Prizes of a game.
pub const PRIZES_MAX: usize = 20;
/// The largest weight of a prize: the tickets of a draw fit 32 bits.
pub const WEIGHT_MAX: i64 = 100_000_000;
/// The longest streak.
pub const STREAK_MAX: i64 = 30;
/// Most points of one prize or compensation.
pub const POINTS_MAX: Points = Points::from_hundredths(10_000_000);
/// Most points of a budget.
pub const BUDGET_MAX: Points = Points::from_hundredths(100_000_000_000);
/// The longest of the times that are counted in minutes: thirty days.
pub const MINUTES_MAX: i64 = 30 * 24 * 60;
/// The longest of the times that are counted in hours: thirty days.
pub const HOURS_MAX: i64 = 30 * 24;
/// The longest of the times that are counted in days: a year.
pub const DAYS_MAX: i64 = 366;
/// How long points may be good: ten years.
pub const GOOD_DAYS_MAX: i64 = 3_660;

#[derive(Default)]
struct Found(Vec<Problem>);

impl Found {
    fn fault(&mut self, pointer: impl Into<String>, fault: Fault) {
        self.0.push(Problem { pointer: pointer.into(), fault });
    }

    fn range(&mut self, pointer: impl Into<String>, value: impl Into<i64>, min: i64, max: i64) {
        if !(min..=max).contains(&value.into()) {
            self.fault(pointer, Fault::Range { min, max });
        }
    }

    fn points(&mut self, pointer: impl Into<String>, value: Points, max: Points) {
        if value < Points::ZERO || value > max {
            self.fault(pointer, Fault::Range { min: 0, max: max.hundredths() / 100 });
        }
    }

    fn count(&mut self, pointer: impl Into<String>, count: usize, min: usize, max: usize) {
        if !(min..=max).contains(&count) {
            self.fault(pointer, Fault::Count { min, max });
        }
    }

    fn code(&mut self, pointer: impl Into<String>, code: &str) {
        let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.".contains(&byte);
        if !(1..=CODE_LEN_MAX).contains(&code.len()) || !code.bytes().all(known) {
            self.fault(pointer, Fault::Code);
        }
    }

    fn names(&mut self, pointer: &str, names: &Names) {
        for (lang, text) in [("ru", &names.ru), ("kk", &names.kk), ("en", &names.en)] {
            let chars = text.chars().count();
            if !(1..=NAME_LEN_MAX).contains(&chars) || text.chars().any(char::is_control) {
                self.fault(format!("{pointer}/{lang}"), Fault::Text { chars_max: NAME_LEN_MAX });
            }
        }
    }

    fn twice<'t>(&mut self, pointer: &str, field: &str, codes: impl Iterator<Item = &'t str>) {
        let mut seen = BTreeSet::new();
        for (index, code) in codes.enumerate() {
            if !seen.insert(code) {
                self.fault(format!("{pointer}/{index}{field}"), Fault::Twice);
            }
        }
    }
}

impl FeedbackRules {
    /// Everything that is wrong with the rules.
    #[must_use]
    pub fn check(&self) -> Vec<Problem> {
        let mut found = Found::default();
        found.range("/low_stars_max", self.low_stars_max, 1, 4);
        self.check_requests(&mut found);
        found.count("/question_sets", self.question_sets.len(), 1, SETS_MAX);
        found.twice(
            "/question_sets",
            "/outlet_type",
            self.question_sets.iter().map(|set| set.outlet_type.as_str()),
        );
        let mut named = BTreeSet::new();
        for (index, set) in self.question_sets.iter().enumerate() {
            check_set(&mut found, &format!("/question_sets/{index}"), set, index == 0);
            for (place, outlet) in set.outlets.iter().enumerate() {
                if !named.insert(outlet.as_str()) {
                    found.fault(format!("/question_sets/{index}/outlets/{place}"), Fault::Twice);
                }
            }
        }
        found.count("/routing", self.routing.len(), 0, ROUTES_MAX);
        for (index, route) in self.routing.iter().enumerate() {
            self.check_route(&mut found, &format!("/routing/{index}"), route);
        }
        check_service(&mut found, &self.service);
        check_compensation(&mut found, &self.compensation);
        if let Some(game) = &self.game {
            check_game(&mut found, game);
        }
        found.0
    }

    fn check_requests(&self, found: &mut Found) {
        let rules = &self.requests;
        found.range("/requests/sample_per_mille", rules.sample_per_mille, 0, 1_000);
        found.range("/requests/delay_minutes", rules.delay_minutes, 0, MINUTES_MAX);
        found.range("/requests/late_hours_max", rules.late_hours_max, 1, HOURS_MAX);
        found.range("/requests/valid_hours", rules.valid_hours, 1, HOURS_MAX);
        found.range("/requests/cap", rules.cap, 1, 100);
        found.range("/requests/cap_days", rules.cap_days, 1, DAYS_MAX);
        if let Some(quiet) = rules.quiet {
            found.range("/requests/quiet/from_hour", quiet.from_hour, 0, 23);
            found.range("/requests/quiet/until_hour", quiet.until_hour, 0, 23);
        }
        found.count("/requests/channels", rules.channels.len(), 0, 20);
        for (index, channel) in rules.channels.iter().enumerate() {
            found.code(format!("/requests/channels/{index}"), channel);
        }
    }

    fn check_route(&self, found: &mut Found, pointer: &str, route: &Route) {
        found.code(format!("{pointer}/topic"), &route.topic);
        if let Some(team) = &route.team {
            found.code(format!("{pointer}/team"), team);
        }
        let when = &route.when;
        found.count(format!("{pointer}/when/outlets"), when.outlets.len(), 0, OUTLETS_MAX);
        found.twice(&format!("{pointer}/when/outlets"), "", when.outlets.iter().map(String::as_str));
        if let Some(stars) = when.stars_max {
            found.range(format!("{pointer}/when/stars_max"), stars, 1, 5);
        }
        found.count(format!("{pointer}/when/tags"), when.tags.len(), 0, WORDS_MAX);
        for (index, code) in when.tags.iter().enumerate() {
            if !self.question_sets.iter().flat_map(|set| &set.tags).any(|tag| tag.code == *code) {
                found.fault(format!("{pointer}/when/tags/{index}"), Fault::Unknown);
            }
        }
        found.count(format!("{pointer}/when/keywords"), when.keywords.len(), 0, WORDS_MAX);
        for (index, word) in when.keywords.iter().enumerate() {
            let chars = word.chars().count();
            if !(1..=CODE_LEN_MAX).contains(&chars) || !word.chars().all(char::is_alphanumeric) {
                let fault = Fault::Text { chars_max: CODE_LEN_MAX };
                found.fault(format!("{pointer}/when/keywords/{index}"), fault);
            }
        }
        if let Some(repeats) = when.repeats {
            found.range(format!("{pointer}/when/repeats/answers"), repeats.answers, 2, 50);
            found.range(format!("{pointer}/when/repeats/days"), repeats.days, 1, DAYS_MAX);
        }
    }
}

fn check_set(found: &mut Found, pointer: &str, set: &QuestionSet, is_first: bool) {
    found.code(format!("{pointer}/outlet_type"), &set.outlet_type);
    if is_first && !set.outlets.is_empty() {
        found.fault(format!("{pointer}/outlets"), Fault::Unexpected);
    }
    if !is_first {
        found.count(format!("{pointer}/outlets"), set.outlets.len(), 1, OUTLETS_MAX);
    }
    found.names(&format!("{pointer}/stars"), &set.stars);
    for (field, names) in [("nps", &set.nps), ("text", &set.text)] {
        if let Some(names) = names {
            found.names(&format!("{pointer}/{field}"), names);
        }
    }
    found.count(format!("{pointer}/tags"), set.tags.len(), 0, TAGS_MAX);
    found.twice(&format!("{pointer}/tags"), "/code", set.tags.iter().map(|tag| tag.code.as_str()));
    for (index, tag) in set.tags.iter().enumerate() {
        let pointer = format!("{pointer}/tags/{index}");
        found.code(format!("{pointer}/code"), &tag.code);
        found.names(&format!("{pointer}/text"), &tag.text);
        found.range(format!("{pointer}/stars_from"), tag.stars_from, 1, 5);
        found.range(format!("{pointer}/stars_to"), tag.stars_to, i64::from(tag.stars_from), 5);
    }
}

fn check_service(found: &mut Found, service: &Service) {
    found.range("/service/reopen_days", service.reopen_days, 0, DAYS_MAX);
    for (name, times) in [("urgent", service.urgent), ("normal", service.normal)] {
        let Times { answer_minutes, close_minutes } = times;
        found.range(format!("/service/{name}/answer_minutes"), answer_minutes, 1, MINUTES_MAX);
        let close = format!("/service/{name}/close_minutes");
        found.range(close, close_minutes, i64::from(answer_minutes), MINUTES_MAX);
    }
}

fn check_compensation(found: &mut Found, rules: &Compensation) {
    found.points("/compensation/outlet_month", rules.outlet_month, BUDGET_MAX);
    found.points("/compensation/guest_month", rules.guest_month, BUDGET_MAX);
    found.range("/compensation/good_days", rules.good_days, 1, GOOD_DAYS_MAX);
    found.twice("/compensation/limits", "/role", rules.limits.iter().map(|limit| limit.role.as_str()));
    for (index, limit) in rules.limits.iter().enumerate() {
        let pointer = format!("/compensation/limits/{index}");
        if desk_of(&limit.role).is_none() {
            found.fault(format!("{pointer}/role"), Fault::Unknown);
        }
        found.points(format!("{pointer}/ticket"), limit.ticket, POINTS_MAX);
        found.points(format!("{pointer}/day"), limit.day, BUDGET_MAX);
    }
}

fn check_game(found: &mut Found, game: &Game) {
    found.points("/game/month_budget", game.month_budget, BUDGET_MAX);
    found.range("/game/plays", game.plays, 1, 100);
    found.range("/game/plays_days", game.plays_days, 1, DAYS_MAX);
    found.range("/game/good_days", game.good_days, 1, GOOD_DAYS_MAX);
    found.count("/game/prizes", game.prizes.len(), 1, PRIZES_MAX);
    found.twice("/game/prizes", "/code", game.prizes.iter().map(|prize| prize.code.as_str()));
    let weight_max = if game.kind == GameKind::Streak { STREAK_MAX } else { WEIGHT_MAX };
    let mut lengths = BTreeSet::new();
    for (index, prize) in game.prizes.iter().enumerate() {
        let pointer = format!("/game/prizes/{index}");
        found.code(format!("{pointer}/code"), &prize.code);
        found.names(&format!("{pointer}/name"), &prize.name);
        found.points(format!("{pointer}/points"), prize.points, POINTS_MAX);
        found.range(format!("{pointer}/weight"), prize.weight, 1, weight_max);
        if game.kind == GameKind::Streak && !lengths.insert(prize.weight) {
            found.fault(format!("{pointer}/weight"), Fault::Twice);
        }
    }
}
