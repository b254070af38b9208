-- Fraud control: what is counted of whom, rules, decisions, cases, appeals, trials over the past.

-- Counts in sliding windows of buckets, by member, outlet, staff, pair of these, device, payment token, block of phone
-- numbers. Devices and tokens are keyed hashes.
create table fraud_subjects (
    subject text primary key, -- fraud::subject: 'm:<id>', 'o:<id>', 's:<code>', 'p:<member>:<code>', 't:…', 'd:…', 'x:<digits>'
    state text not null, -- JSON, see kv-schemas/README.md on fraud states
    changed_at integer not null
) strict, without rowid;
create index fraud_subjects_by_time on fraud_subjects (changed_at);

create table fraud_rule_versions (
    id integer primary key,
    brand text not null references brands (code),
    version integer not null,
    mode text not null check (mode in ('shadow', 'live')), -- shadow: decisions are written down, nothing is done
    rules text not null, -- JSON, see kv-schemas/fraud.rules.v1.schema.json
    note text not null,
    created_by integer references staff (id),
    created_at integer not null,
    unique (brand, version)
) strict;

-- With what a receipt was paid and on which device, as far as tills say: for trials over the past.
create table fraud_traces (
    receipt_id integer primary key references receipts (id),
    payment integer,
    device integer
) strict;

-- Who was seen with what.
create table fraud_links (
    id integer primary key,
    kind text not null check (kind in ('device', 'payment')),
    value integer not null, -- from the keyed hash
    member_id integer not null references members (id),
    first_at integer not null,
    unique (kind, value, member_id)
) strict;
create index fraud_links_by_member on fraud_links (member_id);

create table fraud_referrals (
    id integer primary key,
    referrer_id integer not null references members (id),
    friend_id integer not null references members (id),
    at integer not null,
    unique (referrer_id, friend_id)
) strict;
create index fraud_referrals_by_friend on fraud_referrals (friend_id);

-- Something for a person to look at: at most one open case of a member, or of an outlet where no member is known.
create table fraud_cases (
    id integer primary key,
    brand text not null references brands (code),
    member_id integer references members (id),
    outlet_id integer references outlets (id), -- of the first decision
    status text not null check (status in ('open', 'upheld', 'overturned')),
    score integer not null, -- the highest of its decisions
    action text not null, -- the sternest that was taken
    opened_at integer not null,
    changed_at integer not null,
    decided_at integer,
    decided_by integer references staff (id),
    note text, -- why it was decided so
    check ((status = 'open') = (decided_at is null)),
    check (member_id is not null or outlet_id is not null)
) strict;
create unique index fraud_cases_open_member on fraud_cases (member_id) where status = 'open' and member_id is not null;
create unique index fraud_cases_open_outlet on fraud_cases (outlet_id) where status = 'open' and member_id is null;
create index fraud_cases_queue on fraud_cases (status, score, id);
create index fraud_cases_by_member on fraud_cases (member_id, id) where member_id is not null;

-- Append-only. What scored below the first threshold is not here.
create table fraud_decisions (
    id integer primary key,
    case_id integer references fraud_cases (id), -- null: rules that only observe
    brand text not null references brands (code),
    event text not null,
    reference text, -- 'receipt:<raw id>', 'hold:<raw id>', 'return:<raw id>'
    member_id integer references members (id),
    outlet_id integer references outlets (id),
    staff_code text,
    rule_version_id integer references fraud_rule_versions (id), -- null: the standard rules, or a person
    decided_by integer references staff (id), -- a person, where no rule did
    mode text not null check (mode in ('shadow', 'live')),
    score integer not null,
    action text not null,
    reasons text not null, -- JSON: rules that held, their weights, what was measured
    note text, -- a person's words
    effective_at integer not null,
    recorded_at integer not null
) strict;
create index fraud_decisions_by_case on fraud_decisions (case_id, id) where case_id is not null;
create index fraud_decisions_by_brand on fraud_decisions (brand, mode, id);
create index fraud_decisions_by_member on fraud_decisions (member_id, id) where member_id is not null;

-- What holds for a member now; no row: nothing.
create table fraud_standings (
    member_id integer primary key references members (id),
    standing text not null check (standing in ('challenge', 'hold', 'block', 'trusted')),
    case_id integer not null references fraud_cases (id),
    since integer not null,
    until_at integer -- of trust after an overturned case
) strict;

-- Points that become spendable later than the programme says: accruals by their event.
create table fraud_delays (
    event text primary key, -- entries.event
    case_id integer not null references fraud_cases (id),
    member_id integer not null references members (id),
    points integer not null,
    programme_at integer, -- when the programme makes them spendable; null: at once
    until_at integer not null,
    ended text check (ended in ('released', 'withheld')), -- null: waits for a person or for its time
    ended_at integer
) strict, without rowid;
create index fraud_delays_by_case on fraud_delays (case_id);

create table fraud_appeals (
    id integer primary key,
    case_id integer not null references fraud_cases (id),
    member_id integer not null references members (id),
    text_sealed blob, -- encrypted; null once the member was erased
    created_at integer not null,
    answered_at integer,
    upheld integer check (upheld in (0, 1)) -- whether the guest was right
) strict;
create unique index fraud_appeals_open on fraud_appeals (case_id) where answered_at is null;
create index fraud_appeals_by_member on fraud_appeals (member_id, id);

-- A trial of rules over stored receipts and returns. Its own counts, so that it disturbs nobody's.
create table fraud_trials (
    id integer primary key,
    brand text not null references brands (code),
    rules text not null,
    sold_from integer not null,
    sold_until integer not null,
    cursor_id integer not null, -- receipts and returns up to this id are done
    end_id integer not null, -- the newest when it began
    status text not null check (status in ('running', 'done')),
    events integer not null,
    created_by integer references staff (id),
    created_at integer not null,
    changed_at integer not null
) strict;
create table fraud_trial_subjects (
    trial_id integer not null references fraud_trials (id),
    subject text not null,
    state text not null,
    primary key (trial_id, subject)
) strict, without rowid;
create table fraud_trial_counts (
    trial_id integer not null references fraud_trials (id),
    kind text not null check (kind in ('action', 'rule')),
    name text not null,
    events integer not null,
    primary key (trial_id, kind, name)
) strict, without rowid;
create table fraud_trial_members (
    trial_id integer not null references fraud_trials (id),
    member_id integer not null,
    score integer not null, -- the highest
    action text not null, -- at that score
    primary key (trial_id, member_id)
) strict, without rowid;

-- How far the scheduled look has got.
create table fraud_sweeps (
    name text primary key,
    cursor_id integer not null
) strict, without rowid;

create trigger fraud_rule_versions_no_update before update on fraud_rule_versions begin select raise(abort, 'fraud: rule versions are immutable'); end;
create trigger fraud_rule_versions_no_delete before delete on fraud_rule_versions begin select raise(abort, 'fraud: rule versions are immutable'); end;
create trigger fraud_decisions_no_update before update on fraud_decisions begin select raise(abort, 'fraud: decisions are append-only'); end;
create trigger fraud_decisions_no_delete before delete on fraud_decisions begin select raise(abort, 'fraud: decisions are append-only'); end;
create trigger fraud_cases_decided_once before update of status on fraud_cases when old.status = 'overturned' begin select raise(abort, 'fraud: an overturned case stays so'); end;
create trigger fraud_delays_released_once before update on fraud_delays when old.ended = 'released' begin select raise(abort, 'fraud: released points stay so'); end;
