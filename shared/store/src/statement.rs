//! Statements with names, and rows with addresses.

use crate::error::StoreError;
use crate::port::{Sql, Value};

/// One SQL statement. Every statement of the product is a `const` of this type in the file of its domain.
#[derive(Debug, Clone, Copy)]
pub struct Statement {
    /// What errors and logs call it: `receipts.insert`.
    pub name: &'static str,
    /// The text, in the subset that SQLite and PostgreSQL share; parameters are `?1`, `?2`, …
    pub text: &'static str,
}

impl Statement {
    /// Names a statement.
    #[must_use]
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text }
    }

    /// Runs it and returns the rows.
    ///
    /// # Errors
    /// When the database refuses or fails.
    pub fn query(&self, sql: &dyn Sql, parameters: &[Value]) -> Result<Vec<Row>, StoreError> {
        let rows = sql
            .execute(self.text, parameters)
            .map_err(|source| StoreError::Sql { statement: self.name, source })?;
        Ok(rows.into_iter().map(|values| Row::new(self.name, values)).collect())
    }

    /// Runs it and returns the first row, if any.
    ///
    /// # Errors
    /// When the database refuses or fails.
    pub fn query_one(&self, sql: &dyn Sql, parameters: &[Value]) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, parameters)?.into_iter().next())
    }

    /// Runs it for its effect.
    ///
    /// # Errors
    /// When the database refuses or fails.
    pub fn run(&self, sql: &dyn Sql, parameters: &[Value]) -> Result<(), StoreError> {
        self.query(sql, parameters).map(drop)
    }
}

/// A statement over several rows of values: an insert, or an update from a list. One call for many rows, because a call
/// into the host costs more than a row does.
#[derive(Debug, Clone, Copy)]
pub struct ManyRows {
    pub name: &'static str,
    /// What stands before the rows: `insert into t (a, b) values `, with the blank at the end.
    pub head: &'static str,
    /// Values in one row.
    pub width: usize,
    /// What stands after the rows.
    pub tail: &'static str,
}

/// Rows that one call carries. A statement with another number of rows is another text, which is parsed and planned once
/// per connection and then kept; so there are few: these numbers, and one for every smaller number of rows than the last.
const ROWS_PER_CALL: [usize; 2] = [64, 16];

impl ManyRows {
    /// Names an insert whose rows have `width` values.
    #[must_use]
    pub const fn insert(name: &'static str, head: &'static str, width: usize) -> Self {
        Self { name, head, width, tail: "" }
    }

    /// Runs it over all rows; `values` holds them one after another.
    ///
    /// # Errors
    /// When the database refuses or fails.
    pub fn run(&self, sql: &dyn Sql, values: &[Value]) -> Result<(), StoreError> {
        let mut left = values;
        while !left.is_empty() {
            let rows = left.len() / self.width;
            let now = ROWS_PER_CALL.into_iter().find(|&size| size <= rows).unwrap_or(rows);
            // Values that are no whole row are refused by the database: they are fewer than its parameters.
            let (these, others) = left.split_at((now.max(1) * self.width).min(left.len()));
            sql.execute(&self.text(now.max(1)), these)
                .map_err(|source| StoreError::Sql { statement: self.name, source })?;
            left = others;
        }
        Ok(())
    }

    /// The statement for `rows` rows.
    #[must_use]
    pub fn text(&self, rows: usize) -> String {
        let mut text = String::with_capacity(self.head.len() + rows * self.width * 5 + self.tail.len());
        text.push_str(self.head);
        for row in 0..rows {
            text.push_str(if row == 0 { "(" } else { ", (" });
            for column in 0..self.width {
                if column > 0 {
                    text.push_str(", ");
                }
                text.push('?');
                text.push_str(&(row * self.width + column + 1).to_string());
            }
            text.push(')');
        }
        text.push_str(self.tail);
        text
    }
}

/// One row, read from left to right; whatever does not fit is an error that names statement and column.
#[derive(Debug)]
pub struct Row {
    statement: &'static str,
    values: std::vec::IntoIter<Value>,
    column: usize,
}

impl Row {
    /// A row of the statement of that name.
    pub(crate) fn new(statement: &'static str, values: Vec<Value>) -> Self {
        Self { statement, values: values.into_iter(), column: 0 }
    }

    /// The next column as an integer.
    ///
    /// # Errors
    /// When it is something else or absent.
    pub fn integer(&mut self) -> Result<i64, StoreError> {
        match self.next()? {
            Value::Integer(value) => Ok(value),
            _ => Err(self.inconsistent("not an integer")),
        }
    }

    /// The next column as an integer or null.
    ///
    /// # Errors
    /// When it is something else or absent.
    pub fn integer_or_null(&mut self) -> Result<Option<i64>, StoreError> {
        match self.next()? {
            Value::Integer(value) => Ok(Some(value)),
            Value::Null => Ok(None),
            _ => Err(self.inconsistent("neither an integer nor null")),
        }
    }

    /// The next column as text.
    ///
    /// # Errors
    /// When it is something else or absent.
    pub fn text(&mut self) -> Result<String, StoreError> {
        match self.next()? {
            Value::Text(value) => Ok(value),
            _ => Err(self.inconsistent("not text")),
        }
    }

    /// The next column as text or null.
    ///
    /// # Errors
    /// When it is something else or absent.
    pub fn text_or_null(&mut self) -> Result<Option<String>, StoreError> {
        match self.next()? {
            Value::Text(value) => Ok(Some(value)),
            Value::Null => Ok(None),
            _ => Err(self.inconsistent("neither text nor null")),
        }
    }

    /// The next column as bytes.
    ///
    /// # Errors
    /// When it is something else or absent.
    pub fn blob(&mut self) -> Result<Vec<u8>, StoreError> {
        match self.next()? {
            Value::Blob(value) => Ok(value),
            _ => Err(self.inconsistent("not bytes")),
        }
    }

    /// The next column as bytes or null.
    ///
    /// # Errors
    /// When it is something else or absent.
    pub fn blob_or_null(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        match self.next()? {
            Value::Blob(value) => Ok(Some(value)),
            Value::Null => Ok(None),
            _ => Err(self.inconsistent("neither bytes nor null")),
        }
    }

    /// The next column as 0 or 1.
    ///
    /// # Errors
    /// When it is something else or absent.
    pub fn boolean(&mut self) -> Result<bool, StoreError> {
        match self.integer()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.inconsistent("neither 0 nor 1")),
        }
    }

    /// The next column as text that `parse` reads: a currency, a date, a closed set of codes.
    ///
    /// # Errors
    /// When it is no text, or `parse` refuses it.
    pub fn parsed<T, E>(&mut self, parse: impl FnOnce(&str) -> Result<T, E>) -> Result<T, StoreError> {
        let text = self.text()?;
        parse(&text).map_err(|_| self.inconsistent("text outside its closed set"))
    }

    /// Whether the next column is null; it stays the next.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.values.as_slice().first(), Some(Value::Null))
    }

    /// Passes over the next column.
    ///
    /// # Errors
    /// When it is absent.
    pub fn skip(&mut self) -> Result<(), StoreError> {
        self.next().map(drop)
    }

    /// An error that points at the column read last.
    #[must_use]
    pub const fn inconsistent(&self, problem: &'static str) -> StoreError {
        StoreError::Inconsistent { statement: self.statement, column: self.column, problem }
    }

    fn next(&mut self) -> Result<Value, StoreError> {
        self.column += 1;
        self.values.next().ok_or(StoreError::Inconsistent {
            statement: self.statement,
            column: self.column,
            problem: "no such column",
        })
    }
}
