//! What an action ends with, and what Pacemaker makes of it; knows no action.

/// An exit status of OCF 1.1 (Open Cluster Framework Resource Agent API 1.1, "Return codes").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// It went well; of a monitor: a standby runs.
    Success,
    /// It failed, and may be tried again.
    Generic,
    /// A parameter is wrong for this node.
    Args,
    /// There is no such action.
    Unimplemented,
    /// A file may not be used.
    Permission,
    /// Something is not installed here.
    Installed,
    /// A parameter is wrong for every node.
    Configured,
    /// Of a monitor: the server is stopped, cleanly.
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
    /// It recovers the resource, here or elsewhere.
    Soft,
    /// It moves the resource away from this node, and keeps it away.
    Hard,
    /// It stops the resource and starts it on no node.
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

    /// The process's exit status.
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

    /// What Pacemaker does where it expected another one.
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
    fn the_codes_are_counted_from_zero() {
        for (status, code) in (0..).zip(Code::ALL) {
            assert_eq!(code.status(), status);
        }
    }

    #[test]
    fn only_what_is_wrong_everywhere_stops_the_whole_cluster() {
        let fatal = Code::ALL
            .into_iter()
            .filter(|code| code.severity() == StatusSeverity::Fatal);
        assert_eq!(fatal.collect::<Vec<_>>(), [Code::Configured]);
    }
}
