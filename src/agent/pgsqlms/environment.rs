//! Reads the arguments and the environment of the program, which no other module of `pgsqlms` does. Does not
//! interpret them.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;

/// The arguments and the environment.
#[derive(Debug)]
pub(super) struct CallEnvironment {
    /// The name of the action.
    pub(super) action: Option<String>,
    /// The environment as it is, for other programs.
    pub(super) inherited: Vec<(OsString, OsString)>,
    /// The environment as text; bytes that are not UTF-8 become replacement characters.
    pub(super) variables: BTreeMap<String, String>,
}

impl CallEnvironment {
    pub(super) fn read() -> Self {
        let text = |raw: &OsString| raw.to_string_lossy().into_owned();
        let inherited: Vec<_> = env::vars_os().collect();
        let variables = inherited
            .iter()
            .map(|(name, value)| (text(name), text(value)));
        Self {
            action: env::args_os().nth(1).as_ref().map(text),
            variables: variables.collect(),
            inherited,
        }
    }
}
