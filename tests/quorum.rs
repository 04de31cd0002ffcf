//! `guard.quorum`: a primary is told only while Pacemaker says that its node has quorum. Pacemaker cannot
//! run here, so a script stands in for its `crm_node`; the lab has the real one.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, which fail by panicking"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use support::postgres::MONITOR;
use support::scratch::Scratch;
use support::{Daemon, Postgres, Trouble, ports, until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");
const SECONDS: Duration = Duration::from_secs(20);

/// Says what the file beside it says, and fails where there is none.
const CRM_NODE: &str = "#!/bin/sh\n[ \"$*\" = --quorum ] && exec cat \"${0%/*}/quorum\"\n";

/// A folder with a `crm_node`, and the process that asks it in the daemon's place.
struct Pacemaker {
    scratch: Scratch,
    asking: Child,
}

impl Drop for Pacemaker {
    fn drop(&mut self) {
        self.asking.kill().ok();
        self.asking.wait().ok();
    }
}

impl Pacemaker {
    fn saying(text: &str) -> Result<Self, Trouble> {
        let scratch = Scratch::new()?;
        let program = scratch.path().join("crm_node");
        fs::write(&program, CRM_NODE).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(scratch.path().join("quorum"), text).unwrap();
        let asking = asking(&scratch);
        let pacemaker = Self { scratch, asking };
        until(SECONDS, "a note", || pacemaker.note().exists())?;
        Ok(pacemaker)
    }

    fn file(&self) -> PathBuf {
        self.scratch.path().join("quorum")
    }

    fn note(&self) -> PathBuf {
        self.scratch.path().join("note")
    }

    fn says(&self, text: &str) {
        let new = self.scratch.path().join("new");
        fs::write(&new, text).unwrap();
        fs::rename(new, self.file()).unwrap();
    }

    fn guarding(&self, server: &Postgres) -> Result<Daemon, Trouble> {
        let note = self.note();
        Daemon::binding(PROGRAM, ports::free()?)
            .asking(&server.conninfo(MONITOR))
            .config(&format!(
                "timeout = \"10s\"\n[guard]\nquorum = \"pacemaker\"\nquorum_file = \"{}\"\n",
                note.display()
            ))
            .start()
    }
}

fn asking(scratch: &Scratch) -> Child {
    let mut command = scratch.command(PROGRAM);
    command
        .arg("quorum")
        .arg("--file")
        .arg(scratch.path().join("note"));
    command.env(
        "PATH",
        format!("{}:/usr/bin:/bin", scratch.path().display()),
    );
    command.stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn a_primary_is_told_with_quorum_and_without_it_is_down() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let pacemaker = Pacemaker::saying("1\n")?;
    let mut daemon = pacemaker.guarding(&primary)?;
    // At once: that the daemon has just begun is no reason to take a primary away.
    assert_eq!(daemon.ask().ok().as_deref(), Some("production"));
    pacemaker.says("0\n");
    daemon.wait_for(SECONDS, "down no-quorum")?;
    pacemaker.says("1\n");
    daemon.wait_for(SECONDS, "production")?;
    fs::remove_file(pacemaker.file()).unwrap();
    daemon.wait_for(SECONDS, "down no-quorum")?;
    let guarded = fs::read_to_string(daemon.config_file()).unwrap();
    daemon.reload(&guarded.replace("\"pacemaker\"", "\"off\""))?;
    assert_eq!(daemon.ask().ok().as_deref(), Some("production"));
    Ok(())
}

#[test]
fn a_note_that_nobody_renews_is_worth_nothing() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let mut pacemaker = Pacemaker::saying("1\n")?;
    let daemon = pacemaker.guarding(&primary)?;
    assert_eq!(daemon.ask().ok().as_deref(), Some("production"));
    pacemaker.asking.kill().unwrap();
    pacemaker.asking.wait().unwrap();
    // Restarted within three seconds, nobody notices.
    assert_eq!(daemon.ask().ok().as_deref(), Some("production"));
    daemon.wait_for(SECONDS, "down no-quorum")?;
    until(SECONDS, "a line about it", || {
        daemon
            .log()
            .contains("the note is too old; pgsql-state-quorum.service writes it")
    })?;
    pacemaker.asking = asking(&pacemaker.scratch);
    daemon.wait_for(SECONDS, "production")
}

#[test]
fn a_standby_needs_none() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let standby = primary.standby().start()?;
    let pacemaker = Pacemaker::saying("0\n")?;
    let daemon = pacemaker.guarding(&standby)?;
    daemon.wait_for(SECONDS, "standby")
}
