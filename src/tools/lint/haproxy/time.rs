//! Parses times as `HAProxy` writes them; knows no keyword (Configuration Manual, "Time format").

use std::time::Duration;

/// A number with a unit, in milliseconds if it has none; `None` for anything else, such as a variable.
pub(super) fn time(text: &str) -> Option<Duration> {
    let end = text.find(|c: char| !c.is_ascii_digit());
    let (number, unit) = text.split_at_checked(end.unwrap_or(text.len()))?;
    let number: u64 = number.parse().ok()?;
    let of = |seconds: u64| Some(Duration::from_secs(number.checked_mul(seconds)?));
    match unit {
        "us" => Some(Duration::from_micros(number)),
        "" | "ms" => Some(Duration::from_millis(number)),
        "s" => of(1),
        "m" => of(60),
        "h" => of(60 * 60),
        "d" => of(24 * 60 * 60),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_unit_or_is_in_milliseconds() {
        for (text, expected) in [
            ("1500", Some(Duration::from_millis(1500))),
            ("1500ms", Some(Duration::from_millis(1500))),
            ("900us", Some(Duration::from_micros(900))),
            ("2s", Some(Duration::from_secs(2))),
            ("30m", Some(Duration::from_secs(1800))),
            ("3h", Some(Duration::from_secs(10_800))),
            ("1d", Some(Duration::from_secs(86_400))),
            ("0", Some(Duration::ZERO)),
            ("", None),
            ("s", None),
            ("2 s", None),
            ("-2s", None),
            ("2sec", None),
            ("${T}", None),
            ("99999999999999999999d", None),
            ("9999999999999999999d", None),
        ] {
            assert_eq!(time(text), expected, "{text}");
        }
    }
}
