//! Column names without an allocation per call.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::Statement;

/// The names of statements seen on one connection.
pub(crate) struct ColumnNames {
    known: HashMap<Box<str>, Arc<[String]>>,
    statements_max: usize,
}

impl ColumnNames {
    pub(crate) fn new(statements_max: usize) -> Self {
        Self { known: HashMap::new(), statements_max }
    }

    /// The names of `statement`, whose text is `sql`: the known ones if still right, since a schema change may have
    /// altered them.
    pub(crate) fn of(&mut self, statement: &Statement<'_>, sql: &str) -> Arc<[String]> {
        let count = statement.column_count();
        let name = |column| statement.column_name(column).unwrap_or_default();
        if let Some(names) = self.known.get(sql)
            && names.len() == count
            && names.iter().enumerate().all(|(column, known)| known == name(column))
        {
            return Arc::clone(names);
        }
        let names: Arc<[String]> = (0..count).map(|column| name(column).to_owned()).collect();
        if self.known.len() >= self.statements_max {
            self.known.clear();
        }
        self.known.insert(sql.into(), Arc::clone(&names));
        names
    }
}
