//! A position in the write-ahead log.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::base::units::Bytes;

/// A write-ahead log location: a byte position, written as two hexadecimal halves
/// (PostgreSQL manual, "`pg_lsn` Type").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lsn(pub u64);

/// The text is not a WAL position.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{0}\" is not a WAL position such as 16/B374D848")]
pub struct LsnError(String);

impl Lsn {
    /// Returns how many bytes this position lies before `end`; zero if it is not before `end`.
    #[must_use]
    pub fn behind(self, end: Self) -> Bytes {
        Bytes(end.0.saturating_sub(self.0))
    }
}

impl FromStr for Lsn {
    type Err = LsnError;

    fn from_str(text: &str) -> Result<Self, LsnError> {
        let half = |part: &str| {
            let digits =
                (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_hexdigit());
            digits.then(|| u64::from_str_radix(part, 16).ok()).flatten()
        };
        text.split_once('/')
            .and_then(|(high, low)| Some(Self(half(high)? << 32 | half(low)?)))
            .ok_or_else(|| LsnError(text.into()))
    }
}

impl fmt::Display for Lsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:X}/{:X}", self.0 >> 32, self.0 & 0xFFFF_FFFF)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_that_is_no_position_is_refused() {
        for wrong in [
            "",
            "/",
            "1",
            "1/",
            "/1",
            "1/2/3",
            "123456789/0",
            "+1/0",
            "G/0",
        ] {
            assert_eq!(wrong.parse::<Lsn>(), Err(LsnError(wrong.into())));
        }
    }

    #[test]
    fn a_position_ahead_is_not_behind() {
        assert_eq!(Lsn(5).behind(Lsn(9)), Bytes(4));
        assert_eq!(Lsn(9).behind(Lsn(5)), Bytes(0));
    }

    proptest! {
        #[test]
        fn a_position_is_printed_so_that_it_reads_the_same(position: u64) {
            prop_assert_eq!(Lsn(position).to_string().parse(), Ok(Lsn(position)));
        }
    }
}
