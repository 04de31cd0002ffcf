//! How far servers are whose WAL is written by these tests.
//!
//! - [`said`]: what a standby reports, and what of it its disk confirms.
//! - [`recycled`]: segments that contain old WAL after what was received.
//! - [`silent`]: what the disk alone shows.
//! - [`bounded`]: how much of it is read.
//! - [`promotion`]: when a timeline began.

mod bounded;
mod promotion;
mod recycled;
mod said;
mod silent;

use std::convert::Infallible;

use super::{Extent, StandbyWord};
use crate::health::Lsn;
use crate::postgres::control::example::control;
use crate::postgres::control::{Checkpoint, ClusterState, Control};
use crate::postgres::position::{Position, Traces};
use crate::postgres::timeline::Timeline;
use crate::postgres::wal::tests::writer::{Files, SYSTEM, Writer};
use crate::postgres::wal::{Directory, Format, History, Segment, Segments};

/// A `pg_wal` that counts how much is read of it.
#[derive(Clone, Debug)]
struct PgWal<'a> {
    files: &'a Files,
    histories: &'a [History],
    read: usize,
}

impl<'a> PgWal<'a> {
    fn of(files: &'a Files, histories: &'a [History]) -> Self {
        Self {
            files,
            histories,
            read: 0,
        }
    }
}

impl Segments for PgWal<'_> {
    type Error = Infallible;

    fn read(
        &mut self,
        segment: Segment,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<Option<usize>, Infallible> {
        let length = Segments::read(&mut self.files, segment, offset, buffer)?;
        self.read += length.unwrap_or_default();
        Ok(length)
    }
}

impl Directory for PgWal<'_> {
    fn length(&mut self, segment: Segment) -> Result<Option<u64>, Infallible> {
        let file = self.files.0.get(&segment.to_string());
        Ok(file.map(|content| u64::try_from(content.len()).unwrap()))
    }

    fn histories(&mut self) -> Vec<History> {
        self.histories.to_vec()
    }
}

/// The control file of a standby whose last checkpoint is at this position on timeline 1.
fn checkpoint(format: Format, at: Lsn) -> Control {
    Control {
        system_identifier: SYSTEM,
        geometry: format.geometry,
        checkpoint: Checkpoint {
            at,
            redo: at,
            timeline: Timeline(1),
            previous_timeline: Timeline(1),
        },
        ..control(ClusterState::ArchiveRecovery)
    }
}

/// The control file of a standby whose last checkpoint is its first record.
fn first_checkpoint(server: &Writer) -> Control {
    checkpoint(server.format, server.records[0].at)
}

/// A server that begins with a checkpoint.
fn writer() -> Writer {
    let mut server = Writer::new(15);
    server.mark(wal_writer::Mark::OnlineCheckpoint, Timeline(1));
    server
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "positions are compared that may be unknown"
)]
fn at(timeline: u32, lsn: Lsn) -> Option<Position> {
    Some(Position {
        timeline: Timeline(timeline),
        lsn,
    })
}

/// How far a standby with this report is.
fn standby(server: &Writer, files: &Files, histories: &[History], word: StandbyWord) -> Traces {
    let mut pg_wal = PgWal::of(files, histories);
    let control = first_checkpoint(server);
    let extent = Extent::new(&control, server.format.magic, &mut pg_wal);
    extent.of_standby(word).traces
}

fn replayed(lsn: Lsn) -> StandbyWord {
    StandbyWord {
        replayed: Some(lsn),
        ..StandbyWord::default()
    }
}
