//! The attacks of `make bench-flood`, for some seconds each: a trusted client asks meanwhile and is
//! always answered, most times at once. How long the slowest answer takes, on a machine that does
//! nothing else, is measured there.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use socket2::SockRef;
use support::{Daemon, Trouble};

use crate::{SECONDS, TRUSTED, answered, ask, connect, start};

/// How long each goes on.
const LENGTH: Duration = Duration::from_secs(3);

/// How long half of the checks may take at most: a connection that found the queue full would be tried
/// again after a second.
const PROMPT: Duration = Duration::from_millis(800);

/// The attacker, where one address is enough.
const STRANGER: Ipv4Addr = Ipv4Addr::new(127, 5, 0, 1);

/// Connections that the attacker keeps.
const KEPT: usize = 1000;

/// Lets an attacker do this again and again, with the count of the connection and where it leads,
/// while the trusted client asks. One thread: on a small machine the daemon is not outnumbered.
fn under<A>(daemon: &Daemon, attack: A)
where
    A: Fn(u32, SocketAddrV4) -> Option<TcpStream> + Sync,
{
    let done = AtomicBool::new(false);
    let mut waits = thread::scope(|scope| {
        scope.spawn(|| {
            let mut kept = VecDeque::new();
            for count in 0.. {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                kept.extend(attack(count, daemon.state()));
                if kept.len() > KEPT {
                    kept.pop_front();
                }
            }
        });
        let _done = Done(&done);
        let begin = Instant::now();
        let mut waits = Vec::new();
        while begin.elapsed() < LENGTH {
            let asked = Instant::now();
            assert_eq!(ask(TRUSTED, daemon), answered());
            waits.push(asked.elapsed());
        }
        waits
    });
    waits.sort_unstable();
    let median = waits.get(waits.len() / 2);
    assert!(median.is_some_and(|wait| *wait < PROMPT), "{waits:?}");
    let log = daemon.log();
    assert!(log.lines().count() <= 3, "{log}");
}

/// Also when the trusted client was not answered: the scope waits for the attackers.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn target() -> Result<Daemon, Trouble> {
    let admission = "trusted = [\"127.77.0.1\"]\nproxy_protocol = [\"127.8.0.0/16\"]\n";
    let daemon = start(admission)?;
    daemon.wait_for(SECONDS, "down no-socket")?;
    Ok(daemon)
}

/// Resident memory in kB (proc(5)).
fn memory(daemon: &Daemon) -> u64 {
    let path = format!("/proc/{}/status", daemon.pid().as_raw_nonzero());
    let text = std::fs::read_to_string(path).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let figure = line.unwrap().trim().strip_suffix(" kB").unwrap();
    figure.parse().unwrap()
}

#[test]
fn connecting_and_reading() -> Result<(), Trouble> {
    let daemon = target()?;
    under(&daemon, |_, target| {
        let mut stream = connect(STRANGER, target).ok()?;
        stream.read_to_end(&mut Vec::new()).ok()?;
        None
    });
    Ok(())
}

#[test]
fn staying_silent_and_never_reading() -> Result<(), Trouble> {
    let daemon = target()?;
    under(&daemon, |count, target| {
        // From many addresses, so that those slots are taken that untrusted clients may have.
        let [_, .., high, low] = count.to_be_bytes();
        connect(Ipv4Addr::new(127, 16, high, low), target).ok()
    });
    Ok(())
}

#[test]
fn sending_half_a_header() -> Result<(), Trouble> {
    let daemon = target()?;
    under(&daemon, |count, target| {
        let [.., low] = count.to_be_bytes();
        let mut stream = connect(Ipv4Addr::new(127, 8, 0, low), target).ok()?;
        stream.write_all(b"PROXY TCP4 10.0").ok()?;
        Some(stream)
    });
    Ok(())
}

#[test]
fn sending_one_byte_of_a_header() -> Result<(), Trouble> {
    let daemon = target()?;
    under(&daemon, |count, target| {
        let [.., low] = count.to_be_bytes();
        let mut stream = connect(Ipv4Addr::new(127, 8, 0, low), target).ok()?;
        stream.write_all(b"P").ok()?;
        Some(stream)
    });
    Ok(())
}

#[test]
fn coming_from_very_many_addresses_which_costs_no_memory() -> Result<(), Trouble> {
    let daemon = target()?;
    for _ in 0..100 {
        assert_eq!(ask(TRUSTED, &daemon), answered());
    }
    let before = memory(&daemon);
    under(&daemon, |count, target| {
        let [_, .., high, low] = count.to_be_bytes();
        let mut stream = connect(Ipv4Addr::new(127, 16, high, low), target).ok()?;
        stream.read_to_end(&mut Vec::new()).ok()?;
        None
    });
    let grown = memory(&daemon).saturating_sub(before);
    assert!(grown <= 2048, "{grown} kB");
    Ok(())
}

#[test]
fn connecting_and_resetting_at_once() -> Result<(), Trouble> {
    let daemon = target()?;
    under(&daemon, |_, target| {
        let stream = connect(STRANGER, target).ok()?;
        SockRef::from(&stream)
            .set_linger(Some(Duration::ZERO))
            .ok()?;
        None
    });
    Ok(())
}
