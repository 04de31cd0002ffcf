//! What the local server is, judged from everything that can be seen of it: its files, its postmaster and
//! its answer. Knows neither how it was observed nor what an action does about it.
//!
//! - [`evidence`]: what can be seen.

mod evidence;

use super::replay::{ReplayProgress, may_be_complete};
use crate::agent::ocf::code::Code;
use crate::health::{Detail, Failure, PostmasterStatus, Standby};
use crate::postgres::control::ClusterState;
pub use evidence::{BackupLabel, DataDirectory, PostmasterEvidence, ServerAnswer, ServerEvidence};

/// The state of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerState {
    /// A primary runs.
    Primary(RoleSource),
    /// A standby runs.
    Standby(RoleSource),
    /// A standby runs that has replayed all the WAL that it has, and accepts no connections: its snapshot of the
    /// running transactions is incomplete, and only a primary can send what it lacks.
    Pending,
    /// It runs and accepts no connections yet: it starts, or recovers from a crash.
    Starting,
    /// It is shutting down.
    Stopping,
    /// It runs as a standby that accepts no connections, since `hot_standby` is off.
    Closed,
    /// It runs and does not answer.
    Silent,
    /// It runs and refuses the agent.
    Refusing(Failure),
    /// It was stopped cleanly.
    Stopped(Was),
    /// It was not stopped cleanly, and no longer runs.
    Crashed(Was),
    /// It does not run, and its control file cannot be read.
    Unreadable,
    /// There is no data directory.
    Missing,
    /// A server of the resource runs in another directory: this one was renamed, for example, or unmounted.
    Elsewhere,
}

/// How a running server's role is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleSource {
    /// The server reported it.
    Said(Option<Standby>),
    /// Its control file says so, and its postmaster runs; the server did not report it, for this reason: it has no
    /// connection slot left, for example, or accepts connections from everybody but the agent.
    ControlFile(Failure),
}

/// What a server was when it was last running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Was {
    /// A primary.
    Primary,
    /// A standby.
    Standby,
    /// Neither yet: a backup.
    Backup,
}

impl ServerState {
    /// Returns whether a process of the server exists.
    #[must_use]
    pub fn runs(self) -> bool {
        match self {
            Self::Primary(_)
            | Self::Standby(_)
            | Self::Pending
            | Self::Starting
            | Self::Stopping
            | Self::Closed
            | Self::Silent
            | Self::Refusing(_)
            | Self::Elsewhere => true,
            Self::Stopped(_) | Self::Crashed(_) | Self::Unreadable | Self::Missing => false,
        }
    }

    /// Returns the exit status of a monitor. A server that could not be asked, or that no client can use, is never
    /// reported as healthy or as stopped. A standby that lacks nothing but what a primary sends is healthy:
    /// if it were not, there could never be a primary.
    #[must_use]
    pub fn code(self) -> Code {
        match self {
            Self::Primary(_) => Code::RunningPromoted,
            Self::Standby(_) | Self::Pending => Code::Success,
            Self::Stopped(_) => Code::NotRunning,
            Self::Crashed(Was::Primary) => Code::FailedPromoted,
            Self::Missing => Code::Installed,
            Self::Starting
            | Self::Stopping
            | Self::Closed
            | Self::Silent
            | Self::Refusing(_)
            | Self::Crashed(Was::Standby | Was::Backup)
            | Self::Unreadable
            | Self::Elsewhere => Code::Generic,
        }
    }

    /// Returns the state as a sentence for people.
    #[must_use]
    pub fn sentence(self) -> String {
        match self {
            Self::Primary(source) => format!("a primary runs{}", source.aside()),
            Self::Standby(source) => format!("a standby runs{}", source.aside()),
            Self::Pending => {
                "a standby runs that has replayed all its WAL and accepts no connections until a primary sends more: \
                 its snapshot of the running transactions is incomplete, as after the start of a recovery within a \
                 transaction of more than 64 subtransactions"
                    .into()
            }
            Self::Starting => "the server starts, or recovers, and accepts no connections yet".into(),
            Self::Stopping => "the server is shutting down".into(),
            Self::Closed => "a standby runs that accepts no connections: hot_standby is off".into(),
            Self::Silent => "the server runs and does not answer".into(),
            Self::Refusing(failure) => {
                format!("the server runs and refuses the agent ({})", failure.word())
            }
            Self::Stopped(Was::Primary) => "a primary was stopped cleanly".into(),
            Self::Stopped(Was::Standby) => "a standby was stopped cleanly".into(),
            Self::Stopped(Was::Backup) => "the data directory is a backup that was never started".into(),
            Self::Crashed(Was::Primary) => "a primary has crashed".into(),
            Self::Crashed(Was::Standby | Was::Backup) => "a standby has crashed".into(),
            Self::Unreadable => "no server runs, and the control file cannot be read".into(),
            Self::Missing => "there is no data directory".into(),
            Self::Elsewhere => {
                "a server of this resource runs in a directory that is no longer datadir: datadir was \
                                renamed or unmounted, or is another directory by now"
                    .into()
            }
        }
    }
}

impl RoleSource {
    /// Returns the continuation of the sentence.
    fn aside(self) -> String {
        match self {
            Self::Said(_) => String::new(),
            Self::ControlFile(failure) => format!(
                " according to its control file, but does not answer the agent ({})",
                failure.word()
            ),
        }
    }
}

/// Judges the evidence.
#[must_use]
pub fn judge(evidence: &ServerEvidence) -> ServerState {
    match evidence.postmaster {
        PostmasterEvidence::Gone => dead(&evidence.files),
        PostmasterEvidence::Runs(status) => alive(status, evidence),
        PostmasterEvidence::Elsewhere => ServerState::Elsewhere,
    }
}

/// Judges a server without a postmaster. Whatever it was doing is over: an interrupted start, recovery or
/// shutdown is a crash, too.
fn dead(files: &DataDirectory) -> ServerState {
    let (control, backup) = match files {
        DataDirectory::Missing => return ServerState::Missing,
        DataDirectory::Present { control, backup } => (control, *backup),
    };
    match (backup, control) {
        (BackupLabel::Present, _) => ServerState::Stopped(Was::Backup),
        (BackupLabel::Absent, Err(_)) => ServerState::Unreadable,
        (BackupLabel::Absent, Ok(control)) => match control.state {
            ClusterState::ShutDown => ServerState::Stopped(Was::Primary),
            ClusterState::ShutDownInRecovery => ServerState::Stopped(Was::Standby),
            ClusterState::ArchiveRecovery => ServerState::Crashed(Was::Standby),
            ClusterState::Production
            | ClusterState::ShuttingDown
            | ClusterState::StartingUp
            | ClusterState::CrashRecovery => ServerState::Crashed(Was::Primary),
        },
    }
}

fn alive(status: Option<PostmasterStatus>, evidence: &ServerEvidence) -> ServerState {
    let files = &evidence.files;
    let failure = match evidence.answer {
        ServerAnswer::Primary => return ServerState::Primary(RoleSource::Said(None)),
        ServerAnswer::Standby(standby) => {
            return ServerState::Standby(RoleSource::Said(Some(standby)));
        }
        ServerAnswer::NotAsked => return ServerState::Silent,
        ServerAnswer::Refused(failure) => failure,
    };
    match failure {
        Failure::CannotConnectNow(Detail::Given | Detail::Missing) => match status {
            Some(PostmasterStatus::Stopping) => ServerState::Stopping,
            Some(PostmasterStatus::Standby) => ServerState::Closed,
            Some(PostmasterStatus::Starting) if is_pending(evidence) => ServerState::Pending,
            Some(PostmasterStatus::Starting | PostmasterStatus::Ready) | None => {
                ServerState::Starting
            }
        },
        // A backend has refused, and the postmaster only starts backends while it accepts connections.
        Failure::Full
        | Failure::Auth
        | Failure::NoDatabase
        | Failure::DatabaseClosed
        | Failure::Rejected => written(files, failure),
        // Another backend has crashed, or the socket does not exist yet, or no longer.
        Failure::CrashShutdown | Failure::Lost => ServerState::Starting,
        Failure::AdminShutdown => ServerState::Stopping,
        // Nothing listens where a postmaster says that it does: it serves no client.
        Failure::NoSocket | Failure::Refused => match status {
            Some(PostmasterStatus::Starting) | None => ServerState::Starting,
            Some(PostmasterStatus::Stopping) => ServerState::Stopping,
            Some(PostmasterStatus::Ready | PostmasterStatus::Standby) => {
                ServerState::Refusing(failure)
            }
        },
        // The agent's own connection is broken, which says nothing of other clients' connections.
        Failure::Unreachable
        | Failure::NoHost
        | Failure::Denied
        | Failure::OtherServer
        | Failure::Tls
        | Failure::Setup => match status {
            Some(PostmasterStatus::Starting) | None => ServerState::Starting,
            Some(PostmasterStatus::Stopping) => ServerState::Stopping,
            Some(PostmasterStatus::Standby) => ServerState::Closed,
            Some(PostmasterStatus::Ready) => written(files, failure),
        },
        Failure::TimedOut => ServerState::Silent,
        Failure::MissingFile | Failure::Unexpected => ServerState::Refusing(failure),
    }
}

/// Returns whether observing its replay tells more of a server: one that starts, and could be a standby that has
/// replayed everything and waits for a primary.
#[must_use]
pub fn asks_for_replay(evidence: &ServerEvidence) -> bool {
    let PostmasterEvidence::Runs(Some(PostmasterStatus::Starting)) = evidence.postmaster else {
        return false;
    };
    let ServerAnswer::Refused(Failure::CannotConnectNow(_)) = evidence.answer else {
        return false;
    };
    match &evidence.files {
        DataDirectory::Present {
            control: Ok(control),
            backup: BackupLabel::Absent,
        } => may_be_complete(control).is_some(),
        DataDirectory::Present { .. } | DataDirectory::Missing => false,
    }
}

/// Returns whether a standby that starts has replayed everything and waits for a primary.
fn is_pending(evidence: &ServerEvidence) -> bool {
    let DataDirectory::Present {
        control: Ok(control),
        ..
    } = &evidence.files
    else {
        return false;
    };
    let on_disk = match evidence.replay {
        ReplayProgress::Waiting { on_disk } => on_disk,
        ReplayProgress::Unproven => None,
    };
    let needed = may_be_complete(control);
    asks_for_replay(evidence) && needed.is_some() && on_disk >= needed
}

/// Judges a server that did not report its role, for a reason that is not its end. It runs, and has the role that its
/// control file says.
fn written(files: &DataDirectory, failure: Failure) -> ServerState {
    let state = match files {
        DataDirectory::Present {
            control: Ok(control),
            ..
        } => control.state,
        DataDirectory::Present {
            control: Err(_), ..
        }
        | DataDirectory::Missing => return ServerState::Refusing(failure),
    };
    match state {
        ClusterState::Production => ServerState::Primary(RoleSource::ControlFile(failure)),
        ClusterState::ArchiveRecovery => ServerState::Standby(RoleSource::ControlFile(failure)),
        ClusterState::ShuttingDown => ServerState::Stopping,
        ClusterState::StartingUp
        | ClusterState::CrashRecovery
        | ClusterState::ShutDown
        | ClusterState::ShutDownInRecovery => ServerState::Starting,
    }
}

#[cfg(test)]
mod tests;
