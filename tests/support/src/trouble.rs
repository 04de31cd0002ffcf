//! What can go wrong while the harness runs servers, as one sentence; knows no server.

use std::error::Error;
use std::fmt;
use std::io;
use std::process::ExitStatus;
use std::time::Duration;

/// Why a server, a program or a wait did not do what was asked.
#[derive(thiserror::Error)]
pub enum Trouble {
    /// The operating system refused.
    #[error("could not {doing}")]
    Io {
        /// What was tried.
        doing: String,
        /// Why it failed.
        source: io::Error,
    },
    /// A program ended with a failure.
    #[error("`{command}` failed ({status}): {output}")]
    Program {
        /// The program and its arguments.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// What it wrote.
        output: String,
    },
    /// A server refused a connection or a statement.
    #[error("could not {doing}")]
    Sql {
        /// What was tried.
        doing: String,
        /// What the server or the driver said.
        source: postgres::Error,
    },
    /// Something did not happen in time.
    #[error("waited {waited:.1?} for {what}, but {seen}")]
    Waited {
        /// What was waited for.
        what: String,
        /// How long.
        waited: Duration,
        /// What was seen instead, last.
        seen: String,
    },
    /// The machine or a server is not as it has to be.
    #[error("{0}")]
    Unfit(String),
}

impl Trouble {
    /// For `map_err`: the operating system refused while `doing` this.
    pub fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        |source| Self::Io { doing, source }
    }

    /// For `map_err`: the server refused while `doing` this.
    pub fn sql(doing: impl Into<String>) -> impl FnOnce(postgres::Error) -> Self {
        let doing = doing.into();
        |source| Self::Sql { doing, source }
    }
}

/// The sentence with its causes: what a test that returns `Err` prints.
impl fmt::Debug for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let mut cause = self.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
