//! An order of maintenance and its text format: `drain` or `down`, optionally with an end:
//! `drain until 2026-11-22T08:00:00Z`. Reads no file and no clock.

use std::fmt;
use std::time::SystemTime;

use crate::health::Maintenance;

/// An order of maintenance and its end. The end is a time of the wall clock, because it must mean the same
/// after a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaintenanceOrder {
    /// What is answered while the order is in force.
    pub how: Maintenance,
    /// The end of the order; `None` if it stays in force until it is taken back.
    pub until: Option<SystemTime>,
}

const DRAIN: &str = "drain";
const DOWN: &str = "down";
const UNTIL: &str = "until";

impl MaintenanceOrder {
    /// Parses an order; `None` if the text is not an order.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        let how = match words.next() {
            // An empty file, as `touch` creates it.
            None | Some(DRAIN) => Maintenance::Drain,
            Some(DOWN) => Maintenance::Down,
            Some(_) => return None,
        };
        let until = match (words.next(), words.next(), words.next()) {
            (None, None, None) => None,
            (Some(UNTIL), Some(time), None) => Some(humantime::parse_rfc3339(time).ok()?),
            (_, _, _) => return None,
        };
        Some(Self { how, until })
    }

    /// The order in force at `now`; `None` after its end.
    #[must_use]
    pub fn at(&self, now: SystemTime) -> Option<Maintenance> {
        let over = self.until.is_some_and(|until| until <= now);
        (!over).then_some(self.how)
    }
}

impl fmt::Display for MaintenanceOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.how {
            Maintenance::Drain => DRAIN,
            Maintenance::Down => DOWN,
        })?;
        match self.until {
            Some(until) => write!(f, " {UNTIL} {}", humantime::format_rfc3339_seconds(until)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn an_empty_file_is_the_order_to_drain() {
        let drain = MaintenanceOrder {
            how: Maintenance::Drain,
            until: None,
        };
        for text in ["", "\n", "drain", " drain\n"] {
            assert_eq!(MaintenanceOrder::parse(text), Some(drain), "{text:?}");
        }
    }

    #[test]
    fn text_that_is_not_an_order_is_rejected() {
        for text in [
            "up",
            "drain until",
            "drain until tomorrow",
            "drain 10m",
            "down until 2026-11-22T08:00:00Z now",
            "DOWN",
        ] {
            assert_eq!(MaintenanceOrder::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn an_order_ends_at_its_time() {
        let order = MaintenanceOrder::parse("down until 1970-01-01T00:01:00Z").unwrap();
        assert_eq!(order.at(at(59)), Some(Maintenance::Down));
        assert_eq!(order.at(at(60)), None);
    }

    proptest! {
        #[test]
        fn a_printed_order_parses_to_the_same_order(
            down: bool,
            until in prop::option::of(0_u64..200_000_000_000)
        ) {
            let how = if down { Maintenance::Down } else { Maintenance::Drain };
            let order = MaintenanceOrder { how, until: until.map(at) };
            prop_assert_eq!(MaintenanceOrder::parse(&order.to_string()), Some(order));
        }
    }
}
