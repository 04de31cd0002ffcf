//! The shared secret: a line that every client must send first.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddrV4, TcpStream};
use std::time::{Duration, Instant};

use support::scratch::Scratch;
use support::{Daemon, Trouble, ports, until_ok};

use crate::{End, PROGRAM, SECONDS, answered, ask, connect, end, is_refusal, start};

const ONE: Ipv4Addr = Ipv4Addr::new(127, 5, 0, 1);

const TOKEN: &str = "correct-horse-battery-staple";

/// A daemon that asks for the token; the file goes with the first of the two.
fn asking_for_it(more: &str) -> Result<(Scratch, Daemon), Trouble> {
    asking_for_it_at("", more)
}

/// The same on more ports, as `[listen]` names them.
fn asking_for_it_at(listen: &str, more: &str) -> Result<(Scratch, Daemon), Trouble> {
    let scratch = Scratch::new()?;
    let path = scratch.path().join("token");
    fs::write(&path, format!("{TOKEN}\n")).map_err(Trouble::io("write a token"))?;
    let daemon = Daemon::binding(PROGRAM, ports::free()?)
        .config(listen)
        .asking("host=/nonexistent user=monitor dbname=postgres")
        .admission(&format!("token_file = \"{}\"\n{more}", path.display()))
        .start()?;
    Ok((scratch, daemon))
}

/// What a client gets that sends these pieces, each in a segment of its own.
fn say(daemon: &Daemon, pieces: &[&str]) -> End {
    let mut stream = connect(ONE, daemon.state()).unwrap();
    stream.set_nodelay(true).unwrap();
    for piece in pieces {
        stream.write_all(piece.as_bytes()).unwrap();
    }
    end(stream)
}

#[test]
fn who_says_the_token_is_answered() -> Result<(), Trouble> {
    let (_scratch, daemon) = asking_for_it("")?;
    assert_eq!(say(&daemon, &[TOKEN, "\n"]), answered());
    assert_eq!(
        say(&daemon, &["correct-horse-", "battery-staple\r\n"]),
        answered()
    );
    Ok(())
}

/// What the HTTP port answers to this head of a request.
fn over_http(place: SocketAddrV4, head: &str) -> Result<String, Trouble> {
    let mut stream = connect(ONE, place).map_err(Trouble::io("connect to the HTTP port"))?;
    let exchange = |stream: &mut TcpStream| {
        stream.write_all(format!("{head}\r\n\r\n").as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    exchange(&mut stream).map_err(Trouble::io("ask over HTTP"))
}

#[test]
fn over_http_each_request_shows_the_token() -> Result<(), Trouble> {
    let http = ports::free()?;
    let (_scratch, _daemon) = asking_for_it_at(&format!("http = [\"{http}\"]\n"), "")?;
    for path in [
        "/",
        "/primary",
        "/liveness",
        "/state",
        "/metrics",
        "/nowhere",
    ] {
        let bare = format!("GET {path} HTTP/1.0");
        for refused in [
            bare.clone(),
            format!("{bare}\r\nAuthorization: Basic {TOKEN}"),
            format!("{bare}\r\nAuthorization: Bearer {TOKEN}x"),
            format!("{bare}\r\nAuthorization: Bearer"),
            format!("{bare}\r\nAuthorization: {TOKEN}"),
        ] {
            let said = over_http(http, &refused)?;
            assert!(said.starts_with("HTTP/1.0 401 "), "{refused}: {said}");
            assert!(said.contains("www-authenticate: Bearer\r\n"), "{said}");
        }
        let shown = format!("{bare}\r\nauthorization: bearer {TOKEN}");
        let said = over_http(http, &shown)?;
        assert!(!said.starts_with("HTTP/1.0 401 "), "{shown}: {said}");
    }
    Ok(())
}

#[test]
fn an_agent_check_says_the_token_before_its_view() -> Result<(), Trouble> {
    let agent = ports::free()?;
    let (_scratch, _daemon) = asking_for_it_at(&format!("agent_check = [\"{agent}\"]\n"), "")?;
    let say = |pieces: &[&str]| -> End {
        let mut stream = connect(ONE, agent).unwrap();
        stream.set_nodelay(true).unwrap();
        for piece in pieces {
            stream.write_all(piece.as_bytes()).unwrap();
        }
        end(stream)
    };
    for (right, has_view) in [
        (&[TOKEN, "\nro\n"][..], true),
        (&[TOKEN, "\n", "ro\n"], true),
        (&[TOKEN, "\r\nrw\n"], true),
        (&[TOKEN, "\n"], true),
        (&[TOKEN, "\nrx\n"], false),
    ] {
        let end = say(right);
        let End::Said(line) = &end else {
            panic!("{end:?}");
        };
        assert_eq!(!line.contains("no-such-view"), has_view, "{line}");
    }
    for wrong in ["ro\n", "ro\ncorrect-horse-battery-staple\n"] {
        assert!(is_refusal(&say(&[wrong])), "{wrong}");
    }
    Ok(())
}

#[test]
fn who_says_something_else_is_closed_without_a_byte() -> Result<(), Trouble> {
    let (_scratch, daemon) = asking_for_it("")?;
    let endless = "x".repeat(1000);
    for wrong in [
        "\n",
        "correct-horse-battery-stapl\n",
        "Correct-horse-battery-staple\n",
        &endless,
    ] {
        let end = say(&daemon, &[wrong]);
        assert!(is_refusal(&end), "{end:?} for {wrong}");
    }
    until_ok(SECONDS, "a line about it", || {
        let log = daemon.log();
        let told = log.contains("token-wrong");
        told.then_some(()).ok_or(log)
    })
}

#[test]
fn who_says_nothing_is_closed_after_a_while_also_among_the_trusted() -> Result<(), Trouble> {
    let (_scratch, daemon) = asking_for_it("trusted = [\"127.5.0.1\"]\n")?;
    let begin = Instant::now();
    let silent = connect(ONE, daemon.state()).unwrap();
    let half = connect(ONE, daemon.state()).unwrap();
    (&half).write_all(b"correct-horse").unwrap();
    let gone = connect(ONE, daemon.state()).unwrap();
    gone.shutdown(Shutdown::Write).unwrap();
    assert_eq!(end(gone), End::Closed);
    assert!(begin.elapsed() < Duration::from_secs(2));
    assert_eq!(say(&daemon, &[TOKEN, "\n"]), answered());
    assert_eq!(end(silent), End::Closed);
    assert_eq!(end(half), End::Closed);
    let waited = begin.elapsed();
    assert!(waited >= Duration::from_secs(3), "{waited:?}");
    assert!(waited < Duration::from_secs(6), "{waited:?}");
    Ok(())
}

#[test]
fn without_the_file_nothing_is_asked_for() -> Result<(), Trouble> {
    let daemon = start("")?;
    assert_eq!(ask(ONE, &daemon), answered());
    Ok(())
}
