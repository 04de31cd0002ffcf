//! What the disk alone shows.

use wal_writer::Mark;

use super::{PgWal, at, checkpoint, first_checkpoint, writer};
use crate::agent::decide::wal_extent::{Doubt, Extent, Measured};
use crate::health::Lsn;
use crate::postgres::control::Control;
use crate::postgres::timeline::Timeline;
use crate::postgres::wal::tests::writer::{Files, PAGE, SEGMENT, Writer};
use crate::postgres::wal::{Astray, History};

fn silent(control: &Control, server: &Writer, files: &Files) -> Measured<std::convert::Infallible> {
    let mut pg_wal = PgWal::of(files, &[]);
    Extent::new(control, server.format.magic, &mut pg_wal).of_silent()
}

fn shutdown_checkpoint(control: &Control, server: &Writer) -> Option<Lsn> {
    let mut pg_wal = PgWal::of(&server.files, &[]);
    let extent = Extent::new(control, server.format.magic, &mut pg_wal);
    let Ok(position) = extent.shutdown_checkpoint();
    position.map(|position| position.lsn)
}

#[test]
fn a_crashed_server_is_walked_from_its_last_checkpoint() {
    let mut server = writer();
    server.other(100);
    server.mark(Mark::OnlineCheckpoint, Timeline(1));
    server.other(3000);
    let last = server.records[2].at;
    let control = checkpoint(server.format, last);
    let found = silent(&control, &server, &server.files);
    assert_eq!(found.traces.replayed, at(1, last));
    assert_eq!(found.traces.position(), at(1, server.at()));
    assert_eq!(found.doubt, None);
}

#[test]
fn a_control_file_whose_checkpoint_is_another_record_is_not_confirmed() {
    let mut server = writer();
    server.other(100);
    let other = server.records[1].at;
    let astray = |control: &Control, files: &Files| {
        let found = silent(control, &server, files);
        assert_eq!(found.traces.on_disk, None);
        assert_eq!(found.traces.position(), found.traces.replayed);
        found.doubt
    };
    let control = checkpoint(server.format, other);
    let expected = Doubt::Unconfirmed(Astray::NoCheckpoint { at: other });
    assert_eq!(astray(&control, &server.files), Some(expected));
    // The record is of another timeline than the control file says.
    let mut control = first_checkpoint(&server);
    control.checkpoint.timeline = Timeline(2);
    assert!(matches!(
        astray(&control, &server.files),
        Some(Doubt::Unconfirmed(_))
    ));
    let control = first_checkpoint(&server);
    let doubt = astray(&control, &Files::default()).unwrap();
    assert_eq!(
        doubt.to_string(),
        "WAL on disk does not confirm how far the server is: the WAL does not reach 0/100028: there is no segment \
         000000010000000000000001"
    );
}

#[test]
fn a_stopped_standby_is_walked_from_what_it_has_replayed_at_least() {
    let mut server = writer();
    for length in [100, 5000, 40] {
        server.other(length);
    }
    server.mark(Mark::ShutdownCheckpoint, Timeline(1));
    let mut control = first_checkpoint(&server);
    for record in &server.records {
        control.minimum_recovery = at(1, record.end);
        let found = silent(&control, &server, &server.files);
        assert_eq!(found.traces.replayed, control.minimum_recovery);
        assert_eq!(found.traces.on_disk, at(1, server.at()));
        assert_eq!(shutdown_checkpoint(&control, &server), Some(server.at()));
    }
    // The WAL up to there no longer exists.
    let found = silent(&control, &server, &Files::default());
    assert_eq!(found.traces.position(), control.minimum_recovery);
    // WAL on a disk proves nothing of a position that is not on it.
    control.minimum_recovery = at(1, Lsn(server.at().0 - 8));
    assert_eq!(shutdown_checkpoint(&control, &server), None);
}

#[test]
fn a_shutdown_checkpoint_that_is_not_the_last_record_is_none() {
    let mut server = writer();
    server.mark(Mark::ShutdownCheckpoint, Timeline(1));
    let control = first_checkpoint(&server);
    assert_eq!(shutdown_checkpoint(&control, &server), Some(server.at()));
    server.other(10);
    assert_eq!(shutdown_checkpoint(&control, &server), None);
}

#[test]
fn a_history_that_left_the_timeline_before_what_was_replayed_is_none_of_the_servers() {
    let mut server = writer();
    server.other(100);
    let fork = server.at();
    let text = format!("1\t{fork}\n");
    let mut control = first_checkpoint(&server);
    server.other(100);
    control.minimum_recovery = at(1, server.at());
    let histories = [History::parse(Timeline(2), &text).unwrap()];
    let mut pg_wal = PgWal::of(&server.files, &histories);
    let found = Extent::new(&control, server.format.magic, &mut pg_wal).of_silent();
    // Its own timeline has no history file, and is known from the control file.
    assert_eq!(found.traces.position(), at(1, server.at()));
    control.checkpoint.at = Lsn(fork.0 + 24);
    control.checkpoint.timeline = Timeline(2);
    let mut pg_wal = PgWal::of(&server.files, &histories);
    let found = Extent::new(&control, server.format.magic, &mut pg_wal).of_silent();
    assert_eq!(found.traces.on_disk, None);
}

#[test]
fn a_segment_of_an_older_timeline_under_a_newer_name_is_not_followed() {
    // The file contains what was written on the first timeline beyond the point where the second left it, but has got
    // the name of a segment of the second (`RemoveNonParentXlogFiles` in src/backend/access/transam/xlog.c).
    let mut server = writer();
    let end = 2 * SEGMENT;
    while server.at().0 < end - PAGE + 100 {
        server.other(40);
    }
    // Up to the end of the segment's last page but for an empty record.
    let left = usize::try_from(end - server.at().0).unwrap();
    server.other(left - 24 - 24);
    let mut stray = server.clone();
    let history = server.fork();
    server.other(0);
    assert_eq!(
        server.at().0,
        2 << 20,
        "the fork is on the segment's last page"
    );
    stray.other(0);
    for _ in 0..3 {
        stray.other(100);
    }
    let mut files = server.files.clone();
    let old = stray.files.0["000000010000000000000002"].clone();
    files.0.insert("000000020000000000000002".into(), old);
    let control = first_checkpoint(&server);
    let mut pg_wal = PgWal::of(&files, std::slice::from_ref(&history));
    let found = Extent::new(&control, server.format.magic, &mut pg_wal).of_silent();
    assert_eq!(found.traces.position(), at(2, server.at()));
}
