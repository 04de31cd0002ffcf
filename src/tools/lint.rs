//! Finds mistakes in existing configuration files from their text; opens no file and no socket.
//!
//! - [`rule`]: the rules, by their ids.
//! - [`finding`]: the form of a finding.
//! - `manual`: the manual's text about each rule.
//! - [`haproxy`]: the rules for `HAProxy`'s configuration.

pub mod finding;
pub mod haproxy;
mod manual;
pub mod rule;

pub use finding::{FileLine, Finding};
pub use rule::{Rule, Severity};
