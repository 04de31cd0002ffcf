//! Why the lab cannot do what it was asked, in sentences for the person who asked.

use std::io;
use std::path::PathBuf;

use support::Trouble;
use thiserror::Error;

use crate::host::Host;

/// What ends a command of the lab.
#[derive(Debug, Error)]
pub(crate) enum Error {
    /// Hosts are made of namespaces and mounts.
    #[error("the lab makes hosts of namespaces and mounts, so run it as root")]
    NotRoot,
    /// Programs that the lab consists of are not installed.
    #[error("missing from this machine: {0}; `tests/setup lab` installs what the lab needs")]
    MissingPackages(String),
    /// The disk is nearly full.
    #[error("{path} has {free} MB free, and the lab needs {needed} MB; make room there")]
    NoSpace {
        /// The folder of the lab.
        path: PathBuf,
        /// What is free.
        free: u64,
        /// What is needed.
        needed: u64,
    },
    /// There is one lab per checkout.
    #[error("a lab is already up here; `make lab-down` ends it")]
    AlreadyUp,
    /// Two commands would disturb each other.
    #[error("another command is just starting or ending the lab; wait for it")]
    Busy,
    /// Nothing to talk to.
    #[error("no lab is up here; `make lab` starts one")]
    NotUp,
    /// A program to put into the hosts was not built.
    #[error("there is no program {0}; build it first, as `make lab` does")]
    NoProgram(PathBuf),
    /// A command on this machine failed.
    #[error("{doing} failed: {said}")]
    Command {
        /// What it was to do.
        doing: String,
        /// What it said.
        said: String,
    },
    /// A command in a host failed.
    #[error("{command} failed on {host}: {said}")]
    OnHost {
        /// The host.
        host: Host,
        /// The command.
        command: String,
        /// What it said.
        said: String,
    },
    /// A host did not come up.
    #[error("{host} does not boot: {why}; its console ends with:{console}")]
    NotBooted {
        /// The host.
        host: Host,
        /// What the last look at it found.
        why: String,
        /// The last lines of its console, each on a line of its own.
        console: String,
    },
    /// The supervisor refused, or could not.
    #[error("the lab's supervisor: {0}")]
    Supervisor(String),
    /// Something in the lab is not as it has to be.
    #[error("{0}")]
    Unfit(String),
    /// The operating system refused.
    #[error("could not {doing}")]
    Io {
        /// What was tried.
        doing: String,
        /// Why it failed.
        source: io::Error,
    },
    /// A wait was in vain.
    #[error(transparent)]
    Waited(#[from] Trouble),
}

impl Error {
    /// For `map_err`: the operating system refused while `doing` this.
    pub(crate) fn io<E: Into<io::Error>>(doing: impl Into<String>) -> impl FnOnce(E) -> Self {
        let doing = doing.into();
        |source| Self::Io {
            doing,
            source: source.into(),
        }
    }

    /// The sentence with its causes.
    pub(crate) fn in_full(&self) -> String {
        let mut sentence = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(deeper) = cause {
            sentence = format!("{sentence}: {deeper}");
            cause = deeper.source();
        }
        sentence
    }
}
