//! What a real HAProxy makes of the state port: who gets writers, who gets readers, and how soon a
//! wrong word is seen. Its checks are the three-node example's, at a brisk pace.
#![expect(
    clippy::indexing_slicing,
    reason = "helpers of tests, which fail by panicking"
)]

use std::fs;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use support::haproxy::{Backend, Pace};
use support::postgres::{MONITOR, query_at};
use support::running::Running;
use support::scratch::Scratch;
use support::{Daemon, Haproxy, Listen, Mode, Ports, Postgres, Status, Trouble, until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");
const SECONDS: Duration = Duration::from_secs(20);
const IN_RECOVERY: &str = "SELECT pg_is_in_recovery()";

/// How HAProxy sees a primary, a standby, and a host on which nothing runs.
const DEAD_THIRD: [&str; 6] = [
    "prod/srv1 Up L7OK",
    "prod/srv2 Down L7RSP",
    "prod/srv3 Down L4CON",
    "stdby/srv1 Down L7RSP",
    "stdby/srv2 Up L7OK",
    "stdby/srv3 Down L4CON",
];

/// Three hosts with the same port numbers, and the load balancer's.
struct Places {
    ports: Ports,
    hosts: [Ipv4Addr; 3],
    front: Ipv4Addr,
}

impl Places {
    fn choose() -> Result<Self, Trouble> {
        let ports = Ports::choose()?;
        Ok(Self {
            ports,
            hosts: [ports.address()?, ports.address()?, ports.address()?],
            front: ports.address()?,
        })
    }

    fn postgres(&self, host: usize) -> SocketAddrV4 {
        SocketAddrV4::new(self.hosts[host], self.ports.postgres)
    }

    fn state(&self, host: usize) -> SocketAddrV4 {
        SocketAddrV4::new(self.hosts[host], self.ports.state)
    }

    fn writers(&self) -> SocketAddrV4 {
        SocketAddrV4::new(self.front, self.ports.read_write)
    }

    fn readers(&self) -> SocketAddrV4 {
        SocketAddrV4::new(self.front, self.ports.read_only)
    }

    /// The three-node example's two listen blocks, for writers first.
    fn blocks(&self) -> [Listen; 2] {
        let backends: Vec<Backend> = (0..3)
            .map(|host| Backend {
                name: format!("srv{}", host + 1),
                address: self.postgres(host),
            })
            .collect();
        let check = self.ports.state;
        [
            Listen::production(self.writers(), check, backends.clone()).pace(Pace::brisk()),
            Listen::standby(self.readers(), check, backends).pace(Pace::brisk()),
        ]
    }
}

fn daemon(state: SocketAddrV4, server: &Postgres, config: &str) -> Result<Daemon, Trouble> {
    Daemon::binding(PROGRAM, state)
        .asking(&server.conninfo(MONITOR))
        // Shorter than HAProxy's.
        .config("timeout = \"2s\"\n")
        .config(config)
        .start()
}

/// See [`Haproxy::wait_for_view`].
fn wait_for_view(haproxy: &Haproxy, expected: &[&str]) -> Result<(), Trouble> {
    haproxy.wait_for_view(SECONDS, expected)
}

/// Whether a server has ever become up. At its start HAProxy takes all of them for up, and says
/// nothing of it.
fn came_up(haproxy: &Haproxy, server: &str) -> bool {
    haproxy.log().contains(&format!("Server {server} is UP"))
}

#[test]
fn every_server_is_up_in_its_own_block_alone_and_a_promotion_moves_the_route() -> Result<(), Trouble>
{
    let places = Places::choose()?;
    let mut primary = Postgres::primary().tcp(places.postgres(0)).start()?;
    let standby = primary.standby().tcp(places.postgres(1)).start()?;
    let first = daemon(places.state(0), &primary, "")?;
    let second = daemon(places.state(1), &standby, "")?;
    let haproxy = Haproxy::start(&places.blocks(), None)?;

    wait_for_view(&haproxy, &DEAD_THIRD)?;
    assert_eq!(query_at(places.writers(), IN_RECOVERY)?, "f");
    assert_eq!(query_at(places.readers(), IN_RECOVERY)?, "t");
    assert!(!came_up(&haproxy, "prod/srv2"));

    primary.stop(Mode::Fast)?;
    first.wait_for(SECONDS, "down no-socket")?;
    standby.promote()?;
    let promoted = [
        "prod/srv1 Down L7RSP",
        "prod/srv2 Up L7OK",
        "prod/srv3 Down L4CON",
        "stdby/srv1 Down L7RSP",
        "stdby/srv2 Down L7RSP",
        "stdby/srv3 Down L4CON",
    ];
    wait_for_view(&haproxy, &promoted)?;
    query_at(places.writers(), "CREATE TABLE moved ()")?;
    assert!(query_at(places.readers(), IN_RECOVERY).is_err());
    assert!(came_up(&haproxy, "prod/srv2"));
    for never in ["prod/srv3", "stdby/srv1", "stdby/srv3"] {
        assert!(!came_up(&haproxy, never), "{never}");
    }

    drop(second);
    wait_for_view(&haproxy, &["prod/srv2 Down L4CON"])
}

#[test]
fn a_wrong_word_is_seen_at_once_and_not_when_the_check_times_out() -> Result<(), Trouble> {
    let places = Places::choose()?;
    let primary = Postgres::primary().start()?;
    let _daemon = daemon(places.state(0), &primary, "")?;
    let [_, mut standbys] = places.blocks();
    // HAProxy would wait so long for more of an answer whose end it had not seen.
    standbys.pace.timeout = "15s".into();
    let haproxy = Haproxy::start(&[standbys], None)?;
    let row = haproxy.wait_for(SECONDS, ("stdby", "srv1"), Status::Down)?;
    assert_eq!(row.check_status.trim_start_matches("* "), "L7RSP");
    assert!(row.check_duration < Duration::from_secs(1), "{row:?}");
    Ok(())
}

#[test]
fn a_standby_that_lags_gets_no_readers_until_it_has_caught_up() -> Result<(), Trouble> {
    let places = Places::choose()?;
    let primary = Postgres::primary().start()?;
    let standby = primary.standby().tcp(places.postgres(1)).start()?;
    let limited = "[standby]\nmax_lag = \"16MB\"\n";
    let daemon = daemon(places.state(1), &standby, limited)?;
    daemon.wait_for(SECONDS, "standby")?;
    let haproxy = Haproxy::start(&places.blocks(), None)?;
    wait_for_view(&haproxy, &["prod/srv2 Down L7RSP", "stdby/srv2 Up L7OK"])?;
    assert_eq!(query_at(places.readers(), IN_RECOVERY)?, "t");

    standby.query("SELECT pg_wal_replay_pause()")?;
    wait_for_view(&haproxy, &["stdby/srv2 Down L7RSP"])?;
    assert_eq!(daemon.ask().ok().as_deref(), Some("lagging paused"));
    assert!(query_at(places.readers(), IN_RECOVERY).is_err());

    standby.query("SELECT pg_wal_replay_resume()")?;
    wait_for_view(&haproxy, &["stdby/srv2 Up L7OK"])?;
    assert!(!came_up(&haproxy, "prod/srv2"));
    Ok(())
}

#[test]
fn the_talks_unanchored_checks_work_too() -> Result<(), Trouble> {
    let places = Places::choose()?;
    let primary = Postgres::primary().start()?;
    let standby = primary.standby().start()?;
    let _first = daemon(places.state(0), &primary, "")?;
    let _second = daemon(places.state(1), &standby, "")?;
    let mut blocks = places.blocks();
    blocks[0].expect = "string production".into();
    blocks[1].expect = "string standby".into();
    let haproxy = Haproxy::start(&blocks, None)?;
    wait_for_view(&haproxy, &DEAD_THIRD)
}

#[test]
fn a_process_for_each_check_serves_haproxy_as_well() -> Result<(), Trouble> {
    let places = Places::choose()?;
    let mut primary = Postgres::primary().start()?;
    let scratch = Scratch::new()?;
    let config = scratch.path().join("pgsql-state.toml");
    let conninfo = primary.conninfo(MONITOR);
    fs::write(&config, format!("[postgres]\nconninfo = \"{conninfo}\"\n"))
        .map_err(Trouble::io("write a configuration"))?;
    let mut command = scratch.command("systemd-socket-activate");
    command
        .args(["--accept", "--inetd", "--listen"])
        .arg(places.state(0).to_string())
        .args(["--", PROGRAM, "answer", "--config"])
        .arg(&config);
    let activator = Running::start(&scratch, "activator", command)?;
    until(SECONDS, "the activator", || {
        activator.log().contains("Listening on ")
    })?;
    let haproxy = Haproxy::start(&places.blocks(), None)?;
    wait_for_view(&haproxy, &["prod/srv1 Up L7OK", "stdby/srv1 Down L7RSP"])?;

    primary.stop(Mode::Fast)?;
    wait_for_view(&haproxy, &["prod/srv1 Down L7RSP"])?;
    assert_eq!(
        support::ask(places.state(0), SECONDS).ok().as_deref(),
        Some("down no-socket")
    );
    Ok(())
}
