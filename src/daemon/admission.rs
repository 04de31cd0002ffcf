//! Builds what connections meet from the settings; decides nothing itself.

use std::sync::Arc;

use tracing::warn;

use crate::serve::refuse::Manner;
use crate::serve::sockets::Listener;
use crate::serve::{Door, Gate, Kept, Protocol, Slots};
use crate::service::descriptors;
use crate::settings::{Admission, Refuse};

/// Descriptors for everything but clients: sessions with the server, the journal, the event loop.
const OWN_DESCRIPTORS: u64 = 32;

/// Fewer connections than this are allowed in any case: a daemon that answers nobody is of no use.
const FEWEST: u64 = 4;

/// A gate for each protocol that is spoken. Each has its own, so that no other's clients can keep the
/// state port waiting.
pub(super) fn gates(
    admission: &Admission,
    listeners: &[(Protocol, Listener)],
) -> Vec<(Protocol, Gate)> {
    let is_spoken = |protocol: &Protocol| listeners.iter().any(|(spoken, _)| spoken == protocol);
    let spoken: Vec<_> = Protocol::ALL.into_iter().filter(is_spoken).collect();
    let connections = connections(admission, spoken.len());
    let gate = |protocol| (protocol, gate(admission, connections));
    spoken.into_iter().map(gate).collect()
}

fn gate(admission: &Admission, connections: usize) -> Gate {
    let kept = if admission.rules.trusted.is_empty() {
        Kept::None
    } else {
        Kept::Some
    };
    let slots = Slots::new(connections, admission.max_per_client.get(), kept);
    Gate::new(admission.rules.clone(), admission.quotas, slots)
}

/// What connections to one socket meet. The token is for the state port: the other protocols have words
/// of their own for their clients' first line.
pub(super) fn door(
    admission: &Admission,
    protocol: Protocol,
    gate: &Gate,
    listener: &Listener,
) -> Door {
    let token = match protocol {
        Protocol::State => admission.token.clone(),
        Protocol::Http | Protocol::Agent => None,
    };
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
        token: token.map(Arc::new),
        refuse: match admission.refuse {
            Refuse::Close => Manner::Close,
            Refuse::Reset => Manner::Reset,
            Refuse::Drop => Manner::Drop,
        },
    }
}

/// As many connections to each of so many protocols as are wanted and as there are descriptors for: when
/// these run out, nobody could be accepted, and the trusted would wait with the others.
fn connections(admission: &Admission, protocols: usize) -> usize {
    let wanted = admission.max_connections.get();
    let Some(limit) = descriptors::raise() else {
        return wanted;
    };
    let room = limit.saturating_sub(OWN_DESCRIPTORS).max(FEWEST);
    let room = usize::try_from(room).unwrap_or(usize::MAX) / protocols.max(1);
    if room < wanted {
        warn!(
            "only {room} connections at once, not {wanted}: this process may open {limit} files; \
             raise LimitNOFILE= or lower admission.max_connections"
        );
    }
    wanted.min(room)
}
