//! A flaw of a resource or its parameters that would prevent its server from starting, as a probe reports it. Knows
//! no server.

use crate::agent::actions::ActionOutcome;
use crate::agent::ocf::clone::CloneError;
use crate::agent::ocf::code::Code;
use crate::agent::ocf::parameters::ParameterError;

/// What would prevent a server from starting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flaw {
    /// The exit status.
    pub(super) code: Code,
    /// The exit reason.
    pub(super) sentence: String,
}

impl From<CloneError> for Flaw {
    fn from(error: CloneError) -> Self {
        Self {
            code: error.code(),
            sentence: error.to_string(),
        }
    }
}

impl From<ParameterError> for Flaw {
    fn from(error: ParameterError) -> Self {
        Self {
            code: error.code(),
            sentence: error.to_string(),
        }
    }
}

impl Flaw {
    /// Returns the result of a probe that would have ended with this one. The flaw is reported only if no server runs:
    /// after an error Pacemaker believes that none runs here, and promotes another server.
    pub(super) fn in_place_of(&self, outcome: ActionOutcome) -> ActionOutcome {
        match outcome.code {
            Code::NotRunning | Code::Installed => {
                ActionOutcome::because(self.code, &*self.sentence)
            }
            Code::Success
            | Code::Generic
            | Code::Args
            | Code::Unimplemented
            | Code::Permission
            | Code::Configured
            | Code::RunningPromoted
            | Code::FailedPromoted => outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_result_that_no_server_runs_is_replaced() {
        let flaw = Flaw {
            code: Code::Args,
            sentence: "parameter maxlag is wrong".into(),
        };
        for code in Code::ALL {
            let outcome = flaw.in_place_of(ActionOutcome::plainly(code));
            let gives_way = [Code::NotRunning, Code::Installed].contains(&code);
            let expected = if gives_way { Code::Args } else { code };
            assert_eq!(outcome.code, expected, "{code:?}");
        }
    }
}
