//! Mistakes in configurations that people already have; knows no file and asks nobody.
//!
//! - [`finding`]: what can be found, by its id, and how a finding is said.
//! - [`haproxy`]: what is found in `HAProxy`'s configuration.

pub mod finding;
pub mod haproxy;

pub use finding::{Finding, Place, Rule, Severity};
