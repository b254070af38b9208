-- Fraud control, second part: leaving ends nothing, what was withheld is taken back, what the scheduled look has seen.

-- Of phones whose accounts were erased: kept for 180 days, so that leaving neither ends what holds for somebody nor brings
-- a second welcome. Without a row nothing is kept.
create table fraud_leavers (
    brand text not null references brands (code),
    phone_index blob not null, -- keyed digest, as members.phone_index was
    standing text check (standing in ('challenge', 'hold', 'block')), -- null: only the welcome is remembered
    case_id integer references fraud_cases (id), -- by which it holds
    until_at integer, -- of a challenge that ends by itself
    welcomed integer not null check (welcomed in (0, 1)),
    left_at integer not null,
    primary key (brand, phone_index),
    check ((standing is null) = (case_id is null))
) strict, without rowid;
create index fraud_leavers_by_time on fraud_leavers (left_at);

-- Members whose phone was welcomed before, under an account that was erased.
create table fraud_rejoined (
    member_id integer primary key references members (id),
    at integer not null
) strict;

-- Accounts that the scheduled look has judged for spending their welcome.
create table fraud_swept (
    member_id integer primary key references members (id),
    at integer not null
) strict;

-- What a return was judged by, beyond what the return itself says.
create table fraud_returns (
    return_id integer primary key references returns (id),
    staff_code text -- who took the goods back
) strict;

-- Since when a case has stopped spending, the first time: what ran out since comes back with the case overturned.
alter table fraud_cases add column stopped_at integer;
-- Points of the accrual that the ledger took back when they were withheld; below zero: that came back after running out.
alter table fraud_delays add column taken integer not null default 0;

-- Decisions that no case holds: of rules that only observe, and about nobody who is known.
create index fraud_decisions_apart on fraud_decisions (brand, id) where case_id is null;
create index fraud_standings_by_case on fraud_standings (case_id);

drop trigger fraud_delays_released_once;
create trigger fraud_delays_released_once before update of ended, ended_at, until_at on fraud_delays when old.ended = 'released' begin select raise(abort, 'fraud: released points stay so'); end;
