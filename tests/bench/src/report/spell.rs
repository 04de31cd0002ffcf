//! Numbers as people read them; pure.

/// What stands where nothing was measured.
pub(super) const NOTHING: &str = "–";

/// A whole number in groups of three digits.
pub(super) fn whole(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Seconds in the unit that fits.
pub(super) fn seconds(seconds: f64) -> String {
    match seconds {
        long if long >= 1.0 => format!("{long:.2} s"),
        long if long >= 0.1 => format!("{:.0} ms", long * 1e3),
        middle if middle >= 0.01 => format!("{:.1} ms", middle * 1e3),
        short if short >= 0.001 => format!("{:.2} ms", short * 1e3),
        tiny if tiny >= 0.0001 => format!("{:.0} µs", tiny * 1e6),
        tiny => format!("{:.1} µs", tiny * 1e6),
    }
}

/// Kilobytes as megabytes of 1024.
pub(super) fn megabytes(kilobytes: f64) -> String {
    format!("{:.1} MB", kilobytes / 1024.0)
}

/// How many times another figure.
pub(super) fn times(ratio: f64) -> String {
    match ratio {
        large if large >= 10.0 => format!("{} ×", whole(large)),
        small if small < 0.1 => format!("{small:.3} ×"),
        ratio => format!("{ratio:.2} ×"),
    }
}

/// A number per answer, down to very few.
pub(super) fn each(number: f64) -> String {
    match number {
        zero if zero <= 0.0 => "0".into(),
        many if many >= 0.1 => format!("{many:.2}"),
        some if some >= 0.001 => format!("{some:.4}"),
        few => format!("{few:.6}"),
    }
}

/// A share of a whole.
pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// The number in words, or a dash.
pub(super) fn or_nothing(number: Option<f64>, spell: fn(f64) -> String) -> String {
    number.map_or_else(|| NOTHING.into(), spell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_from_the_right() {
        assert_eq!(whole(93.4), "93");
        assert_eq!(whole(920.0), "920");
        assert_eq!(whole(30_920.0), "30,920");
        assert_eq!(whole(1_000_000.0), "1,000,000");
    }

    #[test]
    fn times_are_in_the_unit_that_fits() {
        assert_eq!(seconds(0.000_013_4), "13.4 µs");
        assert_eq!(seconds(0.000_102), "102 µs");
        assert_eq!(seconds(0.001_24), "1.24 ms");
        assert_eq!(seconds(0.0108), "10.8 ms");
        assert_eq!(seconds(0.3442), "344 ms");
        assert_eq!(seconds(1.4), "1.40 s");
    }

    #[test]
    fn few_statements_for_many_answers_are_still_told_from_none() {
        assert_eq!(each(0.0), "0");
        assert_eq!(each(1.0), "1.00");
        assert_eq!(each(0.0632), "0.0632");
        assert_eq!(each(0.000_04), "0.000040");
    }

    #[test]
    fn ratios_keep_what_matters() {
        assert_eq!(times(371.4), "371 ×");
        assert_eq!(times(1.204), "1.20 ×");
        assert_eq!(times(0.0031), "0.003 ×");
    }
}
