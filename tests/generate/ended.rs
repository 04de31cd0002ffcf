//! Sessions that HAProxy ends while they connect to a server: their clients are told, whichever HAProxy it is.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddrV4, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use pgsql_state::tools::release::Release;
use support::deaf::Deaf;
use support::haproxy::installed;
use support::{Haproxy, Trouble, ports, until};

use crate::{Places, SECONDS, wait_for_view};

/// Clients that connect at once.
const CLIENTS: usize = 8;

/// A client that HAProxy ends hears of it at once; one that has heard nothing for so long never will.
const AT_ONCE: Duration = Duration::from_secs(4);

/// How PostgreSQL's host meets who connects.
#[derive(Clone, Copy, Debug)]
enum Host {
    /// It answers nothing, as without power: a session waits for its connection.
    Silent,
    /// It refuses, as without a server: a session waits to try again.
    Refusing,
}

const HOSTS: [Host; 2] = [Host::Silent, Host::Refusing];

impl Host {
    fn at(self, address: SocketAddrV4) -> Result<Option<Deaf>, Trouble> {
        match self {
            Self::Silent => Deaf::at(address).map(Some),
            Self::Refusing => Ok(None),
        }
    }

    /// As `show sess all` has a session that waits so.
    fn state(self) -> &'static str {
        match self {
            Self::Silent => "state=CON",
            Self::Refusing => "state=TAR",
        }
    }
}

/// A state port that says `production`, until the test is over.
fn production_at(address: SocketAddrV4) -> Result<(), Trouble> {
    says("production\n", address)
}

fn says(word: &'static str, address: SocketAddrV4) -> Result<(), Trouble> {
    let listener = TcpListener::bind(address).map_err(Trouble::io("bind a state port"))?;
    thread::spawn(move || {
        for stream in listener.incoming() {
            // HAProxy closes as soon as it has read enough.
            stream.unwrap().write_all(word.as_bytes()).ok();
        }
    });
    Ok(())
}

fn release(haproxy: &Haproxy) -> Result<Release, Trouble> {
    let said = haproxy.ask_admin("show info")?;
    let version = said.lines().find_map(|line| line.strip_prefix("Version: "));
    Ok(version.unwrap().parse().unwrap())
}

/// So many of a block's sessions HAProxy has.
fn sessions(haproxy: &Haproxy, block: &str) -> Result<usize, Trouble> {
    let said = haproxy.ask_admin("show sess")?;
    Ok(said.matches(&format!(" fe={block} ")).count())
}

/// Has clients connect, marks the server down when all of them wait for it, and returns how many are told.
fn told(haproxy: &Haproxy, block: &str, front: SocketAddrV4, host: Host) -> Result<usize, Trouble> {
    let connect = |_| TcpStream::connect(front).map_err(Trouble::io("connect to HAProxy"));
    let clients: Vec<TcpStream> = (0..CLIENTS).map(connect).collect::<Result<_, _>>()?;
    until(SECONDS, "all sessions to wait for the server", || {
        let said = haproxy.ask_admin("show sess all");
        said.is_ok_and(|said| said.matches(host.state()).count() == CLIENTS)
    })?;
    let said = haproxy.ask_admin(&format!("set server {block}/srv1 health down"))?;
    assert_eq!(said.trim(), "");
    let listeners = clients.into_iter().map(|mut client| {
        thread::spawn(move || {
            client.set_read_timeout(Some(AT_ONCE)).unwrap();
            match client.read(&mut [0]) {
                Ok(read) => {
                    assert_eq!(read, 0, "nobody is there to say anything");
                    true
                }
                Err(error) if error.kind() == ErrorKind::ConnectionReset => true,
                Err(error) => {
                    let in_time = [ErrorKind::WouldBlock, ErrorKind::TimedOut];
                    assert!(in_time.contains(&error.kind()), "{error}");
                    false
                }
            }
        })
    });
    let listeners: Vec<_> = listeners.collect();
    let told = listeners
        .into_iter()
        .map(|listener| listener.join().unwrap());
    Ok(told.filter(|told| *told).count())
}

/// What is generated for the HAProxy that is installed, and its own branch.
fn generated(places: &Places, profile: &str) -> Result<Haproxy, Trouble> {
    let (major, minor) = installed()?;
    let version = format!("{major}.{minor}");
    places.haproxy(&["--profile", profile, "--haproxy-version", &version])
}

#[test]
fn clients_of_every_generated_block_are_told() -> Result<(), Trouble> {
    for host in HOSTS {
        for profile in ["classic", "fast"] {
            let places = Places::choose()?;
            let _host = host.at(places.postgres(0))?;
            production_at(places.state(0))?;
            let haproxy = generated(&places, profile)?;
            for (block, front) in [
                ("prod", places.writers()),
                ("replication", places.followers()),
            ] {
                wait_for_view(
                    &haproxy,
                    &[
                        &format!("{block}/srv1 Up L7OK"),
                        &format!("{block}/srv2 Down L4CON"),
                        &format!("{block}/srv3 Down L4CON"),
                    ],
                )?;
                let told = told(&haproxy, block, front, host)?;
                assert_eq!(told, CLIENTS, "{host:?} {profile} {block}");
                until(SECONDS, "HAProxy to forget the sessions", || {
                    sessions(&haproxy, block).is_ok_and(|count| count == 0)
                })?;
            }
        }
    }
    Ok(())
}

#[test]
fn readers_of_the_talks_block_are_told() -> Result<(), Trouble> {
    let places = Places::choose()?;
    let _host = Host::Silent.at(places.postgres(0))?;
    says("standby\n", places.state(0))?;
    let haproxy = generated(&places, "classic")?;
    wait_for_view(
        &haproxy,
        &[
            "stdby/srv1 Up L7OK",
            "stdby/srv2 Down L4CON",
            "stdby/srv3 Down L4CON",
        ],
    )?;
    let told = told(&haproxy, "stdby", places.readers(), Host::Silent)?;
    assert_eq!(told, CLIENTS);
    Ok(())
}

/// The table of releases is right about the one that is here: without a filter it keeps these sessions, or not.
#[test]
fn a_release_keeps_them_where_it_is_said_to() -> Result<(), Trouble> {
    for host in HOSTS {
        let addresses = ports::alike(2)?;
        let (postgres, state, front) = (addresses[0], ports::free()?, ports::free()?);
        let _host = host.at(postgres)?;
        production_at(state)?;
        let haproxy = Haproxy::start_with(&format!(
            "listen prod\n    bind {front}\n    option tcp-check\n    tcp-check expect rstring ^production\n    \
             default-server on-marked-down shutdown-sessions\n    server srv1 {postgres} check addr {} port {}\n",
            state.ip(),
            state.port()
        ))?;
        wait_for_view(&haproxy, &["prod/srv1 Up L7OK"])?;
        let kept = CLIENTS - told(&haproxy, "prod", front, host)?;
        let expected = if release(&haproxy)?.keeps_ended_sessions() {
            CLIENTS
        } else {
            0
        };
        assert_eq!(kept, expected, "{host:?}");
        // Their clients have left meanwhile.
        until(SECONDS, "HAProxy to know of as many", || {
            sessions(&haproxy, "prod").is_ok_and(|count| count == expected)
        })?;
    }
    Ok(())
}
