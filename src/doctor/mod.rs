//! What is wrong with a host, judged from facts that others have gathered. Pure: knows neither whom to ask
//! nor how.
//!
//! - [`finding`]: what can be found, and why it matters.
//! - [`report`]: what came of it, and what was not looked at.
//! - [`settings`]: PostgreSQL's settings.
//! - [`hba`]: its rules of client authentication, as it reads them.

pub mod finding;
pub mod hba;
pub mod report;
pub mod settings;

pub use finding::{Finding, Id};
pub use report::Report;
