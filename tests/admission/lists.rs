//! The three lists in their order, and the three ways to end the refused.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddrV4, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use support::{Daemon, Trouble, ports, until};

use crate::{End, PROGRAM, SECONDS, answered, ask, connect, end, setup, start};

const DENIED: Ipv4Addr = Ipv4Addr::new(127, 5, 0, 1);
const ALLOWED: Ipv4Addr = Ipv4Addr::new(127, 6, 0, 1);
const OTHER: Ipv4Addr = Ipv4Addr::new(127, 7, 0, 1);

#[test]
fn the_denied_and_those_not_allowed_get_a_close_without_a_byte() -> Result<(), Trouble> {
    let daemon = start("deny = [\"127.5.0.0/16\"]\nallow = [\"127.4.0.0/15\", \"127.6.0.1\"]\n")?;
    assert_eq!(ask(DENIED, &daemon), End::Closed);
    assert_eq!(ask(OTHER, &daemon), End::Closed);
    assert_eq!(ask(ALLOWED, &daemon), answered());
    Ok(())
}

#[test]
fn ipv4_peers_of_a_dual_stack_socket_meet_the_lists_of_ipv4() -> Result<(), Trouble> {
    let setup = setup("deny = [\"127.5.0.1\", \"::ffff:127.7.0.1\"]\nallow = [\"127.0.0.0/8\"]\n")?;
    // Free on every address of this host.
    let listener = TcpListener::bind((Ipv6Addr::UNSPECIFIED, 0)).unwrap();
    let everywhere = listener.local_addr().unwrap();
    drop(listener);
    let free = everywhere.port();
    let _daemon = setup.binding_too(&[&everywhere.to_string()]).start()?;
    let ask = |from| end(connect(from, SocketAddrV4::new(Ipv4Addr::LOCALHOST, free)).unwrap());
    assert_eq!(ask(DENIED), End::Closed);
    assert_eq!(ask(OTHER), End::Closed);
    assert_eq!(ask(ALLOWED), answered());
    let six = TcpStream::connect((Ipv6Addr::LOCALHOST, free)).unwrap();
    six.set_read_timeout(Some(SECONDS)).unwrap();
    assert_eq!(end(six), End::Closed);
    Ok(())
}

#[test]
fn the_nodes_of_the_cluster_stand_behind_at_haproxy() -> Result<(), Trouble> {
    let daemon = setup("allow = [\"@haproxy\"]\n")?
        .config("[cluster]\nnodes = [{ name = \"srv1\", address = \"127.6.0.1\" }]\n")
        .start()?;
    assert_eq!(ask(ALLOWED, &daemon), answered());
    assert_eq!(ask(OTHER, &daemon), End::Closed);
    Ok(())
}

#[test]
fn a_refused_client_may_be_reset_instead() -> Result<(), Trouble> {
    let daemon = start("deny = [\"127.5.0.1\"]\nrefuse = \"reset\"\n")?;
    assert_eq!(ask(DENIED, &daemon), End::Reset);
    assert_eq!(ask(ALLOWED, &daemon), answered());
    Ok(())
}

#[test]
fn a_refused_client_may_be_left_in_silence_for_a_moment_only() -> Result<(), Trouble> {
    let daemon = start("deny = [\"127.5.0.1\"]\nrefuse = \"drop\"\n")?;
    let start = Instant::now();
    assert_eq!(ask(DENIED, &daemon), End::Reset);
    let silence = start.elapsed();
    assert!(silence >= Duration::from_millis(400), "{silence:?}");
    assert!(silence < Duration::from_secs(2), "{silence:?}");

    // More than may be kept in silence: who came first is let go first.
    let refused: Vec<_> = (0..200)
        .map(|_| connect(DENIED, daemon.state()).unwrap())
        .collect();
    until(SECONDS, "the first to be let go", || {
        daemon.connections() <= 64
    })?;
    assert_eq!(ask(ALLOWED, &daemon), answered());
    for stream in refused {
        assert_eq!(end(stream), End::Reset);
    }
    Ok(())
}

/// The status line that the HTTP port answers a path with.
fn status(from: Ipv4Addr, http: SocketAddrV4, path: &str) -> String {
    let mut stream = connect(from, http).unwrap();
    let request = format!("GET {path} HTTP/1.0\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn documents_may_be_kept_to_the_trusted_and_roles_are_for_all() -> Result<(), Trouble> {
    let http = ports::free()?;
    let daemon = Daemon::binding(PROGRAM, ports::free()?)
        .config(&format!(
            "http = [\"{http}\"]\n[http]\ndocuments = \"trusted\"\n"
        ))
        .asking("host=/nonexistent user=monitor dbname=postgres")
        .admission("trusted = [\"127.6.0.1\"]\n")
        .start()?;
    for path in ["/state", "/metrics"] {
        assert_eq!(status(ALLOWED, http, path), "HTTP/1.0 200 OK", "{path}");
        assert_eq!(
            status(OTHER, http, path),
            "HTTP/1.0 403 Forbidden",
            "{path}"
        );
    }
    for path in ["/primary", "/liveness", "/patroni"] {
        assert_eq!(
            status(ALLOWED, http, path),
            status(OTHER, http, path),
            "{path}"
        );
    }
    drop(daemon);
    Ok(())
}
