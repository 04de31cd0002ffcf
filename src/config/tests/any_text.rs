//! Properties that hold for any text.

use std::io;
use std::str::FromStr;

use proptest::prelude::*;

use super::super::parse::parse_bytes;
use super::super::*;

/// Text that looks enough like a configuration to reach every branch.
fn configuration() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "[postgres]",
        "[listen]",
        "[answer]",
        "[[standby]]",
        "[guard]",
        "[",
        "]",
        "{",
        "}",
        "\n",
        "\r\n",
        "\r",
        "\t",
        " ",
        "=",
        " = ",
        ".",
        ",",
        "\"",
        "'",
        "\"\"\"",
        "'''",
        "\\",
        "#",
        "timeout",
        "conninfo",
        "state",
        "production",
        "standby",
        "max_age",
        "max_lag",
        "allow",
        "max_connections",
        "timeot",
        "\"5s\"",
        "\"0s\"",
        "5",
        "-1",
        "0x",
        "1e400",
        "true",
        "1979-05-27",
        "\"[::]:5431\"",
        "\"0.0.0.0:5431\"",
        "\"16MB\"",
        "\"down\"",
        "日本",
        "\u{e9}",
        "\u{feff}",
        "\u{1b}",
        "\u{202e}",
        "e\u{301}",
        "\0",
    ]);
    prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat())
}

fn holds(text: &str) -> Result<(), TestCaseError> {
    let refuse = |conninfo: &str| match conninfo {
        "" => Ok(()),
        _ => Err(io::Error::other("no")),
    };
    let problems = match parse(text, refuse) {
        Ok(parsed) => parsed.warnings,
        Err(problems) => {
            let is_error = |problem: &Problem| problem.severity == ProblemSeverity::Error;
            prop_assert!(problems.iter().any(is_error));
            problems
        }
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for place in problems.iter().filter_map(|problem| problem.place.as_ref()) {
        let line = text.split('\n').nth(place.line - 1);
        prop_assert!(
            line.is_some_and(|line| place.column <= line.chars().count() + 1),
            "{place:?}"
        );
    }
    let report = ProblemReport::new("f", problems).to_string();
    prop_assert!(
        !report.contains(['\u{1b}', '\r', '\0', '\u{202e}']),
        "{report:?}"
    );
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_settings_or_problems_with_places_in_it(text: String) {
        holds(&text)?;
    }

    #[test]
    fn anything_like_a_configuration_is_settings_or_problems_with_places_in_it(text in configuration()) {
        holds(&text)?;
    }

    #[test]
    fn any_bytes_are_settings_or_problems(bytes: Vec<u8>) {
        let is_text = std::str::from_utf8(&bytes).is_ok();
        let parsed = parse_bytes(&bytes, String::from_str);
        prop_assert!(is_text || parsed.is_err());
    }
}
