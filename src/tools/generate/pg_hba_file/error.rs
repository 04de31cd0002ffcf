//! Why a `pg_hba.conf` is not changed; reads no line of it.

use thiserror::Error;

/// Why a file is not changed; each error has the line number, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HbaFileError {
    /// A line that is not a rule.
    #[error("line {line}: \"{word}\" is not the type of a rule")]
    Kind {
        /// The line number.
        line: usize,
        /// The first word of the line.
        word: String,
    },
    /// A rule with too few fields.
    #[error("line {line}: the rule has {has} fields and needs {needs}")]
    Fields {
        /// The line number.
        line: usize,
        /// The number of fields in the rule.
        has: usize,
        /// The number of fields that the type of rule needs.
        needs: usize,
    },
    /// An address that is none, or that has no valid mask.
    #[error("line {line}: \"{address}\" is not an address with a mask, and not the name of a host")]
    Address {
        /// The line number.
        line: usize,
        /// The address, with the mask that follows.
        address: String,
    },
    /// A quote that is not closed.
    #[error("line {0}: a quote is not closed")]
    Quote(usize),
    /// A marker without its counterpart, or in the wrong order.
    #[error("line {0}: this marker of pgsql-state's rules has no matching marker")]
    Marker(usize),
}
