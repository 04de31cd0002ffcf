//! SIGHUP: a good configuration takes effect, a bad one leaves the old one in force.

use std::fs;
use std::net::TcpStream;
use std::time::Duration;

use rustix::process::Signal;
use support::postgres::MONITOR;
use support::{Daemon, Postgres, Trouble, ports, until, until_ok};

const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");
const SECONDS: Duration = Duration::from_secs(20);

const WORDS: &str = "[answer]\nproduction = \"MASTER\"\nstandby = \"STANDBY\"\n";

fn start(server: &Postgres) -> Result<Daemon, Trouble> {
    let daemon = Daemon::binding(PROGRAM, ports::free()?)
        .asking(&server.conninfo(MONITOR))
        .config("timeout = \"10s\"\n")
        .start()?;
    daemon.wait_for(SECONDS, "production")?;
    Ok(daemon)
}

fn configuration(daemon: &Daemon) -> Result<String, Trouble> {
    fs::read_to_string(daemon.config_file()).map_err(Trouble::io("read the configuration"))
}

fn wait_for_status(daemon: &Daemon, status: &str) -> Result<(), Trouble> {
    until_ok(
        SECONDS,
        &format!("the status \"{status}\""),
        || match daemon.notifications().status() {
            Some(told) if told == status => Ok(()),
            other => Err(format!("it is {other:?}")),
        },
    )
}

#[test]
fn systemd_is_told_when_a_reload_begins_and_ends() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let mut daemon = start(&server)?;
    let text = configuration(&daemon)?;
    daemon.reload(&text)?;
    daemon.reload(&text)?;
    let lines: Vec<String> = daemon
        .notifications()
        .lines()
        .into_iter()
        .filter(|line| !line.starts_with("STATUS="))
        .collect();
    let names: Vec<&str> = lines
        .iter()
        .map(|line| line.split_once('=').map_or(line.as_str(), |(name, _)| name))
        .collect();
    let reloaded = ["RELOADING", "MONOTONIC_USEC", "READY"];
    assert_eq!(names[0], "READY");
    assert_eq!(names[1..4], reloaded);
    assert_eq!(names[4..7], reloaded);
    assert_eq!(names.len(), 7, "{lines:?}");
    // systemd takes a reload for the one it asked for only if it began after that.
    let moments: Vec<u64> = lines
        .iter()
        .filter_map(|line| line.strip_prefix("MONOTONIC_USEC=")?.parse().ok())
        .collect();
    assert!(
        matches!(moments[..], [first, second] if first < second),
        "{lines:?}"
    );
    Ok(())
}

#[test]
fn a_good_configuration_takes_effect_with_the_next_check() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let mut daemon = start(&server)?;
    let text = configuration(&daemon)?;
    daemon.reload(&(text.clone() + WORDS))?;
    assert_eq!(daemon.ask().ok().as_deref(), Some("MASTER"));
    daemon.reload(&text)?;
    assert_eq!(daemon.ask().ok().as_deref(), Some("production"));
    assert!(!daemon.log().contains("next restart"), "{}", daemon.log());
    Ok(())
}

#[test]
fn another_server_is_asked_from_the_next_check_on() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let standby = primary.standby().start()?;
    let mut daemon = start(&primary)?;
    let there = configuration(&daemon)?;
    let (here, elsewhere) = (primary.socket_dir(), standby.socket_dir());
    let (here, elsewhere) = (here.display().to_string(), elsewhere.display().to_string());
    daemon.reload(&there.replace(&here, &elsewhere))?;
    assert_eq!(daemon.ask().ok().as_deref(), Some("standby"));
    daemon.reload(&there.replace(&here, "/nonexistent"))?;
    assert_eq!(daemon.ask().ok().as_deref(), Some("down no-socket"));
    daemon.reload(&there)?;
    assert_eq!(daemon.ask().ok().as_deref(), Some("production"));
    Ok(())
}

#[test]
fn a_service_is_read_again() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let standby = primary.standby().start()?;
    let mut daemon = start(&primary)?;
    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("services");
    let write = |server: &Postgres| {
        let lines = server
            .conninfo(MONITOR)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join("\n");
        fs::write(&file, format!("[local]\n{lines}\n")).unwrap();
    };
    let conninfo = format!("service=local servicefile={}", file.display());
    let text = configuration(&daemon)?.replace(&primary.conninfo(MONITOR), &conninfo);
    assert!(text.contains(&conninfo), "{text}");
    write(&standby);
    daemon.reload(&text)?;
    assert_eq!(daemon.ask().ok().as_deref(), Some("standby"));
    write(&primary);
    assert_eq!(daemon.ask().ok().as_deref(), Some("standby"));
    daemon.reload(&text)?;
    assert_eq!(daemon.ask().ok().as_deref(), Some("production"));
    fs::remove_file(&file).unwrap();
    daemon.reload(&text)?;
    assert_eq!(daemon.ask().ok().as_deref(), Some("production"));
    let log = daemon.log();
    assert!(
        log.contains("the old configuration stays in force"),
        "{log}"
    );
    assert!(log.contains("does not exist or cannot be reached"), "{log}");
    Ok(())
}

#[test]
fn a_bad_configuration_leaves_the_old_one_in_force_and_is_told() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let mut daemon = start(&server)?;
    let good = configuration(&daemon)? + WORDS;
    daemon.reload(&good)?;
    daemon.reload(&good.replace("\"STANDBY\"", "\"down\""))?;
    assert_eq!(daemon.ask().ok().as_deref(), Some("MASTER"));
    let log = daemon.log();
    assert!(
        log.contains("the old configuration stays in force"),
        "{log}"
    );
    assert!(
        log.contains("answer.standby: \"down\" is contained"),
        "{log}"
    );
    wait_for_status(
        &daemon,
        "production (bad configuration, the old one is in force)",
    )?;
    daemon.reload(&good)?;
    wait_for_status(&daemon, "production")
}

#[test]
fn a_configuration_that_is_gone_leaves_the_old_one_in_force() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let mut daemon = start(&server)?;
    let path = daemon.config_file();
    fs::remove_file(&path).map_err(Trouble::io("remove the configuration"))?;
    daemon.signal(Signal::HUP)?;
    until(SECONDS, "READY=1", || {
        daemon.notifications().count("READY=1") == 2
    })?;
    assert_eq!(daemon.ask().ok().as_deref(), Some("production"));
    let log = daemon.log();
    assert!(log.contains("does not exist"), "{log}");
    Ok(())
}

#[test]
fn what_only_a_restart_can_change_is_said() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let mut daemon = start(&server)?;
    let (old, new) = (daemon.state(), ports::free()?);
    let text = configuration(&daemon)?;
    let moved = text.replace(&old.to_string(), &new.to_string());
    assert_ne!(text, moved);
    daemon.reload(&moved)?;
    let log = daemon.log();
    assert!(log.contains("take effect at the next restart"), "{log}");
    assert_eq!(daemon.ask().ok().as_deref(), Some("production"));
    assert!(TcpStream::connect(new).is_err());
    Ok(())
}

/// Two primaries are compared, though no node proves who it is.
const YIELD: &str = r#"
[guard]
two_primaries = "yield"

[[cluster.nodes]]
name = "srv1"
address = "127.0.0.1"
"#;

#[test]
fn warnings_of_a_configuration_that_is_read_again_are_logged() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let mut daemon = start(&server)?;
    let text = configuration(&daemon)?;
    assert!(!daemon.log().contains("WARN"), "{}", daemon.log());
    daemon.reload(&(text + YIELD))?;
    let log = daemon.log();
    assert!(log.contains("WARN"), "{log}");
    assert!(log.contains("guard.two_primaries: "), "{log}");
    assert_eq!(daemon.ask().ok().as_deref(), Some("production"));
    Ok(())
}
