//! A `pg_wal` as the agent's readers want it. Knows no record.

use pgsql_state::postgres::wal::{Directory, History, Segment, Segments};

use super::pg_wal::PgWal;
use super::segment::PAGE;

/// What a reader reads, and how much it has.
pub(crate) struct Reader<'a> {
    pub(crate) pg_wal: &'a PgWal,
    pub(crate) read: usize,
    /// More than so much cannot be read in time.
    pub(crate) most: usize,
}

/// The time was over before everything was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooSlow;

impl std::fmt::Display for TooSlow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the time is over")
    }
}

impl Segments for Reader<'_> {
    type Error = TooSlow;

    // Here what is read costs more than each reading.
    const AT_ONCE: u32 = PAGE as u32;

    fn read(
        &mut self,
        segment: Segment,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<Option<usize>, TooSlow> {
        if self.read > self.most {
            return Err(TooSlow);
        }
        let name = (segment.timeline.0, segment.number);
        let Some(file) = self.pg_wal.segments.get(&name) else {
            return Ok(None);
        };
        self.read += buffer.len();
        Ok(Some(file.read(offset as usize, buffer)))
    }
}

impl Directory for Reader<'_> {
    fn length(&mut self, segment: Segment) -> Result<Option<u64>, TooSlow> {
        let name = (segment.timeline.0, segment.number);
        let is_there = self.pg_wal.segments.contains_key(&name);
        Ok(is_there.then_some(super::segment::SEGMENT))
    }

    fn histories(&mut self) -> Vec<History> {
        let histories = self.pg_wal.histories.values();
        histories
            .filter_map(|(history, _)| history.clone())
            .collect()
    }
}
