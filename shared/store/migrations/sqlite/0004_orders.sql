-- Orders: from a quote to the till and back. Money is minor units of the order's one currency.

-- Who takes money for a franchisee. The seller on a fiscal receipt is a legal entity, so each has an account of its own.
create table acquirer_accounts (
    id integer primary key,
    franchisee_id integer not null references franchisees (id),
    kind text not null check (kind in ('yookassa', 'tbank')),
    account text not null, -- the acquirer's name of it: shop id, terminal key
    secret_sealed blob not null, -- encrypted
    tax_system integer check (tax_system between 1 and 6), -- null: as set at the acquirer
    prepaid integer not null check (prepaid in (0, 1)), -- the receipt says 'prepaid in full' instead of 'paid in full'
    receipts integer not null check (receipts in (0, 1)), -- the acquirer registers fiscal receipts for us
    active integer not null check (active in (0, 1)),
    created_at integer not null,
    changed_at integer not null,
    unique (kind, account)
) strict;
create unique index acquirer_accounts_active on acquirer_accounts (franchisee_id) where active = 1;

create table orders (
    id integer primary key,
    quote_id integer not null unique, -- a quote becomes one order, however often it is sent
    brand text not null references brands (code),
    outlet_id integer not null references outlets (id),
    member_id integer not null references members (id),
    number text not null, -- what guest and barista call it
    channel text not null,
    currency text not null,
    quote text not null, -- JSON, basket::Quote: what was agreed on, for ever
    comment text, -- the guest's words to the barista
    pickup_at integer, -- null: as soon as possible
    payable_minor integer not null check (payable_minor >= 0),
    hold_id integer references holds (id), -- points reserved for it
    stage text not null check (stage in ('awaiting_payment', 'dispatching', 'accepted', 'completed', 'cancelling', 'cancelled')),
    cancel_reason text,
    stuck text, -- why a person should look
    stuck_at integer,
    created_at integer not null,
    pay_until integer not null,
    changed_at integer not null,
    receipt_id integer unique references receipts (id), -- the sale it became
    -- The order at the till.
    till_id text not null unique, -- the id that we gave it there
    till_account integer not null, -- where it was to be sent when it was made: it is looked for there, whatever changes since
    till_organization text not null,
    till_group text not null,
    till_service text not null check (till_service in ('pick_up', 'till')),
    dispatch text not null check (dispatch in ('held', 'due', 'sending', 'sent', 'accepted', 'cancel_due', 'absent')),
    sends integer not null default 0,
    last_sent_at integer,
    due_since integer,
    correlation text,
    progress text not null check (progress in ('none', 'received', 'cooking', 'ready', 'handed_over')),
    revision integer not null default 0, -- the till system's: older news is ignored
    accepted_at integer,
    cancel_since integer,
    till_number text, -- the till's own number of it
    check ((stage = 'completed') = (receipt_id is not null) or stuck is not null),
    check (stage <> 'awaiting_payment' or dispatch = 'held')
) strict;
create index orders_by_member on orders (member_id, id);
create index orders_by_outlet on orders (outlet_id, id);
create index orders_stuck on orders (stuck_at) where stuck is not null;

-- Attempts to pay. The id is the key under which the acquirer knows a repetition.
create table order_payments (
    id integer primary key,
    order_id integer not null references orders (id),
    account_id integer not null references acquirer_accounts (id),
    status text not null check (status in ('new', 'pending', 'succeeded', 'cancelled')),
    amount_minor integer not null check (amount_minor > 0),
    external_id text, -- the acquirer's; null until it has answered
    confirmation text check (confirmation in ('redirect', 'qr')),
    confirmation_data text, -- a link to open, or a text to draw as a QR code
    reason text, -- why it came to nothing
    created_at integer not null,
    changed_at integer not null
) strict;
create index order_payments_by_order on order_payments (order_id, id);
create unique index order_payments_external on order_payments (account_id, external_id) where external_id is not null;
-- One payment that counts is enough: the rest goes back.
create trigger order_payments_fixed before update of id, order_id, account_id, amount_minor on order_payments
begin select raise(abort, 'orders: a payment keeps its amount'); end;
create trigger order_payments_succeed_once before update of status on order_payments
when old.status = 'succeeded' and new.status <> 'succeeded'
begin select raise(abort, 'orders: money that came did come'); end;

-- Money on its way back. The id is the key under which the acquirer knows a repetition.
create table order_refunds (
    id integer primary key,
    order_id integer not null references orders (id),
    payment_id integer not null references order_payments (id),
    status text not null check (status in ('new', 'pending', 'succeeded', 'failed', 'replaced')),
    amount_minor integer not null check (amount_minor > 0),
    why text not null check (why in ('cancelled', 'superfluous', 'returned')),
    items text, -- JSON: the receipt's lines, where goods were returned; null: all that was paid
    external_id text,
    reason text,
    created_at integer not null,
    changed_at integer not null
) strict;
create index order_refunds_by_order on order_refunds (order_id, id);
create trigger order_refunds_fixed before update of id, order_id, payment_id, amount_minor on order_refunds
begin select raise(abort, 'orders: a refund keeps its amount'); end;
-- What goes back is never more than came.
create trigger order_refunds_bounded before insert on order_refunds
when new.amount_minor + coalesce((select sum(r.amount_minor) from order_refunds r
    where r.payment_id = new.payment_id and r.id <> new.id and r.status not in ('failed', 'replaced')), 0)
    > (select p.amount_minor from order_payments p where p.id = new.payment_id)
begin select raise(abort, 'orders: more goes back than was paid'); end;

-- The outbox: what is to be done with partners next. Rows follow from the order (ordering::steps).
create table order_steps (
    order_id integer not null references orders (id),
    kind text not null,
    subject integer not null, -- the payment or refund; 0 for the order itself
    due_at integer not null,
    tries integer not null default 0,
    lease_until integer not null default 0, -- until then somebody is at it
    lease_id integer not null default 0,
    last_error text,
    primary key (order_id, kind, subject)
) strict, without rowid;
create index order_steps_due on order_steps (due_at);

-- What happened, for people.
create table order_log (
    id integer primary key,
    order_id integer not null references orders (id),
    at integer not null,
    what text not null,
    detail text
) strict;
create index order_log_by_order on order_log (order_id, id);
create trigger order_log_no_update before update on order_log begin select raise(abort, 'orders: the log is append-only'); end;
create trigger order_log_no_delete before delete on order_log begin select raise(abort, 'orders: the log is append-only'); end;

-- Per account at a partner and group of calls: whether it answers, and how many calls it still takes.
create table partner_guards (
    account text not null, -- 'iiko:<id>', 'acquirer:<id>'
    calls text not null, -- the group of calls
    state text not null check (state in ('closed', 'open', 'half_open')),
    failures integer not null,
    until_at integer not null,
    full_at_micros integer not null,
    primary key (account, calls)
) strict, without rowid;
