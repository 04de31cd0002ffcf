//! `pgsql-state serve`, started as systemd would start it: with a socket for its notifications and,
//! if wanted, with its listening sockets passed.
//!
//! - [`setup`]: how it is to be started, and its start.
//! - [`notify`]: what it tells systemd.

mod notify;
mod setup;

use std::fs;
use std::io;
use std::net::SocketAddrV4;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

pub use notify::Notifications;
use rustix::process::{Pid, Signal};
pub use setup::Setup;

use crate::ask::ask;
use crate::procfs::tcp_sockets;
use crate::running::Running;
use crate::scratch::Scratch;
use crate::trouble::Trouble;
use crate::wait::{until, until_ok};

/// Longest that a start or a stop may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running daemon. Dropping it ends and removes it.
#[derive(Debug)]
pub struct Daemon {
    // Before `scratch`: the program ends first.
    running: Running,
    notifications: Notifications,
    state: SocketAddrV4,
    scratch: Scratch,
}

impl Daemon {
    /// Where it tells the state.
    pub fn state(&self) -> SocketAddrV4 {
        self.state
    }

    /// Asks it once, as `nc --recv-only` would.
    pub fn ask(&self) -> io::Result<String> {
        ask(self.state, PATIENCE)
    }

    /// Waits until it answers this line.
    pub fn wait_for(&self, deadline: Duration, line: &str) -> Result<(), Trouble> {
        until_ok(deadline, &format!("the answer \"{line}\""), || {
            match self.ask() {
                Ok(said) if said == line => Ok(()),
                Ok(said) => Err(format!("it is \"{said}\"")),
                Err(error) => Err(format!("there is none: {error}")),
            }
        })
    }

    /// What it told systemd.
    pub fn notifications(&self) -> &Notifications {
        &self.notifications
    }

    /// Its configuration file, to be rewritten before a reload.
    pub fn config_file(&self) -> PathBuf {
        config_file(&self.scratch)
    }

    /// Has it read this configuration, and waits until it says that it has.
    pub fn reload(&mut self, text: &str) -> Result<(), Trouble> {
        fs::write(self.config_file(), text).map_err(Trouble::io("write the configuration"))?;
        let before = self.notifications.count("READY=1");
        self.signal(Signal::HUP)?;
        until(PATIENCE, "READY=1", || {
            self.notifications.count("READY=1") > before
        })
    }

    /// What it wrote to standard error.
    pub fn log(&self) -> String {
        self.running.log()
    }

    /// Its process number.
    pub fn pid(&self) -> Pid {
        self.running.pid()
    }

    /// How many connections it has taken and not closed, if it listens on one socket and asks on a
    /// Unix socket.
    pub fn connections(&self) -> usize {
        tcp_sockets(self.pid()).saturating_sub(1)
    }

    /// Sends it a signal: `HUP` reloads.
    pub fn signal(&mut self, signal: Signal) -> Result<(), Trouble> {
        self.running.signal(signal)
    }

    /// Stops it with SIGTERM and returns how it ended.
    pub fn stop(&mut self) -> Result<ExitStatus, Trouble> {
        self.running.signal(Signal::TERM)?;
        self.running.end_within(PATIENCE)
    }

    /// Waits for its end, and returns how it ended.
    pub fn end_within(&mut self, deadline: Duration) -> Result<ExitStatus, Trouble> {
        self.running.end_within(deadline)
    }
}

fn config_file(scratch: &Scratch) -> PathBuf {
    scratch.path().join("pgsql-state.toml")
}
