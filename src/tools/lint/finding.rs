//! What can be found in a configuration, and one finding with its place; knows no configuration.

use std::fmt;

use crate::base::terminal::shown;
use std::sync::Arc;

/// A kind of mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// A check looks for a word anywhere in an answer.
    UnanchoredExpect,
    /// A check cannot tell the primary from a standby.
    RoleBlind,
    /// An agent decides, and nothing notices that it is gone.
    AgentCheckAlone,
    /// A pooler answers the check instead of `PostgreSQL`.
    CheckThroughPooler,
    /// Nothing bounds how long a check waits for its answer.
    NoCheckTimeout,
    /// A check may last longer than the time between two.
    CheckTimeoutOverInter,
    /// Writers reach a server before anybody has asked it.
    UpBeforeCheck,
    /// `HAProxy` refuses a server that begins in a state and tracks another one.
    InitStateWithTrack,
    /// While two servers claim to be the primary, both get writers.
    NoTwoPrimariesGuard,
    /// One bad check ends every session of a reader.
    FallOneKillsReaders,
    /// Sessions end because nobody has said anything for a while.
    SessionTimeout,
    /// A server's name leads nowhere.
    UnresolvedName,
    /// A check calls a server up that is not what the section is for.
    AcceptsWrongAnswer,
    /// A section's name is for the one role, and its check lets in the other.
    NameAgainstCheck,
    /// A check asks `PostgreSQL` itself for its role, or another server.
    CheckElsewhere,
    /// One address counts as two servers.
    SameAddressTwice,
    /// An agent is asked for a view that it does not have.
    UnknownView,
    /// Sessions of writers reach a server that is down.
    DownServerReached,
    /// Writers keep their sessions with a server that is no primary any more.
    NoShutdownSessions,
    /// `HAProxy` keeps sessions that it ends while they connect.
    EndedSessionsStay,
    /// `HAProxy` speaks HTTP in front of `PostgreSQL`.
    ModeHttp,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Sessions reach the wrong server or stay for ever, or `HAProxy` does not start.
    Error,
    /// Sessions end or are refused without need, or a failure is noticed late.
    Warning,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileLine {
    /// The file as it was named.
    pub file: Arc<str>,
    /// Counted from 1.
    pub line: usize,
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which kind.
    pub rule: Rule,
    /// The line that is to be changed, or that opens the section which lacks something.
    pub place: FileLine,
    /// The sections that suffer from it.
    pub sections: Vec<String>,
    /// What is wrong and why that matters, one sentence.
    pub what: String,
    /// What mends it, one sentence.
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

    /// The name that never changes.
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

    /// How bad it is.
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
    /// As it is said.
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

/// `file:line: id: what (sections)`, and the remedy on a line of its own.
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

/// One of each: what stands in many lines is said once, at the first, with every section it is about;
/// in the order of files and lines.
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
    fn what_one_line_does_to_many_sections_is_said_once() {
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
