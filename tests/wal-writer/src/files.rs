//! A `pg_wal` in memory: the bytes of a stream, in the files of its timelines.

use std::collections::BTreeMap;

use crate::layout::Layout;

/// The segments, by their name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(pub BTreeMap<String, Vec<u8>>);

impl Files {
    /// Writes bytes of a timeline's WAL at a position. A file that is not there is made, of its whole size and
    /// with zeros, as a server makes it.
    pub fn write(&mut self, layout: Layout, timeline: u32, at: u64, bytes: &[u8]) {
        let mut rest = bytes;
        let mut at = at;
        while !rest.is_empty() {
            let whole = usize::try_from(layout.segment).unwrap();
            let offset = layout.offset(at);
            let (now, later) = rest.split_at(rest.len().min(whole - offset));
            let file = self.0.entry(layout.file(timeline, at));
            let content = file.or_insert_with(|| vec![0; whole]);
            content[offset..offset + now.len()].copy_from_slice(now);
            at += u64::try_from(now.len()).unwrap();
            rest = later;
        }
    }

    /// Reads from a file, from an offset on, until the buffer is full or the file ends. None if there is no
    /// such file.
    #[must_use]
    pub fn read_file(&self, name: &str, offset: u64, buffer: &mut [u8]) -> Option<usize> {
        let content = self.0.get(name)?;
        let rest = content.get(usize::try_from(offset).unwrap()..);
        let rest = rest.unwrap_or_default();
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        Some(length)
    }

    /// Gives a file the name of a segment that is yet to be written (`InstallXLogFileSegment` in
    /// `src/backend/access/transam/xlog.c`): what it holds stays.
    pub fn recycle(&mut self, from: &str, to: &str) {
        let content = self.0.remove(from).unwrap();
        self.0.insert(to.into(), content);
    }

    /// Copies a segment up to a position for a new timeline, as a promotion does (`XLogInitNewTimeline`).
    pub fn fork(&mut self, layout: Layout, timeline: u32, new: u32, at: u64) {
        if let Some(mut copy) = self.0.get(&layout.file(timeline, at)).cloned() {
            copy[layout.offset(at)..].fill(0);
            self.0.insert(layout.file(new, at), copy);
        }
    }
}
