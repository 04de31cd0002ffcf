//! The files of WAL of a data directory. Knows no record.

use std::collections::BTreeMap;
use std::time::Duration;

use pgsql_state::postgres::Timeline;
use pgsql_state::postgres::wal::History;

use super::segment::{SEGMENT, Segment};

/// The name of a segment's file: its timeline and its number.
pub(crate) type Name = (u32, u64);

/// A `pg_wal`.
#[derive(Clone, Debug, Default)]
pub(crate) struct PgWal {
    /// The segments.
    pub(crate) segments: BTreeMap<Name, Segment>,
    /// The histories: what the text of each timeline's file says to the agent, and when it was
    /// written by the clock on the wall.
    pub(crate) histories: BTreeMap<u32, (Option<History>, Duration)>,
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

    /// Takes what another `pg_wal` has between two positions into the files of a timeline: from its files of one of
    /// these timelines, the first that has the segment. Says whether it has all of that; else nothing is taken.
    pub(crate) fn take(
        &mut self,
        timeline: u32,
        other: &Self,
        timelines: &[u32],
        from: u64,
        to: u64,
    ) -> bool {
        let numbers = from / SEGMENT..to.div_ceil(SEGMENT);
        let files = numbers.map(|number| {
            let names = timelines.iter().map(|timeline| (*timeline, number));
            let mut files = names.filter_map(|name| other.segments.get(&name));
            Some((number, files.next()?))
        });
        let Some(files) = files.collect::<Option<Vec<_>>>() else {
            return false;
        };
        for (number, theirs) in files {
            let begin = number * SEGMENT;
            let own = self.segments.entry((timeline, number));
            let own = own.or_insert_with(Segment::new);
            let last = to.min(begin + SEGMENT) - begin;
            own.take(theirs, (from.max(begin) - begin) as usize, last as usize);
        }
        true
    }

    /// Writes the text of a timeline's history file.
    pub(crate) fn write_history(&mut self, timeline: u32, text: &str, now: Duration) {
        let history = History::parse(Timeline(timeline), text).ok();
        self.histories.insert(timeline, (history, now));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::segment::PAGE;

    fn bytes(pg_wal: &PgWal, timeline: u32, from: u64, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        let segment = &pg_wal.segments[&(timeline, from / SEGMENT)];
        segment.read((from % SEGMENT) as usize, &mut bytes);
        bytes
    }

    #[test]
    fn what_is_taken_over_is_what_the_other_has_and_stays_so() {
        let (mut one, mut other) = (PgWal::default(), PgWal::default());
        let from = 3 * SEGMENT - 2 * PAGE as u64 - 100;
        let content: Vec<u8> = (0..5 * PAGE).map(|index| (index % 251) as u8).collect();
        one.write(2, from, &content);
        other.write(3, from, &[9; 50]);
        let end = from + content.len() as u64 - 300;
        assert!(other.take(3, &one, &[5, 2], from + 20, end));
        let has = |wal: &PgWal, timeline, at: u64, length| {
            let first = (at - from) as usize;
            bytes(wal, timeline, at, length) == content[first..first + length]
        };
        let boundary = (3 * SEGMENT - from) as usize;
        assert!(has(&other, 3, from + 20, boundary - 20));
        assert!(has(&other, 3, 3 * SEGMENT, content.len() - boundary - 300));
        assert_eq!(bytes(&other, 3, from, 20), [9; 20]);
        assert_eq!(bytes(&other, 3, end, 300), [0; 300]);
        // Neither sees what is written to the other one later.
        let page = from + 100 + PAGE as u64;
        one.write(2, page, &[7; 10]);
        other.write(3, page + 20, &[8; 10]);
        assert!(has(&other, 3, page, 20));
        assert!(has(&one, 2, page + 20, 10));
    }

    #[test]
    fn nothing_is_taken_where_a_segment_is_missing() {
        let (mut one, mut other) = (PgWal::default(), PgWal::default());
        one.write(1, 0, &[1; 10]);
        assert!(!other.take(1, &one, &[1], 5, SEGMENT + 5));
        assert!(other.segments.is_empty());
    }
}
