//! What a report of many problems contains, and what it must not contain.

use std::io;
use std::str::FromStr;

use super::super::parse::parse_bytes;
use super::super::*;
use super::one_line_each;

#[test]
fn a_password_is_never_shown() {
    for text in [
        "[postgres]\nconninfo = \"password=geheim hoost=x\"",
        "[postgres]\nconninfo = \"password=geheim",
        "[postgres]\nconninfo = host=a password=geheim",
        "[postgres]\nconninfo \"password=geheim\"",
        "[postgres]\nconninfo = \"pasword=geheim\"",
        "[postgres]\nconninfo = \"password geheim\"",
        "[postgres]\nconninfo = 'postgresql://u:geheim@h/d' x",
        "[postgres]\nconninfo = \"password=\ngeheim\"",
        "[postgres]\npassword = \"geheim\"",
        "[postgres]\npwd = \"geheim\"",
        "postgres = { pwd = \"geheim\", timeout = \"5\" }",
        "postgres = { timeout = \"5\", pwd = \"geheim\" }",
    ] {
        let refuse = |_: &str| Err::<(), _>(io::Error::other("this is no conninfo"));
        let problems = parse(text, refuse).unwrap_err();
        assert!(!problems.is_empty());
        let report = ProblemReport::new("f", problems);
        assert!(!report.to_string().contains("geheim"), "{report}");
        assert!(!format!("{report:?}").contains("geheim"), "{report:?}");
    }
}

#[test]
fn of_a_text_that_is_not_toml_the_first_mistake_is_reported_and_no_value() {
    let refuse = |_: &str| Err::<(), _>(io::Error::other("this is no conninfo"));
    let text = "answer.max_age = \"soon\"\npostgres.timeout = 3s\npostgres.conninfo = x";
    let problems = parse(text, refuse).unwrap_err();
    let expected = "2:20: string values must be quoted, expected literal string";
    assert_eq!(one_line_each(problems), [expected]);
}

#[test]
fn bytes_that_are_not_text_have_a_place_among_the_other_problems() {
    let bytes = b"# caf\xe9\n[postgres]\ntimeout = \"5\"\n";
    let marked = [b"\xef\xbb\xbf", &bytes[..]].concat();
    let expected = [
        "1:6: this is not UTF-8; save the file as UTF-8, or with: iconv -f latin1 -t utf-8",
        "3:11: postgres.timeout: \"5\" is not a duration; write a number and a unit, as in \"500ms\" or \"2s\"",
    ];
    for bytes in [&bytes[..], &marked] {
        let problems = parse_bytes(bytes, String::from_str).unwrap_err();
        assert_eq!(one_line_each(problems), expected);
    }
}

#[test]
fn a_flood_of_problems_is_not_written_out() {
    let names = (0..1000).map(|number| format!("x{number} = 1\n"));
    let problems = parse(&names.collect::<String>(), String::from_str).unwrap_err();
    assert_eq!(problems.len(), 1000);
    let report = ProblemReport::new("f", problems).to_string();
    assert!(report.ends_with("and 900 more\n"), "{report}");
}
