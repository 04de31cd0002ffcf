//! The interface between Pacemaker and the agent (OCF Resource Agent API, Pacemaker Administration, "Resource
//! Agents"). Reads no file, clock or environment and knows no server: callers pass variables as a map.
//!
//! - [`parameters`]: the parameters that an administrator may set.
//! - [`actions`]: the actions that Pacemaker may request.
//! - [`code`]: the exit statuses of actions.
//! - [`notification`]: what Pacemaker reports of a change.
//! - [`clone`](mod@clone): how the resource has to be configured.
//! - [`metadata`](mod@metadata): the agent's description for Pacemaker's tools.
//! - [`node`]: the name of a node of the cluster.

pub mod actions;
pub mod clone;
pub mod code;
pub mod metadata;
pub mod node;
pub mod notification;
pub mod parameters;

pub use node::Node;
