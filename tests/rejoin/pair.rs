//! A former primary and the server that was promoted in its place.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use pgsql_state::agent::actions::{Server, Shutdown};
use pgsql_state::agent::local::Instance;
use pgsql_state::agent::ocf::parameters::Parameters;
use pgsql_state::base::Deadline;
use pgsql_state::base::system_clock::OnSystemClock;
use serde_json::Value;
use support::postgres::{Mode, Setup};
use support::{Postgres, until};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");
pub(crate) const SECONDS: Duration = Duration::from_secs(30);

/// Where the two have parted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parting {
    /// Nowhere: the primary was shut down, and the other one promoted then.
    None,
    /// The primary went on writing after the promotion, and was shut down.
    Clean,
    /// Likewise, and it has crashed.
    Crash,
}

/// The two servers.
pub(crate) struct Pair {
    /// Was the primary, and does not run.
    pub(crate) old: Postgres,
    /// Is the primary.
    pub(crate) new: Postgres,
}

impl Pair {
    pub(crate) fn parted(parting: Parting) -> Self {
        Self::with(parting, |old| old, |new| new)
    }

    /// Changes what the servers are to be.
    pub(crate) fn with(
        parting: Parting,
        old: impl FnOnce(Setup<'static>) -> Setup<'static>,
        new: impl for<'a> FnOnce(Setup<'a>) -> Setup<'a>,
    ) -> Self {
        let places = [(); 2].map(|()| support::ports::free().unwrap());
        let [place, other] = places;
        let conninfo = format!(
            "host={} port={} user=postgres application_name=old",
            other.ip(),
            other.port()
        );
        let setup = Postgres::primary()
            .name("old")
            .tcp(place)
            .setting("wal_log_hints", "on")
            .setting("primary_conninfo", &conninfo);
        let mut old = old(setup).start().unwrap();
        old.query("CREATE TABLE rows AS SELECT generate_series(1, 1000) AS n")
            .unwrap();
        let standby = new(old
            .standby()
            .name("new")
            .tcp(other)
            .setting("wal_log_hints", "on"));
        let new = standby.start().unwrap();
        wait_for_stream(&old);
        match parting {
            Parting::None => {
                old.stop(Mode::Fast).unwrap();
                new.promote().unwrap();
            }
            Parting::Clean | Parting::Crash => {
                new.promote().unwrap();
                old.query("INSERT INTO rows SELECT generate_series(1, 1000)")
                    .unwrap();
                if parting == Parting::Clean {
                    old.stop(Mode::Fast).unwrap();
                } else {
                    old.kill().unwrap();
                    let data = old.data_dir();
                    until(SECONDS, "the end of its processes", || {
                        support::procfs::working_in(&data).is_empty()
                    })
                    .unwrap();
                }
            }
        }
        // Its control file has the new timeline from then on.
        new.query("CHECKPOINT").unwrap();
        new.query("INSERT INTO rows VALUES (-1)").unwrap();
        Self { old, new }
    }

    /// Runs the command on the former primary.
    pub(crate) fn rejoin(&self, arguments: &[&str]) -> Output {
        rejoin(&self.old, arguments)
    }

    /// The plan, and whether the command has succeeded.
    pub(crate) fn plan(&self, arguments: &[&str]) -> Value {
        plan(&self.old, arguments)
    }
}

/// Gives a file to the owner of a server's data directory.
pub(crate) fn give(server: &Postgres, path: &Path) {
    let owner = fs::metadata(server.data_dir()).unwrap();
    chown(path, Some(owner.uid()), Some(owner.gid())).unwrap();
}

/// Makes the next start that of a standby.
pub(crate) fn become_standby(server: &Postgres) {
    let signal = server.data_dir().join("standby.signal");
    fs::write(&signal, "").unwrap();
    give(server, &signal);
}

/// Lets the owner of a server's data directory write beside it, as packages do.
pub(crate) fn open(server: &Postgres) {
    let above = server.data_dir();
    let above = above.parent().unwrap();
    fs::set_permissions(above, fs::Permissions::from_mode(0o777)).unwrap();
}

/// The parameters of a server.
pub(crate) fn parameters(server: &Postgres) -> Parameters {
    open(server);
    let data = server.data_dir();
    Parameters {
        system_user: Postgres::owner().unwrap(),
        bindir: bindir(),
        pgdata: data.clone(),
        datadir: data.clone(),
        pghost: server.socket_dir().to_str().unwrap().into(),
        pgport: server.port(),
        maxlag: None,
        recovery_template: data.join("recovery.conf.pcmk"),
        start_opts: String::new(),
    }
}

pub(crate) fn bindir() -> PathBuf {
    let program = Postgres::program("pg_ctl").unwrap();
    program.parent().unwrap().into()
}

/// Ends a server that was not started by its test, if it runs.
pub(crate) fn stop_by_program(server: &Postgres) {
    let mut instance = Instance::new(parameters(server), "rejoin");
    instance
        .stop(Shutdown::Hasty, Deadline::after(SECONDS))
        .unwrap();
    drop(fs::remove_file("/var/log/postgresql/pgsqlms-rejoin.log"));
}

/// The command for a server. Options that are given again count for the last time.
pub(crate) fn command(server: &Postgres) -> Command {
    open(server);
    let mut command = Command::new(PROGRAM);
    command
        .arg("rejoin")
        .arg("--pgdata")
        .arg(server.data_dir())
        .arg("--bindir")
        .arg(bindir())
        .args(["--system-user", &Postgres::owner().unwrap()])
        .arg("--pghost")
        .arg(server.socket_dir())
        .args(["--pgport", &server.port().to_string()])
        .args(["--node", server.name()]);
    command
}

pub(crate) fn rejoin(server: &Postgres, arguments: &[&str]) -> Output {
    command(server).args(arguments).output().unwrap()
}

/// Returns the plan for a server.
pub(crate) fn plan(server: &Postgres, arguments: &[&str]) -> Value {
    let output = rejoin(server, &[&["--dry-run", "--json"], arguments].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    let plan: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{complaint}"));
    assert_eq!(output.status.success(), !plan["plan"].is_null(), "{plan:#}");
    plan
}

/// Returns why a method is not possible, all reasons in one text.
pub(crate) fn obstacles(plan: &Value, method: &str) -> String {
    let methods = plan["methods"].as_array().unwrap();
    let found = methods.iter().find(|one| one["method"] == method).unwrap();
    reasons(&found["obstacles"])
}

/// Returns reasons in one text.
pub(crate) fn reasons(of: &Value) -> String {
    let texts = of.as_array().unwrap().iter();
    let texts = texts.map(|one| format!("{} [{}]", one["reason"], one["remedy"]));
    texts.collect::<Vec<_>>().join("; ")
}

pub(crate) fn wait_for_stream(primary: &Postgres) {
    until(SECONDS, "a standby to stream", || {
        let streaming = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'";
        primary.query(streaming).is_ok_and(|count| count != "0")
    })
    .unwrap();
}

/// Removes the segments of a `pg_wal` that are older than a number.
pub(crate) fn remove_wal_before(server: &Postgres, number: u64) {
    for entry in fs::read_dir(server.data_dir().join("pg_wal")).unwrap() {
        let path = entry.unwrap().path();
        let is_older =
            |name: &str| u64::from_str_radix(name.get(16..).unwrap(), 16).unwrap() < number;
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.len() == 24 && is_older(name) {
            fs::remove_file(&path).unwrap();
        }
    }
}

/// Adds a line to a server's configuration.
pub(crate) fn configure(server: &Postgres, line: &str) {
    append(&server.data_dir().join("postgresql.conf"), line);
}

fn append(path: &Path, line: &str) {
    let before = fs::read_to_string(path).unwrap();
    fs::write(path, format!("{before}{line}\n")).unwrap();
}
