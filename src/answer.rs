//! Formats a verdict as the bytes of an answer, one file per protocol; pure, and decides nothing.
//!
//! - [`agent_check`]: the line for HAProxy's agent-check.
//! - [`document`]: the form of `/state`.
//! - [`http`]: status and document.
//! - [`state_port`]: the word and reason of the state port.
//! - [`metrics`]: counters of all answers, and the document `/metrics`.

pub mod agent_check;
pub mod document;
pub mod http;
pub mod metrics;
pub mod state_port;
