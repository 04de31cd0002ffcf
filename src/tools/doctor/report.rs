//! The result of an examination, formatted for people and for programs; judges nothing.

use std::fmt;

use serde::Serialize;

use super::finding::HostFinding;
use crate::base::json::line_by_line;
use crate::base::terminal::shown;

/// The findings, and what was not examined. What was not examined never counts as sound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    findings: Vec<HostFinding>,
    unseen: Vec<Unseen>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Unseen {
    what: String,
    why: String,
}

impl Report {
    /// Adds a finding.
    pub fn find(&mut self, finding: HostFinding) {
        self.findings.push(finding);
    }

    /// Adds something that could not be examined, with the reason.
    pub fn not_looked_at(&mut self, what: &str, why: &str) {
        self.unseen.push(Unseen {
            what: what.to_owned(),
            why: why.to_owned(),
        });
    }

    /// The findings, in the order in which they were added.
    #[must_use]
    pub fn findings(&self) -> &[HostFinding] {
        &self.findings
    }

    /// What was not examined: its name, and the reason.
    pub fn unseen(&self) -> impl Iterator<Item = (&str, &str)> {
        let unseen = self.unseen.iter();
        unseen.map(|unseen| (unseen.what.as_str(), unseen.why.as_str()))
    }

    /// The report as JSON for programs.
    #[must_use]
    pub fn json(&self) -> String {
        let findings = self.findings.iter().map(|finding| DoctorFinding {
            id: finding.id.word(),
            what: &finding.what,
            why: finding.id.why(),
            remedy: &finding.remedy,
        });
        let unseen = self.unseen().map(|(what, why)| DoctorUnseen { what, why });
        line_by_line(&DoctorDocument {
            version: VERSION,
            findings: findings.collect(),
            not_looked_at: unseen.collect(),
        })
    }
}

/// The version of the document: it grows when a field changes its meaning, not when one is added.
const VERSION: u64 = 1;

#[derive(Debug, Serialize)]
struct DoctorDocument<'r> {
    version: u64,
    findings: Vec<DoctorFinding<'r>>,
    not_looked_at: Vec<DoctorUnseen<'r>>,
}

#[derive(Debug, Serialize)]
struct DoctorFinding<'r> {
    id: &'static str,
    what: &'r str,
    why: &'static str,
    remedy: &'r str,
}

#[derive(Debug, Serialize)]
struct DoctorUnseen<'r> {
    what: &'r str,
    why: &'r str,
}

/// Formats the report for people: three lines for each finding, one for each part that was not examined, and the
/// number of findings.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for HostFinding { id, what, remedy } in &self.findings {
            let (word, why) = (id.word(), id.why());
            let (what, remedy) = (shown(what), shown(remedy));
            writeln!(f, "{word}: {what}\n    why:  {why}\n    fix:  {remedy}")?;
        }
        for (what, why) in self.unseen() {
            writeln!(f, "not looked at: {}: {}", shown(what), shown(why))?;
        }
        match self.findings.len() {
            0 => writeln!(f, "nothing found"),
            1 => writeln!(f, "1 finding"),
            many => writeln!(f, "{many} findings"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::doctor::finding::Id;

    #[test]
    fn a_name_moves_no_cursor() {
        let mut report = Report::default();
        report.find(HostFinding {
            id: Id::NotifyOff,
            what: "resource \u{1b}[2J".into(),
            remedy: "pcs \u{202e}".into(),
        });
        report.not_looked_at("a\nnothing found", "b\r");
        let text = report.to_string();
        assert!(text.contains("resource \\u{1b}[2J\n"), "{text}");
        assert_eq!(text.lines().count(), 5, "{text}");
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\r']), "{text:?}");
    }

    #[test]
    fn what_was_not_looked_at_is_never_silent() {
        let mut report = Report::default();
        report.not_looked_at("Pacemaker", "there is no cibadmin");
        assert_eq!(
            report.to_string(),
            "not looked at: Pacemaker: there is no cibadmin\nnothing found\n"
        );
        report.find(HostFinding {
            id: Id::NotifyOff,
            what: "notify is off".into(),
            remedy: "pcs".into(),
        });
        let text = report.to_string();
        assert!(
            text.starts_with("notify-off: notify is off\n    why:  the agent"),
            "{text}"
        );
        assert!(text.ends_with("\n1 finding\n"), "{text}");
        let json: serde_json::Value = serde_json::from_str(&report.json()).unwrap();
        assert_eq!(json["findings"][0]["id"], "notify-off");
        assert_eq!(json["findings"][0]["remedy"], "pcs");
        assert_eq!(json["not_looked_at"][0]["what"], "Pacemaker");
    }
}
