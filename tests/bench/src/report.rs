//! Rounds as figures, and figures as Markdown; pure: everything it shows is handed to it.
//!
//! - [`figures`]: the rounds of one contender at one width, brought to one figure each.
//! - [`table`]: all figures beside each other.
//! - [`targets`]: what the daemon is to reach, and whether it does.
//! - [`document`]: everything that is printed.
//! - [`spell`]: numbers as people read them.

pub(crate) mod document;
mod figures;
mod spell;
mod table;
pub(crate) mod targets;

pub(crate) use document::Report;
pub(crate) use figures::Summary;
