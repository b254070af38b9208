use super::*;

/// Columns as in `Role::ALL`: Guest, Till, Barista, Manager, Franchisee, marKeter, fInance, Support, Administrator.
const MATRIX: [(Permission, &str); 31] = [
    (Permission::PostReceipts, ".T......."),
    (Permission::HoldPoints, ".T......."),
    (Permission::ServeGuest, ".TBM....."),
    (Permission::ReadMember, ".......SA"),
    (Permission::EditMember, ".......SA"),
    (Permission::ImportData, "........A"),
    (Permission::ReadProgramme, "...MFKISA"),
    (Permission::ManageProgramme, ".....K..A"),
    (Permission::ManageTillKeys, "........A"),
    (Permission::ManageStaff, "........A"),
    (Permission::ReadReceipts, "...MF.ISA"),
    (Permission::ReadLedger, "....F.I.A"),
    (Permission::VerifyLedger, "......I.A"),
    (Permission::RunJobs, "........A"),
    (Permission::AdjustPoints, ".......SA"),
    (Permission::BlockCard, ".......SA"),
    (Permission::ReadOutlets, "GTBMFKISA"),
    (Permission::ManageOutlets, "........A"),
    (Permission::ManageOrders, "...MF..SA"),
    (Permission::ManageAcquirers, "......I.A"),
    (Permission::ReadFeedback, "...MFK.SA"),
    (Permission::HandleTickets, "...MF..SA"),
    (Permission::ReadGoals, "..BMFKI.A"),
    (Permission::ManageGoals, ".....KI.A"),
    (Permission::PayStaff, "......I.A"),
    (Permission::ExportAwards, "......I.A"),
    (Permission::ManageShifts, "...M....A"),
    (Permission::OwnStaffCard, "..BM.KISA"),
    (Permission::ReviewFraud, ".......SA"),
    (Permission::ManageFraudRules, "........A"),
    (Permission::ManageMessages, ".......SA"),
];

/// Prints the matrix (`cargo test -p membership matrix -- --nocapture`).
#[test]
fn matrix() {
    for (row, permission) in Permission::ALL.into_iter().enumerate() {
        let shown: String = Role::ALL
            .into_iter()
            .zip("GTBMFKISA".chars())
            .map(|(role, letter)| if role.may(permission) { letter } else { '.' })
            .collect();
        println!("{shown} {permission:?}");
        assert_eq!((permission, shown.as_str()), MATRIX[row]);
    }
}

#[test]
fn whoever_works_at_an_outlet_never_sees_the_guest_base() {
    for role in [Role::Till, Role::Barista, Role::OutletManager, Role::Franchisee] {
        for permission in [Permission::ReadMember, Permission::EditMember, Permission::ImportData] {
            assert!(!role.may(permission), "{role:?} {permission:?}");
        }
    }
}

#[test]
fn scopes_go_with_roles() {
    let outlets = |ids: std::ops::Range<i64>| Scope::Outlets(ids.map(OutletId::from_raw).collect());
    let franchisee = || Scope::Franchisee(FranchiseeId::from_raw(7));
    for role in Role::ALL {
        let allowed =
            [Scope::Everything, franchisee(), outlets(1..3)].map(|scope| Grant::new(role, scope).is_ok());
        let expected = match role {
            Role::Till | Role::Barista | Role::OutletManager => [false, false, true],
            Role::Franchisee => [false, true, false],
            _ => [true, false, false],
        };
        assert_eq!(allowed, expected, "{role:?}");
        assert_eq!(Role::parse(role.code()), Ok(role));
    }
    assert_eq!(Grant::new(Role::Barista, outlets(0..0)), Err(GrantError::Outlets));
    assert!(Grant::new(Role::Barista, outlets(0..100)).is_ok());
    assert_eq!(Grant::new(Role::Barista, outlets(0..101)), Err(GrantError::Outlets));
}

#[test]
fn grants_hold_only_in_their_scope() {
    let at = |grant: &Grant, outlet, owner| {
        grant.may_at(Permission::ReadReceipts, OutletId::from_raw(outlet), FranchiseeId::from_raw(owner))
    };
    let outlets = Scope::Outlets([OutletId::from_raw(1)].into());
    let manager = Grant::new(Role::OutletManager, outlets.clone()).expect("lawful");
    assert!(at(&manager, 1, 7) && !at(&manager, 2, 7));
    let owner = Grant::new(Role::Franchisee, Scope::Franchisee(FranchiseeId::from_raw(7))).expect("lawful");
    assert!(at(&owner, 2, 7) && !at(&owner, 2, 8));
    let finance = Grant::new(Role::Finance, Scope::Everything).expect("lawful");
    assert!(at(&finance, 2, 8));
    let barista = Grant::new(Role::Barista, outlets).expect("lawful");
    assert!(!at(&barista, 1, 7), "a scope gives no permission");
}
