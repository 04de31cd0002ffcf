//! What a server says when it is asked, and what it looks like from outside. Knows nothing of who asks.

use pgsql_state::agent::decide::replay;
use pgsql_state::agent::decide::state::{
    BackupLabel, DataDirectory, PostmasterEvidence, ServerAnswer, ServerEvidence,
};
use pgsql_state::health::{
    Detail, Failure, Lsn, PostmasterStatus, Receiver, Replay, Replication, Standby,
};

use super::server::{Life, Role};
use crate::disk::{Io, Place};
use crate::world::World;

impl World {
    /// What a new connection of the agent or the daemon meets.
    pub(crate) fn fresh(&self, node: usize) -> Result<(), Failure> {
        let server = &self.hosts[node].server;
        if server.frozen || server.stuck {
            return Err(Failure::TimedOut);
        }
        match server.life {
            Life::Down => Err(Failure::NoSocket),
            Life::Starting | Life::Recovering => Err(Failure::CannotConnectNow(Detail::Given)),
            Life::Stopping => Err(Failure::CannotConnectNow(Detail::Missing)),
            Life::Ready if server.full => Err(Failure::Full),
            Life::Ready if !server.lets_agent_in => Err(Failure::Auth),
            Life::Ready => Ok(()),
        }
    }

    /// What its postmaster has written of itself.
    pub(crate) fn status(&self, node: usize) -> PostmasterStatus {
        match self.hosts[node].server.life {
            Life::Starting | Life::Down => PostmasterStatus::Starting,
            Life::Ready | Life::Recovering => PostmasterStatus::Ready,
            Life::Stopping => PostmasterStatus::Stopping,
        }
    }

    /// What a standby says of its replication.
    pub(crate) fn replication(&self, node: usize) -> Replication {
        let host = &self.hosts[node];
        Replication {
            receiver: match host.server.receiver {
                Some(receiver) => Receiver::Streaming {
                    primary_end: Some(Lsn(receiver.primary_end)),
                },
                None => Receiver::Gone,
            },
            received: host.server.received.map(Lsn),
            replayed: Some(Lsn(host.disk.extent.replayed)),
            replay: if host.server.replay_paused {
                Replay::Paused
            } else {
                Replay::Running
            },
            last_commit_age: None,
        }
    }

    /// Everything that is to be seen of it.
    pub(crate) fn evidence(&self, node: usize) -> ServerEvidence {
        let host = &self.hosts[node];
        let files = match (host.disk.place, host.disk.io) {
            (Place::Renamed | Place::Empty, _) => DataDirectory::Missing,
            (Place::Right, Io::Fails) => DataDirectory::Present {
                control: Err("Input/output error".into()),
                backup: BackupLabel::Absent,
            },
            (Place::Right, Io::Works | Io::Slow(_)) => DataDirectory::Present {
                control: Ok(host.disk.control),
                backup: if host.disk.backup_label {
                    BackupLabel::Present
                } else {
                    BackupLabel::Absent
                },
            },
        };
        if !host.server.runs() {
            return ServerEvidence {
                files,
                postmaster: PostmasterEvidence::Gone,
                answer: ServerAnswer::NotAsked,
                replay: replay::ReplayProgress::Unproven,
            };
        }
        if host.disk.place == Place::Renamed {
            return ServerEvidence {
                files,
                postmaster: PostmasterEvidence::Elsewhere,
                answer: ServerAnswer::NotAsked,
                replay: replay::ReplayProgress::Unproven,
            };
        }
        let answer = match self.fresh(node) {
            Err(failure) => ServerAnswer::Refused(failure),
            Ok(()) => match host.server.role {
                Role::Primary => ServerAnswer::Primary,
                Role::Standby => ServerAnswer::Standby(Standby {
                    replication: Some(self.replication(node)),
                }),
            },
        };
        ServerEvidence {
            files,
            postmaster: PostmasterEvidence::Runs(Some(self.status(node))),
            answer,
            replay: replay::ReplayProgress::Unproven,
        }
    }
}
