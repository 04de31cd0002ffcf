//! Tests of whole texts, from TOML to settings or messages.

mod any_text;
mod example;
mod refused;
mod report;
mod valid;

use std::str::FromStr;

use super::{Problem, ProblemReport, Settings, parse};

/// The settings of a text without mistakes; every conninfo is accepted.
fn settings(text: &str) -> Settings<String> {
    let parsed = parse(text, String::from_str).unwrap();
    assert_eq!(parsed.warnings, [], "{text}");
    parsed.settings
}

/// Each error and warning of a text on one line, in its order.
fn sentences(text: &str) -> Vec<String> {
    one_line_each(match parse(text, String::from_str) {
        Ok(parsed) => parsed.warnings,
        Err(problems) => problems,
    })
}

fn one_line_each(problems: Vec<Problem>) -> Vec<String> {
    ProblemReport::new("", problems).sentences().collect()
}
