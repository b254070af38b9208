-- Every transaction writes whole pages to the log, and each index has a page of its own: what a receipt need not keep in
-- order is not kept in order.

-- Old subjects are found by going through all of them, a few at a time.
drop index fraud_subjects_by_time;
create table fraud_tidied (
    id integer primary key check (id = 1),
    subject text not null -- subjects up to this one have been looked at; empty: begin anew
) strict;

-- A receipt's entries are among its member's: entries_by_member.
drop index entries_by_receipt;
