//! Speaks PostgreSQL's protocol over an open stream (manual, chapter "Frontend/Backend Protocol"): sends and receives
//! messages, and reads errors.
//!
//! - [`messages`]: the stream of messages.
//! - [`request`]: requests as bytes.
//! - `answer`: the answer to one request.
//! - [`row`]: the values of an answer.
//! - [`authenticate`]: authentication, by which the server may have to prove itself too.
//! - [`server_error`]: an error that the server reports.
//! - [`error`]: why a conversation failed.
//!
//! No driver is used, because a driver serves many users of one connection
//! from a task of its own: for a single check that costs as much as the question itself.

mod answer;
pub mod authenticate;
pub mod error;
pub mod messages;
pub mod request;
pub mod row;
pub mod server_error;

#[cfg(test)]
mod tests;

pub use error::{AuthProblem, WireError};
pub use messages::{Messages, Stream};
pub use request::Request;
pub use row::Row;
pub use server_error::{ErrorResponse, SqlState};
