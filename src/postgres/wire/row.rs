//! The values of one row, in the binary forms of their types; knows nothing of what they mean.

use std::error::Error;

use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::DataRowBody;
use postgres_protocol::types;

use super::error::WireError;

/// A row as it came.
pub struct Row(DataRowBody);

impl Row {
    pub(super) fn new(body: DataRowBody) -> Self {
        Self(body)
    }

    /// A `bool`.
    pub fn bool(&self, column: usize) -> Result<Option<bool>, WireError> {
        self.read(column, types::bool_from_sql)
    }

    /// An `int8`.
    pub fn int8(&self, column: usize) -> Result<Option<i64>, WireError> {
        self.read(column, types::int8_from_sql)
    }

    /// A `pg_lsn`.
    pub fn lsn(&self, column: usize) -> Result<Option<u64>, WireError> {
        self.read(column, types::lsn_from_sql)
    }

    /// A `text`.
    pub fn text(&self, column: usize) -> Result<Option<&str>, WireError> {
        self.read(column, types::text_from_sql)
    }

    /// The value of a column that is never NULL.
    pub fn known<T>(value: Option<T>) -> Result<T, WireError> {
        value.ok_or_else(|| WireError::Form("a value is NULL that never is".into()))
    }

    fn read<'a, T>(
        &'a self,
        column: usize,
        read: impl FnOnce(&'a [u8]) -> Result<T, Box<dyn Error + Sync + Send>>,
    ) -> Result<Option<T>, WireError> {
        let broken = |what: String| WireError::Form(format!("column {column} of a row: {what}"));
        let range = self.0.ranges().nth(column);
        let range = range.map_err(|error| broken(error.to_string()))?;
        let range = range.ok_or_else(|| broken("it is missing".into()))?;
        let Some(range) = range else { return Ok(None) };
        let bytes = self.0.buffer().get(range);
        let bytes = bytes.ok_or_else(|| broken("it is cut off".into()))?;
        read(bytes)
            .map(Some)
            .map_err(|error| broken(error.to_string()))
    }
}
