//! A server that the agent manages: its processes are nobody's here, so they are found by its data directory.

use std::fs;
use std::io::Write;
use std::net::SocketAddrV4;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use pgsql_state::postgres::control::{ClusterState, Control, read};
use rustix::process::{Pid, Signal, kill_process};
use support::kept::copy_all;
use support::postgres::SUPERUSER;
use support::procfs::{Process, is_still, working_in};
use support::running::run;
use support::scratch::Scratch;
use support::{Postgres, Trouble, until};

use super::template::SETTINGS;
use crate::call::{Call, PATIENCE};

/// What an administrator keeps there, as files of the data directory.
const CONFIGURATION: [&str; 2] = ["postgresql.conf", "pg_hba.conf"];

/// How long a server that ends by itself may take before it is killed.
const END: Duration = Duration::from_secs(10);

/// A node's server.
#[derive(Debug)]
pub(crate) struct Server {
    postgres: Postgres,
}

/// A WAL receiver that stands still.
#[derive(Debug)]
#[must_use = "it goes on with it"]
pub(crate) struct HeldReceiver(Pid);

impl Drop for HeldReceiver {
    fn drop(&mut self) {
        kill_process(self.0, Signal::CONT).ok();
    }
}

/// What a server is seen to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It runs and may be written to.
    Primary,
    /// It runs and is in recovery.
    Standby,
    /// It was stopped.
    Stopped,
    /// No process of it is left, and it was not stopped.
    Dead,
    /// The same, of a base backup.
    Unborn,
    /// Its postmaster stands still.
    Frozen,
    /// It runs and answers nothing.
    Deaf,
}

impl Server {
    /// A stopped server on a copy of a data directory, at one of the places where the others look for the
    /// primary.
    pub(super) fn create(
        name: &str,
        data: &Path,
        place: SocketAddrV4,
        all: &[SocketAddrV4],
    ) -> Result<Self, Trouble> {
        let addresses: Vec<String> = all.iter().map(|place| place.ip().to_string()).collect();
        // A named password file keeps a standby from asking the system for its user's directory, in which it would
        // look for one: where that hangs, PostgreSQL's own processes would.
        let conninfo = format!(
            "host={} port={} user={SUPERUSER} passfile=/nowhere target_session_attrs=read-write application_name={name}",
            addresses.join(","),
            place.port(),
        );
        let setup = Postgres::copied_from(data)
            .name(name)
            .tcp(place)
            .setting("primary_conninfo", &conninfo);
        let setup = SETTINGS
            .iter()
            .fold(setup, |setup, (name, value)| setup.setting(name, value));
        Ok(Self {
            postgres: setup.create()?,
        })
    }

    /// Its data directory, socket and statements.
    pub(crate) fn postgres(&self) -> &Postgres {
        &self.postgres
    }

    /// What a resource is told of it.
    pub(crate) fn parameters(&self) -> Result<[(&'static str, String); 4], Trouble> {
        let server = &self.postgres;
        Ok([
            ("pgdata", server.data_dir().display().to_string()),
            ("pghost", server.socket_dir().display().to_string()),
            ("pgport", server.port().to_string()),
            ("system_user", Postgres::owner()?),
        ])
    }

    /// Its data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.postgres.data_dir()
    }

    /// Runs statements as the superuser.
    pub(crate) fn query(&self, sql: &str) -> Result<String, Trouble> {
        self.postgres.query(sql)
    }

    /// Its control file.
    pub(crate) fn control(&self) -> Option<Control> {
        read(&fs::read(self.control_file()).ok()?).ok()
    }

    /// Where that is.
    pub(crate) fn control_file(&self) -> PathBuf {
        self.data().join("global/pg_control")
    }

    /// All its processes.
    pub(crate) fn processes(&self) -> Vec<Process> {
        working_in(&self.data())
    }

    /// Its postmaster, by the file that it keeps while it runs.
    pub(crate) fn postmaster(&self) -> Option<Pid> {
        let file = fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        let pid = Pid::from_raw(file.lines().next()?.trim().parse().ok()?)?;
        self.processes()
            .iter()
            .any(|process| process.pid == pid)
            .then_some(pid)
    }

    /// What it is now.
    pub(crate) fn seen(&self) -> Seen {
        if let Some(postmaster) = self.postmaster() {
            if is_still(postmaster) {
                return Seen::Frozen;
            }
            return match self.query("SELECT pg_is_in_recovery()").as_deref() {
                Ok("t") => Seen::Standby,
                Ok("f") => Seen::Primary,
                Ok(_) | Err(_) => Seen::Deaf,
            };
        }
        if !self.processes().is_empty() {
            return Seen::Deaf;
        }
        if self.data().join("backup_label").exists() {
            return Seen::Unborn;
        }
        let stopped = [ClusterState::ShutDown, ClusterState::ShutDownInRecovery];
        match self.control() {
            Some(control) if stopped.contains(&control.state) => Seen::Stopped,
            Some(_) | None => Seen::Dead,
        }
    }

    /// Starts it as an administrator does, without the agent: as what it was.
    pub(super) fn launch(&self, scratch: &Scratch) -> Result<Call, Trouble> {
        let log = format!("{}.log", self.postgres.name());
        Call::start(scratch, &log, &self.pg_ctl(&["start"])?, &[])
    }

    /// The words of a command of an administrator, who waits for its end.
    fn pg_ctl(&self, what: &[&str]) -> Result<Vec<String>, Trouble> {
        let mut words = Vec::new();
        if rustix::process::geteuid().is_root() {
            let owner = Postgres::owner()?;
            words.extend(["setpriv".into(), format!("--reuid={owner}")]);
            words.extend([format!("--regid={owner}"), "--init-groups".into()]);
        }
        let program = Postgres::program("pg_ctl")?;
        words.push(program.display().to_string());
        words.extend(["--pgdata".into(), self.data().display().to_string()]);
        words.push("--wait".into());
        words.extend(what.iter().map(|word| (*word).into()));
        Ok(words)
    }

    /// Kills all its processes at once, as a power cut would.
    pub(crate) fn crash(&self) -> Result<(), Trouble> {
        self.signal(Signal::KILL);
        self.wait_gone(PATIENCE)
    }

    /// Stops all its processes where they are, the postmaster first, so that it starts no more.
    pub(crate) fn freeze(&self) -> Result<(), Trouble> {
        if let Some(postmaster) = self.postmaster() {
            kill_process(postmaster, Signal::STOP).ok();
        }
        self.signal(Signal::STOP);
        until(PATIENCE, "the server to stand still", || {
            self.processes().iter().all(|process| is_still(process.pid))
        })
    }

    /// Cuts a standby off from whoever is the primary, as a broken network between the two would.
    pub(crate) fn cut(&self) -> Result<(), Trouble> {
        let name = self.postgres.name();
        let nowhere = format!("host=127.0.0.1 port=1 application_name={name}");
        self.query(&format!("ALTER SYSTEM SET primary_conninfo = '{nowhere}'"))?;
        self.connect_elsewhere()?;
        until(PATIENCE, "a standby to be cut off", || {
            let receiving = "SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming'";
            self.query(receiving).is_ok_and(|count| count == "0")
        })
    }

    /// Stops a standby's WAL receiver where it is: it stays connected and gets nothing more.
    pub(crate) fn hold_receiver(&self) -> Result<HeldReceiver, Trouble> {
        let pid = self.query("SELECT pid FROM pg_stat_wal_receiver")?;
        let pid = pid.parse().ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| Trouble::Unfit("the standby receives nothing".into()))?;
        kill_process(pid, Signal::STOP).map_err(|error| Trouble::Unfit(error.to_string()))?;
        Ok(HeldReceiver(pid))
    }

    /// Takes the cut back.
    pub(crate) fn mend(&self) -> Result<(), Trouble> {
        self.query("ALTER SYSTEM RESET primary_conninfo")?;
        self.connect_elsewhere()
    }

    /// Has a standby take another `primary_conninfo`; up to PostgreSQL 12 only its start reads that.
    fn connect_elsewhere(&self) -> Result<(), Trouble> {
        match Postgres::major()? {
            ..=12 => {
                let log = self.data().join("restart.log");
                let log = format!("--log={}", log.display());
                let words = self.pg_ctl(&["--mode=fast", &log, "restart"])?;
                let mut command = Command::new("env");
                command.args(words).current_dir("/");
                run(command).map(drop)
            }
            13.. => self.query("SELECT pg_reload_conf()").map(drop),
        }
    }

    /// Has every statement in its log from now on.
    pub(crate) fn log_statements(&self) -> Result<(), Trouble> {
        self.query("ALTER SYSTEM SET log_statement = 'all'")?;
        self.query("SELECT pg_reload_conf()").map(drop)
    }

    /// Adds lines to its configuration file, which nobody reads yet.
    pub(crate) fn configure(&self, lines: &str) -> Result<(), Trouble> {
        let path = self.data().join("postgresql.conf");
        let doing = format!("add to {}", path.display());
        let file = fs::File::options().append(true).open(path);
        file.and_then(|mut file| file.write_all(lines.as_bytes()))
            .map_err(Trouble::io(doing))
    }

    /// Lets them go on.
    pub(crate) fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    /// Ends it whatever it does, without a trace outside its directory.
    pub(crate) fn end(&self) -> Result<(), Trouble> {
        self.thaw();
        if let Some(postmaster) = self.postmaster() {
            kill_process(postmaster, Signal::QUIT).ok();
        }
        if self.wait_gone(END).is_err() {
            self.crash()?;
        }
        self.free_segment();
        Ok(())
    }

    /// Ends it and has it begin again with another data directory, whose configuration is still its own.
    pub(crate) fn replace(&self, data: &Path, scratch: &Scratch) -> Result<(), Trouble> {
        self.end()?;
        let own = self.data();
        let doing = format!("replace {}", own.display());
        let keep = || CONFIGURATION.map(|name| fs::read(own.join(name)));
        let kept = keep();
        fs::remove_dir_all(&own).map_err(Trouble::io(&*doing))?;
        copy_all(data, &own, scratch)?;
        for (name, text) in CONFIGURATION.into_iter().zip(kept) {
            // The copy's owner and mode stay.
            text.and_then(|text| fs::write(own.join(name), text))
                .map_err(Trouble::io(&*doing))?;
        }
        Ok(())
    }

    fn signal(&self, signal: Signal) {
        for process in self.processes() {
            kill_process(process.pid, signal).ok();
        }
    }

    fn wait_gone(&self, deadline: Duration) -> Result<(), Trouble> {
        until(deadline, "the end of all processes", || {
            self.processes().is_empty()
        })
    }

    /// A postmaster that was killed leaves a shared memory segment, which it named at the end of line 7 of
    /// its file.
    fn free_segment(&self) {
        let file = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let line = file.lines().nth(6).unwrap_or_default();
        if let Some(segment) = line.split_whitespace().next_back() {
            let mut command = Command::new("ipcrm");
            command.args(["--shmem-id", segment]);
            // It may have been freed by the next start.
            run(command).ok();
        }
    }
}
