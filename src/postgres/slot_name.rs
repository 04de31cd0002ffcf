//! The name of a replication slot, as PostgreSQL accepts it. Knows no slot.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The name of a replication slot: it needs no quoting, since it has lower-case letters, digits and underscores alone
/// (`ReplicationSlotValidateName` in `src/backend/replication/slot.c`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SlotName(String);

/// The text is not the name of a replication slot.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{0:?} is not the name of a replication slot; write 1 to 63 lower-case letters, digits and underscores"
)]
pub struct SlotNameError(pub String);

impl SlotName {
    /// Most bytes of a name (`NAMEDATALEN` without its end).
    pub const LONGEST: usize = 63;

    /// Returns whether a name may have this character.
    #[must_use]
    pub fn takes(c: char) -> bool {
        matches!(c, 'a'..='z' | '0'..='9' | '_')
    }

    /// A name that is known to be one.
    pub(crate) fn known(name: &'static str) -> Self {
        Self(name.to_owned())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SlotName {
    type Err = SlotNameError;

    fn from_str(text: &str) -> Result<Self, SlotNameError> {
        let fits = (1..=Self::LONGEST).contains(&text.len()) && text.chars().all(Self::takes);
        let name = || Self(text.to_owned());
        fits.then(name).ok_or_else(|| SlotNameError(text.into()))
    }
}

impl fmt::Display for SlotName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_postgresql_accepts() {
        let longest = "a".repeat(63);
        for name in ["a", "_", "0", "srv_1", longest.as_str()] {
            assert_eq!(name.parse::<SlotName>().unwrap().to_string(), name);
        }
        let too_long = "a".repeat(64);
        for wrong in ["", "A", "srv-1", "srv.1", "a b", "a'", "ä", &too_long] {
            assert_eq!(
                wrong.parse::<SlotName>(),
                Err(SlotNameError(wrong.to_owned()))
            );
        }
    }
}
