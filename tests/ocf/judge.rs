//! Who has to pass a case: everybody, or everybody but PAF.

use std::error::Error;
use std::fmt;

use support::Trouble;

use crate::program::Program;

/// Why a case did not pass.
pub(crate) enum Failure {
    /// The agent did something else than it has to.
    Agent(String),
    /// The case could not be played; that says nothing about the agent.
    Harness(Trouble),
}

/// What a case comes to.
pub(crate) type Judged = Result<(), Failure>;

impl Failure {
    /// The same with what was tried before it.
    pub(crate) fn at(self, place: &str) -> Self {
        match self {
            Self::Agent(what) => Self::Agent(format!("{place}: {what}")),
            Self::Harness(trouble) => {
                Self::Harness(Trouble::Unfit(format!("{place}: {trouble:?}")))
            }
        }
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::Harness(trouble)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(what) => write!(f, "{what}"),
            Self::Harness(trouble) => write!(f, "not played: {trouble:?}"),
        }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Error for Failure {}

/// Fails the case unless `holds`; `what` says what the agent did instead.
pub(crate) fn ensure(holds: bool, what: impl FnOnce() -> String) -> Judged {
    if holds {
        return Ok(());
    }
    Err(Failure::Agent(what()))
}

/// How PAF 2.3 does in a case; ours has to pass every one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paf {
    /// It passes.
    Right,
    /// It fails, for the weakness of this number.
    Wrong(u8),
}

/// Runs a case against the chosen agent.
#[expect(
    clippy::print_stdout,
    reason = "whoever runs the suite against PAF wants to read what it does wrong"
)]
pub(crate) fn case(paf: Paf, play: impl FnOnce(Program) -> Judged) -> Judged {
    let program = Program::chosen()?;
    match (program, paf, play(program)) {
        (Program::Ours, _, played) | (Program::Paf, Paf::Right, played) => played,
        (Program::Paf, Paf::Wrong(weakness), Ok(())) => Err(Failure::Agent(format!(
            "PAF does right now what it did wrong (weakness {weakness})"
        ))),
        (Program::Paf, Paf::Wrong(weakness), Err(Failure::Agent(what))) => {
            println!("as expected of PAF (weakness {weakness}): {what}");
            Ok(())
        }
        (Program::Paf, _, Err(Failure::Harness(trouble))) => Err(trouble.into()),
    }
}
