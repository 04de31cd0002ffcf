//! What every room stands on, and what knows none of them: units, time, files, other programs, certificates.
//!
//! - [`units`], [`decimal`], [`bytes`]: numbers with a unit, in decimal digits, and in a file's bytes.
//! - [`clock`], [`deadline`], [`system_clock`]: time, as whoever measures it hands it in; until when; the system's own.
//! - [`regular_file`]: the reader of files that others own.
//! - [`program`]: another program, run to its end or to a deadline.
//! - [`shell`], [`terminal`]: what is quoted for a shell, and shown on a terminal.
//! - [`xml`]: documents of other programs.
//! - [`certificates`], [`https`]: certificates as PostgreSQL's connections and the HTTP port need them, and the latter's TLS.

pub mod bytes;
pub mod certificates;
pub mod clock;
pub mod deadline;
pub mod decimal;
pub mod https;
pub mod program;
pub mod regular_file;
pub mod shell;
pub mod system_clock;
pub mod terminal;
pub mod units;
pub mod xml;

pub use clock::Clock;
pub use deadline::Deadline;
