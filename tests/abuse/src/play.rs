//! The events in the order of their times, judged by the product's code over states in memory.

use std::collections::{BTreeMap, HashMap, HashSet};

use fraud::feature::features;
use fraud::observe::{Link, observe};
use fraud::ring::components;
use fraud::state::Ring;
use fraud::subject::subjects;
use fraud::{Action, Event, Facts, Known, RuleSet, State, Subject, judge};
use kernel::MemberId;
use kernel::time::DAY_MS;

use crate::town::{START, Town};

/// What was done to whom.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The sternest action on each member.
    pub members: BTreeMap<u32, Action>,
    /// The sternest action on an event of each attack.
    pub attacks: BTreeMap<u32, Action>,
    /// Members by the rules that held where something was done.
    pub by_rule: BTreeMap<String, HashSet<u32>>,
    /// Events judged, and how often each action was taken.
    pub events: u64,
    pub actions: BTreeMap<Action, u64>,
}

struct Player<'a> {
    town: &'a Town,
    rules: &'a RuleSet,
    states: HashMap<Subject, State>,
    links: Vec<Link>,
    referrals: Vec<(MemberId, MemberId)>,
    outcome: Outcome,
}

/// Plays everything that happened in a town. Once a day accounts that belong together are looked for.
#[must_use]
pub fn play(town: &mut Town, rules: &RuleSet) -> Outcome {
    town.happenings.sort_by_key(|happening| happening.at);
    let mut player = Player {
        town,
        rules,
        states: HashMap::new(),
        links: Vec::new(),
        referrals: Vec::new(),
        outcome: Outcome::default(),
    };
    let mut day = 0;
    for happening in &player.town.happenings {
        let today = (happening.at.millis() - START.millis()).div_euclid(DAY_MS);
        if today > day {
            day = today;
            player.sweep(day);
        }
        let facts = happening.facts(&player.town.members);
        player.judge(&facts, happening.member, happening.attack);
    }
    player.sweep(day + 1);
    player.outcome
}

impl Player<'_> {
    fn judge(&mut self, facts: &Facts, member: Option<u32>, attack: Option<u32>) {
        let mut known = Known::default();
        for subject in subjects(facts) {
            let state = self.states.remove(&subject).unwrap_or_default();
            known.0.push((subject, state));
        }
        let observed = observe(facts, &mut known);
        let verdict = judge(self.rules, facts.event, &features(facts, &known, &observed));
        self.states.extend(known.0);
        self.links.extend(observed.links);
        if let (Some(referrer), Some(who)) = (facts.referrer, facts.who) {
            self.referrals.push((referrer, who.member));
        }
        self.outcome.events += 1;
        *self.outcome.actions.entry(verdict.action).or_default() += 1;
        if verdict.action == Action::Allow {
            return;
        }
        if let Some(attack) = attack {
            let worst = self.outcome.attacks.entry(attack).or_insert(Action::Allow);
            *worst = verdict.action.max(*worst);
        }
        let Some(member) = member.filter(|_| verdict.suspects_member(facts.event)) else { return };
        let worst = self.outcome.members.entry(member).or_insert(Action::Allow);
        *worst = verdict.action.max(*worst);
        for reason in &verdict.reasons {
            self.outcome.by_rule.entry(reason.rule.clone()).or_default().insert(member);
        }
    }

    fn sweep(&mut self, day: i64) {
        let found = components(&self.links, &self.referrals);
        for component in found {
            let ring =
                Ring { members: component.members.len() as i64, referrals: component.referrals as i64 };
            for member in component.members {
                let state = self.states.entry(Subject::Member(member)).or_default();
                if state.ring == Some(ring) {
                    continue;
                }
                state.ring = Some(ring);
                let index = (member.raw() - 1) as u32;
                let account = self.town.members[index as usize];
                let facts = Facts {
                    who: Some(fraud::facts::Who { member, joined_at: account.joined_at }),
                    ..Facts::new(Event::Sweep, START.plus_millis(day * DAY_MS))
                };
                self.judge(&facts, Some(index), account.attack);
            }
        }
    }
}
