//! A plugin's question about a server, judged from what is known of it, as a line and an exit status. Pure:
//! knows neither whom to ask nor how.
//!
//! - [`question`]: what is asked, and within which limits.
//! - [`limits`]: `--warning` and `--critical`.
//! - [`facts`]: what is known of the server.
//! - [`document`]: the same, read from the daemon's `/state`.
//! - [`role`], [`lag`], [`replication`], [`connect`]: one judgement each.
//! - [`down`]: what a reason says of the server, and what of whoever asked.
//! - [`finding`]: what came out.
//! - [`form`]: the same as Nagios, Consul, keepalived and programs read it.

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
