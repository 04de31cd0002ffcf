//! Judges the checks of `pgsql-state check` and formats the result as a line and an exit status. Pure: opens no
//! socket and does not know where the facts come from.
//!
//! - [`question`]: the subject of a check and its limits.
//! - [`limits`]: `--warning` and `--critical`.
//! - [`facts`]: the facts about the server.
//! - [`document`]: reads these facts from the daemon's `/state`.
//! - [`role`], [`lag`], [`replication`], [`connect`]: the judgement of each subject.
//! - [`down`]: whether a reason means a broken server or a fault on the asking side.
//! - [`finding`]: the result of a check.
//! - [`form`]: formats a result for Nagios, Consul, keepalived and other programs.

pub mod connect;
pub mod document;
pub mod down;
pub mod facts;
pub mod finding;
pub mod form;
pub mod lag;
pub mod limits;
pub mod question;
pub mod replication;
pub mod role;

pub use facts::{CheckFacts, Senders};
pub use finding::{Amount, CheckFinding, Figure, Load, PluginStatus};
pub use form::OutputFormat;
pub use limits::{Bounds, Limit};
pub use question::{CheckExpected, CheckQuestion, QuestionMistake, Subject};

#[cfg(test)]
mod tests;
