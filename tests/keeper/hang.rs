//! Servers that stand still, seen over their own socket.

use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use support::postgres::{MONITOR, SUPERUSER};
use support::{Daemon, Postgres, Trouble, Whom, ports};

use crate::cluster::{Cluster, PROGRAM, SECONDS};
use crate::{FAIL, UNFIT};

const SOON: &str = "keeper.hung_after = \"2s\"\n";

/// What tells that nothing can be seen of the server's socket.
const BLIND: &str = "a server that hangs is not noticed";

#[test]
fn a_server_that_stands_still_is_told_once_and_its_end_is_not_told_again() -> Result<(), Trouble> {
    for whom in [Whom::Everyone, Whom::Postmaster] {
        let mut server = Postgres::primary().start()?;
        let cluster = Cluster::of(&server)?;
        cluster.change(&UNFIT);
        let keeper = cluster.start(SOON)?;
        keeper.wait_for_turns(3)?;
        assert_eq!(cluster.calls(), [""; 0]);
        server.freeze(whom)?;
        assert_eq!(cluster.wait_for_calls(1)?, [FAIL]);
        keeper.wait_for_turns(4)?;
        server.thaw()?;
        server.kill()?;
        keeper.wait_for_log("Pacemaker was already told of this server", 1)?;
        assert_eq!(cluster.calls(), [FAIL], "{whom:?}");
    }
    Ok(())
}

#[test]
fn a_server_that_is_full_is_not_told() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let cluster = Cluster::of(&server)?;
    let keeper = cluster.start(SOON)?;
    let _slots = server.fill_slots()?;
    keeper.wait_for_turns(4)?;
    assert_eq!(cluster.calls(), [""; 0]);
    // While it is full, it stands still no more than otherwise.
    server.freeze(Whom::Everyone)?;
    cluster.wait_for_calls(1)?;
    server.thaw()
}

/// Any local user can bind a port that the daemon does not.
#[test]
fn who_listens_in_the_daemons_place_is_not_asked_and_gets_no_token() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let cluster = Cluster::of(&server)?;
    let liar = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = liar.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    thread::spawn(move || {
        for stream in liar.incoming() {
            count.fetch_add(1, Ordering::Relaxed);
            stream.unwrap().write_all(b"down hung\n").ok();
        }
    });
    let token = cluster.path("token");
    fs::write(&token, "a-token-of-thirty-two-characters\n").unwrap();
    let config = format!(
        "{SOON}listen.state = [\"{place}\"]\nadmission.token_file = \"{}\"\n",
        token.display()
    );
    let keeper = cluster.start(&config)?;
    keeper.wait_for_turns(5)?;
    assert_eq!(cluster.calls(), [""; 0]);
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    Ok(())
}

/// A pooler that is paused, or an instance on another host.
#[test]
fn a_daemon_that_gets_no_answer_where_it_asks_says_nothing_of_the_server() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let cluster = Cluster::of(&server)?;
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let conninfo = |place: SocketAddr| {
        let (host, port) = (place.ip(), place.port());
        format!("host={host} port={port} user={MONITOR} dbname=postgres sslmode=disable")
    };
    let place = ports::free()?;
    let daemon = Daemon::binding(PROGRAM, place)
        .asking(&conninfo(silent.local_addr().unwrap()))
        .config("timeout = \"200ms\"\n")
        .start()?;
    daemon.wait_for(SECONDS, "down timeout")?;
    let config = format!("{SOON}listen.state = [\"{place}\"]\n");
    let keeper = cluster.start(&config)?;
    keeper.wait_for_turns(5)?;
    assert_eq!(cluster.calls(), [""; 0]);
    Ok(())
}

/// Each of them has a client of the server wait or go away, and none of them shows that the server hangs.
#[test]
fn a_server_that_answers_at_all_is_not_told_and_logs_nothing_of_it() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let cluster = Cluster::of(&server)?;
    let keeper = cluster.start(SOON)?;
    let refused = |server: &Postgres| server.log().matches("FATAL").count();
    let before = refused(&server);
    keeper.wait_for_turns(4)?;
    assert_eq!(refused(&server), before, "{}", server.log());
    let mut session = server.connect(SUPERUSER)?;
    // New sessions wait for this one.
    session
        .batch_execute("BEGIN; LOCK TABLE pg_authid, pg_class IN ACCESS EXCLUSIVE MODE")
        .unwrap();
    keeper.wait_for_turns(4)?;
    drop(session);
    server.freeze(Whom::Child("checkpointer"))?;
    keeper.wait_for_turns(4)?;
    server.thaw()?;
    server.set_hba(&format!(
        "local all {SUPERUSER} trust\nlocal all all reject\n"
    ))?;
    keeper.wait_for_turns(4)?;
    assert_eq!(cluster.calls(), [""; 0]);
    Ok(())
}

#[test]
fn a_server_that_starts_is_not_told_until_it_stands_still() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let cluster = Cluster::of(&server)?;
    cluster.change(&UNFIT);
    server.stop(support::postgres::Mode::Immediate)?;
    let held = server.hold_next_start()?;
    server.launch()?;
    let keeper = cluster.start(SOON)?;
    keeper.wait_for_turns(5)?;
    assert_eq!(cluster.calls(), [""; 0]);
    server.freeze(Whom::Postmaster)?;
    assert_eq!(cluster.wait_for_calls(1)?, [FAIL]);
    server.thaw()?;
    held.release(SECONDS)
}

/// The folder may be open to everybody, and a program that cleans it up may delete the socket.
#[test]
fn what_happens_in_the_sockets_folder_says_nothing_of_the_server() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let cluster = Cluster::of(&server)?;
    cluster.change(&UNFIT);
    let keeper = cluster.start(SOON)?;
    keeper.wait_for_turns(2)?;
    let socket = server
        .socket_dir()
        .join(format!(".s.PGSQL.{}", server.port()));
    let [away, late] = ["away", "late"].map(|name| server.socket_dir().join(name));
    fs::rename(&socket, &away).unwrap();
    let silent = UnixListener::bind(&socket).unwrap();
    keeper.wait_for_turns(5)?;
    assert_eq!(cluster.calls(), [""; 0]);
    // It is still seen.
    server.freeze(Whom::Postmaster)?;
    assert_eq!(cluster.wait_for_calls(1)?, [FAIL]);
    server.thaw()?;
    drop(keeper);
    // A keeper that has never seen the server's own one does not take another one for it.
    let keeper = cluster.start(SOON)?;
    keeper.wait_for_log(BLIND, 1)?;
    fs::rename(&socket, &late).unwrap();
    keeper.wait_for_log(BLIND, 2)?;
    keeper.wait_for_turns(4)?;
    assert_eq!(cluster.calls(), [FAIL]);
    fs::rename(&away, &socket).unwrap();
    keeper.wait_for_turns(2)?;
    server.freeze(Whom::Postmaster)?;
    assert_eq!(cluster.wait_for_calls(2)?, [FAIL; 2]);
    drop(silent);
    server.thaw()
}
