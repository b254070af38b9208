-- Crema's first schema. Types are those that SQLite and PostgreSQL share; what only SQLite has (triggers with
-- raise, `without rowid`, `strict`) stays in this folder, and PostgreSQL gets a folder of its own.
-- Times are milliseconds since the Unix epoch (bigint), dates ISO text, money minor units, points hundredths.

-- Places -------------------------------------------------------------------------------------------------------

create table brands (
    code text primary key, -- slug; also names the unit of its points: 'points:<code>'
    name text not null,
    default_region text not null, -- ISO 3166 country that phone numbers without +code belong to
    card_prefix text not null unique check (length(card_prefix) = 2), -- EAN-13 in-store prefix 20..29
    created_at integer not null
) strict;

create table franchisees (
    id integer primary key,
    code text not null unique,
    name text not null, -- legal entity
    created_at integer not null
) strict;

create table outlets (
    id integer primary key,
    code text not null unique, -- the chain's own number, as tills send it
    brand text not null references brands (code),
    franchisee_id integer not null references franchisees (id),
    name text not null,
    country text not null check (length(country) = 2),
    currency text not null check (length(currency) = 3),
    zone text not null, -- IANA time zone: business days and windows are the outlet's
    city text not null,
    address text not null,
    phone text,
    latitude_e6 integer, -- millionths of a degree
    longitude_e6 integer,
    hours text not null, -- JSON: seven days of intervals, see kv-schemas/README.md on opening hours
    languages text not null, -- comma separated: 'ru,kk'
    status text not null check (status in ('open', 'paused', 'closed')),
    created_at integer not null,
    changed_at integer not null
) strict;
create index outlets_by_brand on outlets (brand, code);
create index outlets_by_franchisee on outlets (franchisee_id);
create index outlets_by_latitude on outlets (latitude_e6);

create table products (
    brand text not null references brands (code),
    code text not null, -- the code on receipt lines
    name text not null,
    category text not null, -- what accrual rules exclude by
    fractional integer not null default 0 check (fractional in (0, 1)), -- sold by weight
    changed_at integer not null,
    primary key (brand, code)
) strict, without rowid;

-- Staff and tills ----------------------------------------------------------------------------------------------

create table staff (
    id integer primary key,
    code text not null unique, -- as tills send it
    name_sealed blob not null, -- encrypted
    role text not null,
    outlet_id integer references outlets (id), -- where they usually work
    status text not null check (status in ('active', 'left')),
    created_at integer not null,
    changed_at integer not null
) strict;

create table staff_logins (
    staff_id integer primary key references staff (id),
    login text not null unique,
    password_hash text not null, -- Argon2id, PHC string
    totp_sealed blob, -- encrypted secret of the second factor; null until one was offered
    totp_confirmed_at integer, -- null: offered, not yet proven by a code
    totp_last_step integer not null default 0, -- a code works once
    failures integer not null default 0,
    locked_until integer,
    changed_at integer not null
) strict;

-- What a role may touch: one row per outlet or franchisee, or one row with scope 'all'.
create table staff_scopes (
    staff_id integer not null references staff (id),
    scope text not null check (scope in ('all', 'franchisee', 'outlet')),
    target_id integer not null, -- 0 for 'all'
    primary key (staff_id, scope, target_id)
) strict, without rowid;

create table till_keys (
    id integer primary key,
    outlet_id integer not null references outlets (id),
    label text not null,
    key_hash blob not null unique,
    created_by integer not null references staff (id),
    created_at integer not null,
    revoked_at integer
) strict;
create index till_keys_by_outlet on till_keys (outlet_id);

-- Members ------------------------------------------------------------------------------------------------------

create table members (
    id integer primary key,
    brand text not null references brands (code),
    phone_index blob, -- blind index; null once erased
    phone_sealed blob, -- encrypted, as the next three
    name_sealed blob,
    birthday_sealed blob,
    email_sealed blob,
    language text not null check (language in ('ru', 'kk', 'en')),
    status text not null check (status in ('active', 'blocked', 'erased')),
    tier text not null, -- code in the brand's programme
    home_outlet_id integer references outlets (id),
    external_code text, -- the predecessor system's id, for imports
    joined_at integer not null,
    changed_at integer not null,
    unique (brand, phone_index),
    unique (brand, external_code)
) strict;

-- Append-only: the last row of a kind holds.
create table consents (
    id integer primary key,
    member_id integer not null references members (id),
    kind text not null,
    granted integer not null check (granted in (0, 1)),
    text_version text not null,
    source text not null,
    at integer not null
) strict;
create index consents_by_member on consents (member_id, id);

create table cards (
    brand text not null references brands (code),
    number text not null,
    kind text not null check (kind in ('virtual', 'plastic')),
    status text not null check (status in ('free', 'active', 'blocked', 'replaced')),
    member_id integer references members (id),
    key_version integer not null default 1, -- of the rotating code's key; a new version invalidates old phones
    issued_at integer,
    changed_at integer not null,
    reason text,
    replaced_by text,
    primary key (brand, number),
    check ((status = 'free') = (member_id is null))
) strict, without rowid;
create index cards_by_member on cards (member_id) where member_id is not null;
create index cards_free on cards (brand, kind, number) where status = 'free';

-- Last serial given to a card of a brand; numbers come from it through a keyed permutation.
create table card_serials (
    brand text primary key references brands (code),
    last_serial integer not null
) strict, without rowid;

-- A rotating code works once (card, 30 s step).
create table spent_codes (
    brand text not null,
    card_number text not null,
    step integer not null,
    used_at integer not null,
    outlet_id integer not null,
    primary key (brand, card_number, step)
) strict, without rowid;
create index spent_codes_by_time on spent_codes (used_at);

-- Sign-in ------------------------------------------------------------------------------------------------------

create table challenges (
    id integer primary key,
    brand text not null references brands (code),
    phone_index blob not null,
    phone_sealed blob, -- for the resend; cleared once the challenge has ended
    code_hash blob not null,
    tries_left integer not null,
    sends integer not null,
    language text not null,
    created_at integer not null,
    sent_at integer, -- null: the last message did not get out
    expires_at integer not null,
    ended_at integer -- verified, exhausted or superseded
) strict;
create index challenges_by_phone on challenges (phone_index, created_at);
create index challenges_by_end on challenges (expires_at);

-- What a guest agreed to with the challenge; becomes consents once the phone is proven.
create table challenge_consents (
    challenge_id integer not null references challenges (id),
    kind text not null,
    granted integer not null check (granted in (0, 1)),
    text_version text not null,
    primary key (challenge_id, kind)
) strict, without rowid;

-- Events against a limit. A window begins with the first event after the last one ended (membership::allowance).
create table counters (
    name text not null, -- 'otp.phone', 'otp.address', 'otp.all', 'card.new', ...
    subject blob not null, -- a blind index or an id; empty where there is only one
    since integer not null,
    hits integer not null,
    primary key (name, subject)
) strict, without rowid;
create index counters_by_time on counters (since);

create table sessions (
    id integer primary key,
    subject text not null check (subject in ('member', 'staff')),
    subject_id integer not null,
    refresh_hash blob not null unique,
    family_hash blob unique, -- what all refresh tokens of the session share: an old one is found by it and ends the session
    previous_hash blob, -- the token exchanged last: for a moment the exchange can be repeated
    salt blob, -- what the newest tokens were derived with
    label_sealed blob, -- encrypted: what the guest calls the device
    access_key text not null, -- key-value key of the current access token, deleted on sign-out
    created_at integer not null,
    refreshed_at integer not null,
    expires_at integer not null,
    ended_at integer
) strict;
create index sessions_by_subject on sessions (subject, subject_id);
create index sessions_by_expiry on sessions (expires_at);

-- Programme ----------------------------------------------------------------------------------------------------

create table programme_versions (
    id integer primary key,
    brand text not null references brands (code),
    version integer not null,
    effective_from integer not null,
    rules text not null, -- JSON, see kv-schemas/loyalty.programme.v1.schema.json
    created_by integer references staff (id),
    created_at integer not null,
    note text not null,
    unique (brand, version)
) strict;
create index programme_versions_by_time on programme_versions (brand, effective_from, version);

-- Receipts -----------------------------------------------------------------------------------------------------

create table receipts (
    id integer primary key,
    outlet_id integer not null references outlets (id),
    business_date text not null,
    number text not null,
    request_hash blob not null, -- of the content: the same receipt with other content is refused
    sold_at integer not null, -- effective time, at the outlet
    recorded_at integer not null,
    member_id integer references members (id),
    card_number text,
    identified_by text not null check (identified_by in ('none', 'card', 'phone', 'rotating_code', 'member')),
    staff_code text,
    channel text not null,
    currency text not null,
    list_minor integer not null, -- before discounts
    total_minor integer not null, -- sum of the lines
    points_paid_minor integer not null, -- the part of the total paid with points, in money
    points_paid integer not null, -- the same in points
    points_earned integer not null,
    programme_version_id integer references programme_versions (id),
    hold_id integer,
    reply text not null, -- what the till was told (JSON): a replay answers the same
    unique (outlet_id, business_date, number)
) strict;
create index receipts_by_member on receipts (member_id, business_date) where member_id is not null;

create table receipt_lines (
    receipt_id integer not null references receipts (id),
    line_no integer not null,
    product_code text not null,
    name text not null,
    category text not null,
    fractional integer not null check (fractional in (0, 1)), -- sold by weight, as the catalogue said at the sale
    quantity integer not null, -- thousandths
    unit_price_minor integer not null,
    discount_minor integer not null,
    amount_minor integer not null,
    points_paid_minor integer not null, -- the line's share, fixed at sale time (traps 7 and 30)
    points_paid integer not null,
    points_earned integer not null,
    primary key (receipt_id, line_no)
) strict, without rowid;

create table receipt_payments (
    receipt_id integer not null references receipts (id),
    position integer not null,
    method text not null,
    amount_minor integer not null,
    primary key (receipt_id, position)
) strict, without rowid;

create table returns (
    id integer primary key,
    receipt_id integer not null references receipts (id),
    outlet_id integer not null references outlets (id),
    business_date text not null,
    number text not null,
    request_hash blob not null,
    returned_at integer not null,
    recorded_at integer not null,
    member_id integer references members (id),
    refund_minor integer not null, -- money back to the guest
    points_back_minor integer not null, -- money value of the points given back
    points_back integer not null,
    points_clawed integer not null, -- to take back for the goods returned, collected or not
    points_expired integer not null, -- the part that had run out unspent, and so was taken back already
    points_forgiven integer not null, -- the part that the clawback policy did not collect
    reply text not null,
    unique (outlet_id, business_date, number)
) strict;
create index returns_by_receipt on returns (receipt_id);
create index returns_by_member on returns (member_id, business_date) where member_id is not null;

create table return_lines (
    return_id integer not null references returns (id),
    receipt_id integer not null,
    line_no integer not null,
    quantity integer not null check (quantity > 0),
    refund_minor integer not null,
    points_back_minor integer not null,
    points_back integer not null,
    points_clawed integer not null,
    primary key (return_id, line_no)
) strict, without rowid;
create index return_lines_by_receipt on return_lines (receipt_id, line_no);

-- Ledger -------------------------------------------------------------------------------------------------------

create table entries (
    id integer primary key,
    kind text not null,
    event text not null, -- L4: one entry of a kind per business event
    member_id integer not null references members (id),
    receipt_id integer references receipts (id),
    outlet_id integer references outlets (id),
    effective_at integer not null, -- L8
    recorded_at integer not null, -- L8
    note text, -- why, where a person decided
    unique (event, kind)
) strict;
create index entries_by_member on entries (member_id, id);
create index entries_by_receipt on entries (receipt_id) where receipt_id is not null;

create table postings (
    entry_id integer not null references entries (id),
    account text not null,
    unit text not null, -- 'points:<brand>'
    amount integer not null check (amount <> 0),
    primary key (entry_id, account)
) strict, without rowid;

create table lots (
    id integer primary key,
    member_id integer not null references members (id),
    entry_id integer not null references entries (id),
    source text not null,
    receipt_id integer,
    granted integer not null check (granted > 0),
    pending integer not null check (pending >= 0),
    available integer not null check (available >= 0),
    held integer not null check (held >= 0),
    activates_at integer,
    expires_at integer,
    check (pending + available + held <= granted)
) strict;
create index lots_open on lots (member_id) where pending + available + held > 0;
create index lots_by_entry on lots (entry_id);
create index lots_by_receipt on lots (receipt_id) where receipt_id is not null;

create table lot_moves (
    lot_id integer not null references lots (id),
    entry_id integer not null references entries (id),
    bucket text not null check (bucket in ('pending', 'available', 'held')),
    amount integer not null check (amount <> 0),
    primary key (lot_id, entry_id, bucket)
) strict, without rowid;
create index lot_moves_by_entry on lot_moves (entry_id);

-- Kept in step with the postings in the same transaction (L2).
create table balances (
    member_id integer primary key references members (id),
    pending integer not null check (pending >= 0),
    available integer not null, -- below zero: a debt left by a clawback (L9)
    held integer not null check (held >= 0),
    due_at integer -- nothing of the member's falls due earlier: no hold ends, no lot activates or expires; null: never
) strict;
create index balances_due on balances (due_at, member_id) where due_at is not null;

create table holds (
    id integer primary key,
    member_id integer not null references members (id),
    outlet_id integer not null references outlets (id),
    points integer not null check (points > 0),
    currency text not null,
    value_minor integer not null, -- money the points stand for
    status text not null check (status in ('authorised', 'captured', 'released', 'lapsed')),
    captured integer not null default 0 check (captured >= 0 and captured <= points),
    receipt_id integer,
    created_at integer not null,
    expires_at integer not null,
    ended_at integer
) strict;
create index holds_by_member on holds (member_id) where status = 'authorised';

create table hold_lots (
    hold_id integer not null references holds (id),
    position integer not null, -- order in which the lots are spent
    lot_id integer not null references lots (id),
    points integer not null check (points > 0),
    primary key (hold_id, position)
) strict, without rowid;

-- L3: the ledger and what it stands on are never rewritten.
create trigger entries_no_update before update on entries begin select raise(abort, 'ledger: entries are append-only'); end;
create trigger entries_no_delete before delete on entries begin select raise(abort, 'ledger: entries are append-only'); end;
create trigger postings_no_update before update on postings begin select raise(abort, 'ledger: postings are append-only'); end;
create trigger postings_no_delete before delete on postings begin select raise(abort, 'ledger: postings are append-only'); end;
create trigger lot_moves_no_update before update on lot_moves begin select raise(abort, 'ledger: lot moves are append-only'); end;
create trigger lot_moves_no_delete before delete on lot_moves begin select raise(abort, 'ledger: lot moves are append-only'); end;
create trigger lots_no_delete before delete on lots begin select raise(abort, 'ledger: lots are never deleted'); end;
create trigger lots_fixed before update of id, member_id, entry_id, source, receipt_id, granted, expires_at on lots begin select raise(abort, 'ledger: a lot keeps its origin'); end;
create trigger receipts_no_update before update on receipts begin select raise(abort, 'receipts are immutable'); end;
create trigger receipts_no_delete before delete on receipts begin select raise(abort, 'receipts are immutable'); end;
create trigger receipt_lines_no_update before update on receipt_lines begin select raise(abort, 'receipts are immutable'); end;
create trigger receipt_lines_no_delete before delete on receipt_lines begin select raise(abort, 'receipts are immutable'); end;
create trigger returns_no_update before update on returns begin select raise(abort, 'returns are immutable'); end;
create trigger returns_no_delete before delete on returns begin select raise(abort, 'returns are immutable'); end;
create trigger return_lines_no_update before update on return_lines begin select raise(abort, 'returns are immutable'); end;
create trigger return_lines_no_delete before delete on return_lines begin select raise(abort, 'returns are immutable'); end;
create trigger programme_versions_no_update before update on programme_versions begin select raise(abort, 'programme versions are immutable'); end;
create trigger programme_versions_no_delete before delete on programme_versions begin select raise(abort, 'programme versions are immutable'); end;
create trigger consents_no_update before update on consents begin select raise(abort, 'consents are append-only'); end;
create trigger holds_end_once before update of status on holds when old.status <> 'authorised' begin select raise(abort, 'ledger: a hold ends once'); end;

-- Operation ----------------------------------------------------------------------------------------------------

create table idempotency (
    scope text not null, -- who sent it: 'member:<id>', 'till:<outlet>', 'staff:<id>'
    key text not null,
    operation text not null,
    request_hash blob not null,
    status integer not null,
    reply text not null,
    created_at integer not null,
    primary key (scope, key)
) strict, without rowid;
create index idempotency_by_time on idempotency (created_at);

-- Jobs know from here when they are due, so nothing is missed while the host was down.
create table jobs (
    name text primary key,
    due_at integer not null,
    lease_until integer not null, -- 0: nobody works on it
    lease_id integer not null default 0, -- who does: a run ends only its own lease
    last_started_at integer,
    last_finished_at integer,
    last_done integer not null default 0, -- how many things the last run moved
    last_error text
) strict, without rowid;

create table messages (
    id integer primary key,
    channel text not null check (channel in ('sms')),
    kind text not null check (kind in ('otp', 'service', 'promo')),
    recipient_sealed blob, -- encrypted; both are cleared once the message was accepted or has failed
    body_sealed blob, -- encrypted: a one-time code is in it
    status text not null check (status in ('queued', 'accepted', 'failed')),
    attempts integer not null,
    provider_id text,
    created_at integer not null,
    next_attempt_at integer not null,
    expires_at integer not null,
    last_error text
) strict;
create index messages_due on messages (next_attempt_at) where status = 'queued';

create table imports (
    id integer primary key,
    kind text not null,
    request_hash blob not null,
    rows_total integer not null,
    rows_applied integer not null,
    rows_unchanged integer not null,
    rows_refused integer not null,
    created_by integer not null references staff (id),
    created_at integer not null
) strict;
