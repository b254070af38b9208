-- Messages: how guests are reached, what is told to them, and every try to tell it.

-- Where a member can be written to; the phone for text messages is the member's own. Addresses are encrypted.
create table contacts (
    id integer primary key,
    member_id integer not null references members (id),
    brand text not null references brands (code), -- the member's: one address may serve a member of each brand
    channel text not null check (channel in ('push_fcm', 'push_rustore', 'telegram', 'email')),
    form text not null check (form in ('token', 'installation', 'chat', 'address')), -- what the address is
    address_sealed blob, -- encrypted; null once forgotten, as the next
    address_index blob, -- blind index
    status text not null check (status in ('unconfirmed', 'active', 'dead', 'removed')), -- dead: the provider does not know it any more
    reason text, -- why it is dead or removed
    proof_hash blob, -- of the code that proves an e-mail address; null when there is none to answer
    proof_tries integer not null default 0, -- answers so far
    proof_expires_at integer not null default 0,
    created_at integer not null,
    changed_at integer not null
) strict;
create index contacts_by_member on contacts (member_id, id);
-- A device or a chat belongs to one member of a brand at a time; a mailbox may be a family's.
create unique index contacts_in_use on contacts (brand, channel, address_index) where status = 'active' and channel <> 'email';

-- What a member wants of our messages. No row: the service's own quiet hours, in the zone of the home outlet.
create table message_settings (
    member_id integer primary key references members (id),
    zone text, -- IANA name, as the member's device tells; null: the home outlet's
    quiet_from integer, -- minute of the day; both null: the service's. Equal: no quiet hours
    quiet_until integer,
    changed_at integer not null,
    check ((quiet_from is null) = (quiet_until is null))
) strict;

-- Channels that a member put first or does not want. No row: allowed.
create table message_preferences (
    member_id integer not null references members (id),
    channel text not null check (channel in ('push', 'telegram', 'email', 'sms')),
    choice text not null check (choice in ('preferred', 'off')),
    primary key (member_id, channel)
) strict, without rowid;

-- Intents (0005): what a person wrote is shown verbatim under the topic's words, and forgotten when it was told.
alter table notifications add column body_sealed blob; -- encrypted
alter table notifications add column planned_at integer; -- when it was decided how to tell it; null: not yet
create index notifications_unplanned on notifications (id) where planned_at is null;
create index notifications_by_member on notifications (member_id, id);
create index notifications_by_time on notifications (created_at);

-- How an intent is told. One row for an intent, so that it is told once: when a channel fails the row goes on to the next.
create table deliveries (
    notification_id integer primary key references notifications (id),
    member_id integer not null references members (id),
    topic text not null,
    lane text not null check (lane in ('direct', 'telegram')), -- who sends it
    channel text check (channel in ('push_fcm', 'push_rustore', 'telegram', 'email', 'sms')), -- null: no way was found
    contact_id integer references contacts (id), -- null for sms
    status text not null check (status in ('queued', 'sent', 'unconfirmed', 'withheld', 'expired', 'dead')),
    due_at integer not null,
    expires_at integer not null,
    tries integer not null default 0, -- on this channel
    tries_from integer not null default 0, -- tries with a greater id count; those before a person's requeue do not
    lease_until integer not null default 0, -- in the future: handed to a provider, the outcome not recorded yet
    lease_id integer not null default 0, -- 0: never, or recorded
    code text, -- why it stands as it does
    provider_id text, -- the provider's name for it
    created_at integer not null,
    settled_at integer -- null while queued
) strict, without rowid;
create index deliveries_due on deliveries (lane, due_at) where status = 'queued';
create index deliveries_told on deliveries (member_id, settled_at) where status in ('sent', 'unconfirmed');
create index deliveries_under_way on deliveries (member_id) where status = 'queued';
create index deliveries_failed on deliveries (settled_at) where status in ('dead', 'unconfirmed');

-- Append-only: every call to a provider that is over.
create table delivery_tries (
    id integer primary key,
    notification_id integer not null references notifications (id),
    channel text not null,
    contact_id integer, -- null for sms
    at integer not null,
    outcome text not null check (outcome in ('accepted', 'refused', 'unreachable', 'failed', 'unknown')),
    given_up integer not null check (given_up in (0, 1)), -- 1: this way is not taken again
    detail text not null -- for people: a provider's code and words, without address and text
) strict;
create index delivery_tries_by_notification on delivery_tries (notification_id, id);

-- How the providers stand: circuit breaker and rate of each, and a token that was exchanged for a key.
create table message_providers (
    name text primary key,
    breaker_state text not null default 'closed' check (breaker_state in ('closed', 'open', 'half_open')),
    breaker_failures integer not null default 0,
    breaker_until integer not null default 0,
    bucket_full_at integer not null default 0, -- microseconds
    token_sealed blob, -- encrypted
    token_until integer not null default 0
) strict, without rowid;

-- How long a job's last run took, by the clock.
alter table jobs add column last_ms integer;

create trigger delivery_tries_no_update before update on delivery_tries begin select raise(abort, 'messages: tries are append-only'); end;
create trigger deliveries_sent_once before update of status on deliveries when old.status = 'sent' begin select raise(abort, 'messages: what was told is not told again'); end;
