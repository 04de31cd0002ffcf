//! From record to record, each by the rules of `XLogDecodeNextRecord` in
//! `src/backend/access/transam/xlogreader.c`, so that neither more nor less is taken for WAL than a
//! recovery would. Knows no file.

use super::format::Format;
use super::history::History;
use super::record::{Assembly, HEADER, Kind, Record};
use super::source::{Newest, Pages, Segments};
use super::stop::{Halt, Stop};
use crate::agent::bytes::u32_at;
use crate::agent::timeline::Timeline;
use crate::role::Lsn;

/// A walk along a history. It never goes back, and holds one stretch of a file and the head of a record.
#[derive(Debug)]
pub struct Walk<'a, S> {
    pages: Pages<'a, S>,
    format: Format,
    history: &'a History,
    /// Where the next record begins, or the page that it is the first on.
    next: Lsn,
    /// Where the last record began; none at the start.
    previous: Option<Lsn>,
    newest: Newest,
}

impl<'a, S: Segments> Walk<'a, S> {
    /// A walk that begins with the record at a position: the control file's REDO is one.
    pub fn new(segments: &'a mut S, format: Format, history: &'a History, start: Lsn) -> Self {
        Self {
            pages: Pages::new(segments, format, history),
            format,
            history,
            next: start,
            previous: None,
            newest: Newest {
                at: Lsn(0),
                timeline: Timeline(0),
            },
        }
    }

    /// The next record, or why there is none. What is not there in the newest timeline's file may be in
    /// that of an older one, which the newer began as a copy of: then it is taken from there.
    pub fn step(&mut self) -> Result<Result<Record, Stop>, S::Error> {
        let needed = self.history.timeline_at(self.next);
        let mut ceiling = self.history.target();
        let mut first_stop = None;
        loop {
            let mut newest = self.newest;
            self.pages.begin();
            match self.read(ceiling, &mut newest) {
                Ok(record) => {
                    self.previous = Some(record.at);
                    self.next = record.end;
                    self.newest = newest;
                    return Ok(Ok(record));
                }
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

    /// The next record, from files of no newer timeline than `ceiling`.
    fn read(&mut self, ceiling: Timeline, newest: &mut Newest) -> Result<Record, Halt<S::Error>> {
        let mut begin = self.next;
        loop {
            match self.read_at(begin, ceiling, newest)? {
                Read::Whole(record) => return Ok(record),
                // Always further on, so this ends where the files do.
                Read::Overwritten(page) => begin = page,
            }
        }
    }

    fn read_at(
        &mut self,
        begin: Lsn,
        ceiling: Timeline,
        newest: &mut Newest,
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
        let kind = assembly.kind();
        let mut end = Lsn(end);
        if kind == Kind::SegmentSwitch {
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
        }))
    }

    /// Whether a record follows the one that was read before it, as soon as it says which it follows. The
    /// first one can only be held against its own place.
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

/// What stands where a record should begin.
enum Read {
    /// One.
    Whole(Record),
    /// The beginning of one whose rest was never written; at this page another one begins.
    Overwritten(Lsn),
}

/// Records begin at multiples of it (`MAXALIGN`).
const ALIGNMENT: u64 = 8;

/// The room that so many bytes take.
fn aligned(length: u32) -> u64 {
    u64::from(length).next_multiple_of(ALIGNMENT)
}
