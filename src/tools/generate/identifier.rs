//! The name of a role or a database, and how SQL and `pg_hba.conf` write it; knows neither's statements.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A name that both languages can have in quotes as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifier(String);

/// A text is no such name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is no name of a role or a database: 1 to 63 bytes, without quotes, backslashes or control characters, and no \"/\" at its beginning"
)]
pub struct IdentifierError(String);

/// `NAMEDATALEN` less the end of a string (`PostgreSQL` manual, "Identifiers and Key Words").
const LONGEST: usize = 63;

impl FromStr for Identifier {
    type Err = IdentifierError;

    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        let plain = |c: char| !c.is_control() && !['"', '\'', '\\'].contains(&c);
        // A slash begins a regular expression in pg_hba.conf since PostgreSQL 16, in quotes too.
        let fits = (1..=LONGEST).contains(&text.len()) && !text.starts_with('/');
        if fits && text.chars().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            let shown: String = text.chars().take(LONGEST).collect();
            Err(IdentifierError(shown.escape_debug().to_string()))
        }
    }
}

/// As it is, for a protocol and for people.
impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Identifier {
    /// As an identifier of SQL, and as a name in `pg_hba.conf` that is no keyword of it.
    pub(super) fn quoted(&self) -> String {
        format!("\"{}\"", self.0)
    }

    /// As a text of SQL.
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
    fn what_quotes_cannot_hold_is_refused() {
        let long = "x".repeat(64);
        for wrong in ["", "a\"b", "a'b", "a\\b", "a\nb", "/^a", &long] {
            let error = wrong.parse::<Identifier>().unwrap_err().to_string();
            assert!(!error.contains('\n'), "{error}");
        }
    }
}
