//! The paths of Patroni's REST API that ask for a server's health (Patroni's manual, "Health check
//! endpoints").

use crate::config::Strictness;

/// What a path requires of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Primary,
    StandbyLeader,
    Replica,
    ReadOnly,
    Sync,
    ReadOnlySync,
    Quorum,
    ReadOnlyQuorum,
    Async,
    Health,
    Liveness,
    Readiness,
    /// No condition: the path asks for the document.
    Document,
    /// An unknown condition, which no server meets.
    Nothing,
}

const EXACT: &[(&str, Wanted)] = &[
    ("/", Wanted::Primary),
    ("/primary", Wanted::Primary),
    ("/read-write", Wanted::Primary),
    ("/master", Wanted::Primary),
    // Patroni's leader holds a lock; without one, the leader is the primary.
    ("/leader", Wanted::Primary),
    ("/standby-leader", Wanted::StandbyLeader),
    ("/standby_leader", Wanted::StandbyLeader),
    ("/replica", Wanted::Replica),
    ("/read-only", Wanted::ReadOnly),
    ("/sync", Wanted::Sync),
    ("/synchronous", Wanted::Sync),
    ("/read-only-sync", Wanted::ReadOnlySync),
    ("/read-only-synchronous", Wanted::ReadOnlySync),
    ("/quorum", Wanted::Quorum),
    ("/read-only-quorum", Wanted::ReadOnlyQuorum),
    ("/async", Wanted::Async),
    ("/asynchronous", Wanted::Async),
    ("/health", Wanted::Health),
    ("/liveness", Wanted::Liveness),
    ("/readiness", Wanted::Readiness),
    ("/patroni", Wanted::Document),
];

impl Wanted {
    /// What a path requires; `None` if there is no such path. `full` distinguishes GET from HEAD.
    pub(super) fn of(path: &str, strictness: Strictness, full: bool) -> Option<Self> {
        match strictness {
            Strictness::Strict => exact(path),
            Strictness::Lenient => Some(searched(path, full)),
        }
    }

    /// Whether the path depends on whether a primary waits for this standby.
    pub(super) fn is_of_sync(self) -> bool {
        match self {
            Self::Sync | Self::ReadOnlySync | Self::Quorum | Self::ReadOnlyQuorum | Self::Async => {
                true
            }
            Self::Primary
            | Self::StandbyLeader
            | Self::Replica
            | Self::ReadOnly
            | Self::Health
            | Self::Liveness
            | Self::Readiness
            | Self::Document
            | Self::Nothing => false,
        }
    }
}

fn exact(path: &str) -> Option<Wanted> {
    let found = EXACT.iter().find(|(known, _)| *known == path);
    found.map(|(_, wanted)| *wanted)
}

/// Matches a path as Patroni does: some by their first part and for GET alone, most by the words that they contain, in
/// the order in which Patroni searches for them, and the rest exactly.
fn searched(path: &str, full: bool) -> Wanted {
    let first = path.trim_start_matches('/').split('/').next();
    match first {
        Some("liveness") if full => return Wanted::Liveness,
        Some("readiness") if full => return Wanted::Readiness,
        Some("patroni") if full => return Wanted::Document,
        Some(_) | None => {}
    }
    let holds = |word: &str| path.contains(word);
    let any = |words: [&str; 4]| words.into_iter().any(holds);
    if holds("standby_leader") || holds("standby-leader") {
        Wanted::StandbyLeader
    } else if path == "/" || any(["leader", "master", "primary", "read-write"]) {
        Wanted::Primary
    } else if holds("replica") {
        Wanted::Replica
    } else if holds("read-only") && !holds("sync") && !holds("quorum") {
        Wanted::ReadOnly
    } else if holds("health") {
        Wanted::Health
    } else {
        let whole = exact(path).filter(|wanted| wanted.is_of_sync());
        whole.unwrap_or(Wanted::Nothing)
    }
}
