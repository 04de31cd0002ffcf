//! Judges the checks of `pgsql-state check` and formats the result as a line and an exit status. Pure: opens no
//! socket and does not know where the facts come from.
//!
//! - [`question`]: the subject of a check and its limits.
//! - [`limits`]: `--warning` and `--critical`.
//! - [`facts`]: the facts about the server.
//! - [`document`]: reads these facts from the daemon's `/state`.
//! - [`role`], [`lag`], [`replication`], [`slots`], [`connect`]: the judgement of each subject.
//! - [`down`]: whether a reason means a broken server or a fault on the asking side.
//! - [`finding`], [`status`]: the result of a check, and how bad it is.
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
pub mod slots;
pub mod status;

pub use facts::{CheckFacts, Senders};
pub use finding::{Amount, CheckFinding, Figure, Load};
pub use form::OutputFormat;
pub use limits::{Bounds, LagLimits, Limit};
pub use question::{CheckExpected, CheckQuestion, QuestionMistake, Subject};
pub use status::PluginStatus;

#[cfg(test)]
mod tests;
