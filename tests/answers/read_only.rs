//! A primary whose transactions are read-only by default: libpq's `target_session_attrs=read-write` refuses it.

use std::io::{Read, Write};
use std::net::{SocketAddrV4, TcpStream};

use serde_json::Value;
use support::postgres::{MONITOR, ORDINARY};
use support::{Daemon, Postgres, Trouble, ports};

use crate::{FOR_A_WHILE, PROGRAM, SECONDS, asking, keep_saying, wait_for_all};

const DOWN: &str = "[answer]\nwhen_read_only = \"down\"\n";
const NAME: &str = "default_transaction_read_only";

/// Changes a default, in a transaction that may write whatever the default is.
fn change(server: &Postgres, what: &str) -> Result<(), Trouble> {
    let sql = format!("BEGIN READ WRITE; ALTER {what}; COMMIT");
    server.query(&sql).map(drop)
}

#[test]
fn a_read_only_primary_keeps_its_role_or_is_down_as_the_operator_says() -> Result<(), Trouble> {
    let server = Postgres::primary().setting(NAME, "on").start()?;
    let keep = asking(&server.conninfo(MONITOR))?.start()?;
    let down = asking(&server.conninfo(MONITOR))?.config(DOWN).start()?;
    wait_for_all([&keep], "production")?;
    wait_for_all([&down], "down read-only")?;
    keep_saying("production", FOR_A_WHILE, [&keep])?;
    keep_saying("down read-only", FOR_A_WHILE, [&down])?;
    assert!(keep.log().contains(NAME), "{}", keep.log());
    assert_eq!(keep.log().matches(NAME).count(), 1, "{}", keep.log());
    Ok(())
}

#[test]
fn the_default_of_the_daemons_role_and_database_counts_and_a_change_is_seen() -> Result<(), Trouble>
{
    let server = Postgres::primary().start()?;
    let daemon = asking(&server.conninfo(MONITOR))?.config(DOWN).start()?;
    wait_for_all([&daemon], "production")?;
    for (on, off) in [
        (
            format!("DATABASE postgres SET {NAME} = on"),
            format!("ROLE {MONITOR} IN DATABASE postgres SET {NAME} = off"),
        ),
        (
            format!("ROLE {MONITOR} IN DATABASE postgres SET {NAME} = on"),
            format!("ROLE {MONITOR} IN DATABASE postgres RESET {NAME}"),
        ),
    ] {
        change(&server, &format!("DATABASE postgres RESET {NAME}"))?;
        change(&server, &on)?;
        daemon.wait_for(SECONDS, "down read-only")?;
        change(&server, &off)?;
        daemon.wait_for(SECONDS, "production")?;
    }
    change(&server, &format!("ROLE {ORDINARY} SET {NAME} = on"))?;
    keep_saying("production", FOR_A_WHILE, [&daemon])
}

#[test]
fn what_the_daemons_own_options_say_is_no_default_of_the_server() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let conninfo = format!("{} options='-c {NAME}=on'", server.conninfo(MONITOR));
    let daemon = asking(&conninfo)?.config(DOWN).start()?;
    wait_for_all([&daemon], "production")?;
    keep_saying("production", FOR_A_WHILE, [&daemon])
}

#[test]
fn a_standby_is_one_whatever_the_default_is() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let standby = primary.standby().setting(NAME, "on").start()?;
    let daemon = asking(&standby.conninfo(MONITOR))?.config(DOWN).start()?;
    wait_for_all([&daemon], "standby")?;
    keep_saying("standby", FOR_A_WHILE, [&daemon])
}

/// A daemon with every port.
fn with_every_port(
    server: &Postgres,
    config: &str,
) -> Result<(Daemon, SocketAddrV4, SocketAddrV4), Trouble> {
    let (http, agent) = (ports::free()?, ports::free()?);
    let daemon = Daemon::binding(PROGRAM, ports::free()?)
        .config(&format!(
            "http = [\"{http}\"]\nagent_check = [\"{agent}\"]\n"
        ))
        .asking(&server.conninfo(MONITOR))
        .config(config)
        .admission("trusted = [\"127.0.0.0/8\"]\n")
        .start()?;
    Ok((daemon, http, agent))
}

/// What an address says to a question.
fn said(address: SocketAddrV4, question: &str) -> Result<String, Trouble> {
    let exchange = || {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(SECONDS))?;
        stream.write_all(question.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    exchange().map_err(Trouble::io("ask"))
}

/// The status of a path, and the document.
fn get(http: SocketAddrV4, path: &str) -> Result<(String, String), Trouble> {
    let question = format!("GET {path} HTTP/1.1\r\nHost: srv1\r\nConnection: close\r\n\r\n");
    let answer = said(http, &question)?;
    let status = answer.split(' ').nth(1).unwrap_or_default().to_owned();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    Ok((status, body.to_owned()))
}

#[test]
fn every_protocol_tells_it_and_the_document_in_a_field() -> Result<(), Trouble> {
    let server = Postgres::primary().setting(NAME, "on").start()?;
    for (config, line, status, agent_says) in [
        ("", "production", "200", "up ready 100%\n"),
        (DOWN, "down read-only", "503", "down #read-only\n"),
    ] {
        let (daemon, http, agent) = with_every_port(&server, config)?;
        daemon.wait_for(SECONDS, line)?;
        for path in ["/primary", "/read-write", "/"] {
            assert_eq!(get(http, path)?.0, status, "{path} {line}");
        }
        assert_eq!(said(agent, "rw\n")?, agent_says);
        let (_, document) = get(http, "/state")?;
        let document: Value = serde_json::from_str(&document)
            .map_err(|error| Trouble::Unfit(format!("{error}: {document}")))?;
        assert_eq!(document["default_transaction_read_only"], true);
        assert_eq!(document["answer"], line);
        assert_eq!(document["role"], "primary");
    }
    let plain = Postgres::primary().start()?;
    let (_daemon, http, _) = with_every_port(&plain, DOWN)?;
    let (_, document) = get(http, "/state")?;
    assert!(
        document.contains("\"default_transaction_read_only\": false"),
        "{document}"
    );
    Ok(())
}
