//! The evidence of primaries, standbys and servers without a postmaster.

use crate::agent::actions::tests::at;
use crate::agent::decide::replay::ReplayProgress;
use crate::agent::decide::scores::{ReplicationRow, SenderState};
use crate::agent::decide::state::{
    BackupLabel, DataDirectory, PostmasterEvidence, ServerAnswer, ServerEvidence,
};
use crate::health::{Detail, Failure, Lsn, PostmasterStatus, Receiver, Replication, Standby};
use crate::postgres::control::example::control;
use crate::postgres::control::{ClusterState, Control};

pub(in crate::agent::actions::tests) fn alive(answer: ServerAnswer) -> ServerEvidence {
    ServerEvidence {
        files: files(ClusterState::Production),
        postmaster: PostmasterEvidence::Runs(None),
        answer,
        replay: ReplayProgress::Unproven,
    }
}

pub(in crate::agent::actions::tests) fn primary() -> ServerEvidence {
    alive(ServerAnswer::Primary)
}

pub(in crate::agent::actions::tests) fn standby() -> ServerEvidence {
    ServerEvidence {
        files: files(ClusterState::ArchiveRecovery),
        ..alive(ServerAnswer::Standby(Standby::default()))
    }
}

/// A standby with this state of its WAL receiver.
pub(in crate::agent::actions::tests) fn receiving(receiver: Receiver) -> ServerEvidence {
    let replication = Some(Replication {
        receiver,
        received: Some(Lsn(1000)),
        replayed: Some(Lsn(1000)),
        replay: crate::health::Replay::Running,
        last_commit_age: None,
    });
    ServerEvidence {
        answer: ServerAnswer::Standby(Standby { replication }),
        ..standby()
    }
}

/// A standby that has replayed all its WAL and accepts no connections.
pub(in crate::agent::actions::tests) fn pending() -> ServerEvidence {
    let needed = at(2, 0x0400_00D8);
    ServerEvidence {
        files: DataDirectory::Present {
            control: Ok(Control {
                minimum_recovery: Some(needed),
                ..control(ClusterState::ArchiveRecovery)
            }),
            backup: BackupLabel::Absent,
        },
        postmaster: PostmasterEvidence::Runs(Some(PostmasterStatus::Starting)),
        replay: ReplayProgress::Waiting {
            on_disk: Some(needed),
        },
        ..alive(ServerAnswer::Refused(Failure::CannotConnectNow(
            Detail::Given,
        )))
    }
}

pub(in crate::agent::actions::tests) fn dead(state: ClusterState) -> ServerEvidence {
    ServerEvidence {
        files: files(state),
        postmaster: PostmasterEvidence::Gone,
        answer: ServerAnswer::NotAsked,
        replay: ReplayProgress::Unproven,
    }
}

fn files(state: ClusterState) -> DataDirectory {
    DataDirectory::Present {
        control: Ok(control(state)),
        backup: BackupLabel::Absent,
    }
}

pub(in crate::agent::actions::tests) fn streaming(name: &str) -> ReplicationRow {
    ReplicationRow {
        application_name: name.into(),
        state: SenderState::Streaming,
        written: Some(Lsn(1000)),
        sync: None,
    }
}
