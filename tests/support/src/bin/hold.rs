//! Starts one of each kind of server, says where they are, and waits to be killed: the subject of the
//! test that nothing stays behind.

#![expect(clippy::print_stdout, reason = "its output is what the test reads")]

use std::io::Read;
use std::path::Path;

use support::{Haproxy, Ports, Postgres, Trouble, Whom};

fn main() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    tell(&primary.data_dir());
    let mut standby = primary.standby().start()?;
    tell(&standby.data_dir());
    // The hardest to end: nothing but SIGKILL reaches them.
    standby.freeze(Whom::Everyone)?;
    let ports = Ports::choose()?;
    let stats = std::net::SocketAddrV4::new(ports.address()?, ports.stats);
    let haproxy = Haproxy::start(&[], Some(stats))?;
    tell(haproxy.directory());
    println!("ready");
    // Ends when the test lets go of standard input.
    std::io::stdin().read_to_end(&mut Vec::new()).ok();
    Ok(())
}

fn tell(directory: &Path) {
    println!("{}", directory.display());
}
