//! Roles, what each may do, and where.

use std::collections::BTreeSet;

use kernel::{FranchiseeId, OutletId, ParseError};

/// Most outlets that one grant names; who needs more has a franchisee's scope or the whole chain's.
pub const SCOPE_OUTLETS_MAX: usize = 100;

/// What a caller is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// A member, on their own data only.
    Guest,
    /// A till, by its API key.
    Till,
    /// Serves guests at an outlet.
    Barista,
    /// Runs outlets.
    OutletManager,
    /// Owns outlets.
    Franchisee,
    /// Plans the programme.
    Marketer,
    /// Answers for the money.
    Finance,
    /// Answers guests.
    Support,
    /// Runs the service.
    Administrator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 9] = [
        Self::Guest,
        Self::Till,
        Self::Barista,
        Self::OutletManager,
        Self::Franchisee,
        Self::Marketer,
        Self::Finance,
        Self::Support,
        Self::Administrator,
    ];

    /// The name in JSON and in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Till => "till",
            Self::Barista => "barista",
            Self::OutletManager => "outlet_manager",
            Self::Franchisee => "franchisee",
            Self::Marketer => "marketer",
            Self::Finance => "finance",
            Self::Support => "support",
            Self::Administrator => "administrator",
        }
    }

    /// Reads the name.
    ///
    /// # Errors
    /// When there is no such role.
    pub fn parse(code: &str) -> Result<Self, ParseError> {
        Self::ALL.into_iter().find(|role| role.code() == code).ok_or(ParseError("unknown role"))
    }

    /// Whether a person signs in with this role, by password and second factor.
    #[must_use]
    pub const fn is_staff(self) -> bool {
        !matches!(self, Self::Guest | Self::Till)
    }

    /// Whether the role has the permission, somewhere. [`Grant`] says where.
    #[must_use]
    pub fn may(self, permission: Permission) -> bool {
        let permissions = match self {
            Self::Guest => GUEST,
            Self::Till => TILL,
            Self::Barista => BARISTA,
            Self::OutletManager => OUTLET_MANAGER,
            Self::Franchisee => FRANCHISEE,
            Self::Marketer => MARKETER,
            Self::Finance => FINANCE,
            Self::Support => SUPPORT,
            // Sales come from tills alone, also for whoever runs the service.
            Self::Administrator => return !TILLS_OWN.contains(&permission),
        };
        permissions.contains(&permission)
    }
}

const GUEST: &[Permission] = &[Permission::ReadOutlets];
const TILL: &[Permission] =
    &[Permission::PostReceipts, Permission::HoldPoints, Permission::ServeGuest, Permission::ReadOutlets];
const BARISTA: &[Permission] =
    &[Permission::ServeGuest, Permission::ReadOutlets, Permission::ReadGoals, Permission::OwnStaffCard];
const OUTLET_MANAGER: &[Permission] = &[
    Permission::ServeGuest,
    Permission::ReadReceipts,
    Permission::ReadProgramme,
    Permission::ReadOutlets,
    Permission::ManageOrders,
    Permission::ReadFeedback,
    Permission::HandleTickets,
    Permission::ReadGoals,
    Permission::OwnStaffCard,
    Permission::ManageShifts,
];
const FRANCHISEE: &[Permission] = &[
    Permission::ReadReceipts,
    Permission::ReadLedger,
    Permission::ReadProgramme,
    Permission::ReadOutlets,
    Permission::ManageOrders,
    Permission::ReadFeedback,
    Permission::HandleTickets,
    Permission::ReadGoals,
];
const MARKETER: &[Permission] = &[
    Permission::ReadProgramme,
    Permission::ManageProgramme,
    Permission::ReadOutlets,
    Permission::ReadFeedback,
    Permission::ReadGoals,
    Permission::ManageGoals,
    Permission::OwnStaffCard,
];
const FINANCE: &[Permission] = &[
    Permission::ReadReceipts,
    Permission::ReadLedger,
    Permission::VerifyLedger,
    Permission::ReadProgramme,
    Permission::ReadOutlets,
    Permission::ManageAcquirers,
    Permission::ReadGoals,
    Permission::ManageGoals,
    Permission::PayStaff,
    Permission::ExportAwards,
    Permission::OwnStaffCard,
];
const SUPPORT: &[Permission] = &[
    Permission::ReadMember,
    Permission::EditMember,
    Permission::BlockCard,
    Permission::AdjustPoints,
    Permission::ReadReceipts,
    Permission::ReadProgramme,
    Permission::ReadOutlets,
    Permission::ManageOrders,
    Permission::ReadFeedback,
    Permission::HandleTickets,
    Permission::OwnStaffCard,
    Permission::ReviewFraud,
    Permission::ManageMessages,
];
/// What only a till does, at its own outlet.
const TILLS_OWN: &[Permission] = &[Permission::PostReceipts, Permission::HoldPoints, Permission::ServeGuest];

/// What can be done. Guests need none for their own data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Permission {
    /// Record sales and returns.
    PostReceipts,
    /// Hold, capture and release a guest's points.
    HoldPoints,
    /// See name, tier and balance of the one guest whose card or code is shown.
    ServeGuest,
    /// Search and read the guest base.
    ReadMember,
    /// Change a member's data, erase it, export it on their request.
    EditMember,
    /// Load members, cards, balances, outlets, staff and products from files.
    ImportData,
    /// Read the programme's rules.
    ReadProgramme,
    /// Make a new version of the programme's rules.
    ManageProgramme,
    /// Create and revoke tills' API keys.
    ManageTillKeys,
    /// Create, change and lock staff.
    ManageStaff,
    /// Read receipts.
    ReadReceipts,
    /// Read ledger entries.
    ReadLedger,
    /// Re-derive balances from postings.
    VerifyLedger,
    /// Start scheduled jobs by hand.
    RunJobs,
    /// Give or take points outside a receipt.
    AdjustPoints,
    /// Block and replace a card.
    BlockCard,
    /// Read the directory of outlets.
    ReadOutlets,
    /// Change the directory of outlets.
    ManageOutlets,
    /// See, cancel, refund and settle guests' orders.
    ManageOrders,
    /// Say who takes money for a franchisee.
    ManageAcquirers,
    /// Read what guests' answers come to.
    ReadFeedback,
    /// Read, answer, compensate and close guests' tickets.
    HandleTickets,
    /// See one's own progress towards goals, one's outlets', and leaderboards.
    ReadGoals,
    /// Make goals and their versions, groups of outlets and plans.
    ManageGoals,
    /// Make goals that pay money; say what staff's discount cards give.
    PayStaff,
    /// Take awards in money to payroll.
    ExportAwards,
    /// Open, close and bring in shifts.
    ManageShifts,
    /// Have a discount card of one's own.
    OwnStaffCard,
    /// Look at suspicious accounts, uphold or overturn what was done to them, block them.
    ReviewFraud,
    /// Make a new version of the rules of fraud control, try rules on the past.
    ManageFraudRules,
    /// See messages that failed, send them again, read what guests read.
    ManageMessages,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 31] = [
        Self::PostReceipts,
        Self::HoldPoints,
        Self::ServeGuest,
        Self::ReadMember,
        Self::EditMember,
        Self::ImportData,
        Self::ReadProgramme,
        Self::ManageProgramme,
        Self::ManageTillKeys,
        Self::ManageStaff,
        Self::ReadReceipts,
        Self::ReadLedger,
        Self::VerifyLedger,
        Self::RunJobs,
        Self::AdjustPoints,
        Self::BlockCard,
        Self::ReadOutlets,
        Self::ManageOutlets,
        Self::ManageOrders,
        Self::ManageAcquirers,
        Self::ReadFeedback,
        Self::HandleTickets,
        Self::ReadGoals,
        Self::ManageGoals,
        Self::PayStaff,
        Self::ExportAwards,
        Self::ManageShifts,
        Self::OwnStaffCard,
        Self::ReviewFraud,
        Self::ManageFraudRules,
        Self::ManageMessages,
    ];
}

/// Where a grant holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The whole chain.
    Everything,
    /// The outlets of one franchisee, present and future.
    Franchisee(FranchiseeId),
    /// These outlets: 1 to [`SCOPE_OUTLETS_MAX`].
    Outlets(BTreeSet<OutletId>),
}

/// A role, and where it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    role: Role,
    scope: Scope,
}

/// Why a role cannot be given with a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// A role for outlets or a franchisee was given elsewhere.
    #[error("the role does not go with this scope")]
    Scope,
    /// No outlet, or too many.
    #[error("name 1 to 100 outlets")]
    Outlets,
}

impl Grant {
    /// Checks that role and scope go together: tills, baristas and managers have outlets, a franchisee has their own
    /// legal entity, everybody else the chain.
    ///
    /// # Errors
    /// When they do not.
    pub fn new(role: Role, scope: Scope) -> Result<Self, GrantError> {
        let fits = match (&scope, role) {
            (Scope::Outlets(outlets), Role::Till | Role::Barista | Role::OutletManager) => {
                if !(1..=SCOPE_OUTLETS_MAX).contains(&outlets.len()) {
                    return Err(GrantError::Outlets);
                }
                true
            }
            (Scope::Franchisee(_), Role::Franchisee) => true,
            (
                Scope::Everything,
                Role::Guest | Role::Marketer | Role::Finance | Role::Support | Role::Administrator,
            ) => true,
            _ => false,
        };
        if fits { Ok(Self { role, scope }) } else { Err(GrantError::Scope) }
    }

    /// The role.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Where it holds: queries narrow their rows by it.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Whether the permission is given anywhere; what it then shows is narrowed by [`Grant::scope`].
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.role.may(permission)
    }

    /// Whether the permission is given at this outlet, which `owner` owns.
    #[must_use]
    pub fn may_at(&self, permission: Permission, outlet: OutletId, owner: FranchiseeId) -> bool {
        self.may(permission)
            && match &self.scope {
                Scope::Everything => true,
                Scope::Franchisee(franchisee) => *franchisee == owner,
                Scope::Outlets(outlets) => outlets.contains(&outlet),
            }
    }
}

#[cfg(test)]
mod tests;
