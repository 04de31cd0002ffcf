//! An administrator has a server stand aside: what the daemon says then, and until when.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use support::daemon::Setup;
use support::postgres::MONITOR;
use support::scratch::Scratch;
use support::{Daemon, Postgres, Trouble, ports};

const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");
const SECONDS: Duration = Duration::from_secs(20);

/// Where the file is, and the program that writes it.
struct Desk(Scratch);

impl Desk {
    fn new() -> Result<Self, Trouble> {
        Scratch::new().map(Self)
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("made/maintenance")
    }

    fn daemon(&self, server: &Postgres) -> Result<Setup, Trouble> {
        let table = format!(
            "[guard]\nmaintenance_file = \"{}\"\n",
            self.file().display()
        );
        Ok(Daemon::binding(PROGRAM, ports::free()?)
            .asking(&server.conninfo(MONITOR))
            .config(&table))
    }

    /// Runs `pgsql-state maintenance` with a daemon's configuration.
    fn order(&self, config: &Path, args: &[&str]) -> Result<Output, Trouble> {
        let mut command = self.0.command(PROGRAM);
        command.arg("maintenance").args(args);
        command.arg("--config").arg(config);
        command
            .output()
            .map_err(Trouble::io("run pgsql-state maintenance"))
    }

    fn ordered(&self, daemon: &Daemon, args: &[&str]) -> Result<String, Trouble> {
        let output = self.order(&daemon.config_file(), args)?;
        assert!(output.status.success(), "{args:?}: {output:?}");
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

#[test]
fn no_role_is_told_until_maintenance_is_over() -> Result<(), Trouble> {
    let desk = Desk::new()?;
    let primary = Postgres::primary().start()?;
    let standby = primary.standby().start()?;
    let first = desk.daemon(&primary)?.start()?;
    let second = desk.daemon(&standby)?.start()?;
    first.wait_for(SECONDS, "production")?;
    second.wait_for(SECONDS, "standby")?;
    for (args, of_primary, of_standby) in [
        (&["on"][..], "down maintenance", "lagging maintenance"),
        (&["on", "--down"], "down maintenance", "down maintenance"),
        (
            &["on", "--drain"],
            "down maintenance",
            "lagging maintenance",
        ),
    ] {
        desk.ordered(&first, args)?;
        first.wait_for(SECONDS, of_primary)?;
        second.wait_for(SECONDS, of_standby)?;
    }
    desk.ordered(&first, &["off"])?;
    first.wait_for(SECONDS, "production")?;
    second.wait_for(SECONDS, "standby")
}

#[test]
fn maintenance_outlives_the_daemon() -> Result<(), Trouble> {
    let desk = Desk::new()?;
    let primary = Postgres::primary().start()?;
    let mut first = desk.daemon(&primary)?.start()?;
    desk.ordered(&first, &["on"])?;
    first.stop()?;
    let second = desk.daemon(&primary)?.start()?;
    assert_eq!(second.ask().ok().as_deref(), Some("down maintenance"));
    desk.ordered(&second, &["off"])?;
    second.wait_for(SECONDS, "production")
}

#[test]
fn maintenance_for_a_time_ends_by_itself() -> Result<(), Trouble> {
    let desk = Desk::new()?;
    let primary = Postgres::primary().start()?;
    let daemon = desk.daemon(&primary)?.start()?;
    daemon.wait_for(SECONDS, "production")?;
    let said = desk.ordered(&daemon, &["on", "--down", "--for", "3s"])?;
    assert!(said.contains("maintenance: down until 20"), "{said}");
    daemon.wait_for(SECONDS, "down maintenance")?;
    daemon.wait_for(SECONDS, "production")?;
    assert!(desk.file().exists());
    Ok(())
}

#[test]
fn an_end_that_no_order_can_tell_is_refused() -> Result<(), Trouble> {
    let desk = Desk::new()?;
    let config = desk.0.path().join("config");
    let table = format!(
        "[guard]\nmaintenance_file = \"{}\"\n",
        desk.file().display()
    );
    std::fs::write(&config, table).map_err(Trouble::io("write a configuration"))?;
    for time in ["3000000d", "500000000000y"] {
        let output = desk.order(&config, &["on", "--for", time])?;
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(64), "{time}: {said}");
        assert!(said.contains("the year 9999"), "{time}: {said}");
        assert!(!desk.file().exists());
    }
    let output = desk.order(&config, &["on", "--for", "0s"])?;
    assert_eq!(output.status.code(), Some(64), "{output:?}");
    assert!(!desk.file().exists());
    let output = desk.order(&config, &["on", "--for", "2900000d"])?;
    assert!(output.status.success(), "{output:?}");
    let order = std::fs::read_to_string(desk.file()).map_err(Trouble::io("read an order"))?;
    assert!(order.starts_with("drain until 9966-"), "{order}");
    Ok(())
}

#[test]
fn one_answer_without_a_daemon_knows_of_maintenance_too() -> Result<(), Trouble> {
    let desk = Desk::new()?;
    let primary = Postgres::primary().start()?;
    let daemon = desk.daemon(&primary)?.start()?;
    desk.ordered(&daemon, &["on"])?;
    for subcommand in ["answer", "probe"] {
        let mut command = desk.0.command(PROGRAM);
        command
            .arg(subcommand)
            .arg("--config")
            .arg(daemon.config_file());
        let output = command.output().map_err(Trouble::io("run pgsql-state"))?;
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(said, "down maintenance\n", "{subcommand}");
    }
    Ok(())
}

#[test]
fn an_order_that_makes_no_sense_or_cannot_be_written_is_refused() -> Result<(), Trouble> {
    let desk = Desk::new()?;
    let primary = Postgres::primary().start()?;
    let daemon = desk.daemon(&primary)?.start()?;
    let config = daemon.config_file();
    for wrong in [
        &[][..],
        &["aside"],
        &["on", "--drain", "--down"],
        &["on", "--for", "long"],
        &["off", "--down"],
        &["off", "--for", "1s"],
    ] {
        let output = desk.order(&config, wrong)?;
        assert_eq!(output.status.code(), Some(64), "{wrong:?}");
    }
    assert!(!desk.file().exists());
    std::fs::create_dir_all(desk.file()).map_err(Trouble::io("make a folder"))?;
    for action in ["on", "off"] {
        let output = desk.order(&config, &[action])?;
        assert_eq!(output.status.code(), Some(1), "{action}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.starts_with("pgsql-state: cannot "), "{said}");
    }
    Ok(())
}
