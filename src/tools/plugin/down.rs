//! Decides whether a reason means that the server is broken or that the fault is on the side that asks it. No
//! other module makes this distinction.

use super::status::PluginStatus;
use crate::health::{DownReason, Failure};

/// Status for a `down` answer: critical if the reason is about the server, unknown if it is about the daemon's
/// own access to it.
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

/// Status for a fresh connection that failed. An ordinary client uses another role, another password and
/// perhaps another address, so a fault of the plugin's own login says nothing about such a client.
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
