//! What the program was started with: of `pgsqlms`, this is the one place that reads the environment. Knows no
//! meaning.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;

/// Arguments and environment.
#[derive(Debug)]
pub(super) struct CallEnvironment {
    /// The word of the action.
    pub(super) action: Option<String>,
    /// The environment as it is, for other programs.
    pub(super) environment: Vec<(OsString, OsString)>,
    /// The same as text; what is none has replacement characters.
    pub(super) variables: BTreeMap<String, String>,
}

impl CallEnvironment {
    pub(super) fn read() -> Self {
        let text = |raw: &OsString| raw.to_string_lossy().into_owned();
        let environment: Vec<_> = env::vars_os().collect();
        let variables = environment
            .iter()
            .map(|(name, value)| (text(name), text(value)));
        Self {
            action: env::args_os().nth(1).as_ref().map(text),
            variables: variables.collect(),
            environment,
        }
    }
}
