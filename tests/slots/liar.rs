//! Another user who listens on the daemon's port while the daemon is away is not believed, and is told nothing.

use std::io::{Error, ErrorKind, Read, Write};
use std::net::{SocketAddrV4, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use rustix::fs::Uid;
use rustix::process::geteuid;
use rustix::thread::set_thread_uid;
use serde_json::{Value, json};
use support::{Mode, Trouble};

use crate::cluster::{Cluster, SECONDS};

/// The user `nobody`.
const NOBODY: u32 = 65_534;

/// Longest that the liar waits for a request. The keeper sends one at once, or never.
const PATIENCE: Duration = Duration::from_secs(2);

#[test]
fn a_liar_on_the_daemons_port_moves_no_slot_and_hears_nothing() -> Result<(), Trouble> {
    if !geteuid().is_root() {
        return Err(Trouble::Unfit("only root can run as another user".into()));
    }
    let mut cluster = Cluster::new(2, "role = \"keeper\"\ncap = \"1GB\"\n")?;
    let slot = "pgsql_state_srv2";
    cluster.wait_for_slot(0, slot, "active", "t")?;
    let mut document = cluster.state_with_peer(0, "srv2")?;
    cluster.servers[1].stop(Mode::Fast)?;
    cluster.wait_for_slot(0, slot, "active", "f")?;
    let held = cluster.slot(0, slot, "restart_lsn")?;
    cluster.write(0, 2)?;
    // What the standby lacks it is said to have.
    let end = cluster.servers[0].query("SELECT pg_current_wal_lsn()")?;
    let peers = document["peers"].as_array_mut().unwrap();
    let lies = peers.iter_mut().filter(|peer| peer["node"] == "srv2");
    for peer in lies {
        peer["server"]["end_lsn"] = json!(end);
    }
    // The other one asks this one too, with a challenge.
    cluster.end_daemon(1);
    let requests = lie(cluster.end_daemon(0), &document);
    for _ in 0..3 {
        let request = requests.recv_timeout(SECONDS).unwrap();
        assert_eq!(request, "", "what the liar was told");
    }
    let why = "the user nobody listens there, and neither pgsql-state nor root";
    cluster.wait_for_log(0, why)?;
    assert_eq!(cluster.slot(0, slot, "restart_lsn")?, held);
    Ok(())
}

/// Answers every request at this address with the document, as the user `nobody`. Returns what was received.
fn lie(place: SocketAddrV4, document: &Value) -> Receiver<String> {
    let body = document.to_string();
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let (requests, received) = channel();
    thread::spawn(move || {
        set_thread_uid(Uid::from_raw(NOBODY)).unwrap();
        let listener = TcpListener::bind(place).unwrap();
        for stream in listener.incoming() {
            let request = answer_one(stream.unwrap(), &answer);
            if requests.send(request).is_err() {
                return;
            }
        }
    });
    received
}

fn answer_one(mut stream: TcpStream, answer: &str) -> String {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut request = vec![0; 4096];
    let gone = |error: &Error| error.kind() == ErrorKind::ConnectionReset;
    let length = match stream.read(&mut request) {
        Err(error) if gone(&error) => 0,
        length => length.unwrap(),
    };
    request.truncate(length);
    if length > 0 {
        // The keeper may have gone.
        stream.write_all(answer.as_bytes()).ok();
    }
    String::from_utf8(request).unwrap()
}
