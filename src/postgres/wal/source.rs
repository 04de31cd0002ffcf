//! Brings WAL page by page, from the newest of several timelines' files that exists, as a recovery does
//! (`XLogFileReadAnyTLI` in `src/backend/access/transam/xlogrecovery.c`).
//! Knows no record.

use super::format::Format;
use super::geometry::Segment;
use super::history::History;
use super::page::{PageFault, PageHeader};
use super::stop::{Halt, Stop};
use crate::health::Lsn;
use crate::postgres::timeline::Timeline;

/// The files of `pg_wal`, whoever reads them. An error ends the whole walk: this is the one place where a deadline can
/// take effect.
pub trait Segments {
    /// Why bytes could not be read.
    type Error;

    /// The number of bytes that are read at once: a multiple of every page size and a divisor of every segment size, or
    /// the page size itself.
    const AT_ONCE: u32 = 1 << 17;

    /// Reads from a file, at an offset, until the buffer is full or the file ends, and returns the number
    /// of bytes read; `None` if there is no such file.
    fn read(
        &mut self,
        segment: Segment,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<Option<usize>, Self::Error>;
}

/// The page that was read last.
#[derive(Debug)]
pub(super) struct Pages<'a, S> {
    segments: &'a mut S,
    format: Format,
    history: &'a History,
    /// The file and the offset from which the buffer was filled, and the number of bytes in it.
    filled: Option<(Segment, u64, usize)>,
    buffer: Vec<u8>,
    /// Where in the buffer the last page begins.
    page: usize,
    /// The file whose first page was checked.
    identified: Option<Segment>,
    used: Option<Timeline>,
    /// The missing files of the segment that was looked for last.
    absent: Vec<Segment>,
}

/// The last page from which a record was read. No later page has an older timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NewestPage {
    pub(super) at: Lsn,
    pub(super) timeline: Timeline,
}

impl NewestPage {
    /// No page was read yet.
    pub(super) const NONE: Self = Self {
        at: Lsn(0),
        timeline: Timeline(0),
    };
}

impl<'a, S: Segments> Pages<'a, S> {
    pub(super) fn new(segments: &'a mut S, format: Format, history: &'a History) -> Self {
        Self {
            segments,
            format,
            history,
            filled: None,
            buffer: Vec::new(),
            page: 0,
            identified: None,
            used: None,
            absent: Vec::new(),
        }
    }

    /// Returns at most `most` bytes, from an offset, of the page that [`Self::load`] has brought.
    pub(super) fn bytes(&self, offset: u64, most: u32) -> &[u8] {
        let size = usize::try_from(self.format.geometry.page()).unwrap_or_default();
        let (offset, most) = (usize::try_from(offset), usize::try_from(most));
        let (Ok(offset), Ok(most)) = (offset, most) else {
            return &[];
        };
        let end = offset.saturating_add(most).min(size);
        let begin = self.page.saturating_add(offset);
        self.buffer
            .get(begin..self.page.saturating_add(end))
            .unwrap_or_default()
    }

    /// Forgets the timelines of the files that were used.
    pub(super) fn begin(&mut self) {
        self.used = None;
    }

    /// Returns the newest timeline from whose files pages were brought, or tried, since [`Self::begin`].
    pub(super) fn used(&self) -> Option<Timeline> {
        self.used
    }

    /// Brings the page at a position, from a file whose timeline is not newer than `ceiling`, and returns its header
    /// and the file.
    pub(super) fn load(
        &mut self,
        at: Lsn,
        ceiling: Timeline,
        newest: &mut NewestPage,
    ) -> Result<(PageHeader, Segment), Halt<S::Error>> {
        let segment = self.file(at, ceiling)?;
        self.used = self.used.max(Some(segment.timeline));
        // Only the first page identifies the cluster of a file, so it is checked wherever a walk begins.
        let first = self.format.geometry.segment_of(at);
        if self.identified != Some(segment) && first != at {
            self.checked(first, segment, newest)?;
            self.identified = Some(segment);
        }
        let header = self.checked(at, segment, newest)?;
        self.identified = Some(segment);
        Ok((header, segment))
    }

    /// Returns the file of the newest timeline that has a position.
    fn file(&mut self, at: Lsn, ceiling: Timeline) -> Result<Segment, Halt<S::Error>> {
        let geometry = self.format.geometry;
        let begin = geometry.segment_of(at);
        let end = Lsn(begin.0.saturating_add(u64::from(geometry.segment())));
        let mut absent = Segment::holding(at, ceiling, geometry);
        for timeline in self.history.between(begin, end) {
            if timeline > ceiling {
                continue;
            }
            absent = Segment::holding(at, timeline, geometry);
            if self.fill(absent, geometry.offset(at))?.is_some() {
                return Ok(absent);
            }
        }
        Err(Stop::NoFile(absent).into())
    }

    /// Returns the header of a page, if it is the right page.
    fn checked(
        &mut self,
        at: Lsn,
        segment: Segment,
        newest: &mut NewestPage,
    ) -> Result<PageHeader, Halt<S::Error>> {
        let filled = self.fill(segment, self.format.geometry.offset(at))?;
        let filled = filled.ok_or(Stop::NoFile(segment))?;
        if filled.length < u64::from(self.format.geometry.page()) {
            return Err(Stop::ShortFile { segment, at }.into());
        }
        self.page = filled.begin;
        let page = self.bytes(0, self.format.geometry.page());
        let wrong = |fault| Stop::Page { segment, at, fault };
        let header = PageHeader::read(page, at, self.format).map_err(wrong)?;
        let is_later = at > newest.at;
        // A file of WAL outside this history may have the name of one in it.
        if header.timeline < self.history.oldest_on(at)
            || (is_later && header.timeline < newest.timeline)
            || header.timeline > segment.timeline
        {
            return Err(wrong(PageFault::Timeline(header.timeline)).into());
        }
        if is_later {
            *newest = NewestPage {
                at,
                timeline: header.timeline,
            };
        }
        Ok(header)
    }

    /// Fills the buffer from a file at an offset; returns `None` if there is no such file.
    fn fill(&mut self, segment: Segment, offset: u64) -> Result<Option<Filled>, Halt<S::Error>> {
        let chunk = offset & !u64::from(S::AT_ONCE).saturating_sub(1);
        let length = match self.filled {
            Some((held, from, length)) if held == segment && from == chunk => length,
            Some(_) | None if self.absent.contains(&segment) => return Ok(None),
            Some(_) | None => {
                self.filled = None;
                self.buffer
                    .resize(usize::try_from(S::AT_ONCE).unwrap_or_default(), 0);
                let read = self.segments.read(segment, chunk, &mut self.buffer);
                let Some(length) = read.map_err(Halt::Source)? else {
                    self.absent.retain(|one| one.number == segment.number);
                    self.absent.push(segment);
                    return Ok(None);
                };
                let length = length.min(self.buffer.len());
                self.filled = Some((segment, chunk, length));
                length
            }
        };
        let begin = usize::try_from(offset.saturating_sub(chunk)).unwrap_or(usize::MAX);
        let length = u64::try_from(length.saturating_sub(begin)).unwrap_or(u64::MAX);
        Ok(Some(Filled { begin, length }))
    }
}

/// What the buffer holds from a wanted offset on.
#[derive(Clone, Copy, Debug)]
struct Filled {
    /// The index in the buffer.
    begin: usize,
    /// The number of bytes.
    length: u64,
}
