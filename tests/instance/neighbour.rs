//! An address in the parameters that leads to another server: to a neighbour, or to a load balancer.

use std::fs::{self, Permissions};
use std::net::{SocketAddrV4, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use pgsql_state::agent::actions::Server;
use pgsql_state::agent::decide::state::{RoleSource, ServerState, judge};
use pgsql_state::agent::ocf::parameters::Parameters;
use pgsql_state::base::Deadline;
use pgsql_state::base::system_clock::OnSystemClock;
use pgsql_state::health::Failure;
use support::haproxy::Haproxy;
use support::{Postgres, Whom, ports};

use crate::{Held, parameters, primary};

/// A time in which a server answers, and nobody waits for one that does not.
const SHORT: Duration = Duration::from_secs(6);

/// The parameters of a server, but for an address that leads somewhere else.
fn leading_to(server: &Postgres, address: SocketAddrV4) -> Parameters {
    Parameters {
        pghost: address.ip().to_string(),
        pgport: address.port(),
        ..parameters(server)
    }
}

/// A load balancer in front of these servers.
fn balancer(servers: &[SocketAddrV4]) -> (Haproxy, SocketAddrV4) {
    let place = ports::free().unwrap();
    let head = format!("listen pool\n  bind {place}\n  mode tcp\n");
    let section = (1..)
        .zip(servers)
        .fold(head, |text, (number, server): (u8, _)| {
            text + &format!("  server s{number} {server}\n")
        });
    (Haproxy::start_with(&section).unwrap(), place)
}

/// Lets nobody to a server's Unix socket, or lets everybody again.
fn socket_mode(server: &Postgres, mode: u32) {
    fs::set_permissions(server.socket_dir(), Permissions::from_mode(mode)).unwrap();
}

/// A primary, and its standby that listens over TCP, too.
fn neighbours() -> (Postgres, Postgres) {
    let primary = primary();
    let standby = primary.standby().tcp(ports::free().unwrap());
    let standby = standby.start().unwrap();
    (primary, standby)
}

fn is_primary(state: ServerState) -> bool {
    state == ServerState::Primary(RoleSource::Said(None))
}

fn is_standby(state: ServerState) -> bool {
    matches!(state, ServerState::Standby(RoleSource::Said(Some(_))))
}

#[test]
fn a_neighbour_at_an_address_is_not_taken_for_the_server() {
    let (primary, standby) = neighbours();
    let state = Held::with(leading_to(&standby, primary.tcp().unwrap())).state();
    assert!(is_standby(state), "{state:?}");
    let state = Held::with(leading_to(&primary, standby.tcp().unwrap())).state();
    assert!(is_primary(state), "{state:?}");
}

#[test]
fn a_server_of_another_system_at_an_address_is_not_taken_for_it_either() {
    let (_primary, standby) = neighbours();
    let stranger = primary();
    let state = Held::with(leading_to(&standby, stranger.tcp().unwrap())).state();
    assert!(is_standby(state), "{state:?}");
}

#[test]
fn its_own_address_leads_to_a_server_also_through_a_load_balancer() {
    let (primary, standby) = neighbours();
    let is_one: [fn(ServerState) -> bool; 2] = [is_primary, is_standby];
    for (server, is_it) in [&primary, &standby].into_iter().zip(is_one) {
        let own = server.tcp().unwrap();
        let (_haproxy, before) = balancer(&[own]);
        // Over the socket nobody comes in.
        socket_mode(server, 0);
        for address in [own, before] {
            let state = Held::with(leading_to(server, address)).state();
            assert!(is_it(state), "{address}: {state:?}");
        }
        socket_mode(server, 0o755);
    }
}

#[test]
fn another_server_behind_a_load_balancer_is_not_taken_for_it() {
    let (primary, standby) = neighbours();
    let (_haproxy, place) = balancer(&[primary.tcp().unwrap()]);
    let state = Held::with(leading_to(&standby, place)).state();
    assert!(is_standby(state), "{state:?}");
    let (_haproxy, place) = balancer(&[standby.tcp().unwrap()]);
    let state = Held::with(leading_to(&primary, place)).state();
    assert!(is_primary(state), "{state:?}");
}

/// How far a server is is asked of it, and of nobody else.
#[test]
fn a_neighbour_does_not_tell_how_far_a_server_is() {
    let server = primary();
    let stranger = primary();
    // Its commit is flushed; a message alone is not, from PostgreSQL 17 on.
    stranger.query("CREATE TABLE further ()").unwrap();
    let flushed = |server: &Postgres| server.query("SELECT pg_current_wal_flush_lsn()").unwrap();
    assert_ne!(flushed(&server), flushed(&stranger));
    let mut held = Held::with(leading_to(&server, stranger.tcp().unwrap()));
    let traces = held.instance.traces(crate::soon()).unwrap();
    let on_disk = traces.on_disk.unwrap().lsn.to_string();
    assert_eq!(on_disk, flushed(&server));
}

#[test]
fn what_a_neighbour_at_an_address_refuses_says_nothing_of_a_server() {
    let mut server = primary();
    let mut other = primary();
    let hba = other.data_dir().join("pg_hba.conf");
    let rules = fs::read_to_string(&hba).unwrap();
    fs::write(&hba, format!("host all all 127.0.0.0/8 reject\n{rules}")).unwrap();
    other.reload().unwrap();
    let (_empty, empty) = balancer(&[]);
    let nobody = TcpListener::bind(ports::free().unwrap()).unwrap();
    let silent = match nobody.local_addr().unwrap() {
        std::net::SocketAddr::V4(address) => address,
        std::net::SocketAddr::V6(_) => unreachable!("it was bound at an address of version 4"),
    };
    for place in [other.tcp().unwrap(), empty, silent] {
        let mut held = Held::with(leading_to(&server, place));
        let mut state = || judge(&held.instance.evidence(Deadline::after(SHORT)));
        let seen = state();
        assert!(is_primary(seen), "{place}: {seen:?}");
        server.freeze(Whom::Everyone).unwrap();
        let seen = state();
        assert_eq!(seen, ServerState::Silent, "{place}");
        server.thaw().unwrap();
    }
}

/// No way is left on which it would answer.
#[test]
fn a_server_whose_address_leads_to_a_neighbour_is_what_its_control_file_says() {
    let primary = primary();
    let standby = primary.standby().start().unwrap();
    let mut stranger = Postgres::primary().start().unwrap();
    let (_empty, empty) = balancer(&[]);
    for place in [primary.tcp().unwrap(), empty] {
        for (server, written) in [
            (
                &standby,
                ServerState::Standby(RoleSource::ControlFile(Failure::OtherServer)),
            ),
            (
                &stranger,
                ServerState::Primary(RoleSource::ControlFile(Failure::OtherServer)),
            ),
        ] {
            socket_mode(server, 0);
            let state = Held::with(leading_to(server, place)).state();
            socket_mode(server, 0o755);
            assert_eq!(state, written, "{place}");
        }
    }
    socket_mode(&stranger, 0);
    let mut held = Held::with(leading_to(&stranger, empty));
    stranger.freeze(Whom::Everyone).unwrap();
    let state = judge(&held.instance.evidence(Deadline::after(SHORT)));
    stranger.thaw().unwrap();
    socket_mode(&stranger, 0o755);
    assert_eq!(state, ServerState::Silent);
}

/// The kernel says who listens at an address: what is refused there is the server's word.
#[test]
fn what_a_server_refuses_where_it_listens_itself_is_its_word() {
    let mut server = primary();
    let (_haproxy, other) = balancer(&[]);
    socket_mode(&server, 0);
    let mut sessions = Vec::new();
    while let Ok(session) = support::postgres::connect_at(server.tcp().unwrap()) {
        sessions.push(session);
    }
    for place in [server.tcp().unwrap(), other] {
        let state = Held::with(leading_to(&server, place)).state();
        let full = ServerState::Primary(RoleSource::ControlFile(Failure::Full));
        assert_eq!(state, full, "{place}");
    }
    drop(sessions);
    server.freeze(Whom::Everyone).unwrap();
    for place in [server.tcp().unwrap(), other] {
        let mut held = Held::with(leading_to(&server, place));
        let state = judge(&held.instance.evidence(Deadline::after(SHORT)));
        assert_eq!(state, ServerState::Silent, "{place}");
    }
    server.thaw().unwrap();
    socket_mode(&server, 0o755);
}

/// A neighbour that took the place of the server's socket leaves the server without one.
#[test]
fn a_server_at_whose_socket_another_one_listens_serves_nobody_there() {
    let server = Postgres::primary().start().unwrap();
    let other = Postgres::primary().start().unwrap();
    let name = ".s.PGSQL.5432";
    let (own, others) = (
        server.socket_dir().join(name),
        other.socket_dir().join(name),
    );
    let away = Path::new(&own).with_extension("away");
    fs::rename(&own, &away).unwrap();
    fs::hard_link(&others, &own)
        .or_else(|_| std::os::unix::fs::symlink(&others, &own))
        .unwrap();
    let state = Held::of(&server).state();
    fs::rename(&away, &own).unwrap();
    assert_eq!(state, ServerState::Refusing(Failure::Refused));
}
