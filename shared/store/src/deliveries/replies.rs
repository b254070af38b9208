//! What a guest replies to.

use kernel::MemberId;

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

/// By the member's own index, so that few rows are looked at.
const TOLD_BY_BOT: Statement = Statement::new(
    "deliveries.told_by_bot",
    "select n.data from deliveries d join notifications n on n.id = d.notification_id \
     where d.member_id = ?1 and d.status in ('sent', 'unconfirmed') and d.channel = 'telegram' and d.provider_id = ?2 \
     order by d.settled_at desc limit 1",
);

/// The data of the intent that was told to a member in this message of a bot's.
///
/// # Errors
/// A failure of storage.
pub fn load_told_by_bot(sql: &dyn Sql, member: MemberId, message: i64) -> Result<Option<String>, StoreError> {
    let parameters = [member.raw().into(), message.to_string().into()];
    TOLD_BY_BOT.query_one(sql, &parameters)?.map(|mut row| row.text()).transpose()
}
