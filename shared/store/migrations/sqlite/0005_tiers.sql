-- Tiers: how far members were judged, what they were judged to be and by which arithmetic, what people granted.

-- One index for a member's days and for what counts towards a tier: it covers the sums, so that judging everybody reads
-- it from end to end and the receipts themselves not at all.
drop index receipts_by_member;
create index receipts_by_member on receipts (member_id, business_date, sold_at, currency, total_minor, points_paid_minor, points_earned) where member_id is not null;

-- How far the members of a brand whose home is in a zone were judged. A pass goes over them in the order of their ids.
create table tier_passes (
    brand text not null references brands (code),
    zone text not null,
    started_on text not null, -- the day the service began to judge here: no boundary up to it is judged
    judged_on text not null, -- the boundary being judged, or judged last
    programme_version_id integer not null references programme_versions (id), -- in force when the pass began
    scan_from_at integer not null, -- receipts that may count, a superset of every window
    scan_until_at integer not null,
    scan_from_day text not null, -- the same for business days
    scan_until_day text not null,
    cursor integer not null, -- the last member of the pass; the largest integer when it is complete
    warned_on text not null, -- the boundary before which holders were warned last
    primary key (brand, zone)
) strict, without rowid;

-- Receipts sold before that moment count in a window that somebody has judged, or in one that takes effect at once.
-- Raised before the first member of a pass is judged, in a transaction: whoever commits later is seen here.
create table tier_horizon (
    id integer primary key check (id = 1),
    until_at integer not null
) strict;
insert into tier_horizon (id, until_at) values (1, -9223372036854775808);

-- Members to judge again from a time on: a late receipt, a return.
create table tier_touched (
    member_id integer primary key references members (id),
    from_at integer not null
) strict;
create trigger receipts_touch_tier after insert on receipts
    when new.member_id is not null and new.sold_at < (select until_at from tier_horizon where id = 1)
begin
    insert into tier_touched (member_id, from_at) values (new.member_id, new.sold_at)
        on conflict (member_id) do update set from_at = min(from_at, excluded.from_at);
end;
create trigger returns_touch_tier after insert on returns
    when new.member_id is not null
    and (select sold_at from receipts where id = new.receipt_id) < (select until_at from tier_horizon where id = 1)
begin
    insert into tier_touched (member_id, from_at) select new.member_id, sold_at from receipts where id = new.receipt_id
        on conflict (member_id) do update set from_at = min(from_at, excluded.from_at);
end;

-- What members were judged to be last. No row: never anything but the tier of the member's record.
create table tier_standings (
    member_id integer primary key references members (id),
    brand text not null,
    base_tier text not null, -- before the first judgement
    tier text not null, -- as judged: without what takes effect at once, and without grants
    valid_until text, -- first day on which it is no longer good
    falls_on text, -- the day on which grace ends
    floor text not null, -- the highest tier ever held that is never lost
    judged_on text not null,
    next_at integer -- when the member is to be looked at again: end of grace, begin or end of a grant
) strict;
create index tier_standings_due on tier_standings (next_at, member_id) where next_at is not null;
create index tier_standings_ending on tier_standings (brand, valid_until, member_id) where valid_until is not null;

-- Append-only. The last row of a member's day holds; days without a row changed nothing.
create table tier_judgements (
    id integer primary key,
    member_id integer not null references members (id),
    on_date text not null, -- local day at the member's home
    effective_at integer not null, -- L8: the midnight at which it begins
    recorded_at integer not null, -- L8
    verdict text not null check (verdict in ('earned', 'valid', 'grace', 'fallen', 'carried')),
    tier_before text not null,
    tier_after text not null,
    valid_until text,
    falls_on text,
    floor text not null,
    programme_version_id integer not null references programme_versions (id),
    window_from text, -- null: since ever
    window_until text not null, -- first day that did not count
    currency text not null,
    spend_minor integer not null,
    points integer not null,
    visits integer not null,
    earned_tier text not null -- the highest that this was enough for
) strict;
create index tier_judgements_by_member on tier_judgements (member_id, on_date, id);

-- Append-only: every change of the tier that a member has.
create table tier_events (
    id integer primary key,
    member_id integer not null references members (id),
    cause text not null check (cause in ('judged', 'corrected', 'reached', 'withdrawn', 'granted', 'grant_ended')),
    tier_before text not null,
    tier_after text not null,
    effective_at integer not null, -- L8
    recorded_at integer not null, -- L8
    programme_version_id integer not null references programme_versions (id),
    window_from text,
    window_until text not null,
    currency text not null,
    spend_minor integer not null,
    points integer not null,
    visits integer not null,
    earned_tier text not null,
    grant_id integer references tier_grants (id)
) strict;
create index tier_events_by_member on tier_events (member_id, id);

create table tier_grants (
    id integer primary key,
    member_id integer not null references members (id),
    tier text not null,
    from_at integer not null,
    until_at integer, -- null: until it is revoked
    reason text not null,
    granted_by integer not null references staff (id),
    created_at integer not null,
    revoked_at integer,
    revoked_by integer references staff (id),
    check (until_at is null or until_at > from_at)
) strict;
create index tier_grants_by_member on tier_grants (member_id, id);

-- Intents to tell a member something. Channels, quiet hours and words are chosen by who sends it.
create table notifications (
    id integer primary key,
    member_id integer not null references members (id),
    topic text not null, -- 'tier.ending'
    dedupe text not null unique, -- one intent of a kind for one cause
    data text not null, -- JSON: what the words are made of; nothing personal
    created_at integer not null,
    expires_at integer not null -- from then on it is of no use to its reader
) strict;

create trigger tier_judgements_no_update before update on tier_judgements begin select raise(abort, 'tiers: judgements are append-only'); end;
create trigger tier_judgements_no_delete before delete on tier_judgements begin select raise(abort, 'tiers: judgements are append-only'); end;
create trigger tier_events_no_update before update on tier_events begin select raise(abort, 'tiers: events are append-only'); end;
create trigger tier_events_no_delete before delete on tier_events begin select raise(abort, 'tiers: events are append-only'); end;
create trigger tier_grants_end_once before update on tier_grants when old.revoked_at is not null begin select raise(abort, 'tiers: a grant is revoked once'); end;
create trigger tier_grants_fixed before update of id, member_id, tier, from_at, until_at, reason, granted_by, created_at on tier_grants begin select raise(abort, 'tiers: a grant keeps its terms'); end;
create trigger tier_grants_no_delete before delete on tier_grants begin select raise(abort, 'tiers: grants are never deleted'); end;
