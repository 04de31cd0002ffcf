//! `pgsql-state ask`: many daemons at once, a line for each in the order given.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, which fail by panicking"
)]

use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::process::Output;
use std::sync::{Arc, Barrier};
use std::thread;

use serde_json::{Value, json};
use support::scratch::Scratch;
use support::{Daemon, Trouble, ports};

const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");

fn ask(args: &[String]) -> Output {
    let scratch = Scratch::new().unwrap();
    let mut command = scratch.command(PROGRAM);
    command.arg("ask").args(args).output().unwrap()
}

/// The lines and the exit status.
fn lines(args: &[String]) -> (String, i32) {
    let output = ask(args);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let lines = String::from_utf8(output.stdout).unwrap();
    (lines, output.status.code().unwrap())
}

/// A host that gives every client this answer, once all who share the barrier have a client.
fn host(answer: &'static [u8], barrier: &Arc<Barrier>) -> Result<SocketAddr, Trouble> {
    let address = SocketAddr::from(ports::free()?);
    let listener = TcpListener::bind(address).map_err(Trouble::io("listen"))?;
    let barrier = Arc::clone(barrier);
    thread::spawn(move || {
        for stream in listener.incoming() {
            barrier.wait();
            // A client that has seen enough may be gone.
            stream.unwrap().write_all(answer).ok();
        }
    });
    Ok(address)
}

fn alone(answer: &'static [u8]) -> Result<SocketAddr, Trouble> {
    host(answer, &Arc::new(Barrier::new(1)))
}

/// A host that takes clients and never says a word.
fn silent() -> Result<SocketAddr, Trouble> {
    let address = SocketAddr::from(ports::free()?);
    let listener = TcpListener::bind(address).map_err(Trouble::io("listen"))?;
    thread::spawn(move || {
        for stream in listener.incoming() {
            stream.unwrap().read_to_end(&mut Vec::new()).ok();
        }
    });
    Ok(address)
}

#[test]
fn all_are_asked_at_once_and_told_in_the_order_given() -> Result<(), Trouble> {
    let together = Arc::new(Barrier::new(3));
    let first = host(b"standby\n", &together)?;
    let second = host(b"production\n", &together)?;
    let third = host(b"down starting\n", &together)?;
    // One after the other they would wait for each other until the timeout.
    for order in [[first, second, third], [third, first, second]] {
        let (lines, status) = lines(&order.map(|host| host.to_string()));
        let hosts: Vec<&str> = lines
            .lines()
            .filter_map(|line| line.split(": ").next())
            .collect();
        assert_eq!(hosts, order.map(|host| host.to_string()), "{lines}");
        assert!(lines.contains(&format!("{first}: standby\n")), "{lines}");
        assert!(
            lines.contains(&format!("{second}: production\n")),
            "{lines}"
        );
        assert!(
            lines.contains(&format!("{third}: down starting\n")),
            "{lines}"
        );
        assert_eq!(status, 0);
    }
    Ok(())
}

#[test]
fn a_port_that_is_none_is_a_mistake_in_the_arguments() {
    let output = ask(&["srv1:xx".into()]);
    assert_eq!(output.status.code(), Some(64), "{output:?}");
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "pgsql-state: \"srv1:xx\" is not HOST or HOST:PORT; a port is a number from 1 to 65535\n"
    );
}

#[test]
fn every_answer_must_be_the_expected_word() -> Result<(), Trouble> {
    let hosts = [
        alone(b"standby\n")?,
        alone(b"standby\n")?,
        alone(b"lagging behind\n")?,
    ];
    let hosts = hosts.map(|host| host.to_string());
    let status = |hosts: &[String], word: &str| {
        let mut args = hosts.to_vec();
        args.extend(["--expect".into(), word.into()]);
        ask(&args).status.code()
    };
    assert_eq!(status(&hosts[..2], "standby"), Some(0));
    assert_eq!(status(&hosts, "standby"), Some(1));
    assert_eq!(status(&hosts[..2], "stand"), Some(1));
    assert_eq!(status(&hosts[2..], "lagging"), Some(0));
    Ok(())
}

#[test]
fn hosts_without_an_answer_are_told_with_the_reason_and_fail() -> Result<(), Trouble> {
    let (good, closed) = (alone(b"production\n")?, ports::free()?);
    let (mute, silent) = (alone(b"")?, silent()?);
    let mut args: Vec<String> = [good, closed.into(), mute, silent]
        .map(|host: SocketAddr| host.to_string())
        .into();
    args.extend(["--timeout".into(), "300ms".into()]);
    let (lines, status) = lines(&args);
    assert_eq!(
        lines,
        format!(
            "{good}: production\n\
             {closed}: no answer (Connection refused (os error 111))\n\
             {mute}: no answer (closed without an answer; it may require the token in its admission.token_file)\n\
             {silent}: no answer (nothing within 300ms; it may require the token in its admission.token_file)\n"
        )
    );
    assert_eq!(status, 1);
    Ok(())
}

/// A host that sends this and does not end the connection.
fn unfinished(said: &'static [u8]) -> Result<SocketAddr, Trouble> {
    let address = SocketAddr::from(ports::free()?);
    let listener = TcpListener::bind(address).map_err(Trouble::io("listen"))?;
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.write_all(said).ok();
            stream.read_to_end(&mut Vec::new()).ok();
        }
    });
    Ok(address)
}

#[test]
fn an_answer_without_its_end_is_shown_and_fails() -> Result<(), Trouble> {
    for (said, shown) in [
        (&b"producti"[..], "producti"),
        (b"production\n", "production"),
        (b"\x1b[2J", "\\u{1b}[2J"),
    ] {
        let host = unfinished(said)?.to_string();
        let (lines, status) = lines(&[host.clone(), "--timeout".into(), "300ms".into()]);
        assert_eq!(
            lines,
            format!("{host}: no answer (no end of the answer within 300ms, only \"{shown}\")\n")
        );
        assert_eq!(status, 1);
    }
    Ok(())
}

#[test]
fn json_has_an_object_for_each() -> Result<(), Trouble> {
    let (good, mute) = (alone(b"standby\n")?.to_string(), alone(b"")?.to_string());
    let output = ask(&[good.clone(), mute.clone(), "--json".into()]);
    assert_eq!(output.status.code(), Some(1));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected = json!([
        { "host": good, "answer": "standby" },
        { "host": mute, "error": "closed without an answer; it may require the token in its admission.token_file" },
    ]);
    assert_eq!(told, expected);
    Ok(())
}

#[test]
fn what_a_stranger_sends_is_made_harmless() -> Result<(), Trouble> {
    let unknown = alone(b"\x1b[31mred\x07\xff\r\nsecond line\n")?.to_string();
    let (lines, _) = lines(std::slice::from_ref(&unknown));
    assert_eq!(
        lines,
        format!("{unknown}: \\u{{1b}}[31mred\\u{{7}}\u{fffd}\n")
    );
    Ok(())
}

#[test]
fn a_daemon_is_asked() -> Result<(), Trouble> {
    let daemon = Daemon::binding(PROGRAM, ports::free()?)
        .asking("host=/nonexistent user=monitor dbname=postgres")
        .start()?;
    let host = daemon.state().to_string();
    let (lines, status) = lines(std::slice::from_ref(&host));
    assert_eq!((lines, status), (format!("{host}: down no-socket\n"), 0));
    Ok(())
}

#[test]
fn a_daemon_that_requires_a_token_is_shown_that_of_a_file() -> Result<(), Trouble> {
    let scratch = Scratch::new()?;
    let file = |name: &str, content: &str| {
        let path = scratch.path().join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        path.display().to_string()
    };
    let right = file("right", "geheim-geheim-geheim\n");
    let wrong = file("wrong", "falsch-falsch-falsch\n");
    let daemon = Daemon::binding(PROGRAM, ports::free()?)
        .asking("host=/nonexistent user=monitor dbname=postgres")
        .admission(&format!("token_file = \"{right}\"\n"))
        .start()?;
    let host = daemon.state().to_string();
    let with = |token: &str| lines(&[host.clone(), "--token-file".into(), token.into()]);
    assert_eq!(with(&right), (format!("{host}: down no-socket\n"), 0));
    let (told, status) = with(&wrong);
    assert_eq!(
        told,
        format!(
            "{host}: no answer (closed without an answer; the token may differ from that in its admission.token_file)\n"
        )
    );
    assert_eq!(status, 1);
    let open = Permissions::from_mode(0o644);
    fs::set_permissions(&right, open).unwrap();
    let output = ask(&[host.clone(), "--token-file".into(), right.clone()]);
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        format!(
            "pgsql-state: --token-file: warning: everyone on this host may read {right}; take that away with: chmod o-r {right}\n"
        )
    );
    assert_eq!(output.status.code(), Some(0));
    let unusable = file("short", "geheim\n");
    let output = ask(&[host.clone(), "--token-file".into(), unusable.clone()]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.starts_with(&format!("pgsql-state: --token-file: {unusable}: ")),
        "{said}"
    );
    assert!(!said.contains("geheim"), "{said}");
    assert_eq!(output.status.code(), Some(64));
    Ok(())
}
