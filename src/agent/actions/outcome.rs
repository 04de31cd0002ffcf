//! The result of an action: an exit status for Pacemaker and, if the action failed, a sentence for the administrator.
//! Knows no action.

use crate::agent::ocf::code::Code;

/// The result of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionOutcome {
    /// The exit status.
    pub code: Code,
    /// The exit reason, if the action failed.
    pub reason: Option<String>,
}

impl ActionOutcome {
    /// The action succeeded.
    pub const SUCCESS: Self = Self::plainly(Code::Success);

    /// Creates a result whose exit status says everything.
    #[must_use]
    pub const fn plainly(code: Code) -> Self {
        Self { code, reason: None }
    }

    /// Creates a result with an exit status and a reason.
    #[must_use]
    pub fn because(code: Code, reason: impl Into<String>) -> Self {
        Self {
            code,
            reason: Some(reason.into()),
        }
    }

    /// Creates the result of an action that failed, and may be tried again.
    #[must_use]
    pub fn failed(reason: impl Into<String>) -> Self {
        Self::because(Code::Generic, reason)
    }
}
