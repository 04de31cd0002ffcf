//! A finding with its place; reads no configuration.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::rule::Rule;
use crate::base::terminal::shown;

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileLine {
    /// The name of the file, as it was given.
    pub file: Arc<str>,
    /// The line number, counted from 1.
    pub line: usize,
}

/// A mistake with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The kind of the mistake.
    pub rule: Rule,
    /// The line to change, or the line that opens the section in which something is missing.
    pub place: FileLine,
    /// The sections that it affects.
    pub sections: Vec<String>,
    /// What is wrong and why that matters, as one sentence.
    pub what: String,
    /// How to fix it, as one sentence.
    pub remedy: String,
}

impl fmt::Display for FileLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Formats `file:line: id: what (sections)`, and the remedy on a line of its own.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rule,
            place,
            sections,
            what,
            remedy,
        } = self;
        let (place, what) = (shown(&place.to_string()), shown(what));
        let sections = shown(&sections.join(", "));
        writeln!(f, "{place}: {}: {what} ({sections})", rule.id())?;
        write!(f, "    {}", shown(remedy))
    }
}

/// Merges findings with the same kind, place and text into one with all their sections. Keeps their order.
pub(super) fn merged(findings: Vec<Finding>) -> Vec<Finding> {
    let mut merged: Vec<Finding> = Vec::new();
    let mut places: HashMap<(Rule, FileLine, String), usize> = HashMap::new();
    for finding in findings {
        let key = (finding.rule, finding.place.clone(), finding.what.clone());
        let at = *places.entry(key).or_insert(merged.len());
        match merged.get_mut(at) {
            Some(known) => {
                for section in finding.sections {
                    if !known.sections.contains(&section) {
                        known.sections.push(section);
                    }
                }
            }
            None => merged.push(finding),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(line: usize, section: &str) -> Finding {
        Finding {
            rule: Rule::NoCheckTimeout,
            place: FileLine {
                file: "a.cfg".into(),
                line,
            },
            sections: vec![section.to_owned()],
            what: "nothing bounds it".to_owned(),
            remedy: "bound it".to_owned(),
        }
    }

    #[test]
    fn one_line_that_affects_many_sections_is_one_finding() {
        let found = merged(vec![
            finding(3, "rw"),
            finding(3, "ro"),
            finding(3, "rw"),
            finding(4, "ro"),
        ]);
        assert_eq!(found.len(), 2);
        assert_eq!(
            found[0].to_string(),
            "a.cfg:3: no-check-timeout: nothing bounds it (rw, ro)\n    bound it"
        );
    }

    #[test]
    fn a_name_moves_no_cursor() {
        let finding = Finding {
            what: "server \u{1b}[2J".to_owned(),
            ..finding(3, "rw\r")
        };
        assert_eq!(
            finding.to_string(),
            "a.cfg:3: no-check-timeout: server \\u{1b}[2J (rw\\u{d})\n    bound it"
        );
    }
}
