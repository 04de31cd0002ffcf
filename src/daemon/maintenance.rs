//! The administrator's order to stand aside, in a file that outlives the daemon; knows nothing of what
//! becomes of it.
//!
//! - [`order`]: the order and its text; pure.
//! - [`mod@file`]: giving it, taking it back.
//! - [`watch`]: whether one is in force.

pub mod file;
pub mod order;
pub mod watch;

pub use file::{FileError, give, take_back};
pub use order::MaintenanceOrder;
pub use watch::MaintenanceWatch;
