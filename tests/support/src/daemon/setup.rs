//! How a daemon is to be started: its configuration, its environment, and who binds its sockets.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::net::{SocketAddr, SocketAddrV4, TcpListener};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Daemon, Notifications, PATIENCE, config_file};
use crate::running::Running;
use crate::scratch::Scratch;
use crate::trouble::Trouble;

/// What its log is called.
const NAME: &str = "pgsql-state";

/// From Debian's package systemd: listens, and starts a program with its sockets at the first
/// connection.
const ACTIVATOR: &str = "/usr/bin/systemd-socket-activate";

/// Moves standard input to where systemd passes the first socket, and says so (`sd_listen_fds(3)`).
const PASS_ON: &str = "\
export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=state
exec \"$@\" 3<&0 </dev/null";

/// Whom it answers without limits unless the test says otherwise: every test is a client from here.
const TRUSTED: &str = "trusted = [\"127.0.0.0/8\", \"::1/128\"]\n";

/// How a daemon is to be started.
#[derive(Debug)]
#[must_use = "nothing runs before `start` or `launch`"]
pub struct Setup {
    program: PathBuf,
    state: SocketAddrV4,
    listen: Option<String>,
    config: String,
    admission: String,
    env: Vec<(OsString, OsString)>,
    passed: Vec<(String, SocketAddrV4)>,
    inherited: Option<OwnedFd>,
    descriptors: Option<String>,
}

impl Daemon {
    /// A daemon that binds `state`; `program` is the built `pgsql-state`.
    pub fn binding(program: impl Into<PathBuf>, state: SocketAddrV4) -> Setup {
        Setup {
            program: program.into(),
            state,
            listen: Some(format!("\"{state}\"")),
            config: String::new(),
            admission: TRUSTED.into(),
            env: Vec::new(),
            passed: Vec::new(),
            inherited: None,
            descriptors: None,
        }
    }

    /// A daemon to which `state` is passed under the name `state`. It starts at the first connection.
    pub fn activated(program: impl Into<PathBuf>, state: SocketAddrV4) -> Setup {
        Setup {
            listen: None,
            ..Self::binding(program, state).passing("state", state)
        }
    }

    /// A daemon that starts at once with a listening socket of the caller's, passed under the name
    /// `state`: as with systemd, what is in the socket's queue outlives the daemon.
    pub fn inheriting(
        program: impl Into<PathBuf>,
        listener: &TcpListener,
    ) -> Result<Setup, Trouble> {
        let same = || match (listener.local_addr()?, listener.try_clone()?) {
            (SocketAddr::V4(address), same) => Ok((address, same)),
            (SocketAddr::V6(_), _) => Err(io::ErrorKind::Unsupported.into()),
        };
        let (state, listener) = same().map_err(Trouble::io("share a listening socket"))?;
        Ok(Setup {
            listen: None,
            inherited: Some(listener.into()),
            ..Self::binding(program, state)
        })
    }
}

impl Setup {
    /// Which PostgreSQL it asks, as libpq reads it. First of all `config`: it writes the table
    /// `[postgres]`, so that the text that follows may add keys to it.
    pub fn asking(self, conninfo: &str) -> Self {
        let quoted = conninfo.replace('\\', "\\\\").replace('"', "\\\"");
        self.config(&format!("[postgres]\nconninfo = \"{quoted}\"\n"))
    }

    /// Binds further addresses too, written as the configuration has them.
    pub fn binding_too(mut self, addresses: &[&str]) -> Self {
        for address in addresses {
            let before = self.listen.map(|listen| listen + ", ").unwrap_or_default();
            self.listen = Some(format!("{before}\"{address}\""));
        }
        self
    }

    /// Lets it open so many files at most: softly, which it may raise, and hard.
    pub fn descriptors(mut self, soft: u32, hard: u32) -> Self {
        self.descriptors = Some(format!("ulimit -Sn {soft}; ulimit -Hn {hard}; exec \"$@\""));
        self
    }

    /// Replaces its table `[admission]`, in which loopback addresses are trusted.
    pub fn admission(mut self, text: &str) -> Self {
        self.admission = text.into();
        self
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

    /// Passes one more listening socket under a name. If no name of any is more than empty, all go
    /// without.
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
    pub fn launch(mut self) -> Result<Daemon, Trouble> {
        let scratch = Scratch::new()?;
        let path = config_file(&scratch);
        let listen = self
            .listen
            .take()
            .map(|state| format!("[listen]\nstate = [{state}]\n"));
        let listen = listen.unwrap_or_default();
        let text = format!("{listen}{}[admission]\n{}", self.config, self.admission);
        fs::write(&path, text).map_err(Trouble::io(format!("write {}", path.display())))?;
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

    fn command(&mut self, scratch: &Scratch, notify: &Path) -> Result<Command, Trouble> {
        let mut env = vec![("NOTIFY_SOCKET".into(), notify.as_os_str().to_owned())];
        env.extend(self.env.clone());
        if let Some(listener) = self.inherited.take() {
            let mut command = scratch.command("/bin/sh");
            command.args(["-c", PASS_ON, "sh"]).arg(&self.program);
            command.envs(env).stdin(Stdio::from(listener));
            return Ok(command);
        }
        if self.passed.is_empty() {
            let mut command = match &self.descriptors {
                None => scratch.command(&self.program),
                Some(limited) => {
                    let mut command = scratch.command("/bin/sh");
                    command.args(["-c", limited, "sh"]).arg(&self.program);
                    command
                }
            };
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
        if names.iter().any(|name| !name.is_empty()) {
            command.arg("--fdname").arg(names.join(":"));
        }
        command.arg("--").arg(&self.program);
        Ok(command)
    }
}
