//! Whether a primary waits for a standby, as others tell it. Knows no clock, and nothing of how they were
//! asked.

use std::time::Instant;

use super::details::Details;
use super::evidence::{Receiver, Standby};
use super::peer::Peer;
use super::state::State;

/// `pg_stat_replication.sync_state` (`PostgreSQL` manual, "Monitoring Database Activity").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncState {
    /// The primary does not wait for it.
    Async,
    /// Nor for this one, which takes the place of a synchronous one that fails.
    Potential,
    /// The primary waits for it.
    Sync,
    /// The primary waits for so many of those like it.
    Quorum,
}

/// What every receiver is called that was given a name neither by `application_name` of `primary_conninfo`
/// nor by `cluster_name` (PostgreSQL manual, `cluster_name`).
const NOBODY: &str = "walreceiver";

impl SyncState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Async, Self::Potential, Self::Sync, Self::Quorum];

    /// As `PostgreSQL` spells it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Async => "async",
            Self::Potential => "potential",
            Self::Sync => "sync",
            Self::Quorum => "quorum",
        }
    }

    /// By its word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A standby's state, by the one row of all servers of its system that bears the name its receiver has
/// given. None where there is no such row, or more than one: several standbys with one name cannot be
/// told apart, nor can a primary and the one that has taken its place.
#[must_use]
pub fn sync_state(
    moment: Instant,
    state: &State,
    own: Option<&Details>,
    peers: &[Peer],
) -> Option<SyncState> {
    if !streams(state) {
        return None;
    }
    let own = own?;
    let name = own
        .receiver_name
        .as_deref()
        .filter(|name| *name != NOBODY)?;
    let mut rows = peers
        .iter()
        .filter_map(|peer| Some(&peer.fresh(moment)?.server))
        .filter(|server| server.instance.system == own.system_identifier)
        .flat_map(|server| &server.senders)
        .filter(|sender| sender.name == name);
    match (rows.next(), rows.next()) {
        (Some(row), None) => row.sync,
        (None, _) | (Some(_), Some(_)) => None,
    }
}

/// A row of a receiver that has gone may be there for a while, and may be another's by now.
fn streams(state: &State) -> bool {
    match state {
        State::Standby(_, Standby { replication }) => {
            replication.is_some_and(|figures| match figures.receiver {
                Receiver::Streaming { primary_end: _ } => true,
                Receiver::Gone | Receiver::Hidden => false,
            })
        }
        State::Primary(_) | State::Down(_) => false,
    }
}

#[cfg(test)]
mod tests;
