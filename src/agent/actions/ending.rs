//! What an action ends with: a code for Pacemaker and, where it went wrong, a sentence for its administrator.
//! Knows no action.

use crate::agent::ocf::code::Code;

/// The end of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// What Pacemaker is told.
    pub code: Code,
    /// Why, where that is not what was wanted: the exit reason.
    pub reason: Option<String>,
}

impl Ending {
    /// It is as was wanted.
    pub const SUCCESS: Self = Self::plainly(Code::Success);

    /// A code that says everything.
    #[must_use]
    pub const fn plainly(code: Code) -> Self {
        Self { code, reason: None }
    }

    /// A code and a sentence.
    #[must_use]
    pub fn because(code: Code, reason: impl Into<String>) -> Self {
        Self {
            code,
            reason: Some(reason.into()),
        }
    }

    /// It failed, and may be tried again.
    #[must_use]
    pub fn failed(reason: impl Into<String>) -> Self {
        Self::because(Code::Generic, reason)
    }
}
