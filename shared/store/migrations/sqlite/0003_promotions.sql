-- Promotions: what they are, what they may give, what they gave.

create table promotions (
    id integer primary key,
    brand text not null references brands (code),
    -- 'live' is shown as scheduled, active or ended by the times below
    status text not null check (status in ('draft', 'live', 'paused', 'ended')),
    version integer not null check (version > 0), -- the one that holds
    starts_at integer, -- null: not decided yet
    ends_at integer, -- without it; null: open end
    created_by integer references staff (id),
    created_at integer not null,
    changed_at integer not null,
    check (status = 'draft' or starts_at is not null),
    check (ends_at is null or starts_at < ends_at)
) strict;
create index promotions_by_brand on promotions (brand, id);
create index promotions_live on promotions (brand) where status = 'live';

create table promotion_versions (
    promotion_id integer not null references promotions (id),
    version integer not null,
    rules text not null, -- JSON, see kv-schemas/pricing.promotion.v1.schema.json
    note text not null,
    created_by integer references staff (id),
    created_at integer not null,
    primary key (promotion_id, version)
) strict, without rowid;
create trigger promotion_versions_no_update before update on promotion_versions begin select raise(abort, 'promotion versions are immutable'); end;
create trigger promotion_versions_no_delete before delete on promotion_versions begin select raise(abort, 'promotion versions are immutable'); end;

-- Changes with everything that a price depends on: who keeps a brand's promotions looks here whether they still hold.
create table promotion_revisions (
    brand text primary key references brands (code),
    revision integer not null
) strict, without rowid;

-- What is taken of budgets. Rows of one target and period lie together: a price reads all that concern a cart at once.
create table promotion_budgets (
    target text not null, -- 'all', 'out:<id>', 'mbr:<id>'
    period text not null, -- '2026-11-21', 'w2026-11-16', '2026-11', '2026', 'ever'
    promotion_id integer not null references promotions (id),
    measure text not null, -- 'uses', 'points', or a currency
    spent integer not null check (spent >= 0),
    primary key (target, period, promotion_id, measure)
) strict, without rowid;

-- What each order or receipt has of a promotion: one row, whatever is repeated.
create table promotion_uses (
    owner text not null, -- the order's or receipt's id in text form
    promotion_id integer not null references promotions (id),
    version integer not null,
    status text not null check (status in ('reserved', 'committed', 'released')),
    outlet_id integer not null references outlets (id),
    member_id integer references members (id),
    day text not null, -- the outlet's business day, which budgets count by
    currency text not null,
    times integer not null check (times > 0),
    discount_minor integer not null check (discount_minor >= 0),
    points integer not null check (points >= 0),
    coupon_id integer,
    reserved_at integer not null,
    ended_at integer, -- when it was committed or released
    primary key (owner, promotion_id),
    foreign key (promotion_id, version) references promotion_versions (promotion_id, version)
) strict, without rowid;
create index promotion_uses_by_promotion on promotion_uses (promotion_id, status);
create trigger promotion_uses_end_once before update of status on promotion_uses when old.status <> 'reserved' begin select raise(abort, 'a use of a promotion ends once'); end;

-- Coupons --------------------------------------------------------------------------------------------------------

create table coupon_batches (
    id integer primary key,
    brand text not null references brands (code),
    promotion_id integer not null references promotions (id),
    kind text not null check (kind in ('generated', 'imported', 'referral')),
    label text not null,
    uses_per_code integer check (uses_per_code > 0), -- null: no limit
    uses_per_guest integer check (uses_per_guest > 0), -- over all codes of the batch; null: no limit
    valid_from integer not null,
    valid_until integer, -- without it; null: open end
    blocked_at integer,
    created_by integer references staff (id),
    created_at integer not null
) strict;
create index coupon_batches_by_brand on coupon_batches (brand, id);

create table coupons (
    id integer primary key,
    batch_id integer not null references coupon_batches (id),
    brand text not null,
    code text not null, -- normalised
    member_id integer references members (id), -- who alone may use it; of a referral code: whose friends use it
    uses integer not null default 0 check (uses >= 0),
    uses_max integer check (uses <= uses_max), -- the batch's, at the time it was made
    created_at integer not null,
    unique (brand, code)
) strict;
create index coupons_by_batch on coupons (batch_id, id);
create unique index coupons_of_referrer on coupons (batch_id, member_id) where member_id is not null;

-- How often a guest has used codes of a batch.
create table coupon_guests (
    batch_id integer not null references coupon_batches (id),
    member_id integer not null references members (id),
    uses integer not null check (uses >= 0),
    primary key (batch_id, member_id)
) strict, without rowid;

-- Simulations ----------------------------------------------------------------------------------------------------

-- What goods cost the chain, where it says so.
create table product_costs (
    brand text not null references brands (code),
    product_code text not null,
    currency text not null,
    cost_minor integer not null check (cost_minor >= 0),
    changed_at integer not null,
    primary key (brand, product_code, currency)
) strict, without rowid;

create table promotion_simulations (
    id integer primary key,
    brand text not null references brands (code),
    promotion_id integer not null references promotions (id),
    version integer not null,
    sold_from integer not null,
    sold_until integer not null,
    status text not null check (status in ('running', 'done')),
    cursor_id integer not null, -- receipts up to this id are done
    end_id integer not null, -- the newest receipt when it began
    assume_coupon integer not null check (assume_coupon in (0, 1)), -- as if every guest had the coupon
    created_by integer references staff (id),
    created_at integer not null,
    changed_at integer not null,
    foreign key (promotion_id, version) references promotion_versions (promotion_id, version)
) strict;
create index promotion_simulations_by_brand on promotion_simulations (brand, id);

-- Sums so far, by legal entity and currency.
create table promotion_simulation_parts (
    simulation_id integer not null references promotion_simulations (id),
    franchisee_id integer not null references franchisees (id),
    currency text not null,
    receipts integer not null,
    touched integer not null,
    overlapping integer not null,
    list_minor integer not null,
    discount_minor integer not null,
    added_minor integer not null,
    points integer not null,
    brand_minor integer not null,
    franchisee_minor integer not null,
    partner_minor integer not null,
    costed_minor integer not null,
    cost_minor integer not null,
    costed_discount_minor integer not null,
    primary key (simulation_id, franchisee_id, currency)
) strict, without rowid;

-- Receipts that other promotions touch too.
create table promotion_simulation_overlaps (
    simulation_id integer not null references promotion_simulations (id),
    promotion_id integer not null references promotions (id),
    receipts integer not null,
    primary key (simulation_id, promotion_id)
) strict, without rowid;

-- Guests who would have got it.
create table promotion_simulation_guests (
    simulation_id integer not null references promotion_simulations (id),
    member_id integer not null,
    primary key (simulation_id, member_id)
) strict, without rowid;
