-- Fraud control, third part: cases about nobody who is known, the device of a session and of an order, where appeals are made.

-- Dropping the table looks for what refers to each of its rows: without these it reads two whole tables for every case.
create index fraud_leavers_by_case on fraud_leavers (case_id) where case_id is not null;
create index fraud_appeals_by_case on fraud_appeals (case_id);

-- What is about a device, a block of numbers or a phone that codes are tried out on has a case as well. The table is made
-- anew, because a check cannot be changed; rows elsewhere that refer to it find theirs again before the commit.
pragma defer_foreign_keys = on;
create table fraud_cases_before as select * from fraud_cases;
drop table fraud_cases;
create table fraud_cases (
    id integer primary key,
    brand text not null references brands (code),
    member_id integer references members (id),
    outlet_id integer references outlets (id), -- of the first decision
    subject text, -- fraud::Subject, where neither is known: device 'd:…', network 'w:…', block 'x:<digits>', phone 'n:…'
    status text not null check (status in ('open', 'upheld', 'overturned')),
    score integer not null, -- the highest of its decisions
    action text not null, -- the sternest that was taken
    opened_at integer not null,
    changed_at integer not null,
    decided_at integer,
    decided_by integer references staff (id),
    note text, -- why it was decided so
    stopped_at integer, -- since when it has stopped spending, the first time
    until_at integer, -- where no member is known: how long the ruling holds, trust as well
    check ((status = 'open') = (decided_at is null)),
    check (member_id is not null or outlet_id is not null or subject is not null),
    check (subject is null or (member_id is null and outlet_id is null))
) strict;
insert into fraud_cases (id, brand, member_id, outlet_id, status, score, action, opened_at, changed_at, decided_at,
    decided_by, note, stopped_at)
select id, brand, member_id, outlet_id, status, score, action, opened_at, changed_at, decided_at, decided_by, note, stopped_at
from fraud_cases_before;
drop table fraud_cases_before;
create unique index fraud_cases_open_member on fraud_cases (member_id) where status = 'open' and member_id is not null;
create unique index fraud_cases_open_outlet on fraud_cases (outlet_id) where status = 'open' and member_id is null;
create unique index fraud_cases_open_subject on fraud_cases (brand, subject) where status = 'open' and subject is not null;
create index fraud_cases_queue on fraud_cases (status, score, id);
create index fraud_cases_by_member on fraud_cases (member_id, id) where member_id is not null;
create index fraud_cases_by_outlet on fraud_cases (outlet_id, id) where member_id is null;
create index fraud_cases_by_subject on fraud_cases (subject, id) where subject is not null;
create trigger fraud_cases_decided_once before update of status on fraud_cases when old.status = 'overturned' begin select raise(abort, 'fraud: an overturned case stays so'); end;

-- Keyed hash of the device that a guest signed in on, and that an order was made on, as far as the app said.
alter table sessions add column device integer;
alter table orders add column device integer;

-- What the scheduled look is told by its variables, and transactions elsewhere need.
create table fraud_settings (
    name text primary key, -- 'appeal_url'
    value text not null
) strict, without rowid;
