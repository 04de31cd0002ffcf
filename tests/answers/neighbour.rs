//! An address that leads to another server, as one of a load balancer does. A server of another host names a data
//! directory that is on this host, too, and another server's.

use std::fs;
use std::path::PathBuf;

use support::postgres::{MONITOR, ORDINARY};
use support::{Daemon, Haproxy, Postgres, Trouble, ports};

use crate::{FOR_A_WHILE, asking, both_ways, keep_saying, wait_for_all};

/// What a postmaster wrote of itself, to be put back.
struct PidFile {
    path: PathBuf,
    text: String,
}

impl PidFile {
    fn of(server: &Postgres) -> Result<Self, Trouble> {
        let path = server.data_dir().join("postmaster.pid");
        let text = fs::read_to_string(&path).map_err(Trouble::io("read postmaster.pid"))?;
        Ok(Self { path, text })
    }

    fn write(&self, text: &str) -> Result<(), Trouble> {
        fs::write(&self.path, text).map_err(Trouble::io("write postmaster.pid"))
    }

    /// The same with another line in a place.
    fn with(&self, number: usize, line: &str) -> String {
        let lines = self.text.lines().enumerate();
        let lines = lines.map(|(index, old)| if index + 1 == number { line } else { old });
        lines.flat_map(|line| [line, "\n"]).collect()
    }
}

#[test]
fn another_server_than_the_one_of_this_host_is_down_over_tcp() -> Result<(), Trouble> {
    let server = Postgres::primary().tcp(ports::free()?).start()?;
    let other_server = Postgres::primary().start()?;
    let neighbour = PidFile::of(&other_server)?;
    let [by_socket, by_tcp] = both_ways(&server)?;
    wait_for_all([&by_socket, &by_tcp], "production")?;
    let file = PidFile::of(&server)?;
    let (own, other) = (file.text.lines().next(), neighbour.text.lines().next());
    assert_ne!(own, other);
    for text in [
        file.with(3, "1500000000"),
        // It started at the same time on the other host, and has other processes.
        file.with(1, other.unwrap_or_default()),
    ] {
        file.write(&text)?;
        wait_for_all([&by_tcp], "down other-server")?;
        keep_saying("production", FOR_A_WHILE, [&by_socket])?;
        wait_for_all([&by_tcp], "down other-server")?;
        file.write(&file.text)?;
        wait_for_all([&by_tcp], "production")?;
    }
    let log = by_tcp.log();
    assert!(log.contains("another server answers"), "{log}");
    Ok(())
}

#[test]
fn its_own_server_is_known_through_a_load_balancer_too() -> Result<(), Trouble> {
    let server = Postgres::primary().tcp(ports::free()?).start()?;
    let (place, own) = (ports::free()?, server.tcp().unwrap());
    let section = format!("listen pool\n  bind {place}\n  mode tcp\n  server own {own}\n");
    let _haproxy = Haproxy::start_with(&section)?;
    let conninfo = format!(
        "host={} port={} user={MONITOR} dbname=postgres",
        place.ip(),
        place.port()
    );
    let daemon: Daemon = asking(&conninfo)?.start()?;
    keep_saying("production", FOR_A_WHILE, [&daemon])?;
    let file = PidFile::of(&server)?;
    file.write(&file.with(3, "1500000000"))?;
    wait_for_all([&daemon], "down other-server")?;
    file.write(&file.text)
}

/// It may not know the data directory, so that there is nothing to compare.
#[test]
fn a_role_without_rights_is_answered_as_before() -> Result<(), Trouble> {
    let server = Postgres::primary().tcp(ports::free()?).start()?;
    let file = PidFile::of(&server)?;
    file.write(&file.with(3, "1500000000"))?;
    let daemon = asking(&server.tcp_conninfo(ORDINARY))?.start()?;
    keep_saying("production", FOR_A_WHILE, [&daemon])?;
    file.write(&file.text)
}
