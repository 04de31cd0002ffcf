//! What is wrong with a resource or its parameters and would keep a server from its start, as a probe tells it. Knows
//! no server.

use crate::agent::actions::Ending;
use crate::agent::ocf::clone::CloneError;
use crate::agent::ocf::code::Code;
use crate::agent::ocf::parameters::ParameterError;

/// What would keep a server from its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flaw {
    /// What Pacemaker is told of it.
    pub(super) code: Code,
    /// What people are.
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
    /// What a probe ends with that would have ended with a code. Only where nothing runs is it told what is wrong:
    /// after an error Pacemaker takes nothing to run here, and promotes another server.
    pub(super) fn in_place_of(&self, ending: Ending) -> Ending {
        match ending.code {
            Code::NotRunning | Code::Installed => Ending::because(self.code, &*self.sentence),
            Code::Success
            | Code::Generic
            | Code::Args
            | Code::Unimplemented
            | Code::Permission
            | Code::Configured
            | Code::RunningPromoted
            | Code::FailedPromoted => ending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_that_nothing_runs_gives_way() {
        let flaw = Flaw {
            code: Code::Args,
            sentence: "parameter maxlag is wrong".into(),
        };
        for code in Code::ALL {
            let ending = flaw.in_place_of(Ending::plainly(code));
            let gives_way = [Code::NotRunning, Code::Installed].contains(&code);
            let expected = if gives_way { Code::Args } else { code };
            assert_eq!(ending.code, expected, "{code:?}");
        }
    }
}
