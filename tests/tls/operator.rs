//! `psql` and `pgsql-state probe` as one and the same person starts them; knows no server.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::process::geteuid;
use support::Postgres;
use tempfile::TempDir;

const PROBE: &str = env!("CARGO_BIN_EXE_pgsql-state");

/// The user that Debian gives to those who own nothing.
const NOBODY: u32 = 65534;

/// A home directory and an environment.
pub(crate) struct Operator {
    home: TempDir,
    variables: Vec<(&'static str, String)>,
    user: Option<u32>,
    probe: PathBuf,
}

/// Who connects.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Client {
    Psql,
    Probe,
}

/// What came of one attempt with each client.
#[derive(Debug)]
pub(crate) struct Met {
    /// The line that `probe` printed.
    pub(crate) answer: String,
    /// What `probe` wrote to standard error.
    pub(crate) said: String,
    /// What the clients called themselves.
    pub(crate) names: [String; 2],
}

impl Operator {
    /// One with an empty home and environment.
    pub(crate) fn new() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
            user: None,
            probe: PROBE.into(),
        }
    }

    /// One who is not root, to whom no file is closed.
    pub(crate) fn ordinary() -> Self {
        let mut operator = Self::new();
        if geteuid().is_root() {
            operator.user = Some(NOBODY);
            operator.give(operator.home.path());
            // The build directory may be closed to others. Copied by a program of its own, so that no
            // child of another test has it open for writing when it is to run.
            operator.probe = operator.path("pgsql-state");
            let mut copy = Command::new("cp");
            copy.arg(PROBE).arg(&operator.probe);
            assert!(copy.status().unwrap().success(), "{copy:?}");
        }
        operator
    }

    /// Sets an environment variable for both clients.
    pub(crate) fn with(mut self, variable: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((variable, value.into()));
        self
    }

    /// Writes a file below the home directory.
    pub(crate) fn file(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        self.give(&path);
        path
    }

    /// Where such a file is.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Has both clients connect, and fails unless both get in or neither does.
    pub(crate) fn connect(&self, conninfo: &str) -> Met {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let names = ["psql", "probe"].map(|client| format!("{client}-{number}"));
        let psql = self.spawn(Client::Psql, conninfo, &names[0]);
        let probe = self.spawn(Client::Probe, conninfo, &names[1]);
        let psql = psql.wait_with_output().unwrap();
        let probe = probe.wait_with_output().unwrap();
        let met = Met {
            answer: text(&probe.stdout),
            said: text(&probe.stderr),
            names,
        };
        let told = format!("{conninfo}: {met:?}; psql: {}", text(&psql.stderr));
        let known = met.answer == "production";
        assert_eq!(probe.status.code(), Some(i32::from(!known)), "{told}");
        assert_eq!(psql.status.success(), known, "{told}");
        met
    }

    /// Has one client connect.
    pub(crate) fn connect_alone(&self, client: Client, conninfo: &str) -> Output {
        let child = self.spawn(client, conninfo, "alone");
        child.wait_with_output().unwrap()
    }

    fn spawn(&self, client: Client, conninfo: &str, name: &str) -> Child {
        let mut command = match client {
            Client::Psql => psql(conninfo),
            Client::Probe => self.probe(conninfo, name),
        };
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        command
            .env_clear()
            .env("HOME", self.home.path())
            .env("LC_ALL", "C")
            .env("PGAPPNAME", name)
            .envs(self.variables.iter().cloned())
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    fn probe(&self, conninfo: &str, name: &str) -> Command {
        // Not what is tested here: a machine with better things to do.
        let text = format!("[postgres]\nconninfo = '''{conninfo}'''\ntimeout = \"10s\"\n");
        let config = self.file(&format!("{name}.toml"), &text, 0o600);
        let mut command = Command::new(&self.probe);
        command.arg("probe").arg("--config").arg(config);
        command
    }

    fn give(&self, path: &Path) {
        if self.user.is_some() {
            chown(path, self.user, self.user).unwrap();
        }
    }
}

fn psql(conninfo: &str) -> Command {
    let mut command = Command::new(Postgres::program("psql").unwrap());
    command
        .args(["--no-psqlrc", "--no-password", "--command", "SELECT 1"])
        .arg("--dbname")
        .arg(conninfo);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}
