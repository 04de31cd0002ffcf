//! What a check of the configuration finds. Checks nothing.

use crate::agent::actions::server::ConfigurationProblem;
use crate::agent::ocf::code::Code;

/// The result of a check, or the first problem that was found.
pub(super) type CheckResult<T = ()> = Result<T, ConfigurationProblem>;

/// Returns the problem of something that does not exist.
pub(super) fn missing(sentence: String) -> ConfigurationProblem {
    ConfigurationProblem {
        code: Code::Installed,
        sentence,
    }
}

/// Returns the problem of something that is not as it should be.
pub(super) fn wrong(sentence: String) -> ConfigurationProblem {
    ConfigurationProblem {
        code: Code::Args,
        sentence,
    }
}
