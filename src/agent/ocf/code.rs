//! The exit statuses of an action, and what Pacemaker does about each; knows no action.

/// An exit status of OCF 1.1 (Open Cluster Framework Resource Agent API 1.1, "Return codes").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The action succeeded; of a monitor: a standby runs.
    Success,
    /// The action failed, and may be tried again.
    Generic,
    /// A parameter is invalid on this node.
    Args,
    /// There is no such action.
    Unimplemented,
    /// The agent lacks the permission to use a file.
    Permission,
    /// A program or file is not installed on this node.
    Installed,
    /// A parameter is invalid on every node.
    Configured,
    /// Of a monitor: the server was shut down cleanly.
    NotRunning,
    /// Of a monitor: a primary runs.
    RunningPromoted,
    /// Of a monitor: a primary has crashed.
    FailedPromoted,
}

/// What Pacemaker does about an unexpected status (Pacemaker Explained, "How Are OCF Return Codes
/// Interpreted?").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusSeverity {
    /// Pacemaker recovers the resource, on this node or on another one.
    Soft,
    /// Pacemaker moves the resource to another node, and keeps it away from this one.
    Hard,
    /// Pacemaker stops the resource and starts it on no node.
    Fatal,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 10] = [
        Self::Success,
        Self::Generic,
        Self::Args,
        Self::Unimplemented,
        Self::Permission,
        Self::Installed,
        Self::Configured,
        Self::NotRunning,
        Self::RunningPromoted,
        Self::FailedPromoted,
    ];

    /// Returns the exit status of the process.
    #[must_use]
    pub fn status(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Generic => 1,
            Self::Args => 2,
            Self::Unimplemented => 3,
            Self::Permission => 4,
            Self::Installed => 5,
            Self::Configured => 6,
            Self::NotRunning => 7,
            Self::RunningPromoted => 8,
            Self::FailedPromoted => 9,
        }
    }

    /// Returns what Pacemaker does if it expected another status.
    #[must_use]
    pub fn severity(self) -> StatusSeverity {
        match self {
            Self::Success
            | Self::Generic
            | Self::NotRunning
            | Self::RunningPromoted
            | Self::FailedPromoted => StatusSeverity::Soft,
            Self::Args | Self::Unimplemented | Self::Permission | Self::Installed => {
                StatusSeverity::Hard
            }
            Self::Configured => StatusSeverity::Fatal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_statuses_count_from_zero() {
        for (status, code) in (0..).zip(Code::ALL) {
            assert_eq!(code.status(), status);
        }
    }

    #[test]
    fn only_an_error_of_every_node_stops_the_whole_cluster() {
        let fatal = Code::ALL
            .into_iter()
            .filter(|code| code.severity() == StatusSeverity::Fatal);
        assert_eq!(fatal.collect::<Vec<_>>(), [Code::Configured]);
    }
}
