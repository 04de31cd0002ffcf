//! `pgsql-state serve`, started as systemd would start it: with a socket for its notifications and,
//! if wanted, with its listening sockets passed.
//!
//! - [`notify`]: what it tells systemd.

mod notify;

use std::ffi::OsString;
use std::fs;
use std::io;
use std::net::SocketAddrV4;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

pub use notify::Notifications;
use rustix::process::{Pid, Signal};

use crate::ask::ask;
use crate::running::Running;
use crate::scratch::Scratch;
use crate::trouble::Trouble;
use crate::wait::until_ok;

/// Longest that a start or a stop may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// From Debian's package systemd: listens, and starts a program with its sockets at the first
/// connection.
const ACTIVATOR: &str = "/usr/bin/systemd-socket-activate";

/// A running daemon. Dropping it ends and removes it.
#[derive(Debug)]
pub struct Daemon {
    // Before `scratch`: the program ends first.
    running: Running,
    notifications: Notifications,
    state: SocketAddrV4,
    scratch: Scratch,
}

/// How a daemon is to be started.
#[derive(Debug)]
#[must_use = "nothing runs before `start` or `launch`"]
pub struct Setup {
    program: PathBuf,
    state: SocketAddrV4,
    config: String,
    env: Vec<(OsString, OsString)>,
    passed: Vec<(String, SocketAddrV4)>,
}

impl Daemon {
    /// A daemon that binds `state`; `program` is the built `pgsql-state`.
    pub fn binding(program: impl Into<PathBuf>, state: SocketAddrV4) -> Setup {
        Setup {
            program: program.into(),
            state,
            config: format!("[listen]\nstate = [\"{state}\"]\n"),
            env: Vec::new(),
            passed: Vec::new(),
        }
    }

    /// A daemon to which `state` is passed under the name `state`. It starts at the first connection.
    pub fn activated(program: impl Into<PathBuf>, state: SocketAddrV4) -> Setup {
        Setup {
            config: String::new(),
            ..Self::binding(program, state).passing("state", state)
        }
    }

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

    /// What it wrote to standard error.
    pub fn log(&self) -> String {
        self.running.log()
    }

    /// Its process number.
    pub fn pid(&self) -> Pid {
        self.running.pid()
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

impl Setup {
    /// Which PostgreSQL it asks, as libpq reads it. First of all `config`: it writes the table
    /// `[postgres]`, so that the text that follows may add keys to it.
    pub fn asking(self, conninfo: &str) -> Self {
        let quoted = conninfo.replace('\\', "\\\\").replace('"', "\\\"");
        self.config(&format!("[postgres]\nconninfo = \"{quoted}\"\n"))
    }

    /// Adds text to the configuration file.
    pub fn config(mut self, text: &str) -> Self {
        self.config.push_str(text);
        self
    }

    /// Sets a variable of its environment, which is otherwise nearly empty.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Passes one more listening socket under a name.
    pub fn passing(mut self, name: &str, address: SocketAddrV4) -> Self {
        self.passed.push((name.into(), address));
        self
    }

    /// Starts it and waits until it is ready; if it is to be activated, until its sockets listen.
    pub fn start(self) -> Result<Daemon, Trouble> {
        let sockets = self.passed.len();
        let mut daemon = self.launch()?;
        let Daemon {
            running,
            notifications,
            scratch,
            ..
        } = &mut daemon;
        running.ready_within(PATIENCE, || {
            if sockets == 0 {
                let ready = notifications.contains("READY=1");
                return ready.then_some(()).ok_or("it did not say READY=1".into());
            }
            let listening = Running::log_of(scratch, NAME)
                .matches("Listening on ")
                .count();
            let all = listening == sockets;
            all.then_some(())
                .ok_or(format!("{listening} of {sockets} sockets listen"))
        })?;
        Ok(daemon)
    }

    /// Starts it and does not wait.
    pub fn launch(self) -> Result<Daemon, Trouble> {
        let scratch = Scratch::new()?;
        let path = config_file(&scratch);
        fs::write(&path, &self.config).map_err(Trouble::io(format!("write {}", path.display())))?;
        let notifications = Notifications::at(&scratch.path().join("notify.sock"))?;
        let mut command = self.command(&scratch, notifications.path())?;
        command.arg("serve").arg("--config").arg(path);
        Ok(Daemon {
            running: Running::start(&scratch, NAME, command)?,
            notifications,
            state: self.state,
            scratch,
        })
    }

    fn command(&self, scratch: &Scratch, notify: &Path) -> Result<Command, Trouble> {
        let mut env = vec![("NOTIFY_SOCKET".into(), notify.as_os_str().to_owned())];
        env.extend(self.env.clone());
        if self.passed.is_empty() {
            let mut command = scratch.command(&self.program);
            command.envs(env);
            return Ok(command);
        }
        if !Path::new(ACTIVATOR).exists() {
            return Err(Trouble::Unfit(format!(
                "there is no {ACTIVATOR}; install Debian's package systemd"
            )));
        }
        let mut command = scratch.command(ACTIVATOR);
        for (name, value) in env {
            let mut pair = name;
            pair.push("=");
            pair.push(value);
            command.arg("--setenv").arg(pair);
        }
        for (_, address) in &self.passed {
            command.arg("--listen").arg(address.to_string());
        }
        let names: Vec<&str> = self.passed.iter().map(|(name, _)| name.as_str()).collect();
        command.arg("--fdname").arg(names.join(":"));
        command.arg("--").arg(&self.program);
        Ok(command)
    }
}

const NAME: &str = "pgsql-state";

fn config_file(scratch: &Scratch) -> PathBuf {
    scratch.path().join("pgsql-state.toml")
}
