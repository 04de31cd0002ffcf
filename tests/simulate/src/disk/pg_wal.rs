//! The files of WAL of a data directory. Knows no record.

use std::collections::BTreeMap;
use std::time::Duration;

use super::segment::{SEGMENT, Segment};

/// The name of a segment's file: its timeline and its number.
pub(crate) type Name = (u32, u64);

/// A `pg_wal`.
#[derive(Clone, Debug, Default)]
pub(crate) struct PgWal {
    /// The segments.
    pub(crate) segments: BTreeMap<Name, Segment>,
    /// The histories: the text of each timeline's file, and when it was written.
    pub(crate) histories: BTreeMap<u32, (String, Duration)>,
}

impl PgWal {
    /// Writes bytes of a timeline's WAL at a position.
    pub(crate) fn write(&mut self, timeline: u32, at: u64, bytes: &[u8]) {
        let (mut at, mut rest) = (at, bytes);
        while !rest.is_empty() {
            let offset = (at % SEGMENT) as usize;
            let (now, later) = rest.split_at(rest.len().min(SEGMENT as usize - offset));
            let segment = self.segments.entry((timeline, at / SEGMENT));
            segment.or_insert_with(Segment::new).write(offset, now);
            at += now.len() as u64;
            rest = later;
        }
    }

    /// The bytes between two positions, from the files of a timeline or of the newest before it that has the
    /// segment.
    pub(crate) fn bytes(&self, timelines: &[u32], from: u64, to: u64) -> Option<Vec<u8>> {
        let mut bytes = vec![0; (to - from) as usize];
        let mut done = 0;
        while done < bytes.len() {
            let at = from + done as u64;
            let number = at / SEGMENT;
            let segment = timelines
                .iter()
                .find_map(|timeline| self.segments.get(&(*timeline, number)))?;
            done += segment.read((at % SEGMENT) as usize, &mut bytes[done..]);
        }
        Some(bytes)
    }

    /// What a power loss leaves of a timeline's WAL behind a position: zeros up to another one.
    pub(crate) fn lose(&mut self, timeline: u32, from: u64, to: u64) {
        let mut at = from;
        while at < to {
            let end = (at / SEGMENT + 1) * SEGMENT;
            if let Some(segment) = self.segments.get_mut(&(timeline, at / SEGMENT)) {
                let last = to.min(end);
                segment.clear((at % SEGMENT) as usize, (at % SEGMENT + last - at) as usize);
            }
            at = end;
        }
    }

    /// Begins a timeline with a copy of the segment up to a position (`XLogInitNewTimeline`).
    pub(crate) fn fork(&mut self, timeline: u32, new: u32, at: u64) {
        let number = at / SEGMENT;
        if let Some(mut copy) = self.segments.get(&(timeline, number)).cloned() {
            copy.clear((at % SEGMENT) as usize, SEGMENT as usize);
            self.segments.insert((new, number), copy);
        }
    }

    /// Gives the files of segments before a number names of segments to come of a timeline, behind the last there
    /// is, at most so many; the others are removed (`RemoveOldXlogFiles`).
    pub(crate) fn recycle(&mut self, timeline: u32, before: u64, most: usize) {
        let old: Vec<Name> = self
            .segments
            .keys()
            .filter(|(_, number)| *number < before)
            .copied()
            .collect();
        for (index, name) in old.into_iter().enumerate() {
            let Some(segment) = self.segments.remove(&name) else {
                continue;
            };
            if index < most {
                let last = self.segments.keys().map(|(_, number)| *number).max();
                let next = last.map_or(before, |last| last + 1);
                self.segments.insert((timeline, next), segment);
            }
        }
    }
}
