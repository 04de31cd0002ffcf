//! Whether a primary waits for this standby, as the peers report it. Reads no clock, and knows nothing of how the
//! peers were asked.

use std::time::Instant;

use super::details::Details;
use super::evidence::{Receiver, Standby};
use super::peer::{Peer, SyncState};
use super::state::State;

/// The name of a WAL receiver for which neither `application_name` of `primary_conninfo` nor `cluster_name`
/// is set (PostgreSQL manual, `cluster_name`).
const DEFAULT_RECEIVER_NAME: &str = "walreceiver";

/// Returns a standby's state from the one row, on all servers of its system, that has its WAL receiver's
/// name. Returns `None` if there is no such row, or more than one: several standbys of one name cannot be
/// told apart, nor can a primary and the one that has taken its place.
#[must_use]
pub(super) fn sync_state(
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
        .filter(|name| *name != DEFAULT_RECEIVER_NAME)?;
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

/// Whether the standby's WAL receiver streams. The row of a receiver that has ended may remain for a while, and may
/// belong to another standby by now.
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
