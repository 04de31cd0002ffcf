//! Connections: kept, closed, silent, and those that go on too long.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use support::postgres::MONITOR;
use support::{Daemon, Postgres, Trouble, ports};

use crate::client::Client;
use crate::{PROGRAM, SECONDS, admitting, serving};

/// Longest that the head of a request may take.
const HEAD: Duration = Duration::from_secs(5);

#[test]
fn one_connection_serves_many_requests_and_an_old_client_one() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let served = serving(&primary, "")?;
    let mut client = Client::connect(served.http)?;
    for (request, status) in [
        ("GET /primary", 200),
        ("HEAD /replica", 503),
        ("OPTIONS /", 200),
        ("GET /nowhere", 404),
        ("GET /read-only", 200),
    ] {
        assert_eq!(client.ask(request)?.status, status, "{request}");
    }
    for old in [
        "GET /primary HTTP/1.0\r\n\r\n",
        "OPTIONS / HTTP/1.0\r\n\r\n",
    ] {
        let mut client = Client::connect(served.http)?;
        let exchange = |client: &mut Client| {
            client.send(old.as_bytes())?;
            client.read_to_end()
        };
        let said = exchange(&mut client).map_err(Trouble::io("ask as in 1996"))?;
        let said = String::from_utf8_lossy(&said);
        assert!(said.starts_with("HTTP/1.0 200 OK\r\n"), "{said}");
    }
    Ok(())
}

/// The server's library has room for so many. A load balancer that adds headers of its own must stay below.
#[test]
fn a_head_of_100_lines_is_answered_and_one_of_101_gets_431() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let served = serving(&primary, "")?;
    for (lines, status) in [(100, "200 OK"), (101, "431 ")] {
        let mut client = Client::connect(served.http)?;
        let headers = (1..lines).fold(String::new(), |all, line| all + &format!("X-{line}: y\r\n"));
        let head = format!("GET /primary HTTP/1.1\r\nConnection: close\r\n{headers}\r\n");
        let said = client
            .send(head.as_bytes())
            .and_then(|()| client.read_to_end());
        let said = said.map_err(Trouble::io("send a long head"))?;
        let said = String::from_utf8_lossy(&said);
        assert!(
            said.starts_with(&format!("HTTP/1.1 {status}")),
            "{lines}: {said}"
        );
    }
    Ok(())
}

#[test]
fn a_request_that_comes_together_with_its_proxy_header_is_answered() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let (state, http) = (ports::free()?, ports::free()?);
    let peers = format!("proxy_protocol = {{ {} = [\"127.0.0.1\"] }}\n", http.port());
    let _daemon = Daemon::binding(PROGRAM, state)
        .config(&format!("http = [\"{http}\"]\n"))
        .asking(&primary.conninfo(MONITOR))
        .admission(&peers)
        .start()?;
    let mut client = Client::connect(http)?;
    let head = "PROXY TCP4 10.9.8.7 10.9.8.6 1 2\r\nGET /primary HTTP/1.1\r\nHost: a\r\n\r\n";
    let response = client
        .send(head.as_bytes())
        .and_then(|()| client.response(false));
    let response = response.map_err(Trouble::io("ask behind a header"))?;
    assert_eq!(response.status, 200);
    // The header counts for the connection.
    assert_eq!(client.ask("GET /replica")?.status, 503);
    Ok(())
}

#[test]
fn an_idle_connection_does_not_hold_up_the_end() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let mut served = serving(&primary, "[service]\ngrace = \"60s\"\n")?;
    let mut client = Client::connect(served.http)?;
    assert_eq!(client.ask("GET /primary")?.status, 200);
    let before = Instant::now();
    assert!(served.daemon.stop()?.success());
    assert!(before.elapsed() < HEAD, "{:?}", before.elapsed());
    assert_eq!(client.read_to_end().ok().as_deref(), Some(&b""[..]));
    Ok(())
}

#[test]
fn a_request_that_does_not_end_and_a_connection_that_idles_are_closed() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let served = serving(&primary, "")?;
    let (mut slow, mut idle) = (Client::connect(served.http)?, Client::connect(served.http)?);
    assert_eq!(idle.ask("GET /primary")?.status, 200);
    let begun = Instant::now();
    slow.send(b"GET /primary HTTP/1.1\r\nHost: sr")
        .map_err(Trouble::io("begin a request"))?;
    for client in [&mut slow, &mut idle] {
        let rest = client
            .read_to_end()
            .map_err(Trouble::io("wait for the end"))?;
        assert_eq!(rest, b"");
    }
    let lasted = begun.elapsed();
    assert!(lasted + Duration::from_secs(1) > HEAD, "{lasted:?}");
    Ok(())
}

#[test]
fn a_client_that_does_not_read_its_answers_is_let_go() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let served = serving(&primary, "")?;
    let mut deaf = Client::connect(served.http)?;
    let begun = Instant::now();
    // Until neither side's buffers take any more, and nobody is there to fill them for.
    let ended = loop {
        if let Err(error) = deaf.send(b"GET /metrics HTTP/1.1\r\nHost: srv1\r\n\r\n") {
            break error.kind();
        }
    };
    let gone = [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe];
    assert!(gone.contains(&ended), "{ended}");
    let lasted = begun.elapsed();
    assert!(lasted + Duration::from_secs(1) > HEAD, "{lasted:?}");
    Ok(())
}

#[test]
fn what_is_too_large_or_no_http_ends_its_connection_alone() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let served = serving(&primary, "")?;
    let padding = "x".repeat(20_000);
    for (wrong, statuses) in [
        (format!("GET /{padding} HTTP/1.1\r\n\r\n"), [431, 414]),
        (
            format!("GET / HTTP/1.1\r\nPad: {padding}\r\n\r\n"),
            [431, 431],
        ),
        ("BREW pot\r\n\r\n".to_owned(), [400, 400]),
        (
            "\u{16}\u{3}\u{1} a TLS client's hello\r\n\r\n".to_owned(),
            [400, 400],
        ),
    ] {
        let mut client = Client::connect(served.http)?;
        match client
            .send(wrong.as_bytes())
            .and_then(|()| client.response(false))
        {
            Ok(response) => assert!(statuses.contains(&response.status), "{response:?}"),
            // It was closed upon before it had said everything.
            Err(error) => assert!(
                matches!(
                    error.kind(),
                    ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
                ),
                "{error}"
            ),
        }
    }
    // A body that nobody reads.
    let mut client = Client::connect(served.http)?;
    let endless =
        b"POST /config HTTP/1.1\r\nHost: srv1\r\nContent-Length: 1000000000\r\n\r\nand so on";
    let response = client.send(endless).and_then(|()| client.response(false));
    let response = response.map_err(Trouble::io("send a body"))?;
    assert_eq!(response.status, 405);
    assert_eq!(served.status("GET /primary")?, 200);
    Ok(())
}

#[test]
fn a_thousand_silent_clients_change_nothing_for_the_next_check() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let served = serving(&primary, "")?;
    served.wait_for(SECONDS, "HEAD /primary", 200)?;
    more_descriptors()?;
    let mut silent = Vec::new();
    for crowd in [5, 1000] {
        while silent.len() < crowd {
            let one = TcpStream::connect(served.http).map_err(Trouble::io("connect"))?;
            silent.push(one);
        }
        let before = Instant::now();
        assert_eq!(served.status("HEAD /primary")?, 200, "{crowd}");
        assert!(
            before.elapsed() < Duration::from_secs(1),
            "{:?}",
            before.elapsed()
        );
        assert_eq!(served.daemon.ask().ok().as_deref(), Some("production"));
    }
    Ok(())
}

/// More silent clients than the port takes: each is closed upon in time, and the state port, which has
/// places of its own, does not notice.
#[test]
fn a_port_full_of_silent_clients_opens_again_and_no_other_waits() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let served = admitting(
        &primary,
        "",
        "trusted = [\"127.0.0.0/8\"]\nmax_connections = 5\n",
    )?;
    served.wait_for(SECONDS, "HEAD /primary", 200)?;
    let connect = |_| TcpStream::connect(served.http);
    let silent: Result<Vec<_>, _> = (0..10).map(connect).collect();
    let _silent = silent.map_err(Trouble::io("connect"))?;
    assert_eq!(served.daemon.ask().ok().as_deref(), Some("production"));
    assert_eq!(served.status("HEAD /primary")?, 200);
    Ok(())
}

#[test]
fn sockets_that_systemd_passes_are_told_apart_by_name() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let (state, http) = (ports::free()?, ports::free()?);
    let daemon = Daemon::binding(PROGRAM, state)
        .passing("http", http)
        .passing("state", state)
        .asking(&primary.conninfo(MONITOR))
        .start()?;
    daemon.wait_for(SECONDS, "production")?;
    let mut client = Client::connect(http)?;
    assert_eq!(client.ask("GET /primary")?.status, 200);
    Ok(())
}

/// As many descriptors as this process may have.
fn more_descriptors() -> Result<(), Trouble> {
    let limit = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: limit.maximum,
        ..limit
    };
    setrlimit(Resource::Nofile, most)
        .map_err(|errno| Trouble::io("raise the limit of descriptors")(errno.into()))
}

#[test]
fn further_requests_of_an_untrusted_client_take_from_its_limit_and_end_with_it()
-> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    for (admission, answered) in [
        ("per_client = \"1/s\"\nburst = 3\n", 3),
        (
            "trusted = [\"127.0.0.1\"]\nper_client = \"1/s\"\nburst = 3\n",
            50,
        ),
    ] {
        let served = admitting(&primary, "", admission)?;
        let begin = Instant::now();
        let mut client = Client::connect(served.http)?;
        let ok = (0..50)
            .take_while(|_| client.ask("GET /primary").is_ok())
            .count();
        let flowed_in = usize::try_from(begin.elapsed().as_secs()).unwrap();
        assert!((answered..=answered + flowed_in).contains(&ok), "{ok}");
        if ok < 50 {
            let rest = client.read_to_end();
            assert!(rest.as_deref().is_ok_and(<[u8]>::is_empty), "{rest:?}");
        }
    }
    Ok(())
}
