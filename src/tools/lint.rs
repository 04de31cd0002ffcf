//! Finds mistakes in existing configuration files from their text; opens no file and no socket.
//!
//! - [`finding`]: the rules, by their ids, and the form of a finding.
//! - `manual`: the manual's text about each rule.
//! - [`haproxy`]: the rules for `HAProxy`'s configuration.

pub mod finding;
pub mod haproxy;
mod manual;

pub use finding::{FileLine, Finding, Rule, Severity};
