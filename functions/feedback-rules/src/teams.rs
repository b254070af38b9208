//! Teams: make, change, list.

use api::problem as p;
use api::wire::tickets::{DeskBody, TicketTeamBody, TicketTeamPage};
use care::teams::{self, NAME_LEN_MAX, Wanted, parse_team_code, parse_team_id, team_id};
use club::Moment;
use feedback::team::STAFF_MAX;
use feedback::ticket::Desk;
use kernel::StaffId;
use membership::staff_auth::{Permission, Role};
use store::brands;
use store::tickets::teams::Members;
use store::transaction::transaction;
use web::fields::Fields;
use web::problem::Text;
use web::{Call, Problem, Reply, body, paging, tickets as replies};

/// Teams on a page unless `limit` says otherwise, and at most.
const PAGE_DEFAULT: i64 = 50;
const PAGE_MAX: i64 = 100;

pub fn list(call: &Call<'_>, brand: &str) -> Result<Reply, Problem> {
    let staff = call.staff(Permission::HandleTickets)?;
    let after = call.query("cursor", parse_team_id)?.unwrap_or(0);
    let limit = paging::limit::<PAGE_MAX>(call, PAGE_DEFAULT)?;
    if brands::load(call.sql, brand)?.is_none() {
        return Err(Problem::of(&p::NOT_FOUND));
    }
    // One more than asked for tells whether there is another page.
    let mut found = teams::list(call.sql, brand, (staff.id, &staff.grant), after, limit + 1)?;
    let more = paging::cut(&mut found, limit);
    let next_cursor = found.last().filter(|_| more).map(|last| team_id(last.team.id));
    Reply::json(200, &TicketTeamPage { items: found.into_iter().map(replies::team).collect(), next_cursor })
}

fn at_most(max: usize) -> Text {
    Text::Words([format!("не больше {max}"), format!("{max}-ден артық емес"), format!("at most {max}")])
}

pub fn put(call: &mut Call<'_>, brand: &str) -> Result<Reply, Problem> {
    let staff = call.staff(Permission::HandleTickets)?;
    let (by, grant) = (staff.id, staff.grant.clone());
    let code = call.parameter("code", parse_team_code)?;
    let body: TicketTeamBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    fields.length("/name", &body.name, NAME_LEN_MAX);
    if body.staff.len() > STAFF_MAX {
        fields.fault(&p::INVALID_FIELD, "/staff", at_most(STAFF_MAX));
    }
    if body.roles.len() > Role::ALL.len() {
        fields.fault(&p::INVALID_FIELD, "/roles", at_most(Role::ALL.len()));
    }
    let staff = body.staff.iter().take(STAFF_MAX).enumerate();
    let staff =
        staff.filter_map(|(index, text)| fields.read(&format!("/staff/{index}"), StaffId::parse(text)));
    let members = Members { staff: staff.collect(), roles: body.roles };
    fields.finish()?;
    let wanted = Wanted {
        brand,
        code: &code,
        franchisee: body.franchisee.as_deref(),
        name: &body.name,
        desk: match body.desk {
            DeskBody::OutletManager => Desk::OutletManager,
            DeskBody::Franchisee => Desk::Franchisee,
            DeskBody::Support => Desk::Support,
        },
        members: &members,
        is_active: body.active,
    };
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let shown = transaction(call.sql, |tx| teams::put(tx, &wanted, (by, &grant), &mut moment))?;
    Reply::json(200, &replies::team(shown))
}
