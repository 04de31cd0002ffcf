//! The kinds of mistakes, and a finding with its place; reads no configuration.

use std::fmt;

use crate::base::terminal::shown;
use std::sync::Arc;

/// A kind of mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// A check matches a word anywhere in an answer.
    UnanchoredExpect,
    /// A check cannot tell the primary from a standby.
    RoleBlind,
    /// An agent-check without a check: nothing notices that the agent is gone.
    AgentCheckAlone,
    /// A pooler answers the check instead of `PostgreSQL`.
    CheckThroughPooler,
    /// Nothing bounds how long a check waits for its answer.
    NoCheckTimeout,
    /// A check may take longer than the time between two checks.
    CheckTimeoutOverInter,
    /// Writers reach a server before its first check.
    UpBeforeCheck,
    /// `HAProxy` refuses to start with a server that has `init-state` and `track`.
    InitStateWithTrack,
    /// Two servers that both claim to be the primary both get writers.
    NoTwoPrimariesGuard,
    /// One failed check ends every session of a standby.
    FallOneKillsReaders,
    /// A timeout closes idle sessions.
    SessionTimeout,
    /// A server's name does not resolve.
    UnresolvedName,
    /// A check considers a server up that has the wrong role or state for the section.
    AcceptsWrongAnswer,
    /// A section's name is for one role, and its check accepts the other.
    NameAgainstCheck,
    /// A check asks `PostgreSQL`'s own port, or another server, for the role.
    CheckElsewhere,
    /// One address counts as two servers.
    SameAddressTwice,
    /// `agent-send` names a view that the agent does not have.
    UnknownView,
    /// Sessions of writers reach a server that is down.
    DownServerReached,
    /// Writers keep their sessions with a former primary.
    NoShutdownSessions,
    /// `HAProxy` never closes sessions that it ends while they connect.
    EndedSessionsStay,
    /// `HAProxy` speaks HTTP in front of `PostgreSQL`.
    ModeHttp,
}

/// How severe a mistake is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Sessions reach the wrong server or are never closed, or `HAProxy` does not start.
    Error,
    /// Sessions are closed or refused unnecessarily, or a failure is detected late.
    Warning,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

impl Rule {
    /// Every kind, in the order of the manual.
    pub const ALL: [Self; 21] = [
        Self::UnanchoredExpect,
        Self::RoleBlind,
        Self::AgentCheckAlone,
        Self::CheckThroughPooler,
        Self::NoCheckTimeout,
        Self::CheckTimeoutOverInter,
        Self::UpBeforeCheck,
        Self::InitStateWithTrack,
        Self::NoTwoPrimariesGuard,
        Self::FallOneKillsReaders,
        Self::SessionTimeout,
        Self::UnresolvedName,
        Self::AcceptsWrongAnswer,
        Self::NameAgainstCheck,
        Self::CheckElsewhere,
        Self::SameAddressTwice,
        Self::UnknownView,
        Self::DownServerReached,
        Self::NoShutdownSessions,
        Self::EndedSessionsStay,
        Self::ModeHttp,
    ];

    /// The id of the kind, which never changes.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::UnanchoredExpect => "unanchored-expect",
            Self::RoleBlind => "role-blind",
            Self::AgentCheckAlone => "agent-check-alone",
            Self::CheckThroughPooler => "check-through-pooler",
            Self::NoCheckTimeout => "no-check-timeout",
            Self::CheckTimeoutOverInter => "check-timeout-over-inter",
            Self::UpBeforeCheck => "up-before-check",
            Self::InitStateWithTrack => "init-state-with-track",
            Self::NoTwoPrimariesGuard => "no-two-primaries-guard",
            Self::FallOneKillsReaders => "fall-1-kills-readers",
            Self::SessionTimeout => "session-timeout",
            Self::UnresolvedName => "unresolved-name",
            Self::AcceptsWrongAnswer => "accepts-wrong-answer",
            Self::NameAgainstCheck => "name-against-check",
            Self::CheckElsewhere => "check-elsewhere",
            Self::SameAddressTwice => "same-address-twice",
            Self::UnknownView => "unknown-view",
            Self::DownServerReached => "down-server-reached",
            Self::NoShutdownSessions => "no-shutdown-sessions",
            Self::EndedSessionsStay => "ended-sessions-stay",
            Self::ModeHttp => "mode-http",
        }
    }

    /// The severity of the kind.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::UnanchoredExpect
            | Self::RoleBlind
            | Self::AgentCheckAlone
            | Self::UpBeforeCheck
            | Self::InitStateWithTrack
            | Self::NoTwoPrimariesGuard
            | Self::UnresolvedName
            | Self::AcceptsWrongAnswer
            | Self::NameAgainstCheck
            | Self::CheckElsewhere
            | Self::SameAddressTwice
            | Self::UnknownView
            | Self::DownServerReached
            | Self::NoShutdownSessions
            | Self::EndedSessionsStay
            | Self::ModeHttp => Severity::Error,
            Self::CheckThroughPooler
            | Self::NoCheckTimeout
            | Self::CheckTimeoutOverInter
            | Self::FallOneKillsReaders
            | Self::SessionTimeout => Severity::Warning,
        }
    }
}

impl Severity {
    /// The severity as a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
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
    for finding in findings {
        let same = |other: &&mut Finding| {
            (other.rule, &other.place, &other.what) == (finding.rule, &finding.place, &finding.what)
        };
        match merged.iter_mut().find(same) {
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

    #[test]
    fn no_two_kinds_have_one_id() {
        let mut ids = Rule::ALL.map(Rule::id);
        ids.sort_unstable();
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "{ids:?}");
    }
}
