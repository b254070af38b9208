-- Who bears what was given, line by line; guests' segments and tags; rewards for bringing friends.

-- What each promotion gave for each line of a sale. Together with the version's rules a line can be followed to its cause.
create table receipt_discounts (
    receipt_id integer not null,
    line_no integer not null,
    promotion_id integer not null,
    version integer not null,
    amount_minor integer not null check (amount_minor >= 0), -- taken off the line
    points integer not null check (points >= 0), -- given for it
    primary key (receipt_id, line_no, promotion_id),
    foreign key (receipt_id, line_no) references receipt_lines (receipt_id, line_no),
    foreign key (promotion_id, version) references promotion_versions (promotion_id, version),
    check (amount_minor + points > 0)
) strict, without rowid;
create index receipt_discounts_by_promotion on receipt_discounts (promotion_id, receipt_id);

-- Who bears it: fixed at the sale, sums to the row above exactly.
create table receipt_funding (
    receipt_id integer not null,
    line_no integer not null,
    promotion_id integer not null,
    funder text not null check (funder in ('brand', 'franchisee', 'partner')),
    party text not null, -- code of the brand, of the outlet's legal entity at the sale, or of the partner
    amount_minor integer not null check (amount_minor >= 0),
    points integer not null check (points >= 0),
    primary key (receipt_id, line_no, promotion_id, funder, party),
    foreign key (receipt_id, line_no, promotion_id) references receipt_discounts (receipt_id, line_no, promotion_id),
    check (amount_minor + points > 0)
) strict, without rowid;
create index receipt_funding_by_party on receipt_funding (funder, party, receipt_id);

create trigger receipt_discounts_no_update before update on receipt_discounts begin select raise(abort, 'receipts are immutable'); end;
create trigger receipt_discounts_no_delete before delete on receipt_discounts begin select raise(abort, 'receipts are immutable'); end;
create trigger receipt_funding_no_update before update on receipt_funding begin select raise(abort, 'receipts are immutable'); end;
create trigger receipt_funding_no_delete before delete on receipt_funding begin select raise(abort, 'receipts are immutable'); end;
-- Nobody bears more than was given.
create trigger receipt_funding_bounded before insert on receipt_funding
when exists (select 1 from receipt_discounts d where d.receipt_id = new.receipt_id and d.line_no = new.line_no
    and d.promotion_id = new.promotion_id and (
    d.amount_minor < new.amount_minor + coalesce((select sum(f.amount_minor) from receipt_funding f
        where f.receipt_id = new.receipt_id and f.line_no = new.line_no and f.promotion_id = new.promotion_id), 0)
    or d.points < new.points + coalesce((select sum(f.points) from receipt_funding f
        where f.receipt_id = new.receipt_id and f.line_no = new.line_no and f.promotion_id = new.promotion_id), 0)))
begin select raise(abort, 'promotions: more is borne than was given'); end;

-- How the goods of an order were made: replays of promotions ask for it. Tills do not tell.
create table receipt_modifiers (
    receipt_id integer not null,
    line_no integer not null,
    position integer not null,
    code text not null, -- the brand's
    charged integer not null check (charged >= 0),
    unit_price_minor integer not null check (unit_price_minor >= 0),
    primary key (receipt_id, line_no, position),
    foreign key (receipt_id, line_no) references receipt_lines (receipt_id, line_no)
) strict, without rowid;

-- Segments and tags ----------------------------------------------------------------------------------------------

create table segments (
    brand text not null references brands (code),
    code text not null,
    name text not null, -- for colleagues
    rule text, -- JSON, see kv-schemas/pricing.segment.v1.schema.json; null: members are listed by import
    refresh_hours integer check (refresh_hours > 0), -- how often the rule is applied anew
    due_at integer, -- when it is next
    cursor_id integer not null default 0, -- members up to this id have been gone over; 0: no pass is under way
    refreshed_at integer, -- when the last pass ended
    members integer not null default 0, -- in it, kept in step
    created_by integer references staff (id),
    created_at integer not null,
    changed_at integer not null,
    primary key (brand, code),
    check ((rule is null) = (refresh_hours is null)),
    check ((rule is null) = (due_at is null))
) strict, without rowid;
create index segments_due on segments (due_at) where due_at is not null;

create table member_segments (
    member_id integer not null references members (id),
    segment text not null, -- code, of the member's brand
    since integer not null,
    primary key (member_id, segment)
) strict, without rowid;

create table member_tags (
    member_id integer not null references members (id),
    tag text not null,
    since integer not null,
    primary key (member_id, tag)
) strict, without rowid;

-- Friends --------------------------------------------------------------------------------------------------------

-- What bringing a friend is worth, for a batch of referral codes; batches without a row reward nobody.
create table referral_terms (
    batch_id integer primary key references coupon_batches (id),
    points integer not null check (points > 0),
    rewards_max integer not null check (rewards_max > 0), -- for one referrer within the days below
    within_days integer not null check (within_days > 0),
    expires_days integer check (expires_days > 0) -- how long the points are good; null: for ever
) strict;

-- What the friend's purchase costs at least, after discounts. A currency without a row has no minimum.
create table referral_minimums (
    batch_id integer not null references referral_terms (batch_id),
    currency text not null,
    amount_minor integer not null check (amount_minor > 0),
    primary key (batch_id, currency)
) strict, without rowid;

-- One row for each friend who bought with somebody's code: they can be brought once.
create table referrals (
    friend_id integer primary key references members (id),
    referrer_id integer not null references members (id),
    batch_id integer not null references coupon_batches (id),
    receipt_id integer not null references receipts (id),
    status text not null check (status in ('rewarded', 'refused', 'taken_back')),
    reason text, -- why no reward was given
    points integer not null check (points >= 0),
    expires_at integer,
    happened_at integer not null,
    ended_at integer, -- when the reward was taken back
    check (friend_id <> referrer_id),
    check ((status = 'refused') = (reason is not null)),
    check ((status = 'taken_back') = (ended_at is not null))
) strict;
create index referrals_by_referrer on referrals (referrer_id, happened_at);
create unique index referrals_by_receipt on referrals (receipt_id);
create trigger referrals_fixed before update of friend_id, referrer_id, batch_id, receipt_id, reason, points, expires_at, happened_at on referrals begin select raise(abort, 'promotions: a referral keeps its terms'); end;
create trigger referrals_end_once before update on referrals when old.status <> 'rewarded' begin select raise(abort, 'promotions: a referral ends once'); end;
