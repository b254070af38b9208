//! What each operation does, row by row.

use crate::table::run;

#[test]
fn accruals_wait_until_they_are_due() {
    run("
        accrue A 50                  | 50 0 0   | A.available+50
        accrue B 30 from 3 until 9   | 50 0 30  | B.pending+30
        accrue C 0                   | 50 0 30
        accrue D -5                  | ! -5.00 is no amount of points to move
        accrue E 7 from 1            | 57 0 30  | E.available+7
        day 2                        | 57 0 30
        age                          | 57 0 30
        day 3                        | 57 0 30
        age                          | 87 0 0   | B.pending-30 B.available+30
        age                          | 87 0 0
    ");
}

#[test]
fn l6_spending_takes_the_earliest_expiry_first_and_never_expiring_last() {
    run("
        accrue N 10                  | 10 0 0
        accrue L 10 until 30         | 20 0 0
        accrue S 10 until 5          | 30 0 0
        accrue T 10 until 5          | 40 0 0
        hold 1 35                    | 5 35 0   | N.available-5 N.held+5 L.available-10 L.held+10 S.available-10 S.held+10 T.available-10 T.held+10
        hold 2 6                     | ! 6.00 points asked, 5.00 can be spent
        capture 1 21                 | 19 0 0   | L.held-1 S.held-10 T.held-10 N.available+5 N.held-5 L.available+9 L.held-9
    ");
}

#[test]
fn l6_of_two_lots_with_one_expiry_the_older_goes_first() {
    run("
        accrue S 10 until 5          | 10 0 0
        accrue T 10 until 5          | 20 0 0
        hold 1 12                    | 8 12 0   | S.available-10 S.held+10 T.available-2 T.held+2
        deduct 3                     | 5 12 0   | T.available-3
    ");
}

#[test]
fn l6_held_points_do_not_expire_until_they_are_released() {
    run("
        accrue A 50 until 4          | 50 0 0
        hold 1 20                    | 30 20 0
        hold 2 10                    | 20 30 0
        day 3                        |
        age                          | 20 30 0
        day 4                        |
        hold 3 1                     | ! 1.00 points asked, 0.00 can be spent
        age                          | 0 30 0   | A.available-20
        age                          | 0 30 0
        release 1                    | 20 10 0  | A.available+20 A.held-20
        hold 4 1                     | ! 1.00 points asked, 0.00 can be spent
        age                          | 0 10 0   | A.available-20
        capture 2 4                  | 6 0 0
        age                          | 0 0 0    | A.available-6
    ");
}

#[test]
fn l8_effective_time_decides_what_can_be_spent() {
    run("
        accrue A 50 until 4          | 50 0 0
        day 6                        |
        hold 1 20                    | ! 20.00 points asked, 0.00 can be spent
        hold 1 20 at 3               | 30 20 0
    ");
}

#[test]
fn pending_points_expire_too() {
    run("
        accrue A 50 from 9 until 4   | 0 0 50
        day 3                        |
        age                          | 0 0 50
        day 4                        |
        age                          | 0 0 0    | A.pending-50
        day 9                        |
        age                          | 0 0 0
    ");
}

#[test]
fn clawback_takes_its_own_pending_then_its_own_available_then_others_in_spend_order() {
    run("
        accrue P 10 from 9 receipt 1 | 0 0 10
        accrue O 10 receipt 1        | 10 0 10
        accrue X 10 until 20         | 20 0 10
        accrue Y 10 until 10         | 30 0 10
        accrue Q 10 from 9 receipt 2 | 30 0 20
        claw 4 receipt 1 within_balance              | 30 0 16 | P.pending-4
        claw 18 receipt 1 within_balance             | 18 0 10 | P.pending-6 O.available-10 Y.available-2
        claw 30 receipt 1 within_balance forgives 12 | 0 0 10  | X.available-10 Y.available-8
        claw 5 receipt 1 within_balance forgives 5   | 0 0 10
    ");
}

#[test]
fn l7_points_that_ran_out_unspent_are_not_taken_back_again() {
    run("
        accrue A 40 until 4 receipt 1 | 40 0 0
        accrue B 10                   | 50 0 0
        day 4                         |
        age                           | 10 0 0 | A.available-40
        claw 15 receipt 1 expired 40 unlimited      | 10 0 0
        claw 30 receipt 1 expired 25 unlimited      | 5 0 0  | B.available-5
        claw 30 receipt 1 unlimited                 | -25 0 0
        claw 9 receipt 1 expired 4 within_balance forgives 5 | -25 0 0
        claw 9 receipt 1 expired 4 only_pending forgives 5   | -25 0 0
    ");
}

#[test]
fn a_receipts_own_points_are_taken_before_those_that_ran_out_count() {
    run("
        accrue A 40 until 9 receipt 1 | 40 0 0
        claw 30 receipt 1 expired 10 unlimited | 10 0 0 | A.available-30
        claw 30 receipt 1 expired 10 only_pending forgives 20 | 10 0 0
    ");
}

#[test]
fn clawback_policies_differ_in_where_they_stop() {
    run("
        accrue A 10 from 9 receipt 1 | 0 0 10
        accrue B 10 receipt 1        | 10 0 10
        claw 15 receipt 1 only_pending forgives 5  | 10 0 0
        claw 15 receipt 1 within_balance forgives 5 | 0 0 0
        claw 15 receipt 1 unlimited  | -15 0 0
        claw 5 receipt 1 unlimited   | -20 0 0
        claw 5 receipt 1 within_balance forgives 5 | -20 0 0
        claw -1 receipt 1 unlimited  | ! -1.00 is no amount of points to move
    ");
}

#[test]
fn clawback_leaves_points_reinstated_for_its_receipt_to_the_spend_order() {
    run("
        accrue E 10 until 5          | 10 0 0
        reinstate R 10 receipt 1     | 20 0 0
        claw 4 receipt 1 within_balance | 16 0 0 | E.available-4
    ");
}

#[test]
fn l9_a_debt_is_repaid_before_anything_can_be_spent() {
    run("
        accrue A 10 from 5           | 0 0 10
        claw 45 receipt 1 unlimited  | -45 0 10
        accrue B 20                  | -25 0 10
        hold 1 1                     | ! 1.00 points asked, 0.00 can be spent
        deduct 1                     | ! 1.00 points asked, -25.00 can be spent
        day 5                        |
        age                          | -15 0 0 | A.pending-10
        open C 12                    | -3 0 0
        reinstate D 10 until 9       | 7 0 0   | D.available+7
        hold 1 7                     | 0 7 0
    ");
}

#[test]
fn l9_of_two_activations_the_one_due_first_repays() {
    run("
        accrue A 10 from 6           | 0 0 10
        accrue B 10 from 5           | 0 0 20
        claw 4 receipt 1 unlimited   | -4 0 20
        day 7                        |
        age                          | 16 0 0  | B.pending-10 B.available+6 A.pending-10 A.available+10
    ");
}

#[test]
fn l9_released_points_repay_a_debt_in_the_holds_order() {
    run("
        accrue A 10 until 5          | 10 0 0
        accrue B 10                  | 20 0 0
        hold 1 20                    | 0 20 0
        claw 14 receipt 1 unlimited  | -14 20 0
        capture 1 2                  | 4 0 0   | A.held-2 A.held-8 B.available+4 B.held-10
        hold 2 4                     | 0 4 0
    ");
}

#[test]
fn corrections_never_make_a_debt() {
    run("
        open A 10                    | 10 0 0  | A.available+10
        deduct 11                    | ! 11.00 points asked, 10.00 can be spent
        deduct 10                    | 0 0 0   | A.available-10
        deduct 0                     | ! 0.00 is no amount of points to move
        hold 1 0                     | ! 0.00 is no amount of points to move
    ");
}

#[test]
fn l5_a_hold_is_captured_in_part_or_whole_and_never_beyond() {
    run("
        accrue A 50                  | 50 0 0
        hold 1 30                    | 20 30 0
        capture 1 31                 | ! 31.00 points asked, 30.00 are held
        capture 1 -1                 | ! -1.00 is no amount of points to move
        capture 1 12                 | 38 0 0
        hold 2 38                    | 0 38 0
        capture 2 38                 | 0 0 0   | A.held-38
        open B 5                     | 5 0 0
        hold 3 5                     | 0 5 0
        capture 3 0                  | 5 0 0   | B.available+5 B.held-5
    ");
}
