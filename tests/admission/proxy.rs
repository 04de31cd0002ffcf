//! The PROXY header: expected of some, believed of these alone, bounded; and what HAProxy sends.

use std::io::Write;
use std::net::{Ipv4Addr, Shutdown};
use std::time::{Duration, Instant};

use support::{Daemon, Haproxy, Status, Trouble, ports, until_ok};

use crate::{End, SECONDS, answered, ask, connect, end, is_refusal, setup, start};

/// The load balancer that sends the header.
const NAMED: Ipv4Addr = Ipv4Addr::new(127, 8, 0, 1);
const OTHER: Ipv4Addr = Ipv4Addr::new(127, 9, 0, 1);

const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

fn v1(source: &str) -> Vec<u8> {
    format!("PROXY TCP4 {source} 127.0.0.1 40000 5431\r\n").into_bytes()
}

fn v2(command: u8, source: [u8; 4]) -> Vec<u8> {
    let fixed = [command, 0x11, 0, 12];
    [V2, &fixed, &source, &[127, 0, 0, 1, 1, 0, 21, 55]].concat()
}

/// What a client gets that sends these bytes.
fn say(from: Ipv4Addr, daemon: &Daemon, bytes: &[u8]) -> End {
    let mut stream = connect(from, daemon.state()).unwrap();
    stream.write_all(bytes).unwrap();
    end(stream)
}

fn wait_for_log(daemon: &Daemon, text: &str) -> Result<(), Trouble> {
    until_ok(SECONDS, &format!("\"{text}\" in the log"), || {
        let log = daemon.log();
        let told = log.contains(text);
        told.then_some(()).ok_or(log)
    })
}

#[test]
fn what_is_announced_meets_the_lists_like_any_peer() -> Result<(), Trouble> {
    let daemon = start("proxy_protocol = [\"127.8.0.1\"]\ndeny = [\"10.5.0.0/16\"]\n")?;
    for (header, expected) in [
        (v1("10.6.0.1"), answered()),
        (v1("10.5.0.1"), End::Closed),
        (v2(0x21, [10, 6, 0, 1]), answered()),
        (v2(0x21, [10, 5, 0, 1]), End::Closed),
    ] {
        assert_eq!(say(NAMED, &daemon, &header), expected, "{header:?}");
    }
    wait_for_log(&daemon, "denied 2; most came from 10.5.0.1 (2)")
}

#[test]
fn local_and_unknown_mean_the_real_peer() -> Result<(), Trouble> {
    let local = v2(0x20, [10, 6, 0, 1]);
    let unknown = b"PROXY UNKNOWN\r\n";
    let daemon = start("proxy_protocol = [\"127.8.0.1\"]\nallow = [\"127.8.0.1\"]\n")?;
    assert_eq!(say(NAMED, &daemon, &local), answered());
    assert_eq!(say(NAMED, &daemon, unknown), answered());
    let daemon = start("proxy_protocol = [\"127.8.0.1\"]\nallow = [\"10.6.0.1\"]\n")?;
    assert_eq!(say(NAMED, &daemon, &local), End::Closed);
    assert_eq!(say(NAMED, &daemon, unknown), End::Closed);
    Ok(())
}

#[test]
fn nobody_else_can_pretend_to_be_someone() -> Result<(), Trouble> {
    let daemon = start("proxy_protocol = [\"127.8.0.1\"]\ndeny = [\"127.9.0.1\"]\n")?;
    assert!(is_refusal(&say(OTHER, &daemon, &v1("10.6.0.1"))));
    Ok(())
}

#[test]
fn a_header_that_is_missing_broken_or_endless_costs_a_bounded_time_and_is_counted()
-> Result<(), Trouble> {
    let daemon = start("proxy_protocol = [\"127.8.0.1\"]\n")?;
    let endless = vec![b'x'; 1 << 16];
    for broken in [&b"GET / HTTP/1.1\r\n"[..], b"PROXY TCP4 x y\r\n", &endless] {
        let begin = Instant::now();
        let mut stream = connect(NAMED, daemon.state()).unwrap();
        // The rest of the endless one may meet a closed door.
        stream.write_all(broken).ok();
        assert!(is_refusal(&end(stream)));
        assert!(begin.elapsed() < Duration::from_secs(2));
    }
    wait_for_log(&daemon, "header-broken")?;

    let begin = Instant::now();
    let missing = connect(NAMED, daemon.state()).unwrap();
    let half = connect(NAMED, daemon.state()).unwrap();
    (&half).write_all(&v1("10.6.0.1")[..20]).unwrap();
    let gone = connect(NAMED, daemon.state()).unwrap();
    gone.shutdown(Shutdown::Write).unwrap();
    assert_eq!(end(gone), End::Closed);
    assert!(begin.elapsed() < Duration::from_secs(2));
    assert_eq!(say(NAMED, &daemon, &v1("10.6.0.1")), answered());
    assert_eq!(ask(OTHER, &daemon), answered());
    assert_eq!(end(missing), End::Closed);
    assert_eq!(end(half), End::Closed);
    assert!(
        begin.elapsed() < Duration::from_secs(6),
        "{:?}",
        begin.elapsed()
    );
    Ok(())
}

#[test]
fn each_port_may_expect_the_header_of_others() -> Result<(), Trouble> {
    let second = ports::free()?;
    let admission = format!(
        "proxy_protocol = {{ {} = [\"127.8.0.1\"] }}\n",
        second.port()
    );
    let daemon = setup(&admission)?
        .binding_too(&[&second.to_string()])
        .start()?;
    assert_eq!(ask(NAMED, &daemon), answered());
    let mut stream = connect(NAMED, second).unwrap();
    stream.write_all(&v1("10.6.0.1")).unwrap();
    assert_eq!(end(stream), answered());
    Ok(())
}

/// HAProxy with one server that it checks with these lines, and what it comes to think of it.
fn checked_by_haproxy(daemon: &Daemon, server: &str, lines: &str) -> Result<(), Trouble> {
    checked_by_haproxy_with("", daemon, server, lines)
}

fn checked_by_haproxy_with(
    global: &str,
    daemon: &Daemon,
    server: &str,
    lines: &str,
) -> Result<(), Trouble> {
    let sections = format!(
        "{global}\
listen l
    bind {}
    source {NAMED}
    timeout check 2s
    option tcp-check
{lines}
    tcp-check expect rstring ^down
    default-server inter 50ms fastinter 50ms rise 3 fall 1
    server srv1 {} check {server}
",
        ports::free()?,
        daemon.state()
    );
    let haproxy = Haproxy::start_with(&sections)?;
    until_ok(SECONDS, "good checks", || match haproxy.row("l", "srv1") {
        Ok(row) if row.status == Status::Up && row.check_status == "L7OK" => Ok(()),
        Ok(row) => Err(format!("HAProxy sees {row:?}")),
        Err(trouble) => Err(format!("{trouble:?}")),
    })?;
    let log = haproxy.log();
    assert!(!log.contains("is DOWN"), "{log}");
    Ok(())
}

#[test]
fn a_real_haproxy_checks_with_either_version() -> Result<(), Trouble> {
    let daemon = start("proxy_protocol = [\"127.8.0.1\"]\nallow = [\"127.8.0.1\"]\n")?;
    checked_by_haproxy(&daemon, "check-send-proxy", "")?;
    checked_by_haproxy(&daemon, "check-send-proxy send-proxy", "")?;
    checked_by_haproxy(&daemon, "check-send-proxy send-proxy-v2", "")?;
    // Announces its real addresses instead of LOCAL.
    let global = "global\n    pp2-never-send-local\n";
    checked_by_haproxy_with(global, &daemon, "check-send-proxy send-proxy-v2", "")?;
    let connect = "    tcp-check connect send-proxy";
    checked_by_haproxy(&daemon, "", connect)?;
    assert!(!daemon.log().contains("refused "), "{}", daemon.log());
    Ok(())
}

#[test]
fn a_real_haproxy_says_the_token_behind_the_header() -> Result<(), Trouble> {
    let scratch = support::scratch::Scratch::new()?;
    let path = scratch.path().join("token");
    std::fs::write(&path, "correct-horse-battery-staple\n")
        .map_err(Trouble::io("write a token"))?;
    let file = format!("token_file = \"{}\"\n", path.display());
    let daemon = start(&format!("{file}proxy_protocol = [\"127.8.0.1\"]\n"))?;
    let with_header =
        "    tcp-check connect send-proxy\n    tcp-check send correct-horse-battery-staple\\n";
    checked_by_haproxy(&daemon, "", with_header)?;
    let daemon = start(&file)?;
    let without = "    tcp-check connect\n    tcp-check send correct-horse-battery-staple\\n";
    checked_by_haproxy(&daemon, "", without)?;
    // The same as send-binary, which is the form that needs no care with special characters.
    let hex = "636f72726563742d686f7273652d626174746572792d737461706c650a";
    let binary = format!("    tcp-check connect\n    tcp-check send-binary {hex}");
    checked_by_haproxy(&daemon, "", &binary)
}
