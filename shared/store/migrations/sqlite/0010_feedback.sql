-- Feedback: what guests are asked about their receipts, what they answer, what it wins; tickets.

-- Rules of a brand in immutable versions: question sets, sampling, routing, limits, the game.
create table feedback_rules (
    id integer primary key,
    brand text not null references brands (code),
    version integer not null,
    effective_from integer not null,
    rules text not null, -- JSON, see kv-schemas/feedback.rules.v1.schema.json
    created_by integer references staff (id),
    created_at integer not null,
    note text not null,
    unique (brand, version)
) strict;
create index feedback_rules_by_time on feedback_rules (brand, effective_from, version);

-- How far receipts were looked at for questions. Ids follow the time at which a call began, not the one at which it
-- committed, so a run looks again at the last minutes before the cursor; `unique (receipt_id)` below makes that harmless.
create table feedback_scan (
    id integer primary key check (id = 1),
    cursor integer not null
) strict;

create table feedback_requests (
    id integer primary key, -- what a link's token names
    receipt_id integer not null unique references receipts (id), -- one question per receipt, for ever
    member_id integer not null references members (id),
    outlet_id integer not null references outlets (id),
    rules_id integer not null references feedback_rules (id), -- what is asked is what was in force then
    outlet_type text not null,
    ask_at integer not null, -- not before: delay after the sale, quiet hours
    until_at integer not null, -- first instant at which no answer is taken
    status text not null check (status in ('planned', 'asked', 'answered', 'skipped')),
    skipped text, -- why
    asked_at integer,
    check ((status = 'skipped') = (skipped is not null)),
    check ((status in ('asked', 'answered')) = (asked_at is not null))
) strict;
create index feedback_requests_due on feedback_requests (ask_at, id) where status = 'planned';
create index feedback_requests_by_member on feedback_requests (member_id, asked_at, status) where asked_at is not null;

create table feedback_answers (
    request_id integer primary key references feedback_requests (id), -- a link is answered once
    member_id integer not null references members (id),
    outlet_id integer not null references outlets (id),
    staff_code text, -- who served, as the till said
    business_date text not null, -- of the receipt
    hour integer not null check (hour between 0 and 23), -- of the sale, at the outlet
    stars integer not null check (stars between 1 and 5),
    nps integer check (nps between 0 and 10),
    text_sealed blob, -- encrypted; cleared when the guest is erased
    photo_sealed blob, -- encrypted reference into the chain's file store; cleared with it
    answered_at integer not null
) strict;
-- Reports read this index and no rows.
create index feedback_answers_report on feedback_answers (outlet_id, business_date, staff_code, hour, stars, nps);
create index feedback_answers_by_member on feedback_answers (member_id, answered_at, stars);

create table feedback_answer_tags (
    request_id integer not null references feedback_answers (request_id),
    tag text not null,
    primary key (request_id, tag)
) strict, without rowid;

-- What was on the receipt of an answer, for reports by product: they read this table from its key alone.
create table feedback_answer_products (
    outlet_id integer not null,
    business_date text not null,
    product_code text not null,
    request_id integer not null references feedback_answers (request_id),
    stars integer not null,
    nps integer,
    primary key (outlet_id, business_date, product_code, request_id)
) strict, without rowid;

create table feedback_plays (
    request_id integer primary key references feedback_answers (request_id), -- an answer plays once
    member_id integer not null references members (id),
    rules_id integer not null references feedback_rules (id), -- whose odds held
    game text not null,
    prize text, -- null: a streak that is not long enough yet
    points integer not null check (points >= 0),
    played_at integer not null
) strict;
create index feedback_plays_by_member on feedback_plays (member_id, played_at);

-- What was given away, by budget and period; written in the transaction of the points themselves.
create table feedback_budgets (
    budget text not null check (budget in ('game', 'outlet', 'guest', 'staff')),
    subject text not null, -- a brand, or an id
    period text not null, -- '2026-11', or a day for 'staff'
    spent integer not null check (spent >= 0),
    primary key (budget, subject, period)
) strict, without rowid;

create table tickets (
    id integer primary key, -- counted from 1: an id made of the time would tell staff when the guest answered
    request_id integer unique references feedback_answers (request_id), -- null: the guest wrote by themselves
    member_id integer not null references members (id),
    outlet_id integer references outlets (id), -- null: about no outlet; support's
    desk text not null check (desk in ('outlet_manager', 'franchisee', 'support')),
    topic text not null,
    priority text not null check (priority in ('urgent', 'normal')),
    state text not null check (state in ('open', 'assigned', 'answered', 'closed')),
    assignee integer references staff (id),
    visit_date text, -- as much as staff see of the receipt's time
    visit_part text,
    stars integer,
    nps integer,
    opened_at integer not null,
    answer_due_at integer not null,
    close_due_at integer not null,
    first_answered_at integer,
    closed_at integer,
    outcome text,
    changed_process integer not null default 0 check (changed_process in (0, 1)),
    lesson text, -- what was changed, for colleagues
    reopened integer not null default 0,
    compensated integer not null default 0 check (compensated >= 0),
    check ((state = 'closed') = (closed_at is not null)),
    check ((state = 'closed') = (outcome is not null))
) strict;
create index tickets_by_outlet on tickets (outlet_id, id);
create index tickets_by_member on tickets (member_id, id);
create index tickets_unclosed on tickets (outlet_id, id) where state <> 'closed';

-- A ticket's thread. Append-only, but that words are cleared when their guest is erased.
create table ticket_events (
    id integer primary key,
    ticket_id integer not null references tickets (id),
    act text not null check (act in ('opened', 'assigned', 'commented', 'answered', 'compensated', 'guest_wrote', 'closed', 'reopened')),
    at integer not null,
    by_staff integer references staff (id), -- null: the guest, or a rule
    assignee integer references staff (id),
    body_sealed blob, -- encrypted
    points integer,
    outcome text
) strict;
create index ticket_events_by_ticket on ticket_events (ticket_id, id);

create trigger feedback_rules_no_update before update on feedback_rules begin select raise(abort, 'feedback: versions are immutable'); end;
create trigger feedback_rules_no_delete before delete on feedback_rules begin select raise(abort, 'feedback: versions are immutable'); end;
create trigger feedback_requests_no_delete before delete on feedback_requests begin select raise(abort, 'feedback: a receipt is asked about once'); end;
create trigger feedback_requests_end_once before update of status on feedback_requests when old.status in ('answered', 'skipped') begin select raise(abort, 'feedback: a request ends once'); end;
create trigger feedback_answers_fixed before update of request_id, member_id, outlet_id, staff_code, business_date, hour, stars, nps, answered_at on feedback_answers begin select raise(abort, 'feedback: answers are immutable'); end;
create trigger feedback_answers_no_delete before delete on feedback_answers begin select raise(abort, 'feedback: answers are immutable'); end;
create trigger feedback_plays_no_update before update on feedback_plays begin select raise(abort, 'feedback: a play happens once'); end;
create trigger feedback_plays_no_delete before delete on feedback_plays begin select raise(abort, 'feedback: a play happens once'); end;
create trigger tickets_no_delete before delete on tickets begin select raise(abort, 'tickets are never deleted'); end;
create trigger tickets_closed before update on tickets when old.state = 'closed' and new.state = 'closed' begin select raise(abort, 'tickets: reopen it first'); end;
create trigger ticket_events_fixed before update of id, ticket_id, act, at, by_staff, assignee, points, outcome on ticket_events begin select raise(abort, 'tickets: a thread is append-only'); end;
create trigger ticket_events_words before update of body_sealed on ticket_events when new.body_sealed is not null begin select raise(abort, 'tickets: words are only ever cleared'); end;
create trigger ticket_events_no_delete before delete on ticket_events begin select raise(abort, 'tickets: a thread is append-only'); end;
