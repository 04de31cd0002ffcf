//! What slots are good for when another server becomes the primary.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rustix::process::Signal;
use support::running::Running;
use support::scratch::Scratch;
use support::{Mode, Postgres, Trouble, until_ok};

use crate::cluster::{Cluster, SECONDS};

#[test]
fn a_standby_that_was_away_during_a_promotion_returns_without_a_copy() -> Result<(), Trouble> {
    let mut cluster = Cluster::new(3, "role = \"keeper\"\ncap = \"1GB\"\n")?;
    cluster.wait_for_slot(1, "pgsql_state_srv3", "restart_lsn IS NOT NULL", "t")?;
    cluster.wait_for_slot(0, "pgsql_state_srv3", "active", "t")?;
    cluster.servers[2].stop(Mode::Fast)?;
    cluster.write(0, 10)?;
    cluster.wait_level(0, 1)?;
    cluster.servers[1].query("CHECKPOINT")?;
    cluster.servers[0].stop(Mode::Fast)?;
    cluster.servers[1].promote()?;
    cluster.write(1, 10)?;
    cluster.follow(0, 1)?;
    cluster.follow(2, 1)?;
    cluster.wait_level(1, 0)?;
    cluster.wait_level(1, 2)?;
    cluster.wait_for_slot(1, "pgsql_state_srv3", "active", "t")?;
    // The former primary holds what the others lack, as any standby does.
    cluster.write(1, 2)?;
    let end = cluster.servers[1].query("SELECT pg_current_wal_lsn()")?;
    let level = format!("restart_lsn >= '{end}'");
    cluster.wait_for_slot(0, "pgsql_state_srv3", &level, "t")
}

#[test]
fn a_receiver_of_wal_misses_nothing_in_three_switchovers() -> Result<(), Trouble> {
    let mut cluster = Cluster::new(2, "role = \"keeper\"\ncap = \"1GB\"\nalso = [\"barman\"]\n")?;
    let scratch = Scratch::new()?;
    let archive = scratch.path().join("archive");
    fs::create_dir(&archive).unwrap();
    for index in [0, 1] {
        cluster.wait_for_slot(index, "barman", "restart_lsn IS NOT NULL", "t")?;
    }
    let mut primary = 0;
    for _ in 0..3 {
        let mut receiver = receive(&scratch, &archive, &cluster.servers[primary])?;
        cluster.write(primary, 2)?;
        wait_received(&cluster.servers[primary], &archive, &receiver)?;
        // Killed while it makes a file it would not start again.
        receiver.signal(Signal::INT)?;
        receiver.end_within(SECONDS)?;
        // What it lacks at the moment of the switchover only slots keep.
        cluster.write(primary, 5)?;
        cluster.wait_level(primary, 1 - primary)?;
        cluster.servers[1 - primary].query("CHECKPOINT")?;
        cluster.switch(primary, 1 - primary)?;
        primary = 1 - primary;
        cluster.write(primary, 3)?;
        cluster.wait_level(primary, 1 - primary)?;
    }
    let receiver = receive(&scratch, &archive, &cluster.servers[primary])?;
    wait_received(&cluster.servers[primary], &archive, &receiver)?;
    drop(receiver);
    let numbers = numbers(&archive);
    let (first, last) = (numbers.first().unwrap(), numbers.last().unwrap());
    let missing: Vec<u64> = (*first..=*last)
        .filter(|number| !numbers.contains(number))
        .collect();
    assert_eq!(missing, [0; 0]);
    assert!(last - first > 20, "{numbers:?}");
    Ok(())
}

/// Starts `pg_receivewal` as a backup server would, with the slot on the server of that moment.
fn receive(scratch: &Scratch, archive: &Path, server: &Postgres) -> Result<Running, Trouble> {
    let mut command = scratch.command(Postgres::program("pg_receivewal")?);
    command
        .args(["--slot", "barman", "--no-loop", "--directory"])
        .arg(archive)
        .args(["--dbname", &server.tcp_conninfo("postgres")]);
    Running::start(scratch, "receiver", command)
}

/// Waits until the segment before the one that is written has arrived whole.
fn wait_received(server: &Postgres, archive: &Path, receiver: &Running) -> Result<(), Trouble> {
    let current = server.query("SELECT pg_walfile_name(pg_current_wal_lsn())")?;
    let (place, number) = current.split_at(16);
    let before = u64::from_str_radix(number, 16).unwrap() - 1;
    let whole = format!("{place}{before:08X}");
    until_ok(SECONDS, &whole, || {
        if archive.join(&whole).exists() {
            Ok(())
        } else {
            Err(receiver.log())
        }
    })
}

/// The numbers of the segments that have arrived whole, of whatever timeline. A segment has 1 MB.
fn numbers(archive: &Path) -> BTreeSet<u64> {
    let names = fs::read_dir(archive).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let segments = names.filter(|name| name.len() == 24);
    let number = |name: String| {
        let half =
            |from: usize| u64::from_str_radix(name.get(from..from + 8).unwrap(), 16).unwrap();
        half(8) * 4096 + half(16)
    };
    segments.map(number).collect()
}
