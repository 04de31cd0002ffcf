//! The end of WAL as the agent finds it, and every record before it, held against `pg_waldump` and the
//! servers' own word, for the newest version installed. What a walk does with damaged and with other
//! versions' WAL is tested in `src/postgres/wal/tests`.
//!
//! - [`disk`]: what a server has on its disk.
//! - [`waldump`]: the same as `pg_waldump` tells it.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests, which fail by panicking"
)]

mod disk;
mod waldump;

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::time::Duration;

use pgsql_state::health::Lsn;
use pgsql_state::postgres::wal::{History, RecordKind, Segment, Stop};
use pgsql_state::postgres::{Position, Timeline};
use support::postgres::Mode;
use support::scratch::Scratch;
use support::{Postgres, until};

use crate::disk::Disk;
use crate::waldump::pg_waldump;

const SECONDS: Duration = Duration::from_secs(30);

/// Rows of some kilobytes each that do not compress.
const TRAFFIC: &str = "\
CREATE TABLE IF NOT EXISTS traffic (id serial, content text);
INSERT INTO traffic (content)
SELECT (SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 100) WHERE n > 0)
  FROM generate_series(1, 300) AS n";

fn primary() -> Postgres {
    Postgres::primary()
        .tcp(support::ports::free().unwrap())
        .wal_kept(1024)
        .start()
        .unwrap()
}

fn current(server: &Postgres) -> Lsn {
    server
        .query("SELECT pg_current_wal_flush_lsn()")
        .unwrap()
        .parse()
        .unwrap()
}

#[test]
fn a_crashed_primarys_wal_is_found_to_its_end() {
    let mut primary = primary();
    let start = Disk::of(&primary).control.checkpoint.redo;
    primary.query(TRAFFIC).unwrap();
    primary.query("SELECT pg_switch_wal()").unwrap();
    primary.query(TRAFFIC).unwrap();
    // One record of 20 MB, more than a segment.
    primary
        .query("SELECT pg_logical_emit_message(false, 'test', repeat('x', 20000000))")
        .unwrap();
    primary.query("CHECKPOINT").unwrap();
    primary.query(TRAFFIC).unwrap();
    let flushed = current(&primary);
    primary.kill().unwrap();
    let disk = Disk::of(&primary);
    let records = disk.agrees(1, start);
    assert!(records.len() > 500);
    assert!(
        records
            .iter()
            .any(|record| record.kind == RecordKind::SegmentSwitch)
    );
    assert!(
        records
            .iter()
            .any(|record| record.end.0 - record.at.0 > 20_000_000)
    );
    let (end, stopped) = disk.end(1);
    assert!(end.position.lsn >= flushed, "{end:?}, {flushed}");
    assert_eq!(end.shutdown_checkpoint(), None);
    assert!(
        matches!(stopped, Stop::Length { .. } | Stop::Page { .. }),
        "{stopped}"
    );
    // It starts, and writes on from there.
    primary.start().unwrap();
    primary.stop(Mode::Fast).unwrap();
    let disk = Disk::of(&primary);
    let records = disk.agrees(1, start);
    assert!(records.iter().any(|record| record.end == end.position.lsn));
}

#[test]
fn segments_of_any_size_are_walked() {
    for megabytes in [1, 32] {
        let setup = Postgres::primary().wal_segment(megabytes);
        let mut primary = setup.start().unwrap();
        let start = Disk::of(&primary).control.checkpoint.redo;
        primary.query(TRAFFIC).unwrap();
        primary.query("SELECT pg_switch_wal()").unwrap();
        primary.query(TRAFFIC).unwrap();
        let flushed = current(&primary);
        primary.kill().unwrap();
        let disk = Disk::of(&primary);
        assert_eq!(disk.format.geometry.segment(), megabytes << 20);
        let records = disk.agrees(1, start);
        assert!(records.last().unwrap().end >= flushed);
    }
}

#[test]
fn a_standby_is_known_to_have_the_shutdown_checkpoint() {
    let mut primary = primary();
    let mut standby = primary.standby().start().unwrap();
    let mut late = primary.standby().name("late").start().unwrap();
    primary.query(TRAFFIC).unwrap();
    let written = current(&primary);
    let has = |standby: &Postgres, lsn: Lsn| {
        let question = format!("SELECT pg_last_wal_replay_lsn() >= '{lsn}'");
        standby.query(&question).is_ok_and(|answer| answer == "t")
    };
    until(SECONDS, "the standbys to have it all", || {
        has(&standby, written) && has(&late, written)
    })
    .unwrap();
    late.stop(Mode::Fast).unwrap();
    primary.stop(Mode::Fast).unwrap();
    let old = Disk::of(&primary);
    let (end, _) = old.end(1);
    let own = end.shutdown_checkpoint().unwrap();
    assert_eq!(own.lsn, old.control.checkpoint.at);
    // A clean stop waits for the standby that streams.
    let (theirs, _) = Disk::of(&standby).end(1);
    assert_eq!(theirs.shutdown_checkpoint(), Some(own));
    assert_eq!(theirs.position, end.position);
    let (lacking, _) = Disk::of(&late).end(1);
    assert_eq!(lacking.shutdown_checkpoint(), None);
    assert!(lacking.position < end.position);
    // After a start that streams nothing, the server's own word is the beginning of a segment.
    standby.stop(Mode::Fast).unwrap();
    standby.start().unwrap();
    until(SECONDS, "the receiver's word", || {
        let received = "SELECT pg_last_wal_receive_lsn() < pg_last_wal_replay_lsn()";
        standby.query(received).is_ok_and(|answer| answer == "t")
    })
    .unwrap();
    assert_eq!(Disk::of(&standby).end(1).0.position, end.position);
}

#[test]
fn a_promotion_is_followed_on_both_sides() {
    let mut primary = primary();
    let start = Disk::of(&primary).control.checkpoint.redo;
    let mut standby = primary.standby().start().unwrap();
    let mut follower = primary.standby().name("follower").start().unwrap();
    primary.query(TRAFFIC).unwrap();
    standby.stop(Mode::Fast).unwrap();
    // Only the primary has this.
    primary.query(TRAFFIC).unwrap();
    primary.kill().unwrap();
    standby.start().unwrap();
    standby.promote().unwrap();
    standby.query(TRAFFIC).unwrap();
    let flushed = current(&standby);
    standby.stop(Mode::Immediate).unwrap();
    follower.stop(Mode::Immediate).unwrap();

    let disk = Disk::of(&standby);
    let history = disk.history(2);
    let fork = history.end_of(Timeline(1)).unwrap();
    let (end, _) = disk.end(2);
    assert_eq!(end.position.timeline, Timeline(2));
    assert!(end.position.lsn >= flushed);
    // The same as both timelines' programs tell, each of its part.
    let own = disk.agrees(2, fork);
    assert!(matches!(
        own[0].kind,
        RecordKind::EndOfRecovery(..) | RecordKind::ShutdownCheckpoint(_)
    ));
    let whole = disk.walk(&history, disk.control.checkpoint.redo.min(fork));
    assert!(whole.ends_with(&own[1..]) && whole.last() == own.last());

    // The old primary has more of its timeline, and none of it counts once the history is known.
    let old = Disk::of(&primary);
    old.agrees(1, start);
    let alone = old.end(1).0.position;
    assert!(alone.lsn > fork, "{alone:?}, {fork}");
    assert!(alone < end.position);
    let name = History::file_name(Timeline(2));
    fs::copy(disk.folder.join(&name), old.folder.join(&name)).unwrap();
    let (ours, stopped) = old.end(2);
    let at_fork = Position {
        timeline: Timeline(1),
        lsn: fork,
    };
    assert_eq!(ours.position, at_fork);
    // Where the new timeline began with a segment, the old primary has no file that could be the one.
    let begins_segment = fork
        .0
        .is_multiple_of(u64::from(old.control.geometry.segment()));
    let is_left = matches!(stopped, Stop::LeftBehind { .. })
        || (begins_segment && matches!(stopped, Stop::NoFile(_)));
    assert!(is_left, "{stopped}, {fork}");
}

#[test]
fn no_damage_is_taken_for_more_than_pg_waldump_takes() {
    let mut primary = primary();
    let start = Disk::of(&primary).control.checkpoint.redo;
    primary.query(TRAFFIC).unwrap();
    primary.kill().unwrap();
    let mut disk = Disk::of(&primary);
    let whole = disk.agrees(1, start);
    let (first, last) = (whole[0].at.0, whole.last().unwrap().end.0);
    let folder = Scratch::new().unwrap();
    for entry in fs::read_dir(&disk.folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    disk.folder = folder.path().to_owned();
    // Places all over it, the same in every run: page headers, record headers, content, the end.
    let mut places: Vec<u64> = (0..24)
        .map(|n| first + (last - first) * n / 24 + n)
        .collect();
    for record in whole.iter().step_by(whole.len() / 8) {
        places.extend([
            record.at.0 & !8191,
            record.at.0 + 2,
            record.at.0 + 9,
            record.at.0 + 21,
        ]);
    }
    places.extend([(first & !8191) + 4, (last & !8191) + 8, last - 1, last]);
    let bounds: Vec<usize> = places
        .into_iter()
        .map(|place| {
            let segment = Segment::holding(Lsn(place), Timeline(1), disk.format.geometry);
            let file = File::options()
                .read(true)
                .write(true)
                .open(disk.folder.join(segment.to_string()))
                .unwrap();
            let offset = place % u64::from(disk.format.geometry.segment());
            let mut byte = [0];
            file.read_exact_at(&mut byte, offset).unwrap();
            file.write_all_at(&[byte[0] ^ 0x55], offset).unwrap();
            let found = disk.walk(&History::alone(Timeline(1)), start);
            let (dumped, _) = pg_waldump(&disk.folder, 1, start);
            file.write_all_at(&byte, offset).unwrap();
            assert!(whole.starts_with(&found));
            assert!(
                found.len() <= dumped.len(),
                "{place:X}: {} records",
                found.len()
            );
            dumped.len() - found.len()
        })
        .collect();
    // Nor for less, but where a page says another timeline, which the program takes.
    assert!(
        bounds.iter().filter(|less| **less > 0).count() <= 1,
        "{bounds:?}"
    );
    assert_eq!(disk.agrees(1, start), whole);
}
