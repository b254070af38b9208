//! Questions that a chat is about.

use kernel::Timestamp;

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

const TOUCH: Statement = Statement::new(
    "telegram.touch_thread",
    "insert into telegram_threads (brand, chat_index, ticket, touched_at) values (?1, ?2, ?3, ?4) \
     on conflict (brand, chat_index, ticket) do update set touched_at = excluded.touched_at",
);
const NEWEST: Statement = Statement::new(
    "telegram.newest_thread",
    "select ticket from telegram_threads where brand = ?1 and chat_index = ?2 and touched_at >= ?3 \
     order by touched_at desc, ticket desc limit 1",
);
/// Makes a ticket the newest question of a chat.
///
/// # Errors
/// A failure of storage.
pub fn touch(
    sql: &dyn Sql,
    brand: &str,
    chat_index: &[u8],
    ticket: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    TOUCH.run(sql, &[brand.into(), chat_index.into(), ticket.into(), now.millis().into()])
}

/// The newest question of a chat that was touched since `since`.
///
/// # Errors
/// A failure of storage.
pub fn load_newest(
    sql: &dyn Sql,
    brand: &str,
    chat_index: &[u8],
    since: Timestamp,
) -> Result<Option<String>, StoreError> {
    let parameters = [brand.into(), chat_index.into(), since.millis().into()];
    NEWEST.query_one(sql, &parameters)?.map(|mut row| row.text()).transpose()
}
