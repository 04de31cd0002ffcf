//! Asking once, without a daemon: `probe` for people and scripts, `answer` for inetd and
//! `Accept=yes`.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, which fail by panicking"
)]

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use support::postgres::MONITOR;
use support::scratch::Scratch;
use support::{Postgres, Trouble, ports, until_ok};

const SECONDS: std::time::Duration = std::time::Duration::from_secs(20);

/// Where no server ever is.
const NOWHERE: &str = "host=/nonexistent user=monitor dbname=postgres";

/// A configuration that asks one server.
struct Asking {
    scratch: Scratch,
    config: PathBuf,
}

impl Asking {
    fn of(conninfo: &str) -> Result<Self, Trouble> {
        let table = format!("[postgres]\nconninfo = \"{conninfo}\"\ntimeout = \"10s\"\n");
        Self::with(&table)
    }

    fn with(text: &str) -> Result<Self, Trouble> {
        let scratch = Scratch::new()?;
        let config = scratch.path().join("pgsql-state.toml");
        fs::write(&config, text).map_err(Trouble::io("write the configuration"))?;
        Ok(Self { scratch, config })
    }

    fn command(&self, subcommand: &str) -> Command {
        let mut command = self.scratch.command(env!("CARGO_BIN_EXE_pgsql-state"));
        command.arg(subcommand).arg("--config").arg(&self.config);
        command
    }

    fn probe(&self, args: &[&str]) -> Output {
        self.command("probe").args(args).output().unwrap()
    }

    /// The line and the exit status of `probe`.
    fn line(&self, args: &[&str]) -> (String, i32) {
        let output = self.probe(args);
        let line = String::from_utf8(output.stdout).unwrap();
        (line, output.status.code().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.probe(&["--json"]).stdout).unwrap()
    }

    /// Lets `answer` serve one connection as inetd does, its standard error too; returns what the
    /// client gets and the exit status.
    fn answer_as_inetd(&self) -> (Vec<u8>, i32) {
        self.answer_to(b"")
    }

    /// The same to a client that says something first.
    fn answer_to(&self, said: &[u8]) -> (Vec<u8>, i32) {
        let listener = TcpListener::bind(ports::free().unwrap()).unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        client.write_all(said).unwrap();
        let (socket, _) = listener.accept().unwrap();
        let stream = || Stdio::from(OwnedFd::from(socket.try_clone().unwrap()));
        let mut command = self.command("answer");
        command.stdin(stream()).stdout(stream()).stderr(stream());
        let mut child = command.spawn().unwrap();
        // With its copies the end of the stream would be ours to tell.
        drop((command, socket));
        let mut received = Vec::new();
        client.read_to_end(&mut received).unwrap();
        // It waits for us to close.
        drop(client);
        (received, child.wait().unwrap().code().unwrap())
    }
}

#[test]
fn the_role_is_printed_and_compared_with_the_expected_one() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let standby = primary.standby().start()?;
    for (server, word, other) in [
        (&primary, "production", "standby"),
        (&standby, "standby", "production"),
    ] {
        let asking = Asking::of(&server.conninfo(MONITOR))?;
        let line = format!("{word}\n");
        assert_eq!(asking.line(&[]), (line.clone(), 0));
        assert_eq!(asking.line(&["--expect", word]), (line.clone(), 0));
        assert_eq!(asking.line(&["--expect", other]), (line, 1));
    }
    Ok(())
}

#[test]
fn a_server_that_is_down_fails_with_the_cause_on_standard_error() -> Result<(), Trouble> {
    let asking = Asking::of(NOWHERE)?;
    let output = asking.probe(&[]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"down no-socket\n");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.starts_with("pgsql-state: /nonexistent port 5432, "),
        "{said}"
    );
    assert!(said.contains("No such file or directory"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");

    let json = asking.json();
    assert_eq!(json["answer"], "down no-socket");
    assert_eq!(json["role"], Value::Null);
    assert_eq!(json["connection_slots"], Value::Null);
    assert_eq!(json["default_transaction_read_only"], Value::Null);
    assert_eq!(json["replication"], Value::Null);
    Ok(())
}

#[test]
fn a_primary_that_a_guard_puts_down_is_explained_on_standard_error() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let conninfo = server.conninfo(MONITOR);
    let scratch = Scratch::new()?;
    let path = scratch.path().join("ordered");
    fs::write(&path, "down\n").map_err(Trouble::io("order maintenance"))?;
    for (guard, reason, why) in [
        (
            "quorum = \"pacemaker\"\nquorum_file = \"/nonexistent/quorum\"".to_owned(),
            "no-quorum",
            "there is no /nonexistent/quorum; pgsql-state-quorum.service writes that file",
        ),
        (
            format!("maintenance_file = \"{}\"", path.display()),
            "maintenance",
            "pgsql-state maintenance off ends it",
        ),
    ] {
        let asking = Asking::with(&format!(
            "[postgres]\nconninfo = \"{conninfo}\"\ntimeout = \"10s\"\n[guard]\n{guard}\n"
        ))?;
        let output = asking.probe(&[]);
        let line = String::from_utf8(output.stdout).unwrap();
        assert_eq!(line, format!("down {reason}\n"));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(why), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    Ok(())
}

#[test]
fn a_primary_that_is_read_only_by_default_is_told_as_configured() -> Result<(), Trouble> {
    let server = Postgres::primary()
        .setting("default_transaction_read_only", "on")
        .start()?;
    let conninfo = server.conninfo(MONITOR);
    let keep = Asking::of(&conninfo)?;
    assert_eq!(keep.line(&[]), ("production\n".into(), 0));
    let table = format!("[postgres]\nconninfo = \"{conninfo}\"\ntimeout = \"10s\"\n");
    let down = Asking::with(&format!("{table}[answer]\nwhen_read_only = \"down\"\n"))?;
    assert_eq!(down.line(&[]), ("down read-only\n".into(), 1));
    assert_eq!(down.answer_as_inetd().0, b"down read-only\n");
    for asking in [keep, down] {
        let json = asking.json();
        assert_eq!(json["default_transaction_read_only"], true);
        assert_eq!(json["role"], "primary");
    }
    Ok(())
}

#[test]
fn json_tells_everything_that_was_seen() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let standby = primary.standby().start()?;
    let seen = Asking::of(&primary.conninfo(MONITOR))?.json();
    assert_eq!(seen["version"], 1);
    assert_eq!(seen["answer"], "production");
    assert_eq!(seen["role"], "primary");
    assert_eq!(seen["connection_slots"], "free");
    assert_eq!(seen["default_transaction_read_only"], false);
    assert_eq!(seen["replication"], Value::Null);

    let asking = Asking::of(&standby.conninfo(MONITOR))?;
    let seen = until_ok(SECONDS, "a level standby", || {
        let seen = asking.json();
        let level = seen["replication"]["lag_bytes"] == 0;
        level.then_some(seen.clone()).ok_or(seen)
    })?;
    assert_eq!(seen["answer"], "standby");
    assert_eq!(seen["role"], "standby");
    assert_eq!(seen["connection_slots"], "free");
    let replication = &seen["replication"];
    assert_eq!(replication["receiver"], "streaming");
    assert_eq!(replication["replay"], "running");
    assert_eq!(replication["received_lsn"], replication["replayed_lsn"]);
    assert_eq!(replication["delay_seconds"], 0.0);

    standby.query("SELECT pg_wal_replay_pause()")?;
    assert_eq!(asking.json()["replication"]["replay"], "paused");
    Ok(())
}

#[test]
fn libpqs_variables_say_whom_to_ask() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let asking = Asking::with("")?;
    let output = asking
        .command("probe")
        .env("PGHOST", server.socket_dir())
        .env("PGPORT", server.port().to_string())
        .env("PGUSER", MONITOR)
        .env("PGDATABASE", "postgres")
        .output()
        .unwrap();
    assert_eq!(output.stdout, b"production\n");
    Ok(())
}

#[test]
fn answer_writes_the_line_to_a_pipe() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    for (conninfo, line) in [
        (server.conninfo(MONITOR), &b"production\n"[..]),
        (NOWHERE.to_owned(), b"down no-socket\n"),
    ] {
        let output = Asking::of(&conninfo)?.command("answer").output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(output.stdout, line);
    }
    Ok(())
}

#[test]
fn answer_gives_a_client_the_line_and_its_end() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    for (conninfo, line) in [
        (server.conninfo(MONITOR), &b"production\n"[..]),
        (NOWHERE.to_owned(), b"down no-socket\n"),
    ] {
        let received = Asking::of(&conninfo)?.answer_as_inetd();
        assert_eq!(received, (line.to_vec(), 0));
    }
    Ok(())
}

#[test]
fn a_client_reads_no_word_of_a_bad_configuration() -> Result<(), Trouble> {
    // The report on it names `answer.production`, which a load balancer may look for.
    let asking = Asking::with("[answer]\nproduction = \"down\"\n")?;
    assert_eq!(asking.answer_as_inetd(), (Vec::new(), 78));
    let output = asking.command("answer").output().unwrap();
    assert_eq!(output.status.code(), Some(78));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("answer.production: "), "{said}");
    Ok(())
}

#[test]
fn answer_holds_to_the_lists_and_to_the_token_and_reads_a_proxy_header() -> Result<(), Trouble> {
    let scratch = Scratch::new()?;
    let token = scratch.path().join("token");
    fs::write(&token, "correct-horse-battery-staple\n").map_err(Trouble::io("write a token"))?;
    let token = format!("token_file = \"{}\"", token.display());
    let said = b"correct-horse-battery-staple\n".as_slice();
    let header = b"PROXY TCP4 10.9.0.4 10.9.0.1 4000 5431\r\n".as_slice();
    let proxied = "proxy_protocol = [\"127.0.0.1\"]\n";
    let answer = b"down no-socket\n".as_slice();
    for (admission, says, gets) in [
        ("deny = [\"10.9.0.4\"]".to_owned(), b"".as_slice(), answer),
        ("deny = [\"127.0.0.1\"]".into(), b"", b""),
        ("allow = [\"10.9.0.4\"]".into(), b"", b""),
        (format!("{proxied}allow = [\"10.9.0.4\"]"), header, answer),
        (format!("{proxied}deny = [\"10.9.0.4\"]"), header, b""),
        (token.clone(), said, answer),
        (token, b"correct-horse-battery-stable\n", b""),
    ] {
        let text = format!("[postgres]\nconninfo = \"{NOWHERE}\"\n[admission]\n{admission}\n");
        let asking = Asking::with(&text)?;
        let (received, status) = asking.answer_to(says);
        assert_eq!((received.as_slice(), status), (gets, 0), "{admission}");
    }
    Ok(())
}
