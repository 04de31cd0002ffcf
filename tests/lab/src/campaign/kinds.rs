//! What is known of each kind of fault: to whom it is done, for how long, and what it may come to; pure.

use super::fault::{Kind, Whom};

/// Which hosts may be fenced for a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fencing {
    /// None.
    Needless,
    /// Those to which it is done.
    Due,
}

/// What a former primary may need after a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Return {
    /// It follows by the agent's own means.
    Follows,
    /// It may hold WAL that no other has, and then has to be turned round by the operator.
    MayHaveForked,
}

/// What is known of a kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) kind: Kind,
    pub(super) name: &'static str,
    /// To whom it is done, each as often as the others.
    pub(super) whom: &'static [Whom],
    /// Shortest and longest time until it is taken back, in tenths of a second.
    pub(super) hold: (u16, u16),
    pub(super) fencing: Fencing,
    pub(super) back: Return,
}

use Fencing::{Due, Needless};
use Return::{Follows, MayHaveForked};
use Whom::{Client, Coordinator, Other, Primary, Servers, Standby, Standbys};

const BOTH: &[Whom] = &[Primary, Standby];

const fn known(kind: Kind, name: &'static str, whom: &'static [Whom], hold: (u16, u16)) -> Known {
    Known {
        kind,
        name,
        whom,
        hold,
        fencing: Needless,
        back: Follows,
    }
}

impl Known {
    const fn fenced(self) -> Self {
        Self {
            fencing: Due,
            ..self
        }
    }

    const fn forks(self) -> Self {
        Self {
            back: MayHaveForked,
            ..self
        }
    }
}

/// All kinds. A primary that ends without a shutdown checkpoint may have written what nobody received.
pub(super) const ALL: &[Known] = &[
    known(Kind::PostmasterKill, "postmaster-kill", BOTH, (0, 0)).forks(),
    known(Kind::BackendKill, "backend-kill", BOTH, (0, 0)).forks(),
    known(Kind::Freeze, "freeze", BOTH, (20, 250)).forks(),
    known(
        Kind::CheckpointerFreeze,
        "checkpointer-freeze",
        &[Primary],
        (30, 80),
    ),
    known(Kind::PowerCut, "power-cut", BOTH, (10, 150))
        .fenced()
        .forks(),
    known(Kind::PowerCut, "power-cut", &[Servers], (10, 60))
        .fenced()
        .forks(),
    known(Kind::NetworkCut, "network-cut", BOTH, (120, 180))
        .fenced()
        .forks(),
    known(Kind::NetworkBlip, "network-blip", BOTH, (5, 35)),
    known(
        Kind::ReplicationCut,
        "replication-cut",
        &[Standby, Standbys],
        (30, 200),
    ),
    known(Kind::PacketLoss, "packet-loss", BOTH, (50, 150)),
    known(Kind::SlowNetwork, "slow-network", BOTH, (50, 150)),
    known(Kind::DiskFull, "disk-full", BOTH, (50, 200)).forks(),
    known(Kind::CorosyncKill, "corosync-kill", BOTH, (100, 200))
        .fenced()
        .forks(),
    known(Kind::ControllerKill, "controller-kill", BOTH, (0, 0))
        .fenced()
        .forks(),
    known(
        Kind::PacemakerRestart,
        "pacemaker-restart",
        &[Primary, Standby, Coordinator],
        (0, 0),
    ),
    known(Kind::Switchover, "switchover", &[Standby, Other], (50, 150)),
    known(Kind::NodeStandby, "node-standby", BOTH, (50, 200)),
    known(Kind::BanRole, "ban-role", &[Primary], (50, 200)),
    known(Kind::BanNode, "ban-node", BOTH, (50, 200)),
    known(
        Kind::Refresh,
        "refresh",
        &[Primary, Standby, Servers],
        (0, 0),
    ),
    known(Kind::Cleanup, "cleanup", &[Servers], (0, 0)),
    known(Kind::Maintenance, "maintenance", &[Servers], (50, 200)),
    known(Kind::StopAll, "stop-all", &[Servers], (50, 150)),
    // A stop that was killed has failed, and Pacemaker fences for that.
    known(Kind::ActionKill, "action-kill", BOTH, (150, 250))
        .fenced()
        .forks(),
    known(Kind::MonitorKill, "monitor-kill", BOTH, (170, 200)),
    known(Kind::FullSlots, "full-slots", BOTH, (50, 200)),
    known(
        Kind::ReplayPause,
        "replay-pause",
        &[Standby, Standbys],
        (50, 200),
    ),
    known(
        Kind::ApplyDelay,
        "apply-delay",
        &[Standby, Standbys],
        (50, 200),
    ),
    known(
        Kind::HaproxyKill,
        "haproxy-kill",
        &[Primary, Standby, Client],
        (0, 0),
    ),
    known(
        Kind::HaproxyRestart,
        "haproxy-restart",
        &[Primary, Standby, Client],
        (0, 0),
    ),
    known(Kind::DaemonKill, "daemon-kill", BOTH, (0, 0)),
    known(Kind::DaemonStop, "daemon-stop", BOTH, (30, 150)),
    known(Kind::HbaReject, "hba-reject", BOTH, (30, 200)),
    known(Kind::HbaTypo, "hba-typo", BOTH, (30, 200)),
];

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::campaign::fault::Fault;

    #[test]
    fn each_kind_is_known_to_whomever_it_is_done() {
        for known in ALL {
            assert!(known.hold.0 <= known.hold.1, "{}", known.name);
            for to in known.whom {
                let fault = Fault {
                    kind: known.kind,
                    to: *to,
                    hold: Duration::ZERO,
                };
                assert_eq!(fault.known().unwrap().name, known.name);
            }
        }
    }
}
