//! Rates, slots, and what the log tells of those they refuse.

use std::io::{Read, Write};
use std::net::Ipv4Addr;
use std::thread;
use std::time::{Duration, Instant};

use support::{Daemon, Trouble, ports, until, until_ok};

use crate::{End, PROGRAM, SECONDS, TRUSTED, answered, ask, connect, end, start};

const ONE: Ipv4Addr = Ipv4Addr::new(127, 5, 0, 1);
const OTHER: Ipv4Addr = Ipv4Addr::new(127, 6, 0, 1);

/// How many of so many checks from there are answered; the others must be closed without a byte.
fn answers(from: Ipv4Addr, daemon: &Daemon, checks: usize) -> usize {
    let ends = (0..checks).map(|_| ask(from, daemon));
    let answers = ends.filter(|end| {
        assert!([End::Closed, answered()].contains(end), "{end:?}");
        *end == answered()
    });
    answers.count()
}

/// The lines about refusals.
fn refusals(daemon: &Daemon) -> Vec<String> {
    let log = daemon.log();
    let lines = log.lines().filter(|line| line.contains("refused "));
    lines.map(str::to_owned).collect()
}

/// The only line about refusals, once it is there.
fn refusal(daemon: &Daemon) -> Result<String, Trouble> {
    until_ok(SECONDS, "a line about refusals", || {
        let lines = refusals(daemon);
        lines.first().cloned().ok_or("there is none")
    })
}

#[test]
fn a_client_gets_its_burst_and_its_rate_and_others_do_not_pay_for_it() -> Result<(), Trouble> {
    let daemon = start("per_client = \"1/s\"\nburst = 5\ntrusted = [\"127.77.0.1\"]\n")?;
    let begin = Instant::now();
    let answered = answers(ONE, &daemon, 30);
    let flowed_in = usize::try_from(begin.elapsed().as_secs()).unwrap();
    assert!((5..=5 + flowed_in).contains(&answered), "{answered}");
    assert_eq!(answers(OTHER, &daemon, 5), 5);
    assert_eq!(answers(TRUSTED, &daemon, 200), 200);
    let line = refusal(&daemon)?;
    assert!(line.contains("client-limit"), "{line}");
    assert!(line.contains("127.5.0.1 ("), "{line}");
    assert!(!line.contains("127.77.0.1"), "{line}");
    Ok(())
}

#[test]
fn all_untrusted_clients_together_get_the_total() -> Result<(), Trouble> {
    let daemon = start("total = \"10/s\"\nper_client = \"9/s\"\ntrusted = [\"127.77.0.1\"]\n")?;
    let begin = Instant::now();
    let answered: usize = (1..=60)
        .map(|last| answers(Ipv4Addr::new(127, 5, 1, last), &daemon, 1))
        .sum();
    let flowed_in = usize::try_from(begin.elapsed().as_millis() / 100).unwrap();
    assert!((10..=10 + flowed_in).contains(&answered), "{answered}");
    assert_eq!(answers(TRUSTED, &daemon, 100), 100);
    assert!(refusal(&daemon)?.contains("total-limit"));
    Ok(())
}

#[test]
fn by_default_there_are_limits_and_a_balancer_farm_is_within_them() -> Result<(), Trouble> {
    let daemon = start("")?;
    assert_eq!(answers(ONE, &daemon, 100), 100);
    // At full speed far more than 50 a second: sooner or later there is no token left.
    until(SECONDS, "a refusal", || ask(ONE, &daemon) == End::Closed)?;
    assert_eq!(answers(OTHER, &daemon, 100), 100);
    Ok(())
}

#[test]
fn untrusted_clients_who_hold_on_leave_slots_to_the_trusted() -> Result<(), Trouble> {
    let daemon = start("max_connections = 8\ntrusted = [\"127.77.0.1\"]\n")?;
    let mut longest = Duration::ZERO;
    let mut held = Vec::new();
    for round in 0..20 {
        for last in 1..=10 {
            held.push(connect(Ipv4Addr::new(127, 5, round, last), daemon.state()).unwrap());
        }
        assert!(daemon.connections() <= 8);
        let begin = Instant::now();
        assert_eq!(ask(TRUSTED, &daemon), answered());
        longest = longest.max(begin.elapsed());
    }
    // Those who hold on are patiently read from for a second.
    assert!(longest < Duration::from_millis(500), "{longest:?}");
    assert!(refusal(&daemon)?.contains("no-slot"));
    Ok(())
}

#[test]
fn a_trusted_host_that_does_not_close_what_is_answered_leaves_slots_to_others()
-> Result<(), Trouble> {
    let daemon = start("max_connections = 8\ntrusted = [\"127.77.0.0/24\"]\n")?;
    let mut longest = Duration::ZERO;
    let mut held = Vec::new();
    for round in 0..20 {
        for _ in 0..8 {
            held.push(connect(TRUSTED, daemon.state()).unwrap());
        }
        let begin = Instant::now();
        let other = Ipv4Addr::new(127, 77, 0, 100 + round);
        assert_eq!(ask(other, &daemon), answered());
        longest = longest.max(begin.elapsed());
    }
    // Each is read from for a second, if nobody else needs its slot.
    assert!(longest < Duration::from_millis(500), "{longest:?}");
    for stream in held {
        assert_eq!(end(stream), answered());
    }
    Ok(())
}

#[test]
fn who_was_answered_on_the_agent_check_port_and_does_not_close_gives_way() -> Result<(), Trouble> {
    let (state, agent) = (ports::free()?, ports::free()?);
    let _daemon = Daemon::binding(PROGRAM, state)
        .config(&format!("agent_check = [\"{agent}\"]\n"))
        .asking("host=/nonexistent user=monitor dbname=postgres")
        .admission("max_connections = 8\ntrusted = [\"127.77.0.1\"]\n")
        .start()?;
    let answer = |from| {
        let mut stream = connect(from, agent).unwrap();
        stream.write_all(b"rw\n").unwrap();
        let mut line = String::new();
        // What has been sent and was not read makes the close of a refused connection a reset.
        drop(stream.read_to_string(&mut line));
        (line, stream)
    };
    let mut held = Vec::new();
    for last in 1..=30 {
        let (line, stream) = answer(Ipv4Addr::new(127, 5, 0, last));
        assert!(line.starts_with("down"), "{last}: {line:?}");
        held.push(stream);
    }
    Ok(())
}

#[test]
fn one_client_may_have_so_many_connections_and_no_more() -> Result<(), Trouble> {
    let daemon = start("max_connections_per_client = 3\n")?;
    let held: Vec<_> = (0..3)
        .map(|_| connect(ONE, daemon.state()).unwrap())
        .collect();
    until(SECONDS, "three connections", || daemon.connections() == 3)?;
    assert_eq!(ask(ONE, &daemon), End::Closed);
    assert_eq!(ask(OTHER, &daemon), answered());
    for stream in held {
        assert_eq!(end(stream), answered());
    }
    until(SECONDS, "their end", || daemon.connections() == 0)?;
    assert_eq!(ask(ONE, &daemon), answered());
    assert!(refusal(&daemon)?.contains("client-slots 1"));
    Ok(())
}

#[test]
fn however_many_are_refused_there_is_one_line_in_a_minute() -> Result<(), Trouble> {
    let daemon = start("deny = [\"127.0.0.0/8\"]\n")?;
    thread::scope(|scope| {
        for low in 1..=4 {
            let daemon = &daemon;
            scope.spawn(move || answers(Ipv4Addr::new(127, 9, 0, low), daemon, 500));
        }
    });
    refusal(&daemon)?;
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(3) {
        assert_eq!(ask(ONE, &daemon), End::Closed);
    }
    let lines = refusals(&daemon);
    assert_eq!(lines.len(), 1, "{lines:?}");
    Ok(())
}

#[test]
fn a_connection_without_a_whole_request_gives_way_to_who_has_one() -> Result<(), Trouble> {
    let http = ports::free()?;
    let daemon = Daemon::binding(PROGRAM, ports::free()?)
        .config(&format!("http = [\"{http}\"]\n"))
        .asking("host=/nonexistent user=monitor dbname=postgres")
        .admission("max_connections = 8\nmax_connections_per_client = 4\n")
        .start()?;
    let half_head = |last: u8| {
        let mut stream = connect(Ipv4Addr::new(127, 5, 2, last), http).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n").unwrap();
        stream
    };
    let mut held: Vec<_> = (0..8).map(|index| half_head(index / 4 + 1)).collect();
    // They may keep it for five seconds, and four of them come again and again.
    for _ in 0..3 {
        let begin = Instant::now();
        let mut stream = connect(OTHER, http).unwrap();
        stream.write_all(b"GET /liveness HTTP/1.0\r\n\r\n").unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        assert!(said.starts_with("HTTP/1.0 "), "{said}");
        assert!(
            begin.elapsed() < Duration::from_secs(3),
            "{:?}",
            begin.elapsed()
        );
        // The oldest has gone, without a byte.
        assert_eq!(end(held.remove(0)), End::Closed);
        held.push(half_head(9));
    }
    drop(daemon);
    Ok(())
}
