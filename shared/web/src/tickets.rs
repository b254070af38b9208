//! Tickets for replies. What staff see of a guest is `care::shown`'s to say; nothing else is copied here.

use api::wire::tickets::{
    DeskBody, OwnThreadLine, OwnTicketReply, ThreadLine, TicketReply, TicketRow, TicketTeamReply,
};
use care::guest::Own;
use care::shown::{hour_of, ticket_id};
use care::teams::{Shown, team_id};
use care::tickets::{Head, Line, Seen};
use feedback::ticket::{Desk, Outcome, State};
use kernel::{Timestamp, Zone};
use store::tickets::Ticket;

/// A ticket in a list of staff's.
#[must_use]
pub fn row(ticket: &Ticket, head: Head, now: Timestamp) -> TicketRow {
    let zone = zone_of(ticket);
    let hour = |at: Timestamp| hour_of(at).rfc3339_in(&zone);
    TicketRow {
        id: ticket_id(ticket.id),
        outlet: ticket.outlet_code.clone(),
        outlet_name: ticket.outlet_name.clone(),
        guest: head.guest,
        topic: ticket.topic.clone(),
        priority: ticket.priority.code().to_owned(),
        desk: ticket.desk.code().to_owned(),
        team: ticket.team.map(team_id),
        team_name: ticket.team_name.clone(),
        state: ticket.state.code().to_owned(),
        assignee: ticket.assignee.map(|staff| staff.to_string()),
        stars: ticket.stars,
        nps: ticket.nps,
        visited_on: ticket.visit_date.clone(),
        part_of_day: ticket.visit_part.clone(),
        opened_at: hour(ticket.opened_at),
        answer_due_at: hour(ticket.answer_due_at),
        close_due_at: hour(ticket.close_due_at),
        overdue: is_overdue(ticket, now),
        answered_at: ticket.first_answered_at.map(hour),
        closed_at: ticket.closed_at.map(hour),
        outcome: ticket.outcome.map(|outcome| outcome.code().to_owned()),
        changed_process: ticket.changed_process,
        lesson: head.lesson,
        reopened: ticket.reopened,
        compensated: ticket.compensated.to_string(),
        in_kind: ticket.in_kind,
    }
}

/// A ticket with its thread, for staff.
#[must_use]
pub fn reply(seen: Seen, now: Timestamp) -> TicketReply {
    let zone = seen.zone.clone();
    TicketReply {
        ticket: row(&seen.ticket, seen.head, now),
        text: seen.text,
        photo: seen.photo,
        tags: seen.tags,
        thread: seen.thread.into_iter().map(|line| thread_line(line, &zone)).collect(),
    }
}

/// A ticket for its guest.
#[must_use]
pub fn own(own: Own) -> OwnTicketReply {
    let zone = zone_of(&own.ticket);
    let lines = own.thread.into_iter().map(|Line { event, text }| OwnThreadLine {
        act: event.act.code().to_owned(),
        at: event.at.rfc3339_in(&zone),
        role: event.by_role,
        text,
        points: event.points.map(|points| points.to_string()),
    });
    let thread = lines.collect();
    let ticket = own.ticket;
    OwnTicketReply {
        id: ticket_id(ticket.id),
        outlet: ticket.outlet_code,
        outlet_name: ticket.outlet_name,
        state: ticket.state.code().to_owned(),
        visited_on: ticket.visit_date,
        opened_at: ticket.opened_at.rfc3339_in(&zone),
        closed_at: ticket.closed_at.map(|at| at.rfc3339_in(&zone)),
        outcome: ticket.outcome.map(|outcome| outcome.code().to_owned()),
        compensated: ticket.compensated.to_string(),
        thread,
    }
}

/// A team.
#[must_use]
pub fn team(shown: Shown) -> TicketTeamReply {
    let Shown { team, members, is_member } = shown;
    let (staff, roles) = members.map(|members| (members.staff, members.roles)).unzip();
    TicketTeamReply {
        id: team_id(team.id),
        brand: team.brand,
        code: team.code,
        franchisee: team.franchisee_code,
        name: team.name,
        desk: match team.desk {
            Desk::OutletManager => DeskBody::OutletManager,
            Desk::Franchisee => DeskBody::Franchisee,
            Desk::Support => DeskBody::Support,
        },
        active: team.is_active,
        mine: is_member,
        staff: staff.map(|staff| staff.iter().map(ToString::to_string).collect()),
        roles,
    }
}

fn thread_line(Line { event, text }: Line, zone: &Zone) -> ThreadLine {
    ThreadLine {
        act: event.act.code().to_owned(),
        at: hour_of(event.at).rfc3339_in(zone),
        by: event.by.map(|staff| staff.to_string()),
        role: event.by_role,
        assignee: event.assignee.map(|staff| staff.to_string()),
        team: event.team.map(team_id),
        team_name: event.team_name,
        text,
        points: event.points.map(|points| points.to_string()),
        outcome: event.outcome.map(Outcome::code).map(str::to_owned),
    }
}

fn is_overdue(ticket: &Ticket, now: Timestamp) -> bool {
    let unanswered = ticket.first_answered_at.is_none() && ticket.answer_due_at < now;
    ticket.state != State::Closed && (ticket.close_due_at < now || unanswered)
}

fn zone_of(ticket: &Ticket) -> Zone {
    ticket.zone.as_deref().and_then(|zone| Zone::parse(zone).ok()).unwrap_or(Zone::UTC)
}
