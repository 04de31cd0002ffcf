//! A reload: who comes afterwards meets the new rules, and what a client has used of a limit that stays
//! the same stays used.

use std::fs;
use std::net::Ipv4Addr;
use std::time::Instant;

use support::{Daemon, Trouble};

use crate::{End, TRUSTED, answered, ask, connect, end, start};

const ONE: Ipv4Addr = Ipv4Addr::new(127, 5, 0, 1);
const OTHER: Ipv4Addr = Ipv4Addr::new(127, 6, 0, 1);

/// Has the daemon read its configuration with this text in the place of that one.
fn change(daemon: &mut Daemon, old: &str, new: &str) -> Result<(), Trouble> {
    let path = daemon.config_file();
    let text = fs::read_to_string(path).map_err(Trouble::io("read the configuration"))?;
    assert!(text.contains(old), "{text}");
    daemon.reload(&text.replace(old, new))
}

#[test]
fn the_lists_change_for_the_next_connection() -> Result<(), Trouble> {
    let mut daemon = start("deny = [\"127.5.0.1\"]\n")?;
    assert_eq!(ask(ONE, &daemon), End::Closed);
    assert_eq!(ask(OTHER, &daemon), answered());
    change(&mut daemon, "127.5.0.1", "127.6.0.1")?;
    assert_eq!(ask(ONE, &daemon), answered());
    assert_eq!(ask(OTHER, &daemon), End::Closed);
    assert!(!daemon.log().contains("restart"), "{}", daemon.log());
    Ok(())
}

/// How many of so many checks are answered, beyond what the limit of one a second grants meanwhile.
fn answers(daemon: &Daemon, checks: usize) -> u64 {
    let begin = Instant::now();
    let answers = (0..checks).filter(|_| ask(ONE, daemon) == answered());
    let answers = u64::try_from(answers.count()).unwrap();
    answers.saturating_sub(begin.elapsed().as_secs() + 1)
}

#[test]
fn a_limit_that_stays_gives_nobody_a_new_burst_and_another_one_does() -> Result<(), Trouble> {
    let limit = "per_client = \"1/s\"\nburst = 50\n";
    let mut daemon = start(&format!("{limit}trusted = [\"127.77.0.1\"]\n"))?;
    assert!(answers(&daemon, 100) > 40);
    change(&mut daemon, "127.77.0.1", "127.77.0.2")?;
    assert_eq!(answers(&daemon, 100), 0);
    change(&mut daemon, "burst = 50", "burst = 60")?;
    assert!(answers(&daemon, 100) > 40);
    Ok(())
}

#[test]
fn who_holds_a_slot_takes_none_of_the_new_ones() -> Result<(), Trouble> {
    let mut daemon = start("proxy_protocol = [\"127.5.0.1\"]\nmax_connections = 2\n")?;
    let waiting = [ONE, ONE].map(|from| connect(from, daemon.state()).unwrap());
    change(&mut daemon, "max_connections = 2", "max_connections = 3")?;
    // The old ones take none of the new places.
    for _ in 0..3 {
        assert_eq!(ask(TRUSTED, &daemon), answered());
    }
    for stream in waiting {
        assert_eq!(end(stream), End::Closed);
    }
    change(&mut daemon, "max_connections = 3", "max_connections = 1")?;
    for _ in 0..3 {
        assert_eq!(ask(TRUSTED, &daemon), answered());
    }
    Ok(())
}
