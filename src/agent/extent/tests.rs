//! How far servers are whose WAL is written here.

use std::convert::Infallible;

use super::{Directory, Extent, Measured, Word};
use crate::agent::control::example::control;
use crate::agent::control::{Checkpoint, ClusterState, Control};
use crate::agent::position::Position;
use crate::agent::timeline::Timeline;
use crate::agent::wal::tests::writer::{Files, START, SYSTEM, Writer};
use crate::agent::wal::{Format, History, Segment, Segments};
use crate::role::Lsn;

/// A `pg_wal`.
#[derive(Clone, Debug)]
struct PgWal {
    files: Files,
    histories: Vec<History>,
}

impl Segments for PgWal {
    type Error = Infallible;

    fn read(
        &mut self,
        segment: Segment,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<Option<usize>, Infallible> {
        (&self.files).read(segment, offset, buffer)
    }
}

impl Directory for PgWal {
    fn length(&mut self, segment: Segment) -> Result<Option<u64>, Infallible> {
        let file = self.files.0.get(&segment.to_string());
        Ok(file.map(|content| u64::try_from(content.len()).unwrap()))
    }

    fn histories(&mut self) -> Vec<History> {
        self.histories.clone()
    }
}

/// The control file of a standby whose last checkpoint is the first record.
fn first_checkpoint(format: Format) -> Control {
    Control {
        system_identifier: SYSTEM,
        geometry: format.geometry,
        checkpoint: Checkpoint {
            at: Lsn(START.0 + 40),
            redo: Lsn(START.0 + 40),
            timeline: Timeline(1),
            previous_timeline: Timeline(1),
        },
        ..control(ClusterState::ArchiveRecovery)
    }
}

fn at(timeline: u32, lsn: Lsn) -> Position {
    Position {
        timeline: Timeline(timeline),
        lsn,
    }
}

fn standby(server: &Writer, histories: &[History], word: Word) -> Measured<Infallible> {
    let mut pg_wal = PgWal {
        files: server.files.clone(),
        histories: histories.to_vec(),
    };
    let control = first_checkpoint(server.format);
    Extent::new(&control, server.format.magic, &mut pg_wal).of_standby(word)
}

#[test]
fn what_was_received_and_not_replayed_is_walked_to_its_end() {
    let mut server = Writer::new(15);
    server.other(100);
    let replayed = server.at();
    server.other(3000);
    server.other(10);
    let word = Word {
        replayed: Some(replayed),
        ..Word::default()
    };
    let traces = standby(&server, &[], word).traces;
    assert_eq!(traces.replayed, Some(at(1, replayed)));
    assert_eq!(traces.on_disk, Some(at(1, server.at())));
}

#[test]
fn the_timeline_of_what_was_replayed_is_the_newest_that_had_begun_and_has_a_file() {
    let mut server = Writer::new(15);
    server.other(100);
    let fork = server.at();
    let history = server.fork();
    server.other(10);
    let word = |replayed| Word {
        replayed: Some(replayed),
        ..Word::default()
    };
    let histories = [history];
    let traces = |server: &Writer, replayed| standby(server, &histories, word(replayed)).traces;
    assert_eq!(
        traces(&server, server.at()).replayed,
        Some(at(2, server.at()))
    );
    assert_eq!(traces(&server, fork).replayed, Some(at(1, fork)));
    let mut without = server.clone();
    without.files.0.remove("000000020000000000000001");
    assert_eq!(
        traces(&without, server.at()).replayed,
        Some(at(1, server.at()))
    );
}
