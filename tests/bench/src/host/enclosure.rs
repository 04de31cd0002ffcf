//! Processes that die with the run, whatever ends it, on a core and in namespaces of their own.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::Host;
use super::account::Account;
use super::packages::POSTGRES_USER;
use crate::error::Error;
use crate::interrupt::pause;

/// How long the kernel may take to end killed processes before their group is left behind.
const ENDING: Duration = Duration::from_secs(5);

/// Joins a control group, then becomes the command. The group's file is the first argument.
const JOIN: &str = "echo 0 > \"$1\" && shift && exec \"$@\"";

/// What every command gets: death with this process, and namespaces for process ids and System V
/// memory. The kernel kills everything in the first with its first process and frees the second, so
/// that nothing outlives even a SIGKILL of this process: no PostgreSQL that Patroni detached, no
/// shared memory.
const NAMESPACES: [&str; 8] = [
    "setpriv",
    "--pdeathsig=KILL",
    "unshare",
    "--pid",
    "--ipc",
    "--mount-proc",
    "--fork",
    "--kill-child=KILL",
];

/// One contender's processes.
pub(crate) struct Enclosure {
    account: Account,
    children: Vec<Child>,
    core: usize,
    folder: PathBuf,
    log: PathBuf,
}

impl Enclosure {
    /// An empty enclosure; `name` names its log and its control group.
    pub(crate) fn new(host: &Host, name: &str) -> Self {
        let group = format!("pgsql-state-bench-{}-{name}", std::process::id());
        Self {
            account: Account::open(&group),
            children: Vec::new(),
            core: host.cores.servers,
            folder: host.folder.path().to_owned(),
            log: host.folder.path().join(format!("{name}.log")),
        }
    }

    /// Starts `command` as user postgres, with nothing of this process's environment.
    pub(crate) fn spawn(&mut self, command: &Command) -> Result<(), Error> {
        self.spawn_with(command, Stdio::null())
    }

    /// The same with something at standard input.
    pub(crate) fn spawn_with(&mut self, command: &Command, stdin: Stdio) -> Result<(), Error> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(&self.log)
            .map_err(Error::file(&self.log))?;
        let log_too = log.try_clone().map_err(Error::file(&self.log))?;
        let mut outer = self.outer();
        outer
            .arg("setpriv")
            .args(user())
            // Changing the user cleared what unshare had set.
            .arg("--pdeathsig=KILL")
            .arg(command.get_program())
            .args(command.get_args())
            .env_clear()
            .envs([
                ("PATH", "/usr/bin:/bin:/usr/sbin:/sbin"),
                ("LANG", "C.UTF-8"),
            ])
            .current_dir(&self.folder)
            .process_group(0) // the terminal's Ctrl-C is for this process alone
            .stdin(stdin)
            .stdout(log)
            .stderr(log_too);
        let what = || format!("start {}", command.get_program().display());
        let child = outer.spawn().map_err(|error| Error::io(what(), error))?;
        self.account.add(child.id());
        self.children.push(child);
        Ok(())
    }

    /// What the processes use.
    pub(crate) const fn account(&self) -> &Account {
        &self.account
    }

    /// Whether a process that was started here has ended.
    pub(crate) fn has_lost_a_process(&mut self) -> bool {
        self.children
            .iter_mut()
            .any(|child| !matches!(child.try_wait(), Ok(None)))
    }

    /// The last lines that the processes wrote.
    pub(crate) fn log_end(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines
            .get(lines.len().saturating_sub(10)..)
            .unwrap_or_default()
            .join("\n")
    }

    /// How many lines the processes have written.
    pub(crate) fn log_lines(&self) -> usize {
        fs::read_to_string(&self.log)
            .unwrap_or_default()
            .lines()
            .count()
    }

    /// The command up to the namespaces.
    fn outer(&self) -> Command {
        let core = self.core.to_string();
        let mut outer;
        if let Some(door) = self.account.door() {
            outer = Command::new("sh");
            outer.args(["-c", JOIN, "sh"]).arg(door).arg("taskset");
        } else {
            outer = Command::new("taskset");
        }
        outer.args(["--cpu-list", core.as_str()]).args(NAMESPACES);
        outer
    }
}

impl Drop for Enclosure {
    fn drop(&mut self) {
        for child in &mut self.children {
            // Already ended is as good as killed.
            drop(child.kill());
            drop(child.wait());
        }
        let killed = Instant::now();
        while !self.account.close() && killed.elapsed() < ENDING {
            pause();
        }
    }
}

/// What makes setpriv run the rest of its line as user postgres.
fn user() -> [String; 3] {
    [
        format!("--reuid={POSTGRES_USER}"),
        format!("--regid={POSTGRES_USER}"),
        "--init-groups".into(),
    ]
}

/// A short command that is run as user postgres outside of every enclosure.
pub(crate) fn command_as_postgres(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command
        .args(user())
        .arg(program)
        .env_clear()
        .envs([("PATH", "/usr/bin:/bin"), ("LANG", "C.UTF-8")])
        .current_dir(folder);
    command
}
