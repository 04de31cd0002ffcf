//! Few descriptors: the daemon takes what it may have, and the trusted are answered with what is left.

use std::fs;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use support::{Daemon, Trouble};

use crate::{SECONDS, TRUSTED, answered, ask, connect, setup};

/// The two figures of the limit on open files of a running process (proc(5)).
fn limits(daemon: &Daemon) -> (String, String) {
    let path = format!("/proc/{}/limits", daemon.pid().as_raw_nonzero());
    let text = fs::read_to_string(path).unwrap();
    let line = text.lines().find(|line| line.starts_with("Max open files"));
    let mut fields = line.unwrap().split_whitespace().skip(3).map(str::to_owned);
    (fields.next().unwrap(), fields.next().unwrap())
}

#[test]
fn the_soft_limit_is_raised_to_the_hard_one() -> Result<(), Trouble> {
    let daemon = setup("")?.descriptors(64, 2048).start()?;
    assert_eq!(limits(&daemon), ("2048".into(), "2048".into()));
    assert!(
        !daemon.log().contains("connections at once"),
        "{}",
        daemon.log()
    );
    Ok(())
}

#[test]
fn with_64_descriptors_the_trusted_are_answered_whatever_untrusted_clients_hold()
-> Result<(), Trouble> {
    let daemon = setup("trusted = [\"127.77.0.1\"]\nmax_connections_per_client = 1024\n")?
        .descriptors(64, 64)
        .start()?;
    daemon.wait_for(SECONDS, "down no-socket")?;
    let before = daemon.log();
    assert_eq!(
        before
            .matches("at most 32 connections at once, not 1024")
            .count(),
        1,
        "{before}"
    );
    let begin = Instant::now();
    let mut held = Vec::new();
    let mut longest = Duration::ZERO;
    while begin.elapsed() < Duration::from_secs(3) {
        for last in 1..=20 {
            held.push(connect(Ipv4Addr::new(127, 5, 0, last), daemon.state()).unwrap());
        }
        held.drain(..held.len().saturating_sub(500));
        let asked = Instant::now();
        assert_eq!(ask(TRUSTED, &daemon), answered());
        longest = longest.max(asked.elapsed());
    }
    assert!(longest < Duration::from_millis(500), "{longest:?}");
    let log = daemon.log();
    let added = log.strip_prefix(&before).unwrap();
    assert!(added.lines().count() <= 1, "{added}");
    Ok(())
}
