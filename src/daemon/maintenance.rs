//! The administrator's order of maintenance, in a file that outlives the daemon; does not know what effect
//! an order has on answers.
//!
//! - [`order`]: the order and its text format; pure.
//! - [`mod@file`]: writes and removes the file.
//! - [`watch`]: determines whether an order is in force.

pub mod file;
pub mod order;
pub mod watch;

pub use file::{FileError, give, take_back};
pub use order::MaintenanceOrder;
pub use watch::MaintenanceWatch;
