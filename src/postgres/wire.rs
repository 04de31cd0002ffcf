//! PostgreSQL's protocol over an open stream (manual, chapter "Frontend/Backend Protocol"): messages
//! out and in, and errors as they are stated. Knows nothing of sockets, TLS or what is asked.
//!
//! - [`messages`]: the stream of messages.
//! - [`request`]: the bytes of what is asked.
//! - `answer`: the answer to one request.
//! - [`row`]: the values of an answer.
//! - [`authenticate`]: proving who we are, and that the server knows us.
//! - [`server_error`]: what a server says is wrong.
//! - [`error`]: every way in which talking fails.
//!
//! It is written here and not left to a driver because a driver serves many users of one connection
//! from a task of its own: for a check that comes alone that costs as much as the question itself.

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
