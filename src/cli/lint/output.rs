//! The report of `lint haproxy`, for people and for programs; judges nothing.

use std::fmt::Write as _;

use serde::Serialize;

use crate::base::json::line_by_line;
use crate::base::terminal::shown;
use crate::tools::lint::Finding;
use crate::tools::lint::haproxy::{NotEvaluated, SessionOrigin};

/// The findings, each in two lines, and the sections in the last line.
pub(super) fn lines(
    found: &[Finding],
    judged: &[(String, SessionOrigin)],
    unknown: &[NotEvaluated],
) -> String {
    let mut lines = String::new();
    for finding in found {
        // Writing to a String cannot fail.
        writeln!(lines, "{finding}").ok();
    }
    let sections = judged.iter().map(|(name, role)| match role {
        SessionOrigin::Writers | SessionOrigin::Readers => format!("{name} ({})", role.word()),
        SessionOrigin::Unknown => name.clone(),
    });
    let sections = sections.collect::<Vec<_>>().join(", ");
    let unknown = unknown.iter().map(|unknown| {
        let NotEvaluated { section, why } = unknown;
        format!("{section} ({why})")
    });
    let unknown = unknown.collect::<Vec<_>>().join(", ");
    let end = match (judged, found.len(), unknown.as_str()) {
        ([], _, _) => "no section leads to PostgreSQL".to_owned(),
        (_, 0, "") => format!("good; leads to PostgreSQL: {sections}"),
        (_, 0, unknown) => format!("not evaluated: {unknown}; leads to PostgreSQL: {sections}"),
        (_, count, "") => format!("{count} found; leads to PostgreSQL: {sections}"),
        (_, count, unknown) => {
            format!("{count} found; not evaluated: {unknown}; leads to PostgreSQL: {sections}")
        }
    };
    lines + &shown(&end) + "\n"
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct LintDocument<'l> {
    sections: Vec<LintSection<'l>>,
    findings: Vec<LintFinding<'l>>,
    not_evaluated: Vec<LintUnknown<'l>>,
}

#[derive(Debug, Serialize)]
struct LintUnknown<'l> {
    section: &'l str,
    why: &'l str,
}

#[derive(Debug, Serialize)]
struct LintSection<'l> {
    name: &'l str,
    #[serde(rename = "for")]
    origin: &'static str,
}

#[derive(Debug, Serialize)]
struct LintFinding<'l> {
    id: &'static str,
    severity: &'static str,
    file: &'l str,
    line: usize,
    sections: &'l [String],
    what: &'l str,
    remedy: &'l str,
}

/// The same as a JSON object.
pub(super) fn document(
    found: &[Finding],
    judged: &[(String, SessionOrigin)],
    unknown: &[NotEvaluated],
) -> String {
    let sections = judged.iter().map(|(name, role)| LintSection {
        name,
        origin: role.word(),
    });
    let findings = found.iter().map(|finding| LintFinding {
        id: finding.rule.id(),
        severity: finding.rule.severity().word(),
        file: &finding.place.file,
        line: finding.place.line,
        sections: &finding.sections,
        what: &finding.what,
        remedy: &finding.remedy,
    });
    let unknown = unknown.iter().map(|unknown| LintUnknown {
        section: &unknown.section,
        why: &unknown.why,
    });
    line_by_line(&LintDocument {
        sections: sections.collect(),
        findings: findings.collect(),
        not_evaluated: unknown.collect(),
    })
}
