//! A verdict as bytes, one file per language; pure, and decides nothing.
//!
//! - [`line`](mod@line): the word and reason of the state port.

pub mod line;
