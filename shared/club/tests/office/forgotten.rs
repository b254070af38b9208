//! What fraud rules counted of somebody is forgotten when it is old, whoever it is.

use kernel::Timestamp;
use store::fraud::inline::tidy;
use store::transaction::transaction;

use crate::fraud::chain;

const NOW: i64 = 1_000;

#[test]
fn old_counts_go_wherever_they_stand_and_fresh_ones_stay() {
    let (chain, _) = chain();
    let connection = chain.sql.connection();
    connection.execute_batch("delete from fraud_subjects").expect("emptied");
    let keep = |subject: &str, changed_at: i64| {
        let insert = "insert into fraud_subjects (subject, state, changed_at) values (?1, '{}', ?2)";
        connection.execute(insert, (subject, changed_at)).expect("inserted");
    };
    for (subject, age) in [("d:1", 0), ("m:1", 1), ("m:2", 0), ("o:1", 1), ("s:a", 1), ("x:7", 0), ("x:8", 1)]
    {
        keep(subject, NOW - age);
    }
    let pass = |limit: i64| {
        transaction(&chain.sql, |tx| tidy(tx, Timestamp::from_millis(NOW), limit)).expect("tidied")
    };
    let left = || chain.number("select count(*) from fraud_subjects");
    assert!(pass(3));
    assert_eq!(left(), 6, "only m:1 of the first three is old");
    assert!(pass(3) && pass(3));
    assert_eq!(left(), 3);
    assert!(!pass(3), "there are no more");
    // It begins anew, and finds what has become old since.
    keep("a:1", NOW - 1);
    assert!(pass(1));
    assert_eq!(left(), 3);
}
