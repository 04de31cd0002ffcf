//! Mistakes in configurations that people already have; knows no file and asks nobody.
//!
//! - [`finding`]: what can be found, by its id, and how a finding is said.
//! - `manual`: what the manual says of each kind.
//! - [`haproxy`]: what is found in `HAProxy`'s configuration.

pub mod finding;
pub mod haproxy;
mod manual;

pub use finding::{FileLine, Finding, Rule, Severity};
