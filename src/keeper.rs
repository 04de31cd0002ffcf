//! `pgsql-state keeper`: tells Pacemaker at once that a server has ended or hangs, which its next monitor would find out
//! later. Whether it runs changes only how soon the cluster acts. It never ends, starts or promotes a server itself.
//!
//! - [`facts`]: what is known of the cluster, of the server and of the agent.
//! - [`history`]: the role in which Pacemaker runs a resource on a node; pure.
//! - [`cib`]: reads the facts from a CIB; pure.
//! - `mark_rule`: the location rule in a CIB; pure.
//! - [`plan`]: turns facts into commands; pure.
//! - [`hang`]: how long a server has let nobody in; pure.
//! - `entry`: asks the postmaster whether it answers.
//! - [`text`]: the words for facts and commands; pure.
//! - [`postmaster`]: finds the postmaster of a data directory and waits for its end.
//! - [`gather`]: asks Pacemaker, and looks at the agent's lock.
//! - [`executor`]: gives the commands to Pacemaker.
//! - [`only_one`]: keeps a second keeper from running on the host.
//! - `journal`: the log.
//! - `server`: the server that is watched, and what is remembered of it.
//! - [`watch`](mod@watch): the loop that composes the others.
//! - [`dry_run`](mod@dry_run): prints what would be done now.

pub mod cib;
pub mod dry_run;
mod entry;
mod executor;
pub mod facts;
pub mod gather;
pub mod hang;
pub mod history;
mod journal;
mod mark_rule;
pub mod only_one;
pub mod plan;
mod postmaster;
mod server;
pub mod text;
pub mod watch;

use std::ffi::OsString;
use std::path::PathBuf;

pub use dry_run::dry_run;
pub use only_one::{DIRECTORY, OnlyKeeper};
pub use watch::watch;

use crate::config::KeeperSettings;

/// What the keeper needs to know of its host.
#[derive(Clone, Debug)]
pub struct KeeperHost {
    /// `[keeper]`.
    pub settings: KeeperSettings,
    /// The directory of Pacemaker's programs.
    pub sbin: PathBuf,
    /// The environment for them.
    pub environment: Vec<(OsString, OsString)>,
    /// The directory of the agent's lock file, if it is not the usual one.
    pub locks: Option<String>,
}
