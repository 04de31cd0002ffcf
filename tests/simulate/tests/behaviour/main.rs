//! What the model of Pacemaker does where nothing was recorded.
//!
//! - `cluster`: one whose agent does at once what it is asked
//! - `losses`: what is lost, cut off, killed and fenced; `requests`: what is asked for; `luck`: anything at all

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod cluster;
mod losses;
mod luck;
mod requests;
