//! What the scheduled look is told by its variables, kept where transactions of other components find it.

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

const LOAD: Statement = Statement::new("fraud.setting", "select value from fraud_settings where name = ?1");
const SAVE: Statement = Statement::new(
    "fraud.save_setting",
    "insert into fraud_settings (name, value) values (?1, ?2) on conflict (name) do update set value = excluded.value",
);
const DELETE: Statement =
    Statement::new("fraud.delete_setting", "delete from fraud_settings where name = ?1");

/// A setting, if there is one.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, name: &str) -> Result<Option<String>, StoreError> {
    LOAD.query_one(sql, &[name.into()])?.map(|mut row| row.text()).transpose()
}

/// Keeps a setting; `None` forgets it.
///
/// # Errors
/// A failure of storage.
pub fn save(tx: &dyn Sql, name: &str, value: Option<&str>) -> Result<(), StoreError> {
    match value {
        Some(value) => SAVE.run(tx, &[name.into(), value.into()]),
        None => DELETE.run(tx, &[name.into()]),
    }
}
