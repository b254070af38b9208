-- Orders for later, and what is read of tills unasked.

-- How long before an order is wanted its till is told of it.
alter table outlet_tills add column lead_minutes integer not null default 15 check (lead_minutes between 0 and 1440);

-- The menu is read one organisation at a time, with its combos, by iiko's newer call.
alter table iiko_accounts add column plain_menu integer not null default 0 check (plain_menu in (0, 1));

-- The till is not told before; null: at once.
alter table orders add column send_at integer;

-- Changes of orders that are over are read until then: a till may undo what it closed.
alter table order_readings add column watch_until integer not null default 0;
-- Orders of the house have no list of changes: those that were taken of late are read by their ids.
create index orders_of_houses on orders (till_account, accepted_at) where till_service = 'till';
