//! What becomes of somebody who answers in a node's place and is no daemon of the cluster.

use std::io::{self, Read, Write};
use std::net::{SocketAddrV4, TcpListener, TcpStream};
use std::thread;

use serde_json::{Value, json};
use support::{Postgres, Trouble, until};

use crate::{Key, Nodes, SECONDS, Served};

const YIELD: &str = "[guard]\ntwo_primaries = \"yield\"\n";

/// Answers all who come to this address, for as long as the test runs, with what a primary with a newer timeline would
/// say.
fn pretend_to_be_a_newer_primary(place: SocketAddrV4, own: &Value) -> Result<(), Trouble> {
    let document = json!({
        "version": 1, "age_seconds": 0.0, "role": "primary",
        "system_identifier": own["system_identifier"], "postmaster_start_time": "never",
        "timeline": 1000, "senders": [],
    });
    let answer = format!("HTTP/1.0 200 OK\r\n\r\n{document}");
    let listener = TcpListener::bind(place).map_err(Trouble::io("listen in a node's place"))?;
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // Who breaks off has heard enough.
            let exchange = stream
                .read(&mut [0; 1024])
                .and_then(|_| stream.write_all(answer.as_bytes()));
            drop(exchange);
        }
    });
    Ok(())
}

/// Passes on what comes to this address, and what is answered, for as long as the test runs.
fn pass_on(place: SocketAddrV4, to: SocketAddrV4) -> Result<(), Trouble> {
    let listener = TcpListener::bind(place).map_err(Trouble::io("listen in a node's place"))?;
    thread::spawn(move || {
        for mut asking in listener.incoming().flatten() {
            let mut request = [0; 4096];
            let exchange = asking.read(&mut request).and_then(|length| {
                let mut asked = TcpStream::connect(to)?;
                asked.write_all(&request[..length])?;
                io::copy(&mut asked, &mut asking)
            });
            drop(exchange);
        }
    });
    Ok(())
}

/// Waits for a line about the second node in the log.
fn logs(served: &Served, line: &str) -> Result<(), Trouble> {
    until(SECONDS, line, || served.daemon.log().contains(line))
}

#[test]
fn who_does_not_prove_to_be_a_daemon_of_the_cluster_puts_no_primary_down() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let nodes = Nodes::new(2)?;
    let first = nodes.serve(1, &primary, YIELD)?;
    first.daemon.wait_for(SECONDS, "production")?;
    pretend_to_be_a_newer_primary(nodes.places[1], &first.state()?)?;
    logs(
        &first,
        "does not prove that it comes from the daemon of this cluster at this address",
    )?;
    assert!(first.state()?["other_primary"].is_null());
    assert_eq!(first.daemon.ask().unwrap(), "production");
    Ok(())
}

#[test]
fn who_passes_requests_on_to_another_node_is_not_taken_for_the_one_in_whose_place_it_is()
-> Result<(), Trouble> {
    let old = Postgres::primary().start()?;
    let new = old.standby().start()?;
    let nodes = Nodes::new(2)?;
    let first = nodes.serve(1, &old, YIELD)?;
    let second = nodes.serve(2, &new, YIELD)?;
    new.promote()?;
    first.daemon.wait_for(SECONDS, "down two-primaries")?;
    drop(second);
    pass_on(nodes.places[1], first.http)?;
    logs(&first, "does not prove that it comes from")?;
    first.wait_for("other_primary", |other| {
        other["heard_seconds_ago"].as_f64() > Some(3.5)
    })?;
    assert_eq!(first.daemon.ask().unwrap(), "down two-primaries");
    Ok(())
}

#[test]
fn without_a_key_yield_counts_as_report_and_that_is_told() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let nodes = Nodes::new(2)?;
    let first = nodes.serve_at(nodes.places[0], &primary, YIELD, Key::None)?;
    first.daemon.wait_for(SECONDS, "production")?;
    logs(&first, "the nodes do not authenticate themselves")?;
    pretend_to_be_a_newer_primary(nodes.places[1], &first.state()?)?;
    first.wait_for("other_primary", |other| other["node"] == "srv2")?;
    assert_eq!(first.daemon.ask().unwrap(), "production");
    Ok(())
}

#[test]
fn a_document_is_proven_to_who_asks_for_it_and_to_nobody_else() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let nodes = Nodes::new(1)?;
    let first = nodes.serve(1, &primary, "")?;
    let proofs = |head: &str| -> Result<bool, Trouble> {
        let request = format!("GET {head}\r\n\r\n");
        let response = crate::exchange(first.http, request.as_bytes())?;
        Ok(response.contains("pgsql-state-proof: "))
    };
    let nonce = format!("Pgsql-State-Nonce: {}", "0a".repeat(16));
    assert!(proofs(&format!("/state HTTP/1.0\r\n{nonce}"))?);
    for other in [
        "/state HTTP/1.0".to_owned(),
        "/state HTTP/1.0\r\nPgsql-State-Nonce: 0a".to_owned(),
        format!("/metrics HTTP/1.0\r\n{nonce}"),
        format!("/primary HTTP/1.0\r\n{nonce}"),
    ] {
        assert!(!proofs(&other)?, "{other}");
    }
    Ok(())
}
