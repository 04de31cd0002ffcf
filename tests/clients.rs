//! Whatever clients of the state port do, or leave undone, costs the daemon a bounded time and
//! changes nothing for the others.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, which fail by panicking"
)]

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use socket2::SockRef;
use support::postgres::MONITOR;
use support::{Daemon, Postgres, Trouble, Whom, until};

const SECONDS: Duration = Duration::from_secs(20);

/// How long a connection may last: the daemon is patient for 1 s, the rest is for a busy machine.
const BOUND: Duration = Duration::from_millis(1500);

/// How long a check may take beside any number of bad clients.
const PROMPT: Duration = Duration::from_millis(200);

const ANSWER: &[u8] = b"production\n";

/// A primary and the daemon that asks it, which waits for a frozen server, or a busy machine, as long
/// as it may.
struct Host {
    // Before the server: it stops asking first.
    daemon: Daemon,
    server: Postgres,
}

impl Host {
    /// With more lines in the table `[admission]`, by which every client here is trusted.
    fn start(admission: &str) -> Result<Self, Trouble> {
        let server = Postgres::primary().start()?;
        let daemon = Daemon::binding(env!("CARGO_BIN_EXE_pgsql-state"), support::ports::free()?)
            .asking(&server.conninfo(MONITOR))
            .config("timeout = \"10s\"\n")
            .admission(&format!("trusted = [\"127.0.0.0/8\"]\n{admission}"))
            .start()?;
        daemon.wait_for(SECONDS, "production")?;
        let host = Self { daemon, server };
        host.wait_for_quiet(SECONDS)?;
        Ok(host)
    }

    fn connect(&self) -> Result<TcpStream, Trouble> {
        let connect = || {
            let stream = TcpStream::connect(self.daemon.state())?;
            stream.set_read_timeout(Some(SECONDS))?;
            Ok(stream)
        };
        connect().map_err(Trouble::io("connect to the state port"))
    }

    fn connect_many(&self, number: usize) -> Result<Vec<TcpStream>, Trouble> {
        (0..number).map(|_| self.connect()).collect()
    }

    /// Waits until the daemon has closed every connection.
    fn wait_for_quiet(&self, deadline: Duration) -> Result<(), Trouble> {
        until(deadline, "the end of every connection", || {
            self.daemon.connections() == 0
        })
    }

    /// How long an ordinary check takes now.
    fn time_a_check(&self) -> Duration {
        let start = Instant::now();
        let answer = self.daemon.ask();
        let took = start.elapsed();
        assert_eq!(answer.unwrap(), "production");
        took
    }
}

/// Waits until the answer is there and leaves it unread.
fn wait_for_answer(stream: &TcpStream) {
    assert_eq!(stream.peek(&mut [0]).unwrap(), 1);
}

/// Everything up to the end of the stream.
fn read_to_end(mut stream: &TcpStream) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[test]
fn the_answer_comes_with_its_end_and_nothing_after() -> Result<(), Trouble> {
    let host = Host::start("")?;
    let start = Instant::now();
    let stream = host.connect()?;
    assert_eq!(read_to_end(&stream).unwrap(), ANSWER);
    // Long before the daemon would close upon us, who keep our side open.
    assert!(start.elapsed() < BOUND / 3, "{:?}", start.elapsed());
    Ok(())
}

#[test]
fn what_a_client_sends_first_does_not_cost_it_the_answer() -> Result<(), Trouble> {
    let host = Host::start("")?;
    let small: [&[u8]; 4] = [
        b"GET /primary HTTP/1.1\r\nHost: srv1\r\n\r\n",
        b"PROXY TCP4 10.20.30.51 10.20.30.52 40000 5431\r\n",
        b"\r\n\r\n\x0d\x0aQUIT\n\x21\x11\0\x0c",
        &[0xff; 4096],
    ];
    let mut streams = Vec::new();
    for bytes in small {
        let mut stream = host.connect()?;
        stream.write_all(bytes).unwrap();
        streams.push(stream);
    }
    let mut flood = host.connect()?;
    // More than the daemon reads away: it may close upon the rest.
    flood.write_all(&vec![b'x'; 1 << 20]).ok();
    // They look at the answer only when the daemon is done with them.
    streams.iter().chain([&flood]).for_each(wait_for_answer);
    host.wait_for_quiet(BOUND)?;
    for stream in &streams {
        // Some systems throw away an answer that was not read when a reset comes; Linux does not.
        let reset = stream.take_error().unwrap();
        assert!(reset.is_none(), "{reset:?}");
    }
    streams.push(flood);
    for stream in streams {
        assert_eq!(read_to_end(&stream).unwrap(), ANSWER);
    }
    Ok(())
}

#[test]
fn a_client_that_ends_its_side_first_is_answered() -> Result<(), Trouble> {
    let host = Host::start("")?;
    let stream = host.connect()?;
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_to_end(&stream).unwrap(), ANSWER);
    // It has nothing more to say, so nothing is waited for.
    host.wait_for_quiet(BOUND / 3)
}

#[test]
fn clients_that_reset_at_once_disturb_nobody() -> Result<(), Trouble> {
    let host = Host::start("")?;
    for _ in 0..1000 {
        let stream = host.connect()?;
        SockRef::from(&stream)
            .set_linger(Some(Duration::ZERO))
            .unwrap();
    }
    let took = host.time_a_check();
    assert!(took < PROMPT, "{took:?}");
    host.wait_for_quiet(BOUND)
}

#[test]
fn a_client_that_never_closes_is_closed_upon() -> Result<(), Trouble> {
    let host = Host::start("")?;
    let silent = host.connect()?;
    let mut talking = host.connect()?;
    // A byte now and then shows no good will.
    wait_for_answer(&silent);
    wait_for_answer(&talking);
    let closed = thread::spawn(move || {
        until(BOUND, "the daemon's close", || {
            let gone = [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset];
            matches!(talking.write(b"x"), Err(error) if gone.contains(&error.kind()))
        })
    });
    host.wait_for_quiet(BOUND)?;
    closed.join().unwrap()?;
    assert_eq!(read_to_end(&silent).unwrap(), ANSWER);
    Ok(())
}

#[test]
fn five_hundred_silent_clients_do_not_delay_the_next_check() -> Result<(), Trouble> {
    let host = Host::start("")?;
    let silent = host.connect_many(500)?;
    let took = host.time_a_check();
    assert!(took < PROMPT, "{took:?}");
    for stream in silent {
        assert_eq!(read_to_end(&stream).unwrap(), ANSWER);
    }
    Ok(())
}

#[test]
fn checks_beyond_the_limit_wait_for_silent_clients_no_longer_than_these_may_last()
-> Result<(), Trouble> {
    let host = Host::start("max_connections = 8\n")?;
    let silent = host.connect_many(8)?;
    let took = host.time_a_check();
    assert!(took < BOUND, "{took:?}");
    drop(silent);
    Ok(())
}

#[test]
fn no_more_connections_than_the_limit_are_taken_and_the_others_are_not_lost() -> Result<(), Trouble>
{
    let mut host = Host::start("max_connections = 8\n")?;
    host.server.freeze(Whom::Everyone)?;
    let clients = host.connect_many(20)?;
    until(SECONDS, "the limit", || host.daemon.connections() == 8)?;
    host.server.thaw()?;
    for stream in clients {
        assert_eq!(read_to_end(&stream).unwrap(), ANSWER);
        assert!(host.daemon.connections() <= 8);
    }
    Ok(())
}
