//! What the local server is, judged from everything that can be seen of it: its files, its postmaster and
//! its answer. Knows neither how it was looked at nor what an action makes of it.
//!
//! - [`evidence`]: what can be seen.

mod evidence;

use super::replay::{ReplayProgress, may_be_complete};
use crate::agent::ocf::code::Code;
use crate::health::{Detail, Failure, PostmasterStatus, Standby};
use crate::postgres::control::ClusterState;
pub use evidence::{BackupLabel, DataDirectory, PostmasterEvidence, ServerAnswer, ServerEvidence};

/// What a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerState {
    /// A primary runs.
    Primary(RoleSource),
    /// A standby runs.
    Standby(RoleSource),
    /// A standby runs that has replayed all the WAL that it has, and lets nobody in: its snapshot of the running
    /// transactions is incomplete, and only a primary can send what it lacks.
    Pending,
    /// It runs and lets nobody in yet: it starts, or recovers from a crash.
    Starting,
    /// It is going down.
    Stopping,
    /// It runs as a standby that lets nobody in, since `hot_standby` is off.
    Closed,
    /// It runs and does not answer.
    Silent,
    /// It runs and refuses the agent.
    Refusing(Failure),
    /// It was stopped cleanly.
    Stopped(Was),
    /// It was not, and is not there any more.
    Crashed(Was),
    /// It is not there, and its control file cannot be read.
    Unreadable,
    /// There is no data directory.
    Missing,
    /// A server of the resource runs in another directory: this one was renamed, say, or unmounted.
    Elsewhere,
}

/// How a running server's role is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleSource {
    /// It said so.
    Said(Option<Standby>),
    /// Its control file says so, and its postmaster lives; itself it did not say, for this reason: it has no
    /// connection left, say, or lets everybody in but the agent.
    ControlFile(Failure),
}

/// What a server was when it was last running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Was {
    /// A primary.
    Primary,
    /// A standby.
    Standby,
    /// Nothing yet: a backup.
    Backup,
}

impl ServerState {
    /// Whether a process of it is there.
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

    /// What a monitor says of it. A server that could not be asked, or that nobody can use, is never taken
    /// for a healthy one, and never for a stopped one. A standby that lacks nothing but what a primary sends is healthy:
    /// were it none, there could never be a primary.
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

    /// In one sentence, for people.
    #[must_use]
    pub fn sentence(self) -> String {
        match self {
            Self::Primary(source) => format!("a primary runs{}", source.aside()),
            Self::Standby(source) => format!("a standby runs{}", source.aside()),
            Self::Pending => {
                "a standby runs that has replayed all its WAL and lets nobody in before a primary sends more: its \
                 snapshot of the running transactions is incomplete, as after the start of a recovery within a \
                 transaction of more than 64 subtransactions"
                    .into()
            }
            Self::Starting => "the server starts, or recovers, and lets nobody in yet".into(),
            Self::Stopping => "the server is going down".into(),
            Self::Closed => "a standby runs that lets nobody in: hot_standby is off".into(),
            Self::Silent => "the server runs and does not answer".into(),
            Self::Refusing(failure) => {
                format!("the server runs and refuses the agent ({})", failure.word())
            }
            Self::Stopped(Was::Primary) => "a primary was stopped cleanly".into(),
            Self::Stopped(Was::Standby) => "a standby was stopped cleanly".into(),
            Self::Stopped(Was::Backup) => "a backup lies there that was never started".into(),
            Self::Crashed(Was::Primary) => "a primary has crashed".into(),
            Self::Crashed(Was::Standby | Was::Backup) => "a standby has crashed".into(),
            Self::Unreadable => "no server runs, and the control file cannot be read".into(),
            Self::Missing => "there is no data directory".into(),
            Self::Elsewhere => {
                "a server of this resource runs in another directory than datadir, which was \
                                renamed or unmounted, or is another one by now"
                    .into()
            }
        }
    }
}

impl RoleSource {
    /// What a sentence goes on with.
    fn aside(self) -> String {
        match self {
            Self::Said(_) => String::new(),
            Self::ControlFile(failure) => format!(
                " by its control file, and does not tell the agent so ({})",
                failure.word()
            ),
        }
    }
}

/// Judges what was seen.
#[must_use]
pub fn judge(evidence: &ServerEvidence) -> ServerState {
    match evidence.postmaster {
        PostmasterEvidence::Gone => dead(&evidence.files),
        PostmasterEvidence::Runs(status) => alive(status, evidence),
        PostmasterEvidence::Elsewhere => ServerState::Elsewhere,
    }
}

/// A server without a postmaster. What it was doing is over, whatever it was: also a start, a recovery or
/// a shutdown is a crash then.
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
        // A process of the server's has refused, which it starts only while it lets somebody in.
        Failure::Full
        | Failure::Auth
        | Failure::NoDatabase
        | Failure::DatabaseClosed
        | Failure::Rejected => written(files, failure),
        // Another backend has crashed, or the socket is not there yet, or not any more.
        Failure::CrashShutdown | Failure::Lost => ServerState::Starting,
        Failure::AdminShutdown => ServerState::Stopping,
        // Nobody listens where a postmaster says that it does: it serves nobody.
        Failure::NoSocket | Failure::Refused => match status {
            Some(PostmasterStatus::Starting) | None => ServerState::Starting,
            Some(PostmasterStatus::Stopping) => ServerState::Stopping,
            Some(PostmasterStatus::Ready | PostmasterStatus::Standby) => {
                ServerState::Refusing(failure)
            }
        },
        // The agent's own way is broken, and nothing is known of anybody else's.
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

/// Whether a look at its replay tells more of a server: one that starts, and could be a standby that has replayed
/// everything and waits for a primary.
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

/// Whether a standby that starts has replayed everything and waits for a primary.
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

/// A server that did not say what it is, for a reason that is not its end. It lives, and is what its control file
/// says.
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
