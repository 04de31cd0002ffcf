//! Asks a server: connections, sessions, and errors as typed failures. Knows nothing of checks or
//! clients, and judges nothing.
//!
//! - [`connect`]: a fresh connection, under one deadline.
//! - [`session`]: one session and its questions.
//! - [`question`]: the SQL and what its rows mean.
//! - [`classify`]: errors by SQLSTATE and type.
//! - [`refusal`]: a failure with its causes for the log.
//! - [`postmaster`]: what the postmaster wrote of itself.

pub mod classify;
pub mod connect;
pub mod postmaster;
pub mod question;
pub mod refusal;
pub mod session;

pub use connect::connect;
pub use question::Question;
pub use refusal::{Refusal, chain};
pub use session::Session;
