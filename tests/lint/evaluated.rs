//! What is computed of checks beside what HAProxy makes of them, against a stub that answers as the daemon
//! does in each state; agents get the daemon's own lines.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use pgsql_state::answer::{agent_check, state_port};
use pgsql_state::health::{DownReason, LagReason, Maintenance, RoleWords, Share, Verdict, View};
use pgsql_state::tools::lint::haproxy::{Configuration, SourceFile, explain};
use support::haproxy::Status;
use support::wait::until_ok;
use support::{Haproxy, Trouble};

use crate::checks::{CHECKS, Port};

/// As `--explain` calls them, in its order.
const CASES: [&str; 7] = [
    "primary",
    "standby",
    "lagging standby",
    "down",
    "maintenance",
    "no daemon",
    "404",
];

/// Where a server in one of the states is asked.
struct Stub {
    http: SocketAddr,
    state: SocketAddr,
    agent: SocketAddr,
}

impl Stub {
    fn start(case: &'static str) -> Self {
        Self {
            http: served(case, |case, asked| http(case, asked).into_bytes()),
            state: served(case, |case, _| state(case).into_bytes()),
            agent: served(case, |case, asked| agent_line(case, asked).into_bytes()),
        }
    }
}

/// A listener that answers each client; where there is no daemon none, on a port that nobody else was given.
fn served(case: &'static str, answer: fn(&str, &[u8]) -> Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind(support::ports::free().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    if case != "no daemon" {
        let speaks_first = answer(case, b"").starts_with(state(case).as_bytes());
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                thread::spawn(move || exchange(client, case, answer, speaks_first));
            }
        });
    }
    address
}

/// HAProxy may have gone already.
fn exchange(
    mut client: TcpStream,
    case: &str,
    answer: fn(&str, &[u8]) -> Vec<u8>,
    speaks_first: bool,
) -> Option<()> {
    let mut asked = Vec::new();
    while !speaks_first && !asked.ends_with(b"\n") {
        let mut some = [0; 1024];
        let read = client.read(&mut some).ok().filter(|read| *read > 0)?;
        asked.extend_from_slice(&some[..read]);
    }
    client.write_all(&answer(case, &asked)).ok()?;
    client.shutdown(std::net::Shutdown::Write).ok()?;
    client.read_to_end(&mut asked).ok()?;
    Some(())
}

fn verdict(case: &str) -> (Verdict, Option<Maintenance>) {
    match case {
        "primary" => (Verdict::Production, None),
        "standby" => (Verdict::Standby, None),
        "lagging standby" => (Verdict::Lagging(LagReason::Behind), None),
        "maintenance" => (
            Verdict::Down(DownReason::Maintenance),
            Some(Maintenance::Down),
        ),
        _ => (Verdict::Down(DownReason::NoSocket), None),
    }
}

fn state(case: &str) -> String {
    match case {
        "404" => "HTTP/1.1 404 Not Found\r\n\r\n".to_owned(),
        case => state_port::line(verdict(case).0, &RoleWords::default()),
    }
}

fn http(case: &str, asked: &[u8]) -> String {
    let head = String::from_utf8_lossy(asked);
    let path = head.split(' ').nth(1).unwrap_or_default();
    let met: &[&str] = match path {
        "/primary" => &["primary"],
        "/replica" => &["standby"],
        "/read-only" => &["primary", "standby"],
        "/health" => &["primary", "standby", "lagging standby"],
        _ => &[],
    };
    let status = match case {
        "404" => 404,
        _ if path == "/primray" => 404,
        _ if path == "/nowhere" => 404,
        case if met.contains(&case) => 200,
        _ => 503,
    };
    format!("HTTP/1.0 {status} X\r\nContent-Length: 0\r\n\r\n")
}

fn agent_line(case: &str, asked: &[u8]) -> String {
    let (verdict, ordered) = verdict(case);
    if case == "404" {
        return "what\n".to_owned();
    }
    // The view is on the last line, behind a token.
    let lines = asked.trim_ascii_end().rsplit(|byte| *byte == b'\n');
    let view = lines.into_iter().next().unwrap_or_default();
    match agent_check::question::asked(view, View::default()) {
        Some(view) => agent_check::line(view, verdict, ordered, Share::FULL, None),
        None => agent_check::NO_SUCH_VIEW.to_owned(),
    }
}

/// All checks as sections, with a server for each state.
fn sections(stubs: &[Stub]) -> String {
    let mut text = String::new();
    for (number, (check, port, agent)) in CHECKS.iter().enumerate() {
        writeln!(text, "backend pg{number}\n {check}").unwrap();
        for (at, stub) in stubs.iter().enumerate() {
            let asked = if *port == Port::Http {
                stub.http
            } else {
                stub.state
            };
            let agent = match agent.strip_prefix("agent-check") {
                Some(rest) => {
                    let agent = stub.agent;
                    format!(
                        "agent-check agent-addr {} agent-port {}{rest}",
                        agent.ip(),
                        agent.port()
                    )
                }
                None => String::new(),
            };
            // Sessions would go to another port, so the check is not taken for PostgreSQL's own.
            let (host, port) = (asked.ip(), asked.port());
            writeln!(
                text,
                " server s{at} {host}:5432 check port {port} inter 200ms rise 1 fall 1 {agent}"
            )
            .unwrap();
        }
    }
    text
}

/// What is computed of a section: by case, its outcome.
fn computed(read: &Configuration, section: &str) -> Vec<String> {
    let tables = explain(read, section).unwrap();
    let outcome = |case: &&str| {
        let start = format!("    {case:<16} ");
        let line = tables.lines().find_map(|line| line.strip_prefix(&start));
        let outcome = line.unwrap_or_else(|| panic!("{tables}"));
        outcome.split(':').next().unwrap().to_owned()
    };
    CASES.iter().map(outcome).collect()
}

#[test]
fn haproxy_makes_of_each_answer_what_is_computed() -> Result<(), Trouble> {
    let stubs = CASES.map(Stub::start);
    let sections = sections(&stubs);
    let source = SourceFile {
        name: "x".to_owned(),
        text: sections.clone(),
    };
    let read = Configuration::read(&[source]).unwrap();
    let mut expected = Vec::new();
    for (number, check) in CHECKS.iter().enumerate() {
        for (at, outcome) in computed(&read, &format!("pg{number}"))
            .into_iter()
            .enumerate()
        {
            assert_ne!(outcome, "unknown", "{:?} {}", check, CASES[at]);
            expected.push(format!("pg{number}/s{at} {outcome}"));
        }
    }
    let haproxy = Haproxy::start_whole(|admin| {
        format!(
            "global\n stats socket {} level admin\n max-spread-checks 100\ndefaults\n mode tcp\n timeout connect 2s\n \
             timeout client 5s\n timeout server 5s\n timeout check 2s\nfrontend unused\n bind unix@{}\n{sections}",
            admin.display(),
            admin.with_file_name("unused.sock").display()
        )
    })?;
    until_ok(
        Duration::from_secs(20),
        "HAProxy to see what is computed",
        || {
            let rows = haproxy.rows().map_err(|trouble| trouble.to_string())?;
            let seen: Vec<String> = rows
                .iter()
                .map(|row| {
                    let status = match row.status {
                        _ if row.check_status.ends_with("INI") => "not asked yet",
                        Status::Up => "up",
                        Status::NoLb => "draining",
                        Status::Down | Status::Maint => "down",
                        Status::NoCheck => "not checked",
                    };
                    format!("{}/{} {status}", row.proxy, row.server)
                })
                .collect();
            let differences: Vec<_> = expected
                .iter()
                .filter(|line| !seen.contains(*line))
                .collect();
            if differences.is_empty() && seen.len() == expected.len() {
                return Ok(());
            }
            Err(format!("not so: {differences:?} in {seen:?}"))
        },
    )
}
