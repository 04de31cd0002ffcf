//! A verdict as bytes, one file per language; pure, and decides nothing.
//!
//! - [`agent`]: the orders of the agent port.
//! - [`http`]: status and document.
//! - [`line`](mod@line): the word and reason of the state port.
//! - [`metrics`]: all answers, counted.

pub mod agent;
pub mod http;
pub mod line;
pub mod metrics;
