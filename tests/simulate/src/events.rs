//! What goes wrong, and what operators do: some of it as the pages tell them, some of it as they should not. Knows no
//! consequence.
//!
//! - [`kind`]: everything that there is.
//! - [`script`]: what happens in one history, and its text.
//! - [`generate`]: a script from a seed.
//! - [`play`]: lets one happen; [`undo`]: and takes it back.
//! - [`operator`]: what operators do to servers and disks; [`program`]: what they do in several steps.

pub mod generate;
pub mod kind;
mod operator;
mod play;
mod program;
pub mod script;
mod undo;

pub use kind::Kind;
pub(crate) use program::Program;
pub use script::{Ending, Event, Script};

/// The mending of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Later(pub(crate) Event);
