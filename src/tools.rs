//! The tools besides the daemon and the agent, for operators and for other programs. The daemon answers without them.
//!
//! - [`release`]: faults of HAProxy's releases.
//! - [`generate`]: writes configuration for other programs.
//! - [`lint`]: finds mistakes in existing configuration files.
//! - [`doctor`]: finds faults of a host and its cluster.
//! - [`plugin`]: `pgsql-state check`, a plugin for Nagios, Consul and keepalived.

pub mod doctor;
pub mod generate;
pub mod lint;
pub mod plugin;
pub mod release;
