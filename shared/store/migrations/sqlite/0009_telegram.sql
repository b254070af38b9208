-- The Telegram bots of the brands, the chats that belong to members, and what was taken before.

create table telegram_bots (
    brand text primary key references brands (code),
    bot_id integer not null unique, -- Telegram's number of it: what stands before the colon of its token
    username text not null, -- without the @
    token_sealed blob not null, -- encrypted
    secret_sealed blob not null, -- encrypted: what Telegram repeats in a header of every update, drawn anew with every change
    webhook_url text not null, -- where updates are sent
    app_url text, -- opened by the menu's button as a Mini App; null: none
    terms_url text not null, -- what is agreed to on joining, and where it can be read
    privacy_url text not null,
    texts_version text not null, -- which version of both
    created_at integer not null,
    changed_at integer not null
) strict, without rowid;

-- A chat of a member: at most one each way.
create table telegram_links (
    id integer primary key,
    brand text not null references brands (code),
    chat_index blob not null, -- blind index
    chat_sealed blob not null, -- encrypted
    member_id integer not null unique references members (id),
    referral text, -- the friend's code with which the chat was opened
    linked_at integer not null,
    blocked_at integer, -- since when the guest lets no messages in; null: they do
    unique (brand, chat_index)
) strict;

-- The same update again has no effect, and gets the same answer.
create table telegram_updates (
    brand text not null references brands (code),
    update_id integer not null,
    taken_at integer not null,
    answer_sealed blob, -- encrypted JSON, see kv-schemas/bot.say.v1.schema.json; null: nothing was said
    primary key (brand, update_id)
) strict, without rowid;
create index telegram_updates_by_time on telegram_updates (taken_at);

-- Questions that a chat is about: what a guest writes next belongs to the newest.
create table telegram_threads (
    brand text not null references brands (code),
    chat_index blob not null, -- blind index
    ticket text not null,
    touched_at integer not null,
    primary key (brand, chat_index, ticket)
) strict, without rowid;

-- Openings of the Mini App that signed somebody in: none does so twice.
create table telegram_openings (
    brand text not null references brands (code),
    proof blob not null,
    opened_at integer not null,
    primary key (brand, proof)
) strict, without rowid;
create index telegram_openings_by_time on telegram_openings (opened_at);
