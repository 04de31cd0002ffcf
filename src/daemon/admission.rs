//! Builds the gate and the policies of each listening socket from the settings, and rebuilds them on a reload;
//! decides about no connection itself.

use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;
use std::slice;
use std::sync::Arc;

use rustix::net::{getpeername, getsockname};
use thiserror::Error;
use tokio::sync::watch;
use tracing::warn;

use crate::admit::{Counts, Reason};
use crate::config::{Admission, Refuse};
use crate::daemon::serve::refuse::RefusalMethod;
use crate::daemon::serve::sockets::Listener;
use crate::daemon::serve::{self, Accepted, Capacity, Gate, Protocol, Reservation, SocketPolicy};
use crate::daemon::systemd::descriptors;

/// File descriptors reserved for everything but clients: sessions with the server, the journal, the event loop.
const OWN_DESCRIPTORS: u64 = 32;

/// Least number of connections, even where the limit of descriptors leaves room for fewer: a daemon that can answer
/// no client is useless.
const FEWEST: u64 = 4;

/// The ports, one for each protocol. Each has its own gate, so that clients of another port cannot
/// use up the slots of the state port.
pub(super) struct AdmissionPorts(Vec<AdmissionPort>);

/// The gate and the sockets of one protocol.
pub(super) struct AdmissionPort {
    pub(super) protocol: Protocol,
    pub(super) gate: Gate,
    /// Sends the policy to each of its sockets, which are identified by TCP port.
    policies: Vec<(Option<u16>, watch::Sender<SocketPolicy>)>,
}

impl AdmissionPorts {
    /// Creates a port for every protocol that at least one of these sockets serves.
    pub(super) fn new(admission: &Admission, listeners: &[(Protocol, Listener)]) -> Self {
        let is_spoken = |protocol: &Protocol| listeners.iter().any(|(own, _)| own == protocol);
        let spoken: Vec<_> = Protocol::ALL.into_iter().filter(is_spoken).collect();
        let capacity = capacity(admission, connections(admission, spoken.len()));
        let port = |protocol| AdmissionPort {
            protocol,
            gate: Gate::new(admission.rules.clone(), admission.quotas, capacity),
            policies: Vec::new(),
        };
        Self(spoken.into_iter().map(port).collect())
    }

    pub(super) fn iter_mut(&mut self) -> slice::IterMut<'_, AdmissionPort> {
        self.0.iter_mut()
    }

    /// The counts of admitted and refused connections by reason, for each protocol.
    pub(super) fn counts(&self) -> Vec<(&'static str, Arc<Counts>)> {
        let counts = |one: &AdmissionPort| (one.protocol.name(), one.gate.outcomes().counts());
        self.0.iter().map(counts).collect()
    }

    /// The number of open connections.
    pub(super) fn taken(&self) -> usize {
        self.0.iter().map(|one| one.gate.slots().taken()).sum()
    }

    /// Applies these settings to all connections that arrive from now on.
    pub(super) fn replace(&mut self, admission: &Admission) {
        let capacity = capacity(admission, connections(admission, self.0.len()));
        for AdmissionPort {
            protocol,
            gate,
            policies,
        } in &mut self.0
        {
            *gate = gate.with(admission.rules.clone(), admission.quotas, capacity);
            for (port, sender) in policies {
                sender.send_replace(policy(admission, *protocol, gate, *port));
            }
        }
    }
}

impl AdmissionPort {
    /// The policy for connections to this socket; the receiver gets each later policy.
    pub(super) fn policy(
        &mut self,
        admission: &Admission,
        listener: &Listener,
    ) -> watch::Receiver<SocketPolicy> {
        let address = listener.get_ref().local_addr();
        let port = address.ok().map(|address| address.port());
        let (sender, policies) = watch::channel(policy(admission, self.protocol, &self.gate, port));
        self.policies.push((port, sender));
        policies
    }
}

/// Admits the one connection of a process that was started for it, or returns the refused address and the reason.
/// Nothing counts connections across such processes, so the limits do not apply.
pub async fn admit_one(
    admission: &Admission,
    socket: OwnedFd,
) -> Result<Accepted, RefusedConnection> {
    let peer = serve::peer_address(getpeername(&socket).ok().flatten());
    let own = getsockname(&socket).ok();
    let port = own.and_then(|own| Some(SocketAddr::try_from(own).ok()?.port()));
    let capacity = Capacity {
        total: 1,
        most_each: 1,
        reserved: Reservation::None,
    };
    let gate = Gate::new(admission.rules.clone(), admission.quotas, capacity);
    let policy = policy(admission, Protocol::State, &gate, port);
    let admitted = serve::admit(socket, peer, policy).await;
    admitted.ok_or_else(|| RefusedConnection {
        peer,
        reason: gate
            .outcomes()
            .refusals()
            .find_map(|(reason, count)| (count > 0).then_some(reason)),
    })
}

/// A connection that was not answered.
#[derive(Clone, Copy, Debug, Error)]
#[error("refused {peer}: {}", .reason.map_or("gone", Reason::word))]
pub struct RefusedConnection {
    /// The address that connected, not the address that its PROXY header announces.
    peer: IpAddr,
    /// `None` if no refusal was counted: the connection was gone before it could be answered.
    reason: Option<Reason>,
}

fn capacity(admission: &Admission, total: usize) -> Capacity {
    Capacity {
        total,
        most_each: admission.max_per_client.get(),
        reserved: if admission.rules.trusted.is_empty() {
            Reservation::None
        } else {
            Reservation::Some
        },
    }
}

/// HTTP has no token line: each request carries the token in its own header.
fn policy(
    admission: &Admission,
    protocol: Protocol,
    gate: &Gate,
    port: Option<u16>,
) -> SocketPolicy {
    let token = match protocol {
        Protocol::State | Protocol::Agent => admission.token.clone(),
        Protocol::Http => None,
    };
    let peers = &admission.header_peers;
    SocketPolicy {
        gate: gate.clone(),
        header_peers: port
            .map_or(&peers.everywhere, |port| peers.at(port))
            .clone(),
        token: token.map(Arc::new),
        refuse: match admission.refuse {
            Refuse::Close => RefusalMethod::Close,
            Refuse::Reset => RefusalMethod::Reset,
            Refuse::Drop => RefusalMethod::Drop,
        },
    }
}

/// The number of connections for each of `protocols`: `admission.max_connections`, limited by the available
/// descriptors. If descriptors ran out, no connection could be accepted, and trusted clients would wait too.
fn connections(admission: &Admission, protocols: usize) -> usize {
    let wanted = admission.max_connections.get();
    let Some(limit) = descriptors::raise() else {
        return wanted;
    };
    let possible = limit.saturating_sub(OWN_DESCRIPTORS).max(FEWEST);
    let possible = usize::try_from(possible).unwrap_or(usize::MAX) / protocols.max(1);
    if possible < wanted {
        warn!(
            "accepting at most {possible} connections at once, not {wanted}: this process may open {limit} files; \
             raise LimitNOFILE= or lower admission.max_connections"
        );
    }
    wanted.min(possible)
}
