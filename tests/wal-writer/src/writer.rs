//! A server that writes a stream into its files.

use std::ops::Range;

use crate::files::Files;
use crate::layout::Layout;
use crate::stream::{Mark, Stream, Written};

/// Where it writes, and what it has written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writer {
    /// Where the next record comes.
    pub stream: Stream,
    /// What it has.
    pub files: Files,
}

impl Writer {
    /// One that begins on timeline 1 at a position.
    #[must_use]
    pub fn new(layout: Layout, at: u64) -> Self {
        Self {
            stream: Stream::new(layout, at),
            files: Files::default(),
        }
    }

    /// Writes a record that means nothing to who reads it here.
    pub fn other(&mut self, length: usize) -> Range<u64> {
        let written = self.stream.other(length);
        self.write(written)
    }

    /// Writes a record that names this timeline and the one before.
    pub fn mark(&mut self, mark: Mark, previous: u32) -> Range<u64> {
        let written = self.stream.mark(mark, previous);
        self.write(written)
    }

    /// Leaves the rest of the segment empty.
    pub fn switch(&mut self) -> Range<u64> {
        let written = self.stream.switch();
        self.write(written)
    }

    /// Writes a record with any content.
    pub fn record(&mut self, manager: u8, info: u8, content: &[u8]) -> Range<u64> {
        let written = self.stream.record(manager, info, content);
        self.write(written)
    }

    /// Writes the first page's part of a record, and goes on at the next page, whose header says that the rest
    /// is lost.
    pub fn lose_the_rest(&mut self) {
        let Stream {
            layout,
            timeline,
            previous,
            ..
        } = self.stream;
        let Written { from, bytes, .. } = self.stream.other(3000);
        let lost = (from + 1).next_multiple_of(layout.page);
        let kept = usize::try_from(lost - from).unwrap();
        self.files.write(layout, timeline, from, &bytes[..kept]);
        self.stream.overwrite(lost, previous);
    }

    /// Promotes it, and returns the line that the new timeline's history has of the old one.
    pub fn fork(&mut self) -> String {
        let Stream {
            layout,
            timeline,
            at,
            ..
        } = self.stream;
        self.stream.timeline = timeline + 1;
        self.files.fork(layout, timeline, timeline + 1, at);
        let (high, low) = (at >> 32, at & 0xFFFF_FFFF);
        format!("{timeline}\t{high:X}/{low:X}\tpromoted\n")
    }

    fn write(&mut self, written: Written) -> Range<u64> {
        let Stream {
            layout, timeline, ..
        } = self.stream;
        self.files
            .write(layout, timeline, written.from, &written.bytes);
        written.record
    }
}
