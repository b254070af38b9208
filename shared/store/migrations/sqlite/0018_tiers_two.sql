-- Tiers, again: where members were at home before, which ends of grants were told, who grants how much.

-- Append-only: every move of a member's home after the first. Boundaries up to the day of a move are judged at the home
-- of before, later ones at the new one.
create table member_homes (
    id integer primary key,
    member_id integer not null references members (id),
    outlet_before integer not null references outlets (id),
    outlet_after integer not null references outlets (id),
    moved_on text not null, -- local day at the new home
    moved_at integer not null,
    check (outlet_before <> outlet_after)
) strict;
create index member_homes_by_member on member_homes (member_id, id);

-- A move is made by writing it down, and its member is looked at again: what takes effect at once may be reached.
create trigger member_homes_move after insert on member_homes
begin
    update members set home_outlet_id = new.outlet_after, changed_at = new.moved_at where id = new.member_id;
    insert into tier_touched (member_id, from_at) values (new.member_id, new.moved_at)
        on conflict (member_id) do nothing;
end;
create trigger member_homes_no_update before update on member_homes begin select raise(abort, 'members: moves of homes are append-only'); end;
create trigger member_homes_no_delete before delete on member_homes begin select raise(abort, 'members: moves of homes are append-only'); end;

alter table tier_grants add column warned_at integer; -- when its end was told, or found not worth telling
create index tier_grants_ending on tier_grants (until_at, id) where warned_at is null and revoked_at is null;
create index tier_grants_by_staff on tier_grants (granted_by, id);
