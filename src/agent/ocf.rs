//! What Pacemaker and the agent say to each other (OCF Resource Agent API, Pacemaker Administration, "Resource
//! Agents"). Knows no server, no clock, no file and no environment: whoever does hands a map in.
//!
//! - [`parameters`]: what an administrator may set.
//! - [`actions`]: what Pacemaker may ask for.
//! - [`code`]: the exit status that it is answered with.
//! - [`notification`]: what Pacemaker tells of a change.
//! - [`clone`](mod@clone): what the resource has to be.
//! - [`metadata`](mod@metadata): how all of it is told to Pacemaker's tools.
//! - [`node`]: a node of the cluster.

pub mod actions;
pub mod clone;
pub mod code;
pub mod metadata;
pub mod node;
pub mod notification;
pub mod parameters;

pub use node::Node;
