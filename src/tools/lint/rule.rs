//! The kinds of mistakes with their ids and severities; reads no configuration.

/// A kind of mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// New sessions of writers reach a drained server.
    DrainedServerReached,
    /// A check drains a former primary, whose sessions stay.
    DrainedNotDown,
    /// Clients who write are sent to servers for readers.
    WritersToReaders,
    /// Sessions go to an address that no check decides about.
    PastChecks,
    /// Two sections listen on one address, so that the kernel chooses between them.
    SameBind,
    /// The rules let no session in while the cluster is well.
    NobodyAccepted,
}

/// How severe a mistake is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Sessions reach the wrong server or are never closed, or `HAProxy` does not start.
    Error,
    /// Sessions are closed or refused unnecessarily, or a failure is detected late.
    Warning,
}

impl Rule {
    /// Every kind, in the order of the manual.
    pub const ALL: [Self; 27] = [
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
        Self::DrainedServerReached,
        Self::DrainedNotDown,
        Self::WritersToReaders,
        Self::PastChecks,
        Self::SameBind,
        Self::NobodyAccepted,
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
            Self::DrainedServerReached => "drained-server-reached",
            Self::DrainedNotDown => "drained-not-down",
            Self::WritersToReaders => "writers-to-readers",
            Self::PastChecks => "past-checks",
            Self::SameBind => "same-bind",
            Self::NobodyAccepted => "nobody-accepted",
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
            | Self::ModeHttp
            | Self::DrainedServerReached
            | Self::DrainedNotDown
            | Self::WritersToReaders
            | Self::PastChecks
            | Self::SameBind => Severity::Error,
            Self::CheckThroughPooler
            | Self::NoCheckTimeout
            | Self::CheckTimeoutOverInter
            | Self::FallOneKillsReaders
            | Self::SessionTimeout
            | Self::NobodyAccepted => Severity::Warning,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_kinds_have_one_id() {
        let mut ids = Rule::ALL.map(Rule::id);
        ids.sort_unstable();
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "{ids:?}");
    }
}
