-- Staff goals: what is counted of receipts, goals in versions, awards, shifts, staff's own discount cards.

-- Who of the staff is which guest: awards in points go there, and own purchases do not count.
create table staff_members (
    id integer primary key,
    staff_id integer not null references staff (id),
    member_id integer not null references members (id),
    linked_at integer not null,
    unlinked_at integer
) strict;
create unique index staff_members_linked on staff_members (staff_id) where unlinked_at is null;
create unique index staff_members_member on staff_members (member_id) where unlinked_at is null;
create index staff_members_of on staff_members (member_id, staff_id);

-- Discount cards of staff ---------------------------------------------------------------------------------------

create table staff_cards (
    staff_id integer primary key references staff (id),
    number text not null unique,
    key_version integer not null, -- of the rotating code's key; a new version invalidates old phones
    status text not null check (status in ('active', 'blocked')),
    issued_at integer not null,
    changed_at integer not null
) strict;

-- What a card gives, in immutable versions; the newest that is in force holds.
create table staff_card_rules (
    id integer primary key,
    currency text not null check (length(currency) = 3), -- of the outlets where it holds
    version integer not null,
    effective_from integer not null,
    percent integer not null check (percent between 1 and 100),
    day_uses integer not null check (day_uses > 0),
    month_uses integer not null check (month_uses > 0),
    day_discount_minor integer not null check (day_discount_minor > 0),
    month_discount_minor integer not null check (month_discount_minor > 0),
    own_hand integer not null check (own_hand in (0, 1)), -- whether one may ring up one's own discount
    created_by integer references staff (id),
    created_at integer not null,
    unique (currency, version)
) strict;

-- A discount taken, by the receipt's natural key: the receipt may come before or after.
create table staff_card_uses (
    id integer primary key,
    staff_id integer not null references staff (id),
    rules_id integer not null references staff_card_rules (id),
    outlet_id integer not null references outlets (id),
    business_date text not null,
    number text not null,
    rung_by text, -- the staff code at the till
    currency text not null,
    amount_minor integer not null check (amount_minor > 0), -- before the discount
    discount_minor integer not null check (discount_minor > 0),
    used_at integer not null, -- effective time
    recorded_at integer not null,
    voided_at integer, -- gives the limit back
    unique (outlet_id, business_date, number)
) strict;
create index staff_card_uses_by_day on staff_card_uses (staff_id, business_date);

-- Shifts and plans ----------------------------------------------------------------------------------------------

create table shifts (
    id integer primary key,
    staff_id integer not null references staff (id),
    outlet_id integer not null references outlets (id),
    business_date text not null, -- the outlet's day on which it began
    opened_at integer not null,
    closed_at integer,
    source text not null check (source in ('till', 'manager', 'import')),
    recorded_at integer not null,
    unique (staff_id, opened_at),
    check (closed_at is null or closed_at > opened_at)
) strict;
create unique index shifts_open on shifts (staff_id) where closed_at is null;
create index shifts_by_outlet on shifts (outlet_id, business_date);
create trigger shifts_close_once before update on shifts when old.closed_at is not null begin select raise(abort, 'shifts: a shift ends once'); end;
create trigger shifts_no_delete before delete on shifts begin select raise(abort, 'shifts are never deleted'); end;

-- Planned revenue of an outlet's month. Append-only: the last row of a month holds.
create table revenue_plans (
    id integer primary key,
    outlet_id integer not null references outlets (id),
    month text not null, -- its first day
    currency text not null,
    revenue_minor integer not null check (revenue_minor > 0),
    set_by integer not null references staff (id),
    set_at integer not null
) strict;
create index revenue_plans_by_month on revenue_plans (outlet_id, month, id);

create table outlet_groups (
    brand text not null references brands (code),
    code text not null,
    outlet_id integer not null references outlets (id),
    primary key (brand, code, outlet_id)
) strict, without rowid;

-- Counters ------------------------------------------------------------------------------------------------------

-- Counted of the receipts of a staff code on an outlet's business day. Kept by the triggers below in the transaction of
-- the receipt and of the return; always equal to what the views say of the receipts themselves.
create table kpi_days (
    outlet_id integer not null,
    business_date text not null, -- of the sale, also for what a return takes back
    staff_code text not null, -- as the till sent it; empty where it sent none
    currency text not null,
    receipts integer not null,
    items integer not null, -- thousandths
    revenue_minor integer not null,
    member_receipts integer not null,
    sign_ups integer not null,
    ratings integer not null,
    stars integer not null,
    primary key (outlet_id, business_date, staff_code, currency)
) strict, without rowid;
create index kpi_days_by_staff on kpi_days (staff_code, business_date) where staff_code <> '';

-- The same by category of goods.
create table kpi_categories (
    outlet_id integer not null,
    business_date text not null,
    staff_code text not null,
    category text not null,
    currency text not null,
    receipts integer not null, -- that kept something of the category
    items integer not null,
    revenue_minor integer not null,
    primary key (outlet_id, business_date, staff_code, category, currency)
) strict, without rowid;

-- Receipts that do not count: a sale to oneself, a split one, one with a colleague's discount.
create table kpi_excluded (
    receipt_id integer primary key references receipts (id),
    reason text not null check (reason in ('self', 'staff_card', 'split'))
) strict;

-- Whose first receipt it was, soon after they joined.
create table kpi_sign_ups (
    member_id integer primary key references members (id),
    receipt_id integer not null unique references receipts (id)
) strict;

-- Stars that a guest gave for a receipt.
create table kpi_ratings (
    receipt_id integer primary key references receipts (id),
    stars integer not null check (stars between 1 and 5),
    rated_at integer not null
) strict;

-- What is kept of each line.
create view kpi_kept as
select r.id as receipt_id, r.outlet_id as outlet_id, r.business_date as business_date,
    coalesce(r.staff_code, '') as staff_code, r.currency as currency, r.member_id as member_id, l.category as category,
    l.quantity - coalesce((select sum(t.quantity) from return_lines t where t.receipt_id = l.receipt_id and t.line_no = l.line_no), 0) as items,
    l.amount_minor - coalesce((select sum(t.refund_minor + t.points_back_minor) from return_lines t where t.receipt_id = l.receipt_id and t.line_no = l.line_no), 0) as revenue_minor
from receipts r join receipt_lines l on l.receipt_id = r.id;

-- Split: the same guest has another receipt at the outlet, on the same business day, within five minutes (300,000 ms)
-- before, of which something was kept. Does not depend on the order in which the receipts came.
create view kpi_split as
select r.id as receipt_id
from receipts r
where r.member_id is not null and exists (select 1 from receipts e
    where e.member_id = r.member_id and e.business_date = r.business_date and e.outlet_id = r.outlet_id and e.id <> r.id
    and (e.sold_at < r.sold_at or (e.sold_at = r.sold_at and e.id < r.id)) and e.sold_at >= r.sold_at - 300000
    and exists (select 1 from kpi_kept k where k.receipt_id = e.id and k.items > 0));

-- Bought by whoever rang it up, as far as they said who they are as a guest.
create view kpi_self as
select r.id as receipt_id
from receipts r
where r.member_id is not null and exists (select 1 from staff_members m join staff s on s.id = m.staff_id
    where m.member_id = r.member_id and s.code = r.staff_code and m.linked_at <= r.recorded_at
    and (m.unlinked_at is null or m.unlinked_at > r.recorded_at));

create trigger receipts_count after insert on receipts
begin
    insert into kpi_excluded (receipt_id, reason)
        select new.id, 'staff_card' from staff_card_uses u
        where u.outlet_id = new.outlet_id and u.business_date = new.business_date and u.number = new.number;
    insert into kpi_excluded (receipt_id, reason)
        select x.receipt_id, 'self' from kpi_self x where x.receipt_id = new.id on conflict (receipt_id) do nothing;
    insert into kpi_excluded (receipt_id, reason)
        select x.receipt_id, 'split' from kpi_split x where x.receipt_id = new.id on conflict (receipt_id) do nothing;
    insert into kpi_sign_ups (member_id, receipt_id)
        -- 604,800,000 ms: a week.
        select m.id, new.id from members m where m.id = new.member_id and new.sold_at <= m.joined_at + 604800000
        and not exists (select 1 from kpi_excluded x where x.receipt_id = new.id)
        and not exists (select 1 from receipts o where o.member_id = new.member_id and o.id <> new.id)
        on conflict (member_id) do nothing;
    insert into kpi_days (outlet_id, business_date, staff_code, currency, receipts, items, revenue_minor, member_receipts, sign_ups, ratings, stars)
        select new.outlet_id, new.business_date, coalesce(new.staff_code, ''), new.currency, 1, 0, 0, new.member_id is not null,
            exists (select 1 from kpi_sign_ups s where s.receipt_id = new.id), 0, 0
        where not exists (select 1 from kpi_excluded x where x.receipt_id = new.id)
        on conflict (outlet_id, business_date, staff_code, currency) do update set receipts = receipts + excluded.receipts,
        member_receipts = member_receipts + excluded.member_receipts, sign_ups = sign_ups + excluded.sign_ups;
end;

create trigger receipt_lines_count after insert on receipt_lines
    when not exists (select 1 from kpi_excluded x where x.receipt_id = new.receipt_id)
begin
    insert into kpi_days (outlet_id, business_date, staff_code, currency, receipts, items, revenue_minor, member_receipts, sign_ups, ratings, stars)
        select r.outlet_id, r.business_date, coalesce(r.staff_code, ''), r.currency, 0, new.quantity, new.amount_minor, 0, 0, 0, 0
        from receipts r where r.id = new.receipt_id
        on conflict (outlet_id, business_date, staff_code, currency) do update set items = items + excluded.items,
        revenue_minor = revenue_minor + excluded.revenue_minor;
    insert into kpi_categories (outlet_id, business_date, staff_code, category, currency, receipts, items, revenue_minor)
        select r.outlet_id, r.business_date, coalesce(r.staff_code, ''), new.category, r.currency,
            not exists (select 1 from receipt_lines l where l.receipt_id = new.receipt_id and l.category = new.category and l.line_no <> new.line_no),
            new.quantity, new.amount_minor
        from receipts r where r.id = new.receipt_id
        on conflict (outlet_id, business_date, staff_code, category, currency) do update set
        receipts = receipts + excluded.receipts, items = items + excluded.items, revenue_minor = revenue_minor + excluded.revenue_minor;
end;

-- A receipt that came late splits those after it.
create trigger receipt_lines_split after insert on receipt_lines when new.line_no = (select min(line_no) from receipt_lines where receipt_id = new.receipt_id)
begin
    insert into kpi_excluded (receipt_id, reason)
        select n.id, 'split' from receipts r join receipts n on n.member_id = r.member_id and n.business_date = r.business_date
        and n.outlet_id = r.outlet_id and n.id <> r.id and n.sold_at >= r.sold_at and n.sold_at <= r.sold_at + 300000
        join kpi_split s on s.receipt_id = n.id
        where r.id = new.receipt_id and r.member_id is not null
        on conflict (receipt_id) do nothing;
end;

create trigger return_lines_count after insert on return_lines
    when not exists (select 1 from kpi_excluded x where x.receipt_id = new.receipt_id)
begin
    insert into kpi_days (outlet_id, business_date, staff_code, currency, receipts, items, revenue_minor, member_receipts, sign_ups, ratings, stars)
        select r.outlet_id, r.business_date, coalesce(r.staff_code, ''), r.currency, g.gone, -new.quantity,
            -(new.refund_minor + new.points_back_minor), case when r.member_id is null then 0 else g.gone end,
            case when exists (select 1 from kpi_sign_ups s where s.receipt_id = r.id) then g.gone else 0 end, 0, 0
        from receipts r join (select case when exists (select 1 from kpi_kept k where k.receipt_id = new.receipt_id and k.items > 0) then 0 else -1 end as gone) g
        where r.id = new.receipt_id
        on conflict (outlet_id, business_date, staff_code, currency) do update set receipts = receipts + excluded.receipts,
        items = items + excluded.items, revenue_minor = revenue_minor + excluded.revenue_minor,
        member_receipts = member_receipts + excluded.member_receipts, sign_ups = sign_ups + excluded.sign_ups;
    insert into kpi_categories (outlet_id, business_date, staff_code, category, currency, receipts, items, revenue_minor)
        select r.outlet_id, r.business_date, coalesce(r.staff_code, ''), l.category, r.currency,
            case when exists (select 1 from kpi_kept k where k.receipt_id = new.receipt_id and k.category = l.category and k.items > 0) then 0 else -1 end,
            -new.quantity, -(new.refund_minor + new.points_back_minor)
        from receipts r join receipt_lines l on l.receipt_id = r.id and l.line_no = new.line_no where r.id = new.receipt_id
        on conflict (outlet_id, business_date, staff_code, category, currency) do update set
        receipts = receipts + excluded.receipts, items = items + excluded.items, revenue_minor = revenue_minor + excluded.revenue_minor;
end;

-- A receipt that went back whole splits nothing any more: what was rung up anew counts.
create trigger return_lines_join after insert on return_lines
    when not exists (select 1 from kpi_kept k where k.receipt_id = new.receipt_id and k.items > 0)
begin
    delete from kpi_excluded where reason = 'split' and receipt_id in (
        select n.id from receipts r join receipts n on n.member_id = r.member_id and n.business_date = r.business_date
        and n.outlet_id = r.outlet_id and n.id <> r.id and n.sold_at >= r.sold_at and n.sold_at <= r.sold_at + 300000
        where r.id = new.receipt_id and r.member_id is not null)
        and receipt_id not in (select s.receipt_id from kpi_split s join receipts r on r.id = new.receipt_id
        join receipts n on n.id = s.receipt_id and n.member_id = r.member_id and n.business_date = r.business_date);
end;

create trigger staff_card_uses_exclude after insert on staff_card_uses
begin
    insert into kpi_excluded (receipt_id, reason)
        select r.id, 'staff_card' from receipts r
        where r.outlet_id = new.outlet_id and r.business_date = new.business_date and r.number = new.number
        on conflict (receipt_id) do update set reason = 'staff_card';
end;

-- What does not count is taken out as it stands, and put back as it stands.
create trigger kpi_excluded_out after insert on kpi_excluded
begin
    insert into kpi_days (outlet_id, business_date, staff_code, currency, receipts, items, revenue_minor, member_receipts, sign_ups, ratings, stars)
        select k.outlet_id, k.business_date, k.staff_code, k.currency, -max(k.items > 0), -sum(k.items), -sum(k.revenue_minor),
            -max(k.items > 0 and k.member_id is not null),
            -max(k.items > 0 and exists (select 1 from kpi_sign_ups s where s.receipt_id = new.receipt_id)),
            -(select count(*) from kpi_ratings g where g.receipt_id = new.receipt_id),
            -(select coalesce(sum(g.stars), 0) from kpi_ratings g where g.receipt_id = new.receipt_id)
        from kpi_kept k where k.receipt_id = new.receipt_id group by k.outlet_id, k.business_date, k.staff_code, k.currency
        on conflict (outlet_id, business_date, staff_code, currency) do update set receipts = receipts + excluded.receipts,
        items = items + excluded.items, revenue_minor = revenue_minor + excluded.revenue_minor,
        member_receipts = member_receipts + excluded.member_receipts, sign_ups = sign_ups + excluded.sign_ups,
        ratings = ratings + excluded.ratings, stars = stars + excluded.stars;
    insert into kpi_categories (outlet_id, business_date, staff_code, category, currency, receipts, items, revenue_minor)
        select k.outlet_id, k.business_date, k.staff_code, k.category, k.currency, -max(k.items > 0), -sum(k.items), -sum(k.revenue_minor)
        from kpi_kept k where k.receipt_id = new.receipt_id group by k.outlet_id, k.business_date, k.staff_code, k.category, k.currency
        on conflict (outlet_id, business_date, staff_code, category, currency) do update set
        receipts = receipts + excluded.receipts, items = items + excluded.items, revenue_minor = revenue_minor + excluded.revenue_minor;
end;

create trigger kpi_excluded_in after delete on kpi_excluded
begin
    insert into kpi_days (outlet_id, business_date, staff_code, currency, receipts, items, revenue_minor, member_receipts, sign_ups, ratings, stars)
        select k.outlet_id, k.business_date, k.staff_code, k.currency, max(k.items > 0), sum(k.items), sum(k.revenue_minor),
            max(k.items > 0 and k.member_id is not null),
            max(k.items > 0 and exists (select 1 from kpi_sign_ups s where s.receipt_id = old.receipt_id)),
            (select count(*) from kpi_ratings g where g.receipt_id = old.receipt_id),
            (select coalesce(sum(g.stars), 0) from kpi_ratings g where g.receipt_id = old.receipt_id)
        from kpi_kept k where k.receipt_id = old.receipt_id group by k.outlet_id, k.business_date, k.staff_code, k.currency
        on conflict (outlet_id, business_date, staff_code, currency) do update set receipts = receipts + excluded.receipts,
        items = items + excluded.items, revenue_minor = revenue_minor + excluded.revenue_minor,
        member_receipts = member_receipts + excluded.member_receipts, sign_ups = sign_ups + excluded.sign_ups,
        ratings = ratings + excluded.ratings, stars = stars + excluded.stars;
    insert into kpi_categories (outlet_id, business_date, staff_code, category, currency, receipts, items, revenue_minor)
        select k.outlet_id, k.business_date, k.staff_code, k.category, k.currency, max(k.items > 0), sum(k.items), sum(k.revenue_minor)
        from kpi_kept k where k.receipt_id = old.receipt_id group by k.outlet_id, k.business_date, k.staff_code, k.category, k.currency
        on conflict (outlet_id, business_date, staff_code, category, currency) do update set
        receipts = receipts + excluded.receipts, items = items + excluded.items, revenue_minor = revenue_minor + excluded.revenue_minor;
end;

create trigger kpi_ratings_count after insert on kpi_ratings
    when not exists (select 1 from kpi_excluded x where x.receipt_id = new.receipt_id)
begin
    insert into kpi_days (outlet_id, business_date, staff_code, currency, receipts, items, revenue_minor, member_receipts, sign_ups, ratings, stars)
        select r.outlet_id, r.business_date, coalesce(r.staff_code, ''), r.currency, 0, 0, 0, 0, 0, 1, new.stars
        from receipts r where r.id = new.receipt_id
        on conflict (outlet_id, business_date, staff_code, currency) do update set ratings = ratings + 1, stars = stars + excluded.stars;
end;
-- What a guest answers to the question after a visit.
create trigger feedback_answers_rate after insert on feedback_answers
begin
    insert into kpi_ratings (receipt_id, stars, rated_at)
        select q.receipt_id, new.stars, new.answered_at from feedback_requests q where q.id = new.request_id
        on conflict (receipt_id) do nothing;
end;
create trigger kpi_ratings_no_update before update on kpi_ratings begin select raise(abort, 'kpi: ratings are append-only'); end;
create trigger kpi_ratings_no_delete before delete on kpi_ratings begin select raise(abort, 'kpi: ratings are append-only'); end;

-- What the receipts themselves say; the counters equal it at any time.
create view kpi_recount_receipts as
select k.receipt_id as receipt_id, k.outlet_id as outlet_id, k.business_date as business_date, k.staff_code as staff_code,
    k.currency as currency, max(k.items > 0) as receipts, sum(k.items) as items, sum(k.revenue_minor) as revenue_minor,
    max(k.items > 0 and k.member_id is not null) as member_receipts,
    max(k.items > 0) * exists (select 1 from kpi_sign_ups s where s.receipt_id = k.receipt_id) as sign_ups,
    (select count(*) from kpi_ratings g where g.receipt_id = k.receipt_id) as ratings,
    (select coalesce(sum(g.stars), 0) from kpi_ratings g where g.receipt_id = k.receipt_id) as stars
from kpi_kept k group by k.receipt_id;

-- Receipts and answers from before this schema.
insert into kpi_ratings (receipt_id, stars, rated_at)
    select q.receipt_id, a.stars, a.answered_at from feedback_answers a join feedback_requests q on q.id = a.request_id;
insert into kpi_excluded (receipt_id, reason) select receipt_id, 'split' from kpi_split;
delete from kpi_days;
delete from kpi_categories;
insert into kpi_days (outlet_id, business_date, staff_code, currency, receipts, items, revenue_minor, member_receipts, sign_ups, ratings, stars)
    select outlet_id, business_date, staff_code, currency, sum(receipts), sum(items), sum(revenue_minor), sum(member_receipts), 0, sum(ratings), sum(stars)
    from kpi_recount_receipts where receipt_id not in (select receipt_id from kpi_excluded)
    group by outlet_id, business_date, staff_code, currency;
insert into kpi_categories (outlet_id, business_date, staff_code, category, currency, receipts, items, revenue_minor)
    select outlet_id, business_date, staff_code, category, currency, sum(receipts), sum(items), sum(revenue_minor) from (
        select outlet_id, business_date, staff_code, category, currency, max(items > 0) as receipts, sum(items) as items, sum(revenue_minor) as revenue_minor
        from kpi_kept where receipt_id not in (select receipt_id from kpi_excluded)
        group by receipt_id, outlet_id, business_date, staff_code, category, currency) x
    group by outlet_id, business_date, staff_code, category, currency;

-- Goals and awards ----------------------------------------------------------------------------------------------

create table goals (
    id integer primary key,
    brand text not null references brands (code),
    code text not null,
    created_at integer not null,
    ended_on text, -- no period that begins on this day or later is measured
    unique (brand, code)
) strict;

-- Immutable. The newest that is effective on a period's first day holds for the whole period.
create table goal_versions (
    goal_id integer not null references goals (id),
    version integer not null,
    effective_on text not null,
    rules text not null, -- JSON: merit::goal::Goal
    note text not null,
    created_by integer not null references staff (id),
    created_at integer not null,
    primary key (goal_id, version)
) strict;
create trigger goal_versions_no_update before update on goal_versions begin select raise(abort, 'kpi: goal versions are immutable'); end;
create trigger goal_versions_no_delete before delete on goal_versions begin select raise(abort, 'kpi: goal versions are immutable'); end;

-- Periods that were judged, and by what.
create table goal_periods (
    goal_id integer not null references goals (id),
    period_from text not null,
    period_until text not null,
    version integer not null,
    decided_at integer not null,
    digest blob not null, -- of what was counted: another one means that late receipts or returns came
    correct_until integer not null, -- looked at again until then
    checked_at integer not null,
    primary key (goal_id, period_from)
) strict, without rowid;
create index goal_periods_open on goal_periods (correct_until);

-- Append-only: a correction is a row that takes back another, and perhaps a row of a later revision.
create table awards (
    id integer primary key,
    goal_id integer not null references goals (id),
    version integer not null,
    period_from text not null,
    period_until text not null,
    subject text not null, -- who was measured: a staff code, a shift, an outlet's code, ...
    staff_id integer not null references staff (id), -- who gets it
    prize text not null, -- 'points', 'badge:<code>', 'money:<currency>'
    revision integer not null,
    amount integer not null, -- hundredths of points, minor units, 1 for a badge; below zero takes back
    reverses integer unique references awards (id),
    arithmetic text not null, -- JSON: what was counted, each part's value and worth, score, place, level
    decided_at integer not null,
    unique (goal_id, period_from, subject, staff_id, prize, revision),
    check ((reverses is null) = (amount > 0))
) strict;
create index awards_by_staff on awards (staff_id, id);
create index awards_by_time on awards (decided_at, id);
create trigger awards_no_update before update on awards begin select raise(abort, 'kpi: awards are append-only'); end;
create trigger awards_no_delete before delete on awards begin select raise(abort, 'kpi: awards are append-only'); end;

-- Awards in points that reached the ledger. What is missing here waits for its owner to link a guest account.
create table award_postings (
    award_id integer primary key references awards (id),
    member_id integer not null references members (id),
    points integer not null, -- hundredths, as moved: less than the award where a reversal found less
    posted_at integer not null
) strict;
create trigger award_postings_no_update before update on award_postings begin select raise(abort, 'kpi: postings of awards are append-only'); end;
create trigger award_postings_no_delete before delete on award_postings begin select raise(abort, 'kpi: postings of awards are append-only'); end;
