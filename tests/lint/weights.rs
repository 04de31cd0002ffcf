//! Whom HAProxy sends a session to where servers have `weight 0`, beside what is found in the same sections.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use pgsql_state::tools::lint::haproxy::{Configuration, Resolved, SourceFile, findings};
use support::wait::until_ok;
use support::{Haproxy, Trouble};

/// The name of a section, its lines with `UP` and `AWAY` for the addresses of servers, and whether a session is served.
const SECTIONS: [(&str, &str, bool); 8] = [
    ("pg0", "server a UP weight 0", false),
    ("pg1", "server a UP weight 0\n server b UP", true),
    ("pg2", "server a UP weight 0\n server b UP backup", true),
    (
        "pg3",
        "server a UP weight 0\n server b UP weight 0 backup",
        false,
    ),
    (
        "pg4",
        "server a UP weight 0\n server b UP weight 0\n use-server b if TRUE",
        true,
    ),
    (
        "pg5",
        "default-server weight 0\n server a UP\n server b UP weight 5",
        true,
    ),
    (
        "pg6",
        "stick-table type ip size 1k\n stick on src\n server a UP weight 0",
        false,
    ),
    // The server with a weight is down, as a standby is for writers.
    (
        "pg_rw",
        "server a UP check weight 0\n server b AWAY check",
        false,
    ),
];

/// A listener that says a word to each client.
fn server() -> SocketAddr {
    let listener = TcpListener::bind(support::ports::free().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming() {
            // HAProxy may have gone already.
            client.unwrap().write_all(b"served").ok();
        }
    });
    address
}

fn is_served(address: SocketAddr) -> bool {
    let mut said = String::new();
    let read = TcpStream::connect(address).and_then(|mut client| {
        client.set_read_timeout(Some(Duration::from_secs(5)))?;
        client.read_to_string(&mut said)
    });
    read.is_ok() && said == "served"
}

#[test]
fn a_server_without_weight_gets_no_session() -> Result<(), Trouble> {
    let (up, away) = (server(), support::ports::free()?);
    let mut sections = String::new();
    let mut places = Vec::new();
    for (name, lines, _) in SECTIONS {
        let place = support::ports::free()?;
        let lines = lines
            .replace("UP", &up.to_string())
            .replace("AWAY", &away.to_string());
        writeln!(sections, "listen {name}\n bind {place}\n {lines}").unwrap();
        places.push(SocketAddr::from(place));
    }
    let source = SourceFile {
        name: "x".to_owned(),
        text: format!("defaults\n mode tcp\n{sections}"),
    };
    let read = Configuration::read(&[source]).unwrap();
    let found = findings(&read, &Resolved::Unasked, None);
    let _haproxy = Haproxy::start_whole(|admin| {
        format!(
            "global\n stats socket {} level admin\ndefaults\n mode tcp\n timeout connect 2s\n timeout client 5s\n \
             timeout server 5s\n timeout queue 1s\n timeout check 1s\n default-server inter 200ms fall 1\n{sections}",
            admin.display()
        )
    })?;
    for ((name, lines, served), place) in SECTIONS.iter().zip(places) {
        let is_found = found.iter().any(|finding| {
            finding.rule.id() == "nobody-accepted" && finding.sections.contains(&(*name).to_owned())
        });
        assert_eq!(is_found, !served, "{name}: {lines}");
        until_ok(Duration::from_secs(20), "HAProxy to do so", || {
            let is = is_served(place);
            (is == *served).then_some(()).ok_or(format!("{name}: {is}"))
        })?;
    }
    Ok(())
}
