//! What the local server is, judged from everything that can be seen of it: its files, its postmaster and
//! its answer. Knows neither how it was looked at nor what an action makes of it.

use super::code::Code;
use super::control::{ClusterState, Control};
use crate::role::{Detail, Failure, PostmasterStatus, Standby};

/// Everything that was seen of a server at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Its data directory.
    pub files: Files,
    /// Its postmaster.
    pub postmaster: Postmaster,
    /// What it said when it was asked for its role.
    pub answer: Answer,
}

/// A data directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Files {
    /// There is none, or nothing of PostgreSQL's is in it.
    Missing,
    /// It holds a server's files.
    Present {
        /// What the control file says, or the sentence why it says nothing.
        control: Result<Control, String>,
        /// Whether they are a backup that no server has been started from yet.
        backup: BackupLabel,
    },
}

/// The file `backup_label`: a recovery has to begin where it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackupLabel {
    /// It is there.
    Present,
    /// It is not.
    Absent,
}

/// The process that a server consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Postmaster {
    /// There is none.
    Gone,
    /// It runs, and has written this of itself.
    Runs(Option<PostmasterStatus>),
}

/// What a server said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was not asked: nobody is there.
    NotAsked,
    /// It is a primary.
    Primary,
    /// It is a standby.
    Standby(Standby),
    /// Nothing, for this reason.
    Refused(Failure),
}

/// What a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// A primary runs.
    Primary(Source),
    /// A standby runs.
    Standby(Source),
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
}

/// How a running server's role is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// It said so.
    Said(Option<Standby>),
    /// All its connections are taken, also those that are reserved for its administrator; its control
    /// file says so, and its postmaster lives.
    ControlFile,
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

impl State {
    /// Whether a process of it is there.
    #[must_use]
    pub fn runs(self) -> bool {
        match self {
            Self::Primary(_)
            | Self::Standby(_)
            | Self::Starting
            | Self::Stopping
            | Self::Closed
            | Self::Silent
            | Self::Refusing(_) => true,
            Self::Stopped(_) | Self::Crashed(_) | Self::Unreadable | Self::Missing => false,
        }
    }

    /// What a monitor says of it. A server that could not be asked, or that nobody can use, is never taken
    /// for a healthy one, and never for a stopped one.
    #[must_use]
    pub fn code(self) -> Code {
        match self {
            Self::Primary(_) => Code::RunningPromoted,
            Self::Standby(_) => Code::Success,
            Self::Stopped(_) => Code::NotRunning,
            Self::Crashed(Was::Primary) => Code::FailedPromoted,
            Self::Missing => Code::Installed,
            Self::Starting
            | Self::Stopping
            | Self::Closed
            | Self::Silent
            | Self::Refusing(_)
            | Self::Crashed(Was::Standby | Was::Backup)
            | Self::Unreadable => Code::Generic,
        }
    }

    /// In one sentence, for people.
    #[must_use]
    pub fn sentence(self) -> String {
        match self {
            Self::Primary(_) => "a primary runs".into(),
            Self::Standby(_) => "a standby runs".into(),
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
        }
    }
}

/// Judges what was seen.
#[must_use]
pub fn judge(evidence: &Evidence) -> State {
    match evidence.postmaster {
        Postmaster::Gone => dead(&evidence.files),
        Postmaster::Runs(status) => alive(status, evidence.answer, &evidence.files),
    }
}

/// A server without a postmaster. What it was doing is over, whatever it was: also a start, a recovery or
/// a shutdown is a crash then.
fn dead(files: &Files) -> State {
    let (control, backup) = match files {
        Files::Missing => return State::Missing,
        Files::Present { control, backup } => (control, *backup),
    };
    match (backup, control) {
        (BackupLabel::Present, _) => State::Stopped(Was::Backup),
        (BackupLabel::Absent, Err(_)) => State::Unreadable,
        (BackupLabel::Absent, Ok(control)) => match control.state {
            ClusterState::ShutDown => State::Stopped(Was::Primary),
            ClusterState::ShutDownInRecovery => State::Stopped(Was::Standby),
            ClusterState::ArchiveRecovery => State::Crashed(Was::Standby),
            ClusterState::Production
            | ClusterState::ShuttingDown
            | ClusterState::StartingUp
            | ClusterState::CrashRecovery => State::Crashed(Was::Primary),
        },
    }
}

fn alive(status: Option<PostmasterStatus>, answer: Answer, files: &Files) -> State {
    let failure = match answer {
        Answer::Primary => return State::Primary(Source::Said(None)),
        Answer::Standby(standby) => return State::Standby(Source::Said(Some(standby))),
        Answer::NotAsked => return State::Silent,
        Answer::Refused(failure) => failure,
    };
    match failure {
        Failure::CannotConnectNow(Detail::Given | Detail::Missing) => match status {
            Some(PostmasterStatus::Stopping) => State::Stopping,
            Some(PostmasterStatus::Standby) => State::Closed,
            Some(PostmasterStatus::Starting | PostmasterStatus::Ready) | None => State::Starting,
        },
        Failure::Full => saturated(files),
        // Another backend has crashed, or the socket is not there yet, or not any more.
        Failure::CrashShutdown | Failure::Lost => State::Starting,
        Failure::AdminShutdown => State::Stopping,
        Failure::NoSocket | Failure::Refused => match status {
            Some(PostmasterStatus::Starting) | None => State::Starting,
            Some(PostmasterStatus::Stopping) => State::Stopping,
            Some(PostmasterStatus::Ready | PostmasterStatus::Standby) => State::Refusing(failure),
        },
        Failure::TimedOut => State::Silent,
        Failure::Unreachable
        | Failure::NoHost
        | Failure::Denied
        | Failure::Auth
        | Failure::NoDatabase
        | Failure::Tls
        | Failure::Setup
        | Failure::Unexpected => State::Refusing(failure),
    }
}

/// A server that has no connection left for anybody. It lives, and is what its control file says.
fn saturated(files: &Files) -> State {
    let state = match files {
        Files::Present {
            control: Ok(control),
            ..
        } => control.state,
        Files::Present {
            control: Err(_), ..
        }
        | Files::Missing => return State::Refusing(Failure::Full),
    };
    match state {
        ClusterState::Production => State::Primary(Source::ControlFile),
        ClusterState::ArchiveRecovery => State::Standby(Source::ControlFile),
        ClusterState::ShuttingDown => State::Stopping,
        ClusterState::StartingUp
        | ClusterState::CrashRecovery
        | ClusterState::ShutDown
        | ClusterState::ShutDownInRecovery => State::Starting,
    }
}

#[cfg(test)]
mod tests;
