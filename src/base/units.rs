//! Parses and prints sizes, durations and rates in the notation of configuration files; does not know
//! what they measure.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

/// A number of bytes, in the notation of PostgreSQL's memory units: powers of 1024, `B kB MB GB TB`
/// (PostgreSQL manual, "Parameter Names and Values").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

const UNITS: [(&str, u64); 5] = [
    ("TB", 1 << 40),
    ("GB", 1 << 30),
    ("MB", 1 << 20),
    ("kB", 1 << 10),
    ("B", 1),
];

impl Bytes {
    /// The size for display: in the largest unit that gives a number above zero, rounded down.
    #[must_use]
    pub fn roughly(self) -> String {
        match UNITS.iter().find(|(_, factor)| self.0 >= *factor) {
            Some((name, factor)) => format!("{}{name}", self.0 / factor),
            None => "0B".into(),
        }
    }
}

/// A number of events per second, written `50/s`; never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(pub NonZeroU32);

/// A text is not a size, duration or rate.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UnitError {
    /// The text is not a whole number with a known unit.
    #[error(
        "\"{0}\" is not a size; write a whole number and a unit, as in \"16MB\" (B, kB, MB, GB, TB)"
    )]
    Size(String),
    /// The number of bytes does not fit into 64 bits.
    #[error("\"{0}\" is too large: a size must be less than 2^64 bytes")]
    SizeRange(String),
    /// The text is not a duration.
    #[error("\"{0}\" is not a duration; write a number and a unit, as in \"500ms\" or \"2s\"")]
    Duration(String),
    /// The text is not a rate.
    #[error("\"{0}\" is not a rate; write a whole number above zero a second, as in \"50/s\"")]
    Rate(String),
}

impl FromStr for Rate {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let number = text.strip_suffix("/s").map(str::trim_end);
        let digits = number.filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
        let rate = digits.and_then(|digits| digits.parse().ok());
        rate.map(Self).ok_or_else(|| UnitError::Rate(text.into()))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s", self.0)
    }
}

impl FromStr for Bytes {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let unit = text.strip_prefix(digits).unwrap_or_default().trim();
        let number: u64 = digits.parse().map_err(|_| {
            if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
                UnitError::SizeRange(text.into())
            } else {
                UnitError::Size(text.into())
            }
        })?;
        let factor = match UNITS.iter().find(|(name, _)| *name == unit) {
            Some((_, factor)) => *factor,
            None if number == 0 && unit.is_empty() => 1,
            None => return Err(UnitError::Size(text.into())),
        };
        number
            .checked_mul(factor)
            .map(Self)
            .ok_or_else(|| UnitError::SizeRange(text.into()))
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fitting = UNITS
            .iter()
            .find(|(_, factor)| self.0 != 0 && self.0.is_multiple_of(*factor));
        match fitting {
            Some((name, factor)) => write!(f, "{}{name}", self.0 / factor),
            None => write!(f, "{}B", self.0),
        }
    }
}

/// Parses a duration such as `500ms`, `2s`, `1min`, `0s`.
pub fn parse_duration(text: &str) -> Result<Duration, UnitError> {
    humantime::parse_duration(text).map_err(|_| UnitError::Duration(text.into()))
}

/// Prints a duration so that [`parse_duration`] returns the same one.
pub fn show_duration(duration: Duration) -> String {
    humantime::format_duration(duration)
        .to_string()
        .replace(' ', "")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_are_read_as_postgresql_reads_them() {
        assert_eq!("16MB".parse(), Ok(Bytes(16 << 20)));
        assert_eq!("1 kB".parse(), Ok(Bytes(1024)));
        assert_eq!("0".parse(), Ok(Bytes(0)));
        for wrong in ["", "16", "MB", "16mb", "-1B", "1.5GB", "16MiB"] {
            assert_eq!(
                wrong.parse::<Bytes>(),
                Err(UnitError::Size(wrong.into())),
                "{wrong}"
            );
        }
        for large in ["99999999999999999999B", "18446744073709551615kB"] {
            assert_eq!(
                large.parse::<Bytes>(),
                Err(UnitError::SizeRange(large.into()))
            );
        }
    }

    #[test]
    fn sizes_for_display_are_rounded_down() {
        assert_eq!(Bytes(0).roughly(), "0B");
        assert_eq!(Bytes(1023).roughly(), "1023B");
        assert_eq!(Bytes((153 << 20) + 17).roughly(), "153MB");
    }

    #[test]
    fn durations_need_a_unit() {
        assert_eq!(parse_duration("1500ms"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse_duration("0s"), Ok(Duration::ZERO));
        assert!(parse_duration("5").is_err());
        assert!(parse_duration("fast").is_err());
    }

    #[test]
    fn rates_are_whole_numbers_a_second() {
        let rate = |number| Rate(NonZeroU32::new(number).unwrap());
        assert_eq!("50/s".parse(), Ok(rate(50)));
        assert_eq!("2000 /s".parse(), Ok(rate(2000)));
        assert_eq!(rate(50).to_string(), "50/s");
        for wrong in [
            "",
            "50",
            "/s",
            "0/s",
            "-1/s",
            "+1/s",
            "1.5/s",
            "50/min",
            "4294967296/s",
        ] {
            assert_eq!(wrong.parse::<Rate>(), Err(UnitError::Rate(wrong.into())));
        }
    }

    proptest! {
        #[test]
        fn a_printed_size_parses_to_the_same_size(bytes: u64) {
            prop_assert_eq!(Bytes(bytes).to_string().parse(), Ok(Bytes(bytes)));
        }

        #[test]
        fn a_printed_duration_parses_to_the_same_duration(millis in 0_u64..u64::from(u32::MAX)) {
            let duration = Duration::from_millis(millis);
            prop_assert_eq!(parse_duration(&show_duration(duration)), Ok(duration));
        }
    }
}
