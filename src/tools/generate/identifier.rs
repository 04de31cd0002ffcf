//! The name of a role or a database, and its form in SQL and in `pg_hba.conf`; knows no statement and no rule.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A name that needs no escaping inside the quotes of SQL and of `pg_hba.conf`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifier(String);

/// A text that is not such a name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is not a valid name of a role or a database: write 1 to 63 bytes, without quotes, backslashes or control characters, and no \"/\" at the beginning"
)]
pub struct IdentifierError(String);

/// `NAMEDATALEN` minus the terminating null byte (`PostgreSQL` manual, "Identifiers and Key Words").
const LONGEST: usize = 63;

impl FromStr for Identifier {
    type Err = IdentifierError;

    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        let plain = |c: char| !c.is_control() && !['"', '\'', '\\'].contains(&c);
        // Since PostgreSQL 16 a slash begins a regular expression in pg_hba.conf, even in quotes.
        let fits = (1..=LONGEST).contains(&text.len()) && !text.starts_with('/');
        if fits && text.chars().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            let shown: String = text.chars().take(LONGEST).collect();
            Err(IdentifierError(shown.escape_debug().to_string()))
        }
    }
}

/// The bare name, for a protocol and for people.
impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Identifier {
    /// The name in double quotes, as an SQL identifier and as a name in `pg_hba.conf` that is not a keyword.
    pub(super) fn quoted(&self) -> String {
        format!("\"{}\"", self.0)
    }

    /// The name in single quotes, as an SQL literal.
    pub(super) fn literal(&self) -> String {
        format!("'{}'", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_written_in_quotes() {
        let name: Identifier = "pgsql-state".parse().unwrap();
        assert_eq!(name.quoted(), "\"pgsql-state\"");
        assert_eq!(name.literal(), "'pgsql-state'");
        assert!("rôle with blanks".parse::<Identifier>().is_ok());
    }

    #[test]
    fn names_that_need_escaping_are_refused() {
        let long = "x".repeat(64);
        for wrong in ["", "a\"b", "a'b", "a\\b", "a\nb", "/^a", &long] {
            let error = wrong.parse::<Identifier>().unwrap_err().to_string();
            assert!(!error.contains('\n'), "{error}");
        }
    }
}
