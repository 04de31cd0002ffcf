//! A cluster that is a CIB in a file, and the keeper of its node srv1.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

use support::daemon::Notifications;
use support::running::Running;
use support::scratch::Scratch;
use support::{Postgres, Trouble, until};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");
pub(crate) const SECONDS: Duration = Duration::from_secs(20);

/// Three nodes, the primary of which is srv1; srv2 is fit to take its place.
const CIB: &str = include_str!("../fixtures/cib/three-nodes.xml");

const PGDATA: &str = r#"name="pgdata" value="/var/lib/postgresql/15/main""#;

/// What the keeper's log is called.
const NAME: &str = "keeper";

/// What is logged when the server has been found.
const WATCHING: &str = "watching its postmaster";

/// The cluster.
pub(crate) struct Cluster {
    pub(crate) scratch: Scratch,
    cib: String,
}

impl Cluster {
    /// Has this server as that of srv1.
    pub(crate) fn of(server: &Postgres) -> Result<Self, Trouble> {
        let scratch = Scratch::new()?;
        for tool in [
            "attrd_updater",
            "cibadmin",
            "crm_attribute",
            "crm_node",
            "crm_resource",
        ] {
            let stand_in = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keeper/tools.sh");
            symlink(stand_in, scratch.path().join(tool)).unwrap();
        }
        let data = server.data_dir();
        let pgdata = format!(r#"name="pgdata" value="{}""#, data.display());
        let cluster = Self {
            cib: CIB.replace(PGDATA, &pgdata),
            scratch,
        };
        cluster.change(&[]);
        Ok(cluster)
    }

    /// Replaces texts of the CIB as it was at first.
    pub(crate) fn change(&self, changes: &[(&str, &str)]) {
        let mut cib = self.cib.clone();
        for (what, by) in changes {
            assert!(cib.contains(what), "{what}");
            cib = cib.replace(what, by);
        }
        let new = self.path("cib.new");
        fs::write(&new, cib).unwrap();
        fs::rename(new, self.path("cib.xml")).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    /// Where the agent has its lock.
    pub(crate) fn lock(&self) -> PathBuf {
        self.path("pgsqlms-pgsqld.lock")
    }

    /// The commands that were given, each with its time.
    pub(crate) fn timed_calls(&self) -> Vec<(Duration, String)> {
        let calls = fs::read_to_string(self.path("calls")).unwrap_or_default();
        let call = |line: &str| {
            let (uptime, call) = line.split_once(' ').unwrap();
            let uptime = Duration::from_secs_f64(uptime.parse().unwrap());
            (uptime, call.to_owned())
        };
        calls.lines().map(call).collect()
    }

    /// The commands that were given.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.timed_calls()
            .into_iter()
            .map(|(_, call)| call)
            .collect()
    }

    /// How often the CIB was read.
    pub(crate) fn readings(&self) -> usize {
        let readings = fs::read_to_string(self.path("readings")).unwrap_or_default();
        readings.lines().count()
    }

    fn command(&self, config: &str) -> Command {
        let file = self.path("pgsql-state.toml");
        fs::write(&file, config).unwrap();
        let mut command = self.scratch.command(PROGRAM);
        command.arg("keeper").arg("--config").arg(file);
        command.env("HA_SBIN_DIR", self.scratch.path());
        command.env("HA_RSCTMP", self.scratch.path());
        command.env("RUNTIME_DIRECTORY", self.path("run"));
        command
    }

    /// What a dry run prints.
    pub(crate) fn dry_run(&self, config: &str) -> Output {
        self.command(config).arg("--dry-run").output().unwrap()
    }

    /// A second keeper, until it ends.
    pub(crate) fn second(&self) -> Output {
        self.command("").output().unwrap()
    }

    /// Starts the keeper and does not wait.
    pub(crate) fn launch(&self, config: &str) -> Result<Keeper, Trouble> {
        let socket = self.path("notify");
        fs::remove_file(&socket).ok();
        let notifications = Notifications::at(&socket)?;
        let mut command = self.command(config);
        command.env("NOTIFY_SOCKET", notifications.path());
        let running = Running::start(&self.scratch, NAME, command)?;
        Ok(Keeper {
            running,
            notifications,
        })
    }

    /// Starts the keeper, and waits until it watches the server.
    pub(crate) fn start(&self, config: &str) -> Result<Keeper, Trouble> {
        // The log begins with what those before it wrote.
        let before = Running::log_of(&self.scratch, NAME);
        let keeper = self.launch(config)?;
        keeper.wait_for_log(WATCHING, before.matches(WATCHING).count() + 1)?;
        Ok(keeper)
    }

    /// Waits until so many commands have been given.
    pub(crate) fn wait_for_calls(&self, number: usize) -> Result<Vec<String>, Trouble> {
        until(SECONDS, "the commands", || self.calls().len() >= number)?;
        Ok(self.calls())
    }
}

/// The keeper; dropping it kills it.
pub(crate) struct Keeper {
    pub(crate) running: Running,
    pub(crate) notifications: Notifications,
}

impl Keeper {
    pub(crate) fn log(&self) -> String {
        self.running.log()
    }

    /// Waits until a text was logged so often.
    pub(crate) fn wait_for_log(&self, text: &str, times: usize) -> Result<(), Trouble> {
        until(SECONDS, text, || self.log().matches(text).count() >= times)
            .inspect_err(|_| eprintln!("{}", self.log()))
    }

    /// Waits until it watches a server again.
    pub(crate) fn wait_until_it_watches(&self, times: usize) -> Result<(), Trouble> {
        self.wait_for_log(WATCHING, times)
    }

    /// Waits until it has made so many turns.
    pub(crate) fn wait_for_turns(&self, number: usize) -> Result<(), Trouble> {
        let turns = || self.notifications.count("WATCHDOG=1");
        let before = turns();
        until(SECONDS, "the turns", || turns() >= before + number)
    }
}
