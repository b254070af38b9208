-- Staff goals: who once was known to be a guest stays so, and groups of outlets have a past.

-- Bought by whoever rang it up, as far as they ever said who they are as a guest: a link that comes after the sale, or was
-- ended, makes it no less a sale to oneself.
drop view kpi_self;
create view kpi_self as
select r.id as receipt_id
from receipts r
where r.member_id is not null and exists (select 1 from staff_members m join staff s on s.id = m.staff_id
    where m.member_id = r.member_id and s.code = r.staff_code);
insert into kpi_excluded (receipt_id, reason) select receipt_id, 'self' from kpi_self where true
    on conflict (receipt_id) do update set reason = 'self' where kpi_excluded.reason = 'split';

-- A period is judged by the groups of its first day.
create table outlet_group_days (
    brand text not null references brands (code),
    code text not null,
    outlet_id integer not null references outlets (id),
    since text not null, -- the first day on which the outlet is in the group
    until text check (until > since), -- the first on which it no longer is; null while it is
    primary key (brand, code, outlet_id, since)
) strict, without rowid;
insert into outlet_group_days (brand, code, outlet_id, since) select brand, code, outlet_id, '1970-01-01' from outlet_groups;
drop table outlet_groups;
