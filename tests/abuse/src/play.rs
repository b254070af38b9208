//! The events in the order of their times, judged by the product's code over states in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use fraud::facts::Place;
use fraud::feature::{Feature, features};
use fraud::observe::{FRESH_HOURS, Link, observe};
use fraud::ring::components;
use fraud::state::Ring;
use fraud::subject::subjects;
use fraud::{Action, Event, Facts, Known, RuleSet, State, Subject, judge, told};
use kernel::time::{DAY_MS, HOUR_MS};
use kernel::{MemberId, OutletId};

use crate::town::{START, Town, who};

/// What was done to whom.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The sternest action on each member.
    pub members: BTreeMap<u32, Action>,
    /// The sternest action on an event of each attack.
    pub attacks: BTreeMap<u32, Action>,
    /// Members by the rules that held where something was done.
    pub by_rule: BTreeMap<String, HashSet<u32>>,
    /// The rules that held where a member was stopped from spending.
    pub stopped_by: BTreeMap<u32, Vec<String>>,
    /// Where no member is suspected: decisions by the rules that held, and how many of them are about an attack.
    pub of_nobody: BTreeMap<String, (usize, usize)>,
    /// The highest number of each feature at an event that is part of no attack.
    pub highest: BTreeMap<Feature, i64>,
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
    /// Points spent since the last look: member and outlet.
    spent: Vec<(u32, u16)>,
    /// Receipts of each member.
    bought: HashMap<u32, u32>,
    /// When an account was judged for its welcome.
    harvested: HashMap<u32, i64>,
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
        spent: Vec::new(),
        bought: HashMap::new(),
        harvested: HashMap::new(),
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
        if let Some(member) = happening.member {
            match happening.event {
                Event::Hold => player.spent.push((member, happening.outlet)),
                Event::Receipt => *player.bought.entry(member).or_default() += 1,
                _ => {}
            }
        }
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
        let found = features(facts, &known, &observed);
        for (feature, value) in found.0.iter().filter(|_| attack.is_none()) {
            let highest = self.outcome.highest.entry(*feature).or_default();
            *highest = (*highest).max(*value);
        }
        let verdict = judge(self.rules, facts.event, &found).apart(self.rules, facts);
        self.states.extend(known.0);
        self.links.extend(observed.links);
        if let (Some(referrer), Some(who)) = (facts.referrer, facts.who) {
            self.referrals.push((referrer, who.member));
        }
        self.outcome.events += 1;
        *self.outcome.actions.entry(verdict.sternest()).or_default() += 1;
        if verdict.sternest() == Action::Allow {
            return;
        }
        if let Some(attack) = attack {
            let worst = self.outcome.attacks.entry(attack).or_insert(Action::Allow);
            *worst = verdict.sternest().max(*worst);
        }
        let beside = verdict.place.iter().chain(verdict.nobody.iter().map(|(_, finding)| finding));
        for reason in beside.filter(|finding| finding.action > Action::Allow).flat_map(|found| &found.reasons)
        {
            let (all, rightly) = self.outcome.of_nobody.entry(reason.rule.clone()).or_default();
            *all += 1;
            *rightly += usize::from(attack.is_some());
        }
        if verdict.action == Action::Allow {
            return;
        }
        let Some(member) = member.filter(|_| verdict.suspects_member(facts.event)) else { return };
        let worst = self.outcome.members.entry(member).or_insert(Action::Allow);
        *worst = verdict.action.max(*worst);
        if verdict.action.stops_spending() {
            let rules = verdict.reasons.iter().map(|reason| reason.rule.clone());
            self.outcome.stopped_by.insert(member, rules.collect());
        }
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
                self.look(index, None, day);
            }
        }
        self.harvest(day);
    }

    /// Fresh accounts that spent after buying once at most, where another did so at the same outlet; each once a week.
    fn harvest(&mut self, day: i64) {
        let now = START.plus_millis(day * DAY_MS);
        let joined_after = now.plus_millis(-FRESH_HOURS * HOUR_MS);
        let mut at_outlet: BTreeMap<u16, BTreeSet<u32>> = BTreeMap::new();
        for (member, outlet) in std::mem::take(&mut self.spent) {
            let is_fresh = self.town.members[member as usize].joined_at > joined_after;
            if is_fresh && self.bought.get(&member).copied().unwrap_or(0) <= 1 {
                at_outlet.entry(outlet).or_default().insert(member);
            }
        }
        for (outlet, members) in at_outlet.into_iter().filter(|(_, members)| members.len() >= 2) {
            for member in members {
                if self.harvested.get(&member).is_none_or(|last| day - last >= 7) {
                    self.harvested.insert(member, day);
                    self.look(member, Some(outlet), day);
                }
            }
        }
    }

    /// The scheduled look at one account.
    fn look(&mut self, member: u32, outlet: Option<u16>, day: i64) {
        let at = START.plus_millis(day * DAY_MS);
        let place =
            outlet.map(|outlet| Place { outlet: OutletId::from_raw(i64::from(outlet) + 1), position: None });
        let facts = told::sweep(who(member, &self.town.members), place, at);
        self.judge(&facts, Some(member), self.town.members[member as usize].attack);
    }
}
