//! Transactions and savepoints.

use crate::dialect;
use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

const SAVEPOINT: Statement = Statement::new("savepoint", "savepoint one");
const KEEP: Statement = Statement::new("savepoint.keep", "release savepoint one");
const UNDO: Statement = Statement::new("savepoint.undo", "rollback to savepoint one");

/// Runs `work` in one transaction that holds the right to write from its first statement on, so that what it reads
/// cannot change before it writes. Commits when `work` succeeds; otherwise nothing of it remains.
///
/// # Errors
/// What `work` returned, or a failure of storage.
pub fn transaction<T, E: From<StoreError>>(
    sql: &dyn Sql,
    work: impl FnOnce(&dyn Sql) -> Result<T, E>,
) -> Result<T, E> {
    dialect::BEGIN_WRITE.run(sql, &[])?;
    match work(sql) {
        Ok(value) => {
            dialect::COMMIT.run(sql, &[]).inspect_err(|_| abandon(sql))?;
            Ok(value)
        }
        Err(error) => {
            abandon(sql);
            Err(error)
        }
    }
}

/// Runs `work` inside the open transaction so that its failure undoes its own writes only.
///
/// # Errors
/// What `work` returned, or a failure of storage.
pub fn nested<T, E: From<StoreError>>(sql: &dyn Sql, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    SAVEPOINT.run(sql, &[])?;
    let result = work();
    if result.is_err() {
        UNDO.run(sql, &[])?;
    }
    KEEP.run(sql, &[])?;
    result
}

/// The reason for the roll-back is already on its way to the caller, and a connection that cannot roll back is
/// thrown away by the host, which has the same effect.
fn abandon(sql: &dyn Sql) {
    if let Err(error) = dialect::ROLLBACK.run(sql, &[]) {
        eprintln!("transaction.rollback failed: {error}");
    }
}
