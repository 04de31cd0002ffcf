//! The tools beside the daemon and the agent, for operators and for other programs. None of them is needed for an answer.
//!
//! - [`release`]: the faults of HAProxy's releases.
//! - [`generate`]: writes pieces of other programs' configuration.
//! - [`lint`]: finds mistakes in those that people already have.
//! - [`doctor`]: finds what is wrong with a host.
//! - [`check`]: the daemon's answer as a plugin for Nagios, Consul and keepalived.

pub mod check;
pub mod doctor;
pub mod generate;
pub mod lint;
pub mod release;
