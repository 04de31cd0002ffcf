//! The local server, handled: the one folder in which the agent touches its files, its processes, its programs
//! and its socket, always as the user whose they are. It decides nothing; what is wanted of it is
//! [`recipes::Server`](crate::recipes::Server).
//!
//! - `privileges`: as whom.
//! - `waiting`: until when.
//! - `files`: what a data directory says.
//! - `marker`: the file that makes a standby.
//! - `processes`: a server's processes.
//! - `pg_wal`: its WAL.
//! - `programs`: its programs.
//! - `log`: what it says while it starts.
//! - `asking`: its answers.
//! - `starting`, `stopping`, `promoting`: its life.
//! - `position`: how far it is.
//! - `proof`: whether a standby gets what it commits.
//! - `configuration`: whether all of this can work.
//! - `settings`: how it is configured.
//! - `template`, `words`: two small languages that administrators write.
//! - `server`: the whole.

mod asking;
mod configuration;
mod files;
mod log;
mod marker;
mod pg_wal;
mod position;
mod privileges;
mod processes;
mod programs;
mod promoting;
mod proof;
mod server;
mod settings;
mod starting;
mod stopping;
mod template;
mod waiting;
mod words;

pub use server::Instance;
