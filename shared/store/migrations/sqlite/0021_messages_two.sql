-- Messages: what expired unsent is seen, with the reason of every channel; who waits for a carrier waits in one queue; a
-- reply finds its ticket by bot, chat and message; warnings of tiers go on where they stopped; a tick that failed is noted
-- apart from how the last run went.

alter table deliveries add column reasons text; -- of one that reached nobody: channel and reason, `push_fcm:off sms:not_worth`
drop index deliveries_failed;
-- With what people filter by, so that they leaf through the index alone.
create index deliveries_unsent on deliveries (status, settled_at, notification_id, topic, channel)
    where status in ('dead', 'unconfirmed', 'expired');

-- What somebody is waiting for at this very moment goes past the crowd.
create index notifications_unplanned_urgent on notifications (id)
    where planned_at is null and topic in ('account.held', 'order.cancelled', 'email.confirm');
create index deliveries_due_urgent on deliveries (lane, due_at)
    where status = 'queued' and topic in ('account.held', 'order.cancelled', 'email.confirm');

-- What was sealed with an intent and is of no use any more when that expires.
create index notifications_sealed on notifications (topic, expires_at) where body_sealed is not null;

-- Where the queue ends of those who wait for a provider: whoever comes now waits behind them.
alter table message_providers add column queue_until integer not null default 0;
-- The same of those whose place came while the provider could not be asked: at the front.
alter table message_providers add column front_until integer not null default 0;

-- Messages of a bot about tickets: what is replied to. Numbers of messages are a bot's own, so another bot of the brand begins
-- anew.
create table telegram_sayings (
    bot_id integer not null,
    chat_index blob not null, -- blind index
    message_id integer not null,
    ticket text not null,
    said_at integer not null,
    primary key (bot_id, chat_index, message_id)
) strict, without rowid;
create index telegram_sayings_by_chat on telegram_sayings (chat_index);
create index telegram_sayings_by_time on telegram_sayings (said_at);

-- How far the holders of a zone were warned of a boundary; gone when all of them were.
create table tier_warnings (
    brand text not null references brands (code),
    zone text not null,
    ends_on text not null, -- the boundary
    cursor integer not null, -- the last member
    primary key (brand, zone)
) strict, without rowid;

-- A tick that failed before its job could say how it went; null after one that did not.
alter table jobs add column tick_error text;
