//! Whether a server that tells no role is broken, or whoever asks it may not ask: the one place that tells
//! a reason that speaks of the server from one that speaks of this side.

use super::finding::PluginStatus;
use crate::health::{DownReason, Failure};

/// Of an answer.
#[must_use]
pub fn status(reason: DownReason) -> PluginStatus {
    match reason {
        DownReason::Starting
        | DownReason::Recovering
        | DownReason::ShuttingDown
        | DownReason::NotAccepting
        | DownReason::NotHot
        | DownReason::NoSocket
        | DownReason::Refused
        | DownReason::Unreachable
        | DownReason::Timeout
        | DownReason::Hung
        | DownReason::Full
        | DownReason::Lost
        | DownReason::Maintenance
        | DownReason::NoQuorum
        | DownReason::TwoPrimaries
        | DownReason::ReadOnly => PluginStatus::Critical,
        DownReason::NoHost
        | DownReason::Denied
        | DownReason::OtherServer
        | DownReason::Auth
        | DownReason::NoDatabase
        | DownReason::DatabaseClosed
        | DownReason::MissingFile
        | DownReason::Tls
        | DownReason::Internal => PluginStatus::Unknown,
    }
}

/// Of a fresh connection: an ordinary client comes in by another role, another password, perhaps another
/// way, so that what is wrong with ours says nothing of it.
#[must_use]
pub fn of_failure(failure: Failure) -> PluginStatus {
    match failure {
        Failure::NoSocket
        | Failure::Refused
        | Failure::Unreachable
        | Failure::TimedOut
        | Failure::Full
        | Failure::CannotConnectNow(_)
        | Failure::AdminShutdown
        | Failure::CrashShutdown
        | Failure::Lost => PluginStatus::Critical,
        Failure::NoHost
        | Failure::Denied
        | Failure::OtherServer
        | Failure::Auth
        | Failure::NoDatabase
        | Failure::DatabaseClosed
        | Failure::MissingFile
        | Failure::Tls
        | Failure::Setup
        | Failure::Rejected
        | Failure::Unexpected => PluginStatus::Unknown,
    }
}
