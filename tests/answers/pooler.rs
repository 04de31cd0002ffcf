//! A pooler between the daemon and its server, which takes no settings that it does not know and hands the
//! server's sessions to others in turn: the daemon asks through it as any client does, and leaves nothing
//! behind. What stands in for one here treats a startup message as `PgBouncer` does; everything after it is
//! between the two.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddrV4, TcpListener, TcpStream};
use std::thread;

use support::postgres::MONITOR;
use support::{Postgres, Trouble, ports};

use crate::{FOR_A_WHILE, answer, asking, keep_saying};

/// What `PgBouncer` knows of itself.
const KNOWN: [&str; 8] = [
    "user",
    "database",
    "application_name",
    "client_encoding",
    "datestyle",
    "timezone",
    "standard_conforming_strings",
    "replication",
];

/// The longest message that a client begins with (`MAX_STARTUP_PACKET_LENGTH`).
const LONGEST: usize = 10_000;

#[test]
fn a_pooler_that_takes_no_settings_is_asked_without_any() -> Result<(), Trouble> {
    let server = Postgres::primary()
        .tcp(ports::free()?)
        .setting("log_statement", "all")
        .start()?;
    let server_at = server.tcp().unwrap();
    let pooler = ports::free()?;
    let listener = TcpListener::bind(pooler).map_err(Trouble::io("listen"))?;
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            thread::spawn(move || serve(client, server_at));
        }
    });
    let conninfo = server
        .tcp_conninfo(MONITOR)
        .replace(&format!("port={}", server_at.port()), "")
        .replace(
            &format!("host={}", server_at.ip()),
            &format!("host={} port={}", pooler.ip(), pooler.port()),
        );
    let daemon = asking(&conninfo)?.start()?;
    assert_eq!(answer(&daemon)?, "production");
    keep_saying("production", FOR_A_WHILE, [&daemon])?;
    let log = server.log();
    assert!(log.contains("pg_is_in_recovery"), "{log}");
    for statement in ["set_config", ": SET "] {
        assert!(!log.contains(statement), "{statement} in {log}");
    }
    Ok(())
}

fn serve(mut client: TcpStream, server: SocketAddrV4) -> io::Result<()> {
    let hello = loop {
        let hello = hello(&mut client)?;
        // SSLRequest and GSSENCRequest have no more than a code.
        if hello.len() > 8 {
            break hello;
        }
        client.write_all(b"N")?;
    };
    let names = hello.get(8..).unwrap_or_default().split(|byte| *byte == 0);
    let names = names.step_by(2).filter(|name| !name.is_empty());
    let names = names.map(|name| String::from_utf8_lossy(name).into_owned());
    if let Some(name) = names.into_iter().find(|name| !KNOWN.contains(&&**name)) {
        let said = format!("SFATAL\0C08P01\0Munsupported startup parameter: {name}\0\0");
        let length = u32::try_from(said.len() + 4).unwrap_or_default();
        client.write_all(b"E")?;
        client.write_all(&length.to_be_bytes())?;
        return client.write_all(said.as_bytes());
    }
    let mut server = TcpStream::connect(server)?;
    server.write_all(&hello)?;
    let (from_client, to_server) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || pass_on(from_client, to_server));
    pass_on(server, client)
}

/// The first message of a client, whole.
fn hello(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    client.read_exact(&mut length)?;
    let whole = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if !(8..=LONGEST).contains(&whole) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut hello = vec![0; whole];
    let (head, rest) = hello.split_at_mut(4);
    head.copy_from_slice(&length);
    client.read_exact(rest)?;
    Ok(hello)
}

fn pass_on(mut from: TcpStream, mut to: TcpStream) -> io::Result<()> {
    let outcome = io::copy(&mut from, &mut to).map(drop);
    to.shutdown(Shutdown::Write).ok();
    outcome
}
