//! One server, as it is now. Knows nothing of how it came to be so.

use std::time::Duration;

use super::lineage::{Row, Snapshot, Spot};
use super::sync::Rule;

/// What its processes do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// There are none.
    Down,
    /// It replays what it has, and lets nobody in.
    Starting,
    /// It lets clients in.
    Ready,
    /// A backend has crashed, and it recovers under the same postmaster.
    Recovering,
    /// It goes down in order.
    Stopping,
}

/// Its role, or the one that it will have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Primary,
    Standby,
}

/// A server.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) life: Life,
    pub(crate) role: Role,
    /// Counts the times it was started, stopped or killed: what was under way before is over.
    pub(crate) epoch: u64,
    /// Whether its start was the agent's.
    pub(crate) started_by_agent: bool,
    /// An operator has promoted it, or started it as a primary: what it takes since then is his affair.
    pub(crate) by_hand: bool,
    /// What a dead one has left running.
    pub(crate) orphans: bool,
    /// All its processes were stopped by a signal.
    pub(crate) frozen: bool,
    /// It cannot be killed: its processes wait for a disk.
    pub(crate) stuck: bool,
    /// Clients have taken all its connections.
    pub(crate) full: bool,
    /// `pg_hba.conf` lets the agent and the daemon in.
    pub(crate) lets_agent_in: bool,
    pub(crate) replay_paused: bool,
    /// How long the replay of a record takes.
    pub(crate) replay_delay: Duration,
    /// Of a primary: a transaction of too many subtransactions is open. A standby that starts from a checkpoint within
    /// it lets nobody in before a primary has told that it is over (`STANDBY_SNAPSHOT_PENDING` in
    /// `src/include/access/xlogutils.h`).
    pub(crate) overflows: bool,
    /// Since its start it has once replayed all that it had.
    pub(crate) has_replayed: bool,
    /// `synchronous_standby_names`.
    pub(crate) rule: Rule,
    /// Of a standby: where it gets its WAL from.
    pub(crate) receiver: Option<Receiver>,
    /// `pg_last_wal_receive_lsn`, since its start.
    pub(crate) received: Option<u64>,
    /// It is being promoted.
    pub(crate) promoting: bool,
    /// Of a primary: who gets its WAL.
    pub(crate) senders: Vec<Sender>,
    /// Of a primary: who waits for a commit.
    pub(crate) waiting: Vec<Waiting>,
    /// Of a primary: the checkpoint that ends it is written, and ends there.
    pub(crate) last_words: Option<u64>,
    /// When it began to go down.
    pub(crate) stopping_since: Duration,
    pub(crate) flush_planned: bool,
    pub(crate) replay_planned: bool,
}

/// A walreceiver.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Receiver {
    /// Whose server it is connected to.
    pub(crate) from: usize,
    /// The connection.
    pub(crate) link: u64,
    /// When it last heard of it.
    pub(crate) heard: Duration,
    /// `latest_end_lsn`.
    pub(crate) primary_end: u64,
}

/// A walsender.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sender {
    /// The standby's node.
    pub(crate) to: usize,
    /// The connection.
    pub(crate) link: u64,
    /// When it last heard of it.
    pub(crate) heard: Duration,
    /// What was sent.
    pub(crate) sent: u64,
    /// What the standby says that it has written, and flushed.
    pub(crate) written: u64,
    pub(crate) flushed: u64,
    /// It has once had everything.
    pub(crate) streaming: bool,
    pub(crate) send_planned: bool,
}

/// Somebody who waits for a commit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting {
    pub(crate) row: Row,
    pub(crate) spot: Spot,
}

/// A row, and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) spot: Spot,
    /// The host of the client.
    pub(crate) client: usize,
    /// The rule under which the client was told that it is committed.
    pub(crate) acknowledged: Option<Rule>,
    /// An operator has accepted that it may be lost.
    pub(crate) given_up: bool,
}

impl Server {
    pub(crate) fn new() -> Self {
        Self {
            life: Life::Down,
            role: Role::Standby,
            epoch: 0,
            started_by_agent: false,
            by_hand: false,
            orphans: false,
            frozen: false,
            stuck: false,
            full: false,
            lets_agent_in: true,
            replay_paused: false,
            replay_delay: Duration::from_millis(2),
            overflows: false,
            has_replayed: false,
            rule: Rule::Nobody,
            receiver: None,
            received: None,
            promoting: false,
            senders: Vec::new(),
            waiting: Vec::new(),
            last_words: None,
            stopping_since: Duration::ZERO,
            flush_planned: false,
            replay_planned: false,
        }
    }

    /// What it writes down of its transactions.
    pub(crate) fn snapshot(&self) -> Snapshot {
        if self.overflows {
            Snapshot::Overflowed
        } else {
            Snapshot::Complete
        }
    }

    pub(crate) fn runs(&self) -> bool {
        self.life != Life::Down
    }

    /// The connections over which it sends WAL.
    pub(crate) fn links(&self) -> Vec<u64> {
        self.senders.iter().map(|one| one.link).collect()
    }

    /// Whether it takes writes from whoever reaches it.
    pub(crate) fn takes_writes(&self) -> bool {
        self.life == Life::Ready && self.role == Role::Primary && !self.frozen && !self.stuck
    }
}
