//! Teams: named groups to which tickets are handed, such as `quality` or `deliveries`, of the chain or of a franchisee.
//!
//! A team is no way around a desk: whoever does not see a ticket does not see it by being of the team that has it. A team
//! may have a desk of its own, which lifts the tickets that it is given out of the sight of those below, and lowers none.

use kernel::FranchiseeId;

use crate::ticket::{Desk, desk_of};

/// People of a team who are named one by one.
pub const STAFF_MAX: usize = 100;
/// Teams of one owner: of a brand's chain, or of one franchisee in the brand.
pub const TEAMS_MAX: i64 = 50;

/// Whose a team is, and what it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// `None`: the chain's.
    pub franchisee: Option<FranchiseeId>,
    /// The lowest desk at which its tickets are.
    pub desk: Desk,
    /// Whether it is given anything any more.
    pub is_active: bool,
}

impl Reach {
    /// Whether the team takes tickets about an outlet of `owner`; `None`: about no outlet. Both are of one brand.
    #[must_use]
    pub fn takes(&self, owner: Option<FranchiseeId>) -> bool {
        self.is_active && self.franchisee.is_none_or(|own| owner == Some(own))
    }

    /// The desk at which a ticket is that the team is given.
    #[must_use]
    pub fn desk_of_given(&self, ticket: Desk) -> Desk {
        ticket.max(self.desk)
    }

    /// Whether people of a role can be of the team: they see its tickets, and a franchisee's team is of the franchisee's
    /// own people.
    #[must_use]
    pub fn fits(&self, role: &str) -> bool {
        let own = match self.franchisee {
            Some(_) => desk_of(role).filter(|desk| *desk < Desk::Support),
            None => desk_of(role),
        };
        own.is_some_and(|desk| desk >= self.desk)
    }
}

/// Of the teams of one code those that take a ticket, in the order in which they are tried: the owner's own, the chain's.
#[must_use]
pub fn in_turn(teams: &[Reach], owner: Option<FranchiseeId>) -> Vec<usize> {
    let takes = |own: bool| {
        (0..teams.len()).filter(move |&place| {
            let team = &teams[place];
            team.franchisee.is_some() == own && team.takes(owner)
        })
    };
    takes(true).chain(takes(false)).collect()
}

/// The desk that a route's ticket has before anybody is given it: no lower than that of the chain's team of the code. What
/// the chain lifts stays lifted where a franchisee has a team of that code too, where the chain's is given nothing any more,
/// and where nobody of it is left.
#[must_use]
pub fn lifted(teams: &[Reach], route: Desk) -> Desk {
    let chains = teams.iter().filter(|team| team.franchisee.is_none());
    chains.fold(route, |desk, team| team.desk_of_given(desk))
}

/// Who makes teams and changes them: of the chain, those who have the whole chain; of a franchisee, they themselves too.
#[must_use]
pub fn may_change(desk: Desk, owns: Option<FranchiseeId>, franchisee: Option<FranchiseeId>) -> bool {
    desk == Desk::Support || (desk == Desk::Franchisee && franchisee.is_some() && owns == franchisee)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Option<FranchiseeId> = Some(FranchiseeId::from_raw(1));
    const TWO: Option<FranchiseeId> = Some(FranchiseeId::from_raw(2));

    const fn team(franchisee: Option<FranchiseeId>, desk: Desk) -> Reach {
        Reach { franchisee, desk, is_active: true }
    }

    #[test]
    fn the_owners_team_goes_before_the_chains() {
        let (chain, one) = (team(None, Desk::OutletManager), team(ONE, Desk::OutletManager));
        let gone = Reach { is_active: false, ..one };
        let rows: [(&[Reach], Option<FranchiseeId>, &[usize]); 8] = [
            (&[], ONE, &[]),
            (&[chain, one], ONE, &[1, 0]),
            (&[one, chain], ONE, &[0, 1]),
            (&[chain, one], TWO, &[0]),
            (&[one], TWO, &[]),
            (&[chain, gone], ONE, &[0]),
            (&[one], None, &[]),
            (&[one, chain], None, &[1]),
        ];
        for (teams, owner, found) in rows {
            assert_eq!(in_turn(teams, owner), found, "{teams:?} {owner:?}");
        }
    }

    #[test]
    fn a_team_lifts_tickets_and_lowers_none() {
        for desk in Desk::ALL {
            for ticket in Desk::ALL {
                let given = team(None, *desk).desk_of_given(*ticket);
                assert!(given >= *ticket && given >= *desk && (given == *ticket || given == *desk));
            }
        }
    }

    #[test]
    fn only_the_chain_lifts_what_nobody_is_given_yet() {
        let (low, high) = (team(None, Desk::OutletManager), team(None, Desk::Support));
        let own = team(ONE, Desk::Franchisee);
        let rows: [(&[Reach], Desk, Desk); 6] = [
            (&[], Desk::Franchisee, Desk::Franchisee),
            (&[own], Desk::OutletManager, Desk::OutletManager),
            (&[high, own], Desk::OutletManager, Desk::Support),
            (&[own, high], Desk::OutletManager, Desk::Support),
            (&[Reach { is_active: false, ..high }], Desk::OutletManager, Desk::Support),
            (&[low], Desk::Franchisee, Desk::Franchisee),
        ];
        for (teams, route, desk) in rows {
            assert_eq!(lifted(teams, route), desk, "{teams:?} {route:?}");
        }
    }

    #[test]
    fn members_see_what_they_are_given_and_a_franchisees_are_their_own() {
        let rows = [
            (
                team(None, Desk::OutletManager),
                ["outlet_manager", "franchisee", "support", "administrator"].as_slice(),
            ),
            (team(None, Desk::Franchisee), &["franchisee", "support", "administrator"]),
            (team(None, Desk::Support), &["support", "administrator"]),
            (team(ONE, Desk::OutletManager), &["outlet_manager", "franchisee"]),
            (team(ONE, Desk::Franchisee), &["franchisee"]),
            (team(ONE, Desk::Support), &[]),
        ];
        let roles = [
            "guest",
            "till",
            "barista",
            "marketer",
            "finance",
            "outlet_manager",
            "franchisee",
            "support",
            "administrator",
        ];
        for (team, fit) in rows {
            for role in roles {
                assert_eq!(team.fits(role), fit.contains(&role), "{team:?} {role}");
            }
        }
    }

    #[test]
    fn nobody_changes_anothers_teams() {
        assert!(may_change(Desk::Support, None, None) && may_change(Desk::Support, None, ONE));
        assert!(may_change(Desk::Franchisee, ONE, ONE) && !may_change(Desk::Franchisee, ONE, TWO));
        assert!(!may_change(Desk::Franchisee, ONE, None), "the chain's");
        assert!(!may_change(Desk::OutletManager, None, ONE) && !may_change(Desk::OutletManager, None, None));
    }
}
