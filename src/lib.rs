//! pgsql-state tells load balancers which PostgreSQL server is the primary and which are standbys.
//!
//! A check travels through the folders from left to right:
//!
//! - [`units`], [`role`]: what is known of an instance, and what may be said of it. Pure.
//! - [`target`]: where to ask, as libpq describes it. Pure.
//! - [`postgres`]: asks a server.
//!
//! `tests/layering.rs` holds the imports against this order.

pub mod postgres;
pub mod role;
pub mod target;
pub mod units;
