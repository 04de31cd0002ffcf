//! Builds what connections meet from the settings; decides nothing itself.

use std::sync::Arc;

use tracing::warn;

use crate::serve::refuse::Manner;
use crate::serve::sockets::Listener;
use crate::serve::{Door, Gate, Kept, Slots};
use crate::service::descriptors;
use crate::settings::{Admission, Refuse};

/// Descriptors for everything but clients: sessions with the server, the journal, the event loop.
const OWN_DESCRIPTORS: u64 = 32;

/// Fewer connections than this are allowed in any case: a daemon that answers nobody is of no use.
const FEWEST: u64 = 4;

/// The gate before all listening sockets.
pub(super) fn gate(admission: &Admission) -> Gate {
    let kept = if admission.rules.trusted.is_empty() {
        Kept::None
    } else {
        Kept::Some
    };
    let slots = Slots::new(
        connections(admission.max_connections.get()),
        admission.max_per_client.get(),
        kept,
    );
    Gate::new(admission.rules.clone(), admission.quotas, slots)
}

/// What connections to one socket meet.
pub(super) fn door(admission: &Admission, gate: &Gate, listener: &Listener) -> Door {
    let port = listener
        .get_ref()
        .local_addr()
        .map(|address| address.port());
    let peers = &admission.header_peers;
    Door {
        gate: gate.clone(),
        header_peers: port
            .map_or(&peers.everywhere, |port| peers.at(port))
            .clone(),
        token: admission.token.clone().map(Arc::new),
        refuse: match admission.refuse {
            Refuse::Close => Manner::Close,
            Refuse::Reset => Manner::Reset,
            Refuse::Drop => Manner::Drop,
        },
    }
}

/// As many connections as are wanted and as there are descriptors for: when these run out, nobody
/// could be accepted, and the trusted would wait with the others.
fn connections(wanted: usize) -> usize {
    let Some(limit) = descriptors::raise() else {
        return wanted;
    };
    let room = limit.saturating_sub(OWN_DESCRIPTORS).max(FEWEST);
    let room = usize::try_from(room).unwrap_or(usize::MAX);
    if room < wanted {
        warn!(
            "only {room} connections at once, not {wanted}: this process may open {limit} files; \
             raise LimitNOFILE= or lower admission.max_connections"
        );
    }
    wanted.min(room)
}
