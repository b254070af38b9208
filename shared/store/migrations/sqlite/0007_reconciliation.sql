-- Up to where each iiko account's changes of orders have been read: what its events failed to tell.
create table order_readings (
    account_id integer primary key references iiko_accounts (id),
    revision integer not null, -- iiko's; 0: as far back as iiko looks
    due_at integer not null
) strict;
