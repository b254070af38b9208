-- Teams that tickets are handed to; what was given for a ticket instead of points; homes that people move.

create table ticket_teams (
    id integer primary key,
    brand text not null references brands (code),
    franchisee_id integer references franchisees (id), -- whose team it is; null: the chain's
    code text not null, -- what routes call it
    name text not null,
    desk text not null check (desk in ('outlet_manager', 'franchisee', 'support')), -- the lowest desk of its tickets
    active integer not null check (active in (0, 1)), -- whether it is given tickets
    changed_at integer not null
) strict;
-- A code is of one team of the chain's and of one of each franchisee's.
create unique index ticket_teams_by_code on ticket_teams (brand, code, coalesce(franchisee_id, 0));

-- Who is of a team: people by name, and everybody of a role. Either see no more than their desk and scope show them.
create table ticket_team_staff (
    team_id integer not null references ticket_teams (id),
    staff_id integer not null references staff (id),
    primary key (team_id, staff_id)
) strict, without rowid;
create table ticket_team_roles (
    team_id integer not null references ticket_teams (id),
    role text not null,
    primary key (team_id, role)
) strict, without rowid;

-- Append-only: what a team was made, and who made it so.
create table ticket_team_changes (
    id integer primary key,
    team_id integer not null references ticket_teams (id),
    name text not null,
    desk text not null,
    active integer not null,
    members text not null, -- ids of people and names of roles
    changed_by integer not null references staff (id),
    changed_at integer not null
) strict;
create index ticket_team_changes_by_team on ticket_team_changes (team_id, id);
create trigger ticket_teams_fixed before update of id, brand, franchisee_id, code on ticket_teams begin select raise(abort, 'tickets: a team keeps its code and its owner'); end;
create trigger ticket_teams_no_delete before delete on ticket_teams begin select raise(abort, 'tickets: teams are never deleted'); end;
create trigger ticket_team_changes_no_update before update on ticket_team_changes begin select raise(abort, 'tickets: changes of teams are append-only'); end;
create trigger ticket_team_changes_no_delete before delete on ticket_team_changes begin select raise(abort, 'tickets: changes of teams are append-only'); end;

-- The team that has a ticket; its assignee, where there is one, is of the team. A line `assigned` with a team and without an
-- assignee hands it over.
alter table tickets add column team_id integer references ticket_teams (id);
alter table ticket_events add column team_id integer references ticket_teams (id);
-- Something was given instead of points. Its words stand in the line that closed the ticket.
alter table tickets add column in_kind integer not null default 0 check (in_kind in (0, 1));

drop trigger ticket_events_fixed;
create trigger ticket_events_fixed before update of id, ticket_id, act, at, by_staff, assignee, points, outcome, team_id on ticket_events begin select raise(abort, 'tickets: a thread is append-only'); end;
drop trigger tickets_closed;
create trigger tickets_closed before update of state, desk, team_id, assignee, close_due_at, first_answered_at, closed_at, outcome, changed_process, reopened, compensated, in_kind, late on tickets when old.state = 'closed' and new.state = 'closed' begin select raise(abort, 'tickets: reopen it first'); end;
-- Reports count what was given: an outcome does not say it where nothing was.
create trigger tickets_compensated before update of outcome on tickets when new.outcome = 'compensated' and new.compensated = 0 and new.in_kind = 0 begin select raise(abort, 'tickets: nothing was given'); end;

-- A home that a person moved, and why; null where it followed its member.
alter table member_homes add column moved_by integer references staff (id);
alter table member_homes add column reason text; -- cleared when its member is erased
create index member_homes_by_staff on member_homes (moved_by, id) where moved_by is not null;
drop trigger member_homes_no_update;
create trigger member_homes_no_update before update of id, member_id, outlet_before, outlet_after, moved_on, moved_at, moved_by on member_homes begin select raise(abort, 'members: moves of homes are append-only'); end;
create trigger member_homes_words before update of reason on member_homes when new.reason is not null begin select raise(abort, 'members: words of a move are only ever cleared'); end;
create trigger member_homes_forget after update of status on members when new.status = 'erased'
begin
    update member_homes set reason = null where member_id = new.id and reason is not null;
end;

-- The day whose limits a staff discount is of: as a rule the till's; where that cannot be, the outlet's own. Null in rows of
-- before, which are of the till's.
alter table staff_card_uses add column counted_on text;
drop index staff_card_uses_by_day;
create index staff_card_uses_by_day on staff_card_uses (staff_id, coalesce(counted_on, business_date));
