//! The machine: its cores, a folder that vanishes, boxes to start processes in, and what they used;
//! knows nothing of the contenders.
//!
//! - [`cores`]: which core is the servers' and which the client's, and how busy each is.
//! - [`folder`]: where throw-away servers keep their files.
//! - [`enclosure`]: processes that die with the run, in namespaces and on a core of their own.
//! - [`account`]: CPU time and process ids of one enclosure, by [`cgroup`] or by [`tree`].
//! - [`processes`]: what each of these processes is, and its memory.
//! - [`listener`]: a listening socket that hears some addresses only.
//! - [`ports`]: free ports, and who listens.
//! - [`packages`]: which Debian package a missing file belongs to.
//! - [`describe`]: the machine in words.

pub(crate) mod account;
mod cgroup;
pub(crate) mod cores;
pub(crate) mod describe;
pub(crate) mod enclosure;
pub(crate) mod folder;
pub(crate) mod listener;
pub(crate) mod packages;
pub(crate) mod ports;
pub(crate) mod processes;
mod tree;

use std::time::Instant;

use crate::error::Error;
use crate::interrupt::Interrupt;

pub(crate) use cores::Cores;
pub(crate) use enclosure::Enclosure;
pub(crate) use folder::Folder;

/// What every contender is started with.
pub(crate) struct Host {
    /// Files of the run.
    pub(crate) folder: Folder,
    /// Who runs where.
    pub(crate) cores: Cores,
    /// When the run began.
    pub(crate) started: Instant,
    /// Whether to go on.
    pub(crate) interrupt: Interrupt,
}

impl Host {
    /// Checks that measuring is possible here, and moves this process to the client's core.
    pub(crate) fn prepare() -> Result<Self, Error> {
        if !rustix::process::geteuid().is_root() {
            return Err(Error::NotRoot);
        }
        let cores = Cores::split()?;
        Ok(Self {
            folder: Folder::new()?,
            cores,
            started: Instant::now(),
            interrupt: Interrupt::on_signals()?,
        })
    }
}
