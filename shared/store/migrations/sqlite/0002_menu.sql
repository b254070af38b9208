-- Menus: the brand's items, iiko accounts and what they hold, which product is which item, outlets' tills, snapshots.

create table brand_categories (
    brand text not null references brands (code),
    code text not null,
    content text not null, -- JSON: menu::brand::BrandCategory
    changed_at integer not null,
    primary key (brand, code)
) strict;

create table brand_items (
    brand text not null references brands (code),
    code text not null,
    content text not null, -- JSON: menu::brand::BrandItem
    changed_by integer, -- staff; null when it was adopted from a chain by a job
    changed_at integer not null,
    primary key (brand, code)
) strict;

create table iiko_accounts (
    id integer primary key,
    brand text not null references brands (code),
    name text not null,
    base_url text not null, -- scheme and host
    credentials blob not null, -- JSON, sealed for (iiko_accounts, credentials, id)
    source text not null check (source in ('external', 'nomenclature')), -- where its menu is read
    external_menu text, -- id at iiko; null with source 'nomenclature'
    price_category text, -- id at iiko; null where prices come from the menu
    menu_format integer not null check (menu_format in (2, 3, 4)),
    status text not null check (status in ('active', 'paused')),
    token blob, -- sealed for (iiko_accounts, token, id)
    token_until integer not null default 0,
    webhook_hash text unique, -- SHA-256, hexadecimal, of the token that its events carry; null: events are refused
    breaker_state text not null default 'closed' check (breaker_state in ('closed', 'open', 'half_open')),
    breaker_failures integer not null default 0,
    breaker_until integer not null default 0,
    directory_due_at integer not null default 0, -- organisations, terminal groups, dictionaries
    stops_due_at integer not null default 0,
    last_synced_at integer,
    last_error text, -- null after a run without one
    created_at integer not null,
    changed_at integer not null,
    unique (brand, name)
) strict;

create table iiko_organizations (
    account_id integer not null references iiko_accounts (id),
    id text not null, -- iiko's
    name text not null,
    code text,
    currency text,
    address text,
    tax_number text,
    revision integer not null default 0, -- of the menu read last
    menu_due_at integer not null default 0,
    menu_synced_at integer,
    menu_error text,
    seen_at integer not null,
    primary key (account_id, id)
) strict;

create table iiko_terminals (
    account_id integer not null references iiko_accounts (id),
    id text not null,
    organization_id text not null,
    name text not null,
    zone text,
    asleep integer not null check (asleep in (0, 1)),
    seen_at integer not null,
    primary key (account_id, id)
) strict;

create table iiko_payment_types (
    account_id integer not null references iiko_accounts (id),
    id text not null,
    code text not null,
    name text not null,
    kind text not null,
    seen_at integer not null,
    primary key (account_id, id)
) strict;

create table iiko_order_types (
    account_id integer not null references iiko_accounts (id),
    organization_id text not null,
    id text not null,
    name text not null,
    service text not null,
    seen_at integer not null,
    primary key (account_id, organization_id, id)
) strict;

-- Where an outlet's orders go.
create table outlet_tills (
    outlet_id integer primary key references outlets (id),
    account_id integer not null references iiko_accounts (id),
    organization_id text not null,
    terminal_group_id text not null,
    order_mode text not null check (order_mode in ('delivery', 'table')),
    payment_type_id text, -- how an order paid in the app is marked as paid
    order_type_id text,
    discount_type_id text, -- how our discounts are told to the till
    points_payment_type_id text, -- how spent points are told; null: as a discount
    changed_at integer not null
) strict;
create index outlet_tills_by_organization on outlet_tills (account_id, organization_id);
create index outlet_tills_by_terminal on outlet_tills (account_id, terminal_group_id);

-- A product as some organisations have it: most share one content.
create table chain_products (
    account_id integer not null references iiko_accounts (id),
    product_id text not null,
    digest text not null, -- of the content
    content text not null, -- JSON: menu::chain::Product
    seen_at integer not null,
    primary key (account_id, product_id, digest)
) strict;

create table chain_assortments (
    account_id integer not null references iiko_accounts (id),
    organization_id text not null,
    product_id text not null,
    digest text not null,
    primary key (account_id, organization_id, product_id)
) strict;

create table chain_stops (
    account_id integer not null references iiko_accounts (id),
    terminal_group_id text not null,
    product_id text not null,
    size_id text not null, -- empty: every size
    remaining integer not null check (remaining >= 0), -- whole portions
    primary key (account_id, terminal_group_id, product_id, size_id)
) strict;

create table item_matches (
    account_id integer not null references iiko_accounts (id),
    item_code text not null,
    product_id text not null,
    status text not null check (status in ('confirmed', 'rejected')),
    mapping text not null, -- JSON: menu::mapping::Mapping
    score integer not null,
    decided_by integer, -- staff
    decided_at integer not null,
    primary key (account_id, item_code, product_id)
) strict;
create unique index item_matches_one_product on item_matches (account_id, item_code) where status = 'confirmed';
create unique index item_matches_one_item on item_matches (account_id, product_id) where status = 'confirmed';

-- The snapshot in the key-value store is current while built = wanted.
create table outlet_menus (
    outlet_id integer primary key references outlets (id),
    wanted integer not null default 1, -- counts changes of what the menu follows from
    built integer not null default 0,
    revision text, -- of the content; null before the first build
    built_at integer
) strict;
create index outlet_menus_stale on outlet_menus (outlet_id) where built < wanted;

create table outlet_items (
    outlet_id integer not null references outlets (id),
    item_code text not null,
    primary key (outlet_id, item_code)
) strict;
