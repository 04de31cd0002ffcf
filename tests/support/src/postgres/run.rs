//! Starts, stops, promotes and reloads a server.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::{Postgres, SUPERUSER};
use crate::procfs::working_in;
use crate::running::{Running, run};
use crate::trouble::Trouble;
use crate::wait::{until, until_ok};

/// Longest that a start, a stop or a promotion may take on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// The server's program, which also names its log.
const PROGRAM: &str = "postgres";

/// How to stop (PostgreSQL manual, "Shutting Down the Server").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Lets nobody in and waits for all sessions.
    Smart,
    /// Ends all sessions.
    Fast,
    /// Ends at once; the next start recovers.
    Immediate,
}

impl Mode {
    fn signal(self) -> Signal {
        match self {
            Self::Smart => Signal::TERM,
            Self::Fast => Signal::INT,
            Self::Immediate => Signal::QUIT,
        }
    }
}

impl Postgres {
    /// Starts it and waits until it lets the superuser in.
    pub fn start(&mut self) -> Result<(), Trouble> {
        self.launch()?;
        let config = self.config(SUPERUSER);
        self.postmaster()?.ready_within(PATIENCE, || {
            config
                .connect(::postgres::NoTls)
                .map(drop)
                .map_err(|error| error.to_string())
        })
    }

    /// Starts it and does not wait: a server without hot standby never lets anybody in.
    pub fn launch(&mut self) -> Result<(), Trouble> {
        if self.is_running()? {
            return Err(Trouble::Unfit(format!("{} runs already", self.name)));
        }
        // The orphans of a killed postmaster hold on to its shared memory until they notice.
        let data = self.data_dir();
        until(PATIENCE, "the end of earlier processes", || {
            working_in(&data).is_empty()
        })?;
        let mut command = self.install.command(&self.scratch, PROGRAM);
        command.arg("-D").arg(&data);
        self.postmaster = Some(Running::start(&self.scratch, PROGRAM, command)?);
        Ok(())
    }

    /// Stops it and waits for its end.
    pub fn stop(&mut self, mode: Mode) -> Result<(), Trouble> {
        self.ask_to_stop(mode)?;
        self.wait_stopped(PATIENCE)
    }

    /// Tells it to stop and does not wait.
    pub fn ask_to_stop(&mut self, mode: Mode) -> Result<(), Trouble> {
        self.postmaster()?.signal(mode.signal())
    }

    /// Waits until it has ended.
    pub fn wait_stopped(&mut self, deadline: Duration) -> Result<(), Trouble> {
        self.postmaster()?.end_within(deadline)?;
        self.postmaster = None;
        Ok(())
    }

    /// Kills the postmaster alone, as the kernel does when memory runs out; its processes notice by
    /// themselves.
    pub fn kill(&mut self) -> Result<(), Trouble> {
        self.postmaster()?.signal(Signal::KILL)?;
        self.wait_stopped(PATIENCE)
    }

    /// Promotes it and returns the moment at which it was first seen to be a primary.
    pub fn promote(&self) -> Result<Instant, Trouble> {
        let mut session = self.connect(SUPERUSER)?;
        self.ask_to_promote()?;
        until_ok(PATIENCE, "the promotion", || {
            let row = session.query_one("SELECT pg_is_in_recovery()", &[]);
            match row.map(|row| row.get(0)) {
                Ok(false) => Ok(Instant::now()),
                Ok(true) => Err("it is still in recovery".to_owned()),
                Err(error) => Err(error.to_string()),
            }
        })
    }

    /// Tells it to promote itself and does not wait.
    pub fn ask_to_promote(&self) -> Result<(), Trouble> {
        let mut command = self.install.command(&self.scratch, "pg_ctl");
        command
            .args(["promote", "--no-wait", "--pgdata"])
            .arg(self.data_dir());
        run(command).map(drop)
    }

    /// Replaces `pg_hba.conf` and has it read.
    pub fn set_hba(&mut self, text: &str) -> Result<(), Trouble> {
        self.install
            .write(&self.data_dir().join("pg_hba.conf"), text)?;
        self.reload()
    }

    /// Has it read its files again, and waits until the postmaster has: new sessions know when that
    /// was.
    pub fn reload(&mut self) -> Result<(), Trouble> {
        let loaded = "SELECT pg_conf_load_time()";
        let before = self.query(loaded)?;
        self.postmaster()?.signal(Signal::HUP)?;
        until(PATIENCE, "the reload", || {
            self.query(loaded).is_ok_and(|now| now != before)
        })
    }

    /// Whether its postmaster runs.
    pub fn is_running(&mut self) -> Result<bool, Trouble> {
        match &mut self.postmaster {
            Some(postmaster) => Ok(postmaster.ended()?.is_none()),
            None => Ok(false),
        }
    }

    /// What it logged since it was made.
    pub fn log(&self) -> String {
        Running::log_of(&self.scratch, PROGRAM)
    }

    pub(super) fn postmaster(&mut self) -> Result<&mut Running, Trouble> {
        let stopped = || Trouble::Unfit(format!("{} does not run", self.name));
        self.postmaster.as_mut().ok_or_else(stopped)
    }
}
