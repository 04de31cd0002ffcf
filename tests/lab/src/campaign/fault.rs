//! A fault: what is done, to whom, and for how long; pure.

use std::fmt;
use std::time::Duration;

use super::kinds::{ALL, Known};

/// One fault of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// What is done.
    pub(super) kind: Kind,
    /// To whom.
    pub(super) to: Whom,
    /// How long until it is taken back.
    pub(super) hold: Duration,
}

/// What a fault is done to, by the roles of the moment at which it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whom {
    /// The primary's host.
    Primary,
    /// A standby's host.
    Standby,
    /// The other standby's.
    Other,
    /// Both standbys' hosts.
    Standbys,
    /// All servers.
    Servers,
    /// The node that coordinates the cluster.
    Coordinator,
    /// The host of the clients.
    Client,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// SIGKILL to the postmaster.
    PostmasterKill,
    /// SIGKILL to a process of the server, which restarts all of them.
    BackendKill,
    /// SIGSTOP to all of them.
    Freeze,
    /// SIGSTOP to the checkpointer, as a disk that is slow.
    CheckpointerFreeze,
    /// The host loses its power.
    PowerCut,
    /// The host's cable is pulled.
    NetworkCut,
    /// The same for less than Corosync's token.
    NetworkBlip,
    /// Nothing goes to or comes from the primary's PostgreSQL.
    ReplicationCut,
    /// A tenth of the packets is lost.
    PacketLoss,
    /// 500 kbit/s.
    SlowNetwork,
    /// The disk of the data is full.
    DiskFull,
    /// SIGKILL to Corosync.
    CorosyncKill,
    /// SIGKILL to Pacemaker's controller.
    ControllerKill,
    /// Pacemaker is stopped in good order, and started.
    PacemakerRestart,
    /// The role is moved to this host.
    Switchover,
    /// The node runs nothing.
    NodeStandby,
    /// The node may not have the role.
    BanRole,
    /// The node may not have an instance.
    BanNode,
    /// Pacemaker forgets what it knows of the instance and looks again.
    Refresh,
    /// Pacemaker forgets failures.
    Cleanup,
    /// Pacemaker looks away.
    Maintenance,
    /// All instances are stopped, and started.
    StopAll,
    /// The agent is killed in its next action that is no monitor, while the role moves.
    ActionKill,
    /// The agent is killed in its next monitor.
    MonitorKill,
    /// No connection slot is free.
    FullSlots,
    /// Replay is paused.
    ReplayPause,
    /// Replay comes 20 s late.
    ApplyDelay,
    /// SIGKILL to HAProxy.
    HaproxyKill,
    /// It is restarted in good order.
    HaproxyRestart,
    /// SIGKILL to the daemon.
    DaemonKill,
    /// Nobody answers checks.
    DaemonStop,
    /// `pg_hba.conf` refuses all local connections.
    HbaReject,
    /// `pg_hba.conf` cannot be read any more.
    HbaTypo,
}

impl Fault {
    /// What is known of its kind.
    pub(super) fn known(&self) -> Option<&'static Known> {
        let same = |known: &&Known| known.kind == self.kind && known.whom.contains(&self.to);
        ALL.iter().find(same)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.known().map_or("fault", |known| known.name);
        write!(f, "{name} of {}", self.to)?;
        if !self.hold.is_zero() {
            write!(f, " for {:.1} s", self.hold.as_secs_f64())?;
        }
        Ok(())
    }
}

impl fmt::Display for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Primary => "the primary",
            Self::Standby => "a standby",
            Self::Other => "the other standby",
            Self::Standbys => "both standbys",
            Self::Servers => "all servers",
            Self::Coordinator => "the coordinator",
            Self::Client => "the client",
        })
    }
}
