//! Reads record after record by the rules of `XLogDecodeNextRecord` in
//! `src/backend/access/transam/xlogreader.c`, so that exactly the records are accepted that a
//! recovery would replay. Opens no file.

use super::format::Format;
use super::geometry::Geometry;
use super::history::History;
use super::record::{ALIGNMENT, Assembly, HEADER, Record, RecordKind, aligned};
use super::source::{NewestPage, Pages, Segments};
use super::stop::{Halt, Stop};
use crate::base::bytes::u32_at;
use crate::health::Lsn;
use crate::postgres::timeline::Timeline;

/// A walk along a history. It keeps one chunk of a file and the first bytes of a record.
#[derive(Debug)]
pub struct Walk<'a, S> {
    pages: Pages<'a, S>,
    format: Format,
    history: &'a History,
    /// Where the next record begins, or the page on which it is the first.
    next: Lsn,
    /// Where the last record began; `None` at the start.
    previous: Option<Lsn>,
    newest: NewestPage,
}

impl<'a, S: Segments> Walk<'a, S> {
    /// Makes a walk that begins with the record at a position, such as the control file's REDO.
    pub fn new(segments: &'a mut S, format: Format, history: &'a History, start: Lsn) -> Self {
        Self {
            pages: Pages::new(segments, format, history),
            format,
            history,
            next: start,
            previous: None,
            newest: NewestPage::NONE,
        }
    }

    /// Reads the next record, or returns why there is none.
    pub fn step(&mut self) -> Result<Result<Record, Stop>, S::Error> {
        self.newest_first(self.next, |walk, ceiling| {
            let mut newest = walk.newest;
            let record = walk.read(ceiling, &mut newest)?;
            walk.previous = Some(record.at);
            walk.next = record.end;
            walk.newest = newest;
            Ok(record)
        })
    }

    /// Returns where the first record begins on a page; `None` if the rest of an earlier record fills the page.
    pub(super) fn first_record_on(
        &mut self,
        page: Lsn,
    ) -> Result<Result<Option<Lsn>, Stop>, S::Error> {
        self.newest_first(page, |walk, ceiling| {
            let mut newest = NewestPage::NONE;
            let (header, _) = walk.pages.load(page, ceiling, &mut newest)?;
            Ok(header.first_record(page, walk.format.geometry))
        })
    }

    /// Makes the record at a position the next one, without a check of its link.
    pub fn begin_anew(&mut self, at: Lsn) {
        self.next = at;
        self.previous = None;
        self.newest = NewestPage::NONE;
    }

    /// Returns where the next record begins, or the page on which it is the first.
    pub(super) fn next(&self) -> Lsn {
        self.next
    }

    /// Returns the sizes of segments and pages.
    pub(super) fn geometry(&self) -> Geometry {
        self.format.geometry
    }

    /// Reads something that begins at a position. If the newest timeline's file does not have it, it is read from the
    /// file of an older timeline, of which the newer file began as a copy.
    fn newest_first<T>(
        &mut self,
        at: Lsn,
        mut read: impl FnMut(&mut Self, Timeline) -> Result<T, Halt<S::Error>>,
    ) -> Result<Result<T, Stop>, S::Error> {
        let needed = self.history.timeline_at(at);
        let mut ceiling = self.history.target();
        let mut first_stop = None;
        loop {
            self.pages.begin();
            match read(self, ceiling) {
                Ok(found) => return Ok(Ok(found)),
                Err(Halt::Source(error)) => return Err(error),
                Err(Halt::Stop(stop)) => {
                    let stop = *first_stop.get_or_insert(stop);
                    let used = self.pages.used();
                    match used.and_then(|used| self.history.before(used)) {
                        Some(older) if older >= needed => ceiling = older,
                        Some(_) | None => return Ok(Err(stop)),
                    }
                }
            }
        }
    }

    /// Reads the next record, from files whose timelines are not newer than `ceiling`.
    fn read(
        &mut self,
        ceiling: Timeline,
        newest: &mut NewestPage,
    ) -> Result<Record, Halt<S::Error>> {
        let mut begin = self.next;
        loop {
            match self.read_at(begin, ceiling, newest)? {
                Read::Whole(record) => return Ok(record),
                // Each page is further on, so this ends where the files end.
                Read::Overwritten(page) => begin = page,
            }
        }
    }

    fn read_at(
        &mut self,
        begin: Lsn,
        ceiling: Timeline,
        newest: &mut NewestPage,
    ) -> Result<Read, Halt<S::Error>> {
        let geometry = self.format.geometry;
        let mut page = geometry.page_of(begin);
        let (mut header, file) = self.pages.load(page, ceiling, newest)?;
        let mut offset = geometry.offset_in_page(begin);
        if offset == 0 {
            offset = header.size();
        }
        let at = Lsn(page.0.saturating_add(offset));
        let follows_rest = header.continues() && offset == header.size();
        if offset < header.size() || !offset.is_multiple_of(ALIGNMENT) || follows_rest {
            return Err(Stop::NoBeginning(at).into());
        }
        let timeline = self.history.timeline_at(at);
        let left_behind = Stop::LeftBehind {
            at,
            timeline: file.timeline.min(timeline),
        };
        if file.timeline < timeline {
            return Err(left_behind.into());
        }
        let total = u32_at(self.pages.bytes(offset, 4), 0).unwrap_or_default();
        if total < HEADER {
            return Err(Stop::Length { at, found: total }.into());
        }
        let mut assembly = Assembly::new();
        assembly.push(self.pages.bytes(offset, total));
        self.check_link(&assembly, at)?;
        let mut end = at.0.saturating_add(aligned(total));
        while assembly.got() < total {
            let rest = total.saturating_sub(assembly.got());
            page = Lsn(page.0.saturating_add(u64::from(geometry.page())));
            (header, _) = self.pages.load(page, ceiling, newest)?;
            if header.overwrites() {
                return Ok(Read::Overwritten(page));
            }
            if !header.continues() || header.remaining != rest {
                return Err(Stop::NoRest { at, page }.into());
            }
            assembly.push(self.pages.bytes(header.size(), rest));
            self.check_link(&assembly, at)?;
            let begin = page.0.saturating_add(header.size());
            end = begin.saturating_add(aligned(rest));
        }
        if !assembly.is_whole() {
            return Err(Stop::Checksum(at).into());
        }
        let (kind, redo) = (assembly.kind(), assembly.redo());
        let mut end = Lsn(end);
        if kind == RecordKind::SegmentSwitch {
            end = geometry.next_segment(end).unwrap_or(end);
        }
        if self.history.end_of(timeline).is_some_and(|left| end > left) {
            return Err(left_behind.into());
        }
        Ok(Read::Whole(Record {
            at,
            end,
            timeline,
            kind,
            redo,
        }))
    }

    /// Checks that a record's link is to the record that was read before it, as soon as the link was read. The
    /// link of the first record can only be compared with its own position.
    fn check_link(&self, assembly: &Assembly, at: Lsn) -> Result<(), Stop> {
        let Some(found) = assembly.previous() else {
            return Ok(());
        };
        let is_right = match self.previous {
            Some(previous) => found == previous,
            None => found < at,
        };
        if is_right {
            Ok(())
        } else {
            Err(Stop::Link { at, found })
        }
    }
}

/// What was found where a record should begin.
enum Read {
    /// A whole record.
    Whole(Record),
    /// The beginning of a record whose rest was never written; another record begins on this page.
    Overwritten(Lsn),
}
