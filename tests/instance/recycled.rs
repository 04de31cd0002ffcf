//! How far standbys are whose WAL is not all there: cut off at any place, behind which the files of segments that
//! were written once before hold old records, or with a hole.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use pgsql_state::agent::actions::Server;
use pgsql_state::health::Lsn;
use pgsql_state::postgres::Timeline;
use pgsql_state::postgres::position::{Position, Traces};
use pgsql_state::postgres::wal::{Geometry, Segment};
use support::{Postgres, Whom, until};

use crate::{Held, SECONDS, soon, wait_for_stream};

const SEGMENT: u64 = 1 << 20;

/// A primary with small segments, in which all records of a kind have the same length.
fn primary() -> Postgres {
    let primary = Postgres::primary()
        .tcp(support::ports::free().unwrap())
        .wal_segment(1)
        .wal_kept(1024)
        .setting("max_wal_size", "1GB")
        .setting("autovacuum", "off")
        .setting("full_page_writes", "off")
        .start()
        .unwrap();
    primary.query("CREATE TABLE equal (content text)").unwrap();
    primary
}

/// A standby that keeps the files of old segments for new ones.
fn standby(primary: &Postgres, name: &str) -> Postgres {
    let standby = primary
        .standby()
        .name(name)
        .wal_kept(0)
        .setting("min_wal_size", "16MB")
        .setting("max_wal_size", "32MB")
        .start()
        .unwrap();
    wait_for_stream(primary).unwrap();
    standby
}

fn insert(primary: &Postgres, rows: u32) {
    let insert =
        format!("INSERT INTO equal SELECT repeat('x', 30) FROM generate_series(1, {rows})");
    primary.query(&insert).unwrap();
}

fn lsn(server: &Postgres, sql: &str) -> Lsn {
    server.query(sql).unwrap().parse().unwrap()
}

fn flushed(primary: &Postgres) -> Lsn {
    lsn(primary, "SELECT pg_current_wal_flush_lsn()")
}

fn wait_until_received(standby: &Postgres, goal: Lsn) {
    until(SECONDS, "the standby to have it", || {
        lsn(standby, "SELECT pg_last_wal_receive_lsn()") >= goal
    })
    .unwrap();
}

fn traces(server: &Postgres) -> Traces {
    Held::of(server).instance.traces(soon()).unwrap()
}

fn file(server: &Postgres, at: Lsn) -> PathBuf {
    let geometry = Geometry::new(u32::try_from(SEGMENT).unwrap(), 8192).unwrap();
    let segment = Segment::holding(at, Timeline(1), geometry);
    server.data_dir().join("pg_wal").join(segment.to_string())
}

/// Has a standby recycle segments: the files of segments to come hold old records then.
fn recycle(primary: &Postgres, standby: &Postgres) {
    insert(primary, 60_000);
    primary.query("CHECKPOINT").unwrap();
    let end = flushed(primary);
    until(SECONDS, "the standby to have replayed it", || {
        lsn(standby, "SELECT pg_last_wal_replay_lsn()") >= end
    })
    .unwrap();
    standby.query("CHECKPOINT").unwrap();
    let next = Lsn(end.0 + SEGMENT);
    let held = fs::read(file(standby, next)).unwrap();
    assert!(held.iter().any(|byte| *byte != 0), "it is a recycled one");
}

/// The bytes of WAL between two places.
fn bytes(server: &Postgres, from: Lsn, to: Lsn) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut from = from.0;
    while from < to.0 {
        let end = (from + 1).next_multiple_of(SEGMENT).min(to.0);
        let mut part = vec![0; usize::try_from(end - from).unwrap()];
        let file = File::open(file(server, Lsn(from))).unwrap();
        file.read_exact_at(&mut part, from % SEGMENT).unwrap();
        bytes.extend(part);
        from = end;
    }
    bytes
}

#[test]
fn a_standby_is_as_far_as_it_has_received_and_no_further() {
    let primary = primary();
    let standby = standby(&primary, "srv2");
    recycle(&primary, &standby);
    for round in 0..80 {
        insert(&primary, 1 + round % 3);
        let end = flushed(&primary);
        wait_until_received(&standby, end);
        let position = traces(&standby).position().unwrap().lsn;
        // A record of what runs comes now and then.
        assert!(
            position == end || position == flushed(&primary),
            "round {round}: {position}, where {end} was received",
        );
    }
}

#[test]
fn of_a_standby_that_is_cut_off_amid_a_stream_only_what_it_has_received_counts() {
    let primary = primary();
    let mut standby = standby(&primary, "srv2");
    recycle(&primary, &standby);
    standby.query("SELECT pg_wal_replay_pause()").unwrap();
    let mut told: Vec<Position> = Vec::new();
    for round in 0..12 {
        let before = lsn(&standby, "SELECT pg_last_wal_receive_lsn()");
        let writer = thread::scope(|scope| {
            let writing = scope.spawn(|| insert(&primary, 3000 + round * 211));
            until(SECONDS, "something of it", || {
                lsn(&standby, "SELECT pg_last_wal_receive_lsn()") > before
            })
            .unwrap();
            standby.freeze(Whom::Child("walreceiver")).unwrap();
            writing.join()
        });
        writer.unwrap();
        let traces = traces(&standby);
        let (from, end) = (traces.replayed.unwrap().lsn, traces.position().unwrap());
        let received = traces.received.unwrap().lsn;
        // Whole records alone, of which every byte came from the primary.
        assert!(end.lsn <= flushed(&primary));
        assert!(
            bytes(&standby, from, end.lsn) == bytes(&primary, from, end.lsn),
            "round {round}: not all up to {} was received, only {received}",
            end.lsn
        );
        assert!(
            received.0.saturating_sub(end.lsn.0) < 8192,
            "{received} {}",
            end.lsn
        );
        told.push(end);
        standby.thaw().unwrap();
        wait_until_received(&standby, flushed(&primary));
    }
    assert!(told.is_sorted());
}

#[test]
fn behind_a_missing_segment_nothing_that_was_received_counts() {
    let primary = primary();
    let standby = standby(&primary, "srv2");
    standby.query("SELECT pg_wal_replay_pause()").unwrap();
    insert(&primary, 30_000);
    let end = flushed(&primary);
    wait_until_received(&standby, end);
    let whole = traces(&standby);
    assert_eq!(whole.position().unwrap().lsn, end);
    let missing = Lsn((end.0 - SEGMENT) / SEGMENT * SEGMENT);
    assert!(whole.replayed.unwrap().lsn < missing);
    fs::remove_file(file(&standby, missing)).unwrap();
    let traces = traces(&standby);
    assert!(traces.received.unwrap().lsn >= end);
    let position = traces.position().unwrap().lsn;
    assert!(
        position <= missing && missing.0 - position.0 < 8192,
        "{position} {missing}"
    );
}

#[test]
fn a_frozen_standby_is_read_from_its_disk_before_long() {
    let primary = primary();
    let mut standby = standby(&primary, "srv2");
    insert(&primary, 1000);
    let end = flushed(&primary);
    wait_until_received(&standby, end);
    standby.freeze(Whom::Everyone).unwrap();
    let begin = Instant::now();
    let position = traces(&standby).position();
    assert!(
        begin.elapsed() < Duration::from_secs(4),
        "{:?}",
        begin.elapsed()
    );
    assert_eq!(position.unwrap().lsn, end);
    standby.thaw().unwrap();
}
