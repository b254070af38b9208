//! Staff: who works where, with what role. Logins are given one by one, never by file.

use kernel::StaffId;
use membership::profile::DisplayName;
use membership::secrets::NONCE_LEN;
use membership::staff_auth::Role;
use store::Sql;
use store::staff::{self as people, StaffStatus};

use super::{Cells, Column, Importer, Line, Means, Order, Refused, Report, Seen, repeats, text};
use crate::Moment;
use crate::directory::CODE_LEN_MAX;
use crate::staff::{self, Details, Reach, Sealing};

pub(super) const COLUMNS: &[Column] = &[
    Column::required("code"),
    Column::required("name"),
    Column::required("role"),
    Column::optional("outlets"),
    Column::optional("franchisee"),
    Column::optional("status"),
];

pub(super) struct Staff<'a> {
    means: &'a Means<'a>,
    by: StaffId,
    codes: Seen,
}

pub(super) struct Row {
    code: String,
    details: Details,
    status: StaffStatus,
}

impl<'a> Staff<'a> {
    pub(super) fn new(order: &Order<'a>, means: &'a Means<'a>) -> Self {
        Self { means, by: order.by, codes: Seen::default() }
    }

    /// True when something was written.
    fn write(
        &self,
        tx: &dyn Sql,
        row: &Row,
        nonce: [u8; NONCE_LEN],
        report: &mut Report,
        moment: &mut Moment<'_>,
    ) -> Result<bool, staff::Refused> {
        let sealing = Sealing { vault: self.means.vault, nonce };
        let Some(known) = people::load_by_code(tx, &row.code)? else {
            let (created, _) = staff::create(tx, &row.code, &row.details, &sealing, moment)?;
            if row.status == StaffStatus::Left {
                let id = created.person.id;
                staff::change(tx, self.by, id, &row.details, row.status, &sealing, moment.now)?;
            }
            return Ok(true);
        };
        let before = staff::read(tx, known.id, self.means.vault)?;
        if before.is(&row.details) && before.person.status == row.status {
            return Ok(false);
        }
        let (_, keys) = staff::change(tx, self.by, known.id, &row.details, row.status, &sealing, moment.now)?;
        report.signed_out.extend(keys);
        Ok(true)
    }
}

impl Importer for Staff<'_> {
    type Row = Row;

    fn read(&mut self, cells: &mut Cells<'_>) -> Option<Row> {
        let code = cells.need("code", text(CODE_LEN_MAX));
        let name = cells.need("name", DisplayName::parse);
        let role = cells.need("role", Role::parse);
        let mut outlets: Vec<String> = cells
            .may("outlets", |list| {
                Ok::<_, String>(
                    list.split([' ', ',']).filter(|code| !code.is_empty()).map(str::to_owned).collect(),
                )
            })
            .unwrap_or_default();
        let usual = outlets.first().cloned();
        outlets.sort();
        let franchisee = cells.may("franchisee", text(CODE_LEN_MAX));
        let status = cells.may("status", |code| match code {
            "active" => Ok(StaffStatus::Active),
            "left" => Ok(StaffStatus::Left),
            _ => Err("use active or left"),
        });
        let reach = match (role, franchisee) {
            (Some(Role::Franchisee), Some(franchisee)) => Reach::Franchisee(franchisee),
            (Some(Role::Franchisee), None) => {
                cells.fault("franchisee", "a franchisee has a legal entity");
                return None;
            }
            (Some(Role::Barista | Role::OutletManager), _) if outlets.is_empty() => {
                cells.fault("outlets", "name the outlets, separated by spaces");
                return None;
            }
            (Some(Role::Barista | Role::OutletManager), _) => Reach::Outlets(outlets),
            _ => Reach::Everything,
        };
        let details = Details { name: name?, role: role?, outlet: usual, reach };
        Some(Row { code: code?, details, status: status.unwrap_or(StaffStatus::Active) })
    }

    fn apply(
        &mut self,
        tx: &dyn Sql,
        rows: Vec<(Line, Row)>,
        report: &mut Report,
        moment: &mut Moment<'_>,
    ) -> Result<(), Refused> {
        let nonces = self.means.nonces(rows.len());
        for ((line, row), nonce) in rows.into_iter().zip(nonces) {
            if let Some(earlier) = self.codes.before(row.code.as_bytes(), line.number) {
                report.refuse(&line, "code", repeats(earlier));
                continue;
            }
            match self.write(tx, &row, nonce, report, moment) {
                Ok(true) => report.applied += 1,
                Ok(false) => report.unchanged += 1,
                Err(staff::Refused::Store(error)) => return Err(error.into()),
                Err(staff::Refused::Vault(error)) => return Err(error.into()),
                Err(refused @ staff::Refused::UnknownOutlet(_)) => {
                    report.refuse(&line, "outlets", refused.to_string());
                }
                Err(refused @ staff::Refused::UnknownFranchisee(_)) => {
                    report.refuse(&line, "franchisee", refused.to_string());
                }
                Err(refused @ (staff::Refused::NotAStaffRole | staff::Refused::Grant(_))) => {
                    report.refuse(&line, "role", refused.to_string());
                }
                Err(refused) => report.refuse(&line, "code", refused.to_string()),
            }
        }
        Ok(())
    }
}
