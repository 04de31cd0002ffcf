//! Commands in a host: its namespaces are entered through the supervisor's.

use std::process::{Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use support::suites::Suite;

use super::Lab;
use crate::error::Error;
use crate::host::Host;
use crate::program::{complaint, finish, within};

/// Longest that an ordinary command in a host may take.
const USUAL: Duration = Duration::from_secs(60);

/// Where programs are in a host.
const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Where a suite's PostgreSQL is in a host. Every command finds the folders as the variables `PG_BIN` and `PG_DATA`.
#[derive(Clone, Debug)]
pub(crate) struct Installed {
    /// Its programs.
    pub(crate) programs: String,
    /// The data of the one instance.
    pub(crate) data: String,
}

impl Installed {
    /// Where Debian's packages put them.
    pub(crate) fn of(suite: &Suite) -> Self {
        let major = suite.postgresql;
        Self {
            programs: format!("/usr/lib/postgresql/{major}/bin"),
            data: format!("/var/lib/postgresql/{major}/main"),
        }
    }
}

/// A host to do something on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct On<'a> {
    lab: &'a Lab,
    host: Host,
}

impl<'a> On<'a> {
    pub(super) fn new(lab: &'a Lab, host: Host) -> Self {
        Self { lab, host }
    }

    /// Where its PostgreSQL is.
    pub(crate) fn installed(self) -> Installed {
        Installed::of(&self.lab.suite)
    }

    /// Runs a command, and returns what it wrote to standard output.
    pub(crate) fn run(self, words: &[&str]) -> Result<String, Error> {
        self.run_within(USUAL, words)
    }

    /// The same with a limit of one's own.
    pub(crate) fn run_within(self, limit: Duration, words: &[&str]) -> Result<String, Error> {
        let output = self.try_within(limit, words)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(Error::OnHost {
            host: self.host,
            command: words.join(" "),
            said: complaint(&output),
        })
    }

    /// Runs a command that may fail.
    pub(crate) fn try_within(self, limit: Duration, words: &[&str]) -> Result<Output, Error> {
        let mut command = within(limit, "nsenter");
        command.args(self.way_in()?).args(words);
        finish(&mut command).map_err(Error::io(format!("enter {}", self.host)))
    }

    /// A command to start and look after oneself. It has no deadline: whoever starts it ends it.
    pub(crate) fn command(self, words: &[&str]) -> Result<Command, Error> {
        let mut command = Command::new("nsenter");
        command
            .args(self.way_in()?)
            .args(words)
            .stdin(Stdio::null());
        Ok(command)
    }

    /// Runs lines of shell.
    pub(crate) fn shell(self, lines: &str) -> Result<String, Error> {
        self.run(&["bash", "-euo", "pipefail", "-c", lines])
    }

    /// Runs a command with the terminal of whoever called this program.
    pub(crate) fn interact(self, words: &[&str]) -> Result<ExitStatus, Error> {
        let mut command = self.command(words)?;
        command
            .stdin(Stdio::inherit())
            .status()
            .map_err(Error::io(format!("enter {}", self.host)))
    }

    /// A statement as the superuser of the host's own instance; rows a line, columns with `|`.
    pub(crate) fn sql(self, statement: &str) -> Result<String, Error> {
        let psql = "cd / && exec setpriv --reuid postgres --regid postgres --init-groups \
             $PG_BIN/psql -XAtq -v ON_ERROR_STOP=1 -h /var/run/postgresql \
             -p 5434 -d postgres -c \"$1\"";
        self.run_within(
            Duration::from_secs(15),
            &["sh", "-c", psql, "sql", statement],
        )
        .map(|text| text.trim_end().to_owned())
    }

    /// Whether systemd there has started what it starts at boot; failed units are for the caller to
    /// look at.
    pub(crate) fn is_booted(self) -> Result<(), Error> {
        let limit = Duration::from_secs(20);
        let output = self.try_within(limit, &["systemctl", "is-system-running"])?;
        let state = String::from_utf8_lossy(&output.stdout);
        match state.trim_end() {
            "running" | "degraded" => Ok(()),
            other => Err(Error::Unfit(format!("{} says {other:?}", self.host))),
        }
    }

    /// Arguments of nsenter(1): into the supervisor's namespaces, where the hosts' processes have the
    /// numbers it tells, and from there into the host's.
    fn way_in(self) -> Result<Vec<String>, Error> {
        let supervisor = &self.lab.supervisor;
        let leader = supervisor.ask(&format!("leader {}", self.host))?;
        let installed = Installed::of(&self.lab.suite);
        let words = [
            "--target",
            &supervisor.pid().to_string(),
            "--mount",
            "--pid",
            "--net",
            "--",
            "nsenter",
            "--target",
            &leader,
            "--mount",
            "--uts",
            "--ipc",
            "--net",
            "--pid",
            "--cgroup",
            "--",
            "env",
            "--ignore-environment",
            "--chdir=/root",
            PATH,
            &format!("PG_BIN={}", installed.programs),
            &format!("PG_DATA={}", installed.data),
            "HOME=/root",
            "LANG=C.UTF-8",
            "TERM=xterm",
            "PAGER=cat",
        ];
        Ok(words.map(str::to_owned).into())
    }
}
