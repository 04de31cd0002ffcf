//! Helpers of the rules' tests.

use std::collections::BTreeSet;

use crate::tools::lint::Rule;
use crate::tools::lint::haproxy::{Configuration, Resolved, SourceFile, findings, names};

pub(super) fn configuration(text: &str) -> Configuration {
    let source = SourceFile {
        name: "x".to_owned(),
        text: text.to_owned(),
    };
    Configuration::read(&[source]).unwrap()
}

fn lines(rule: Rule, text: &str) -> Vec<usize> {
    let read = configuration(text);
    let lost: BTreeSet<String> = names(&read)
        .into_iter()
        .filter(|name| name.contains('.'))
        .collect();
    let found = findings(&read, &Resolved::AllBut(lost), None);
    let found = found.iter().filter(|finding| finding.rule == rule);
    found.map(|finding| finding.place.line).collect()
}

/// Asserts that the rule reports these lines.
#[track_caller]
pub(super) fn fires(rule: Rule, text: &str, expected: &[usize]) {
    assert_eq!(lines(rule, text), expected, "{}:\n{text}", rule.id());
}

/// Asserts that the rule reports nothing.
#[track_caller]
pub(super) fn quiet(rule: Rule, text: &str) {
    fires(rule, text, &[]);
}
