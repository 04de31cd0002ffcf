//! From records to the bytes of WAL, as a server writes them and a standby receives them (`CopyXLogRecordToWAL`
//! and `AdvanceXLInsertBuffer` in `src/backend/access/transam/xlog.c`). Knows no file.

use std::ops::Range;

use crate::layout::Layout;

/// `XLP_FIRST_IS_CONTRECORD`.
const CONTINUES: u16 = 1;
/// `XLP_LONG_HEADER`.
const IS_LONG: u16 = 2;
/// `XLP_FIRST_IS_OVERWRITE_CONTRECORD`.
const OVERWRITES: u16 = 8;

/// Where a server writes, and what it has to know for the next record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// What all pages have in common.
    pub layout: Layout,
    /// The timeline that it writes.
    pub timeline: u32,
    /// Where the next record begins, or the page that it is the first on.
    pub at: u64,
    /// Where the last record began.
    pub previous: u64,
    /// What the next page's header is to say beside what it must.
    flags: u16,
}

/// A record as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Where the bytes begin: at the record, or at the header of the page that it is the first on.
    pub from: u64,
    /// The record, the headers of pages before and within it, and what aligns its end.
    pub bytes: Vec<u8>,
    /// From where the record begins to where the next one would be written.
    pub record: Range<u64>,
}

/// The records of the log itself that name timelines (`src/include/catalog/pg_control.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// `XLOG_CHECKPOINT_SHUTDOWN`.
    ShutdownCheckpoint,
    /// `XLOG_CHECKPOINT_ONLINE`.
    OnlineCheckpoint,
    /// `XLOG_END_OF_RECOVERY`, and when that was, in microseconds since 2000-01-01.
    EndOfRecovery(u64),
}

impl Mark {
    fn info(self) -> u8 {
        match self {
            Self::ShutdownCheckpoint => 0x00,
            Self::OnlineCheckpoint => 0x10,
            Self::EndOfRecovery(_) => 0x90,
        }
    }
}

impl Stream {
    /// A stream on timeline 1 that begins at a position.
    #[must_use]
    pub fn new(layout: Layout, at: u64) -> Self {
        Self {
            layout,
            timeline: 1,
            at,
            previous: 0x28,
            flags: 0,
        }
    }

    /// A record that means nothing to who reads it here, with so many bytes of content, which another place's has
    /// not.
    pub fn other(&mut self, length: usize) -> Written {
        let first = usize::try_from(self.at / 8 % 251).unwrap();
        let content: Vec<u8> = (0_u8..=255).cycle().skip(first).take(length).collect();
        self.record(10, 0, &content)
    }

    /// A record that names this timeline and the one before.
    pub fn mark(&mut self, mark: Mark, previous: u32) -> Written {
        let mut content = vec![255, 88];
        let first = match mark {
            Mark::ShutdownCheckpoint | Mark::OnlineCheckpoint => self.at,
            Mark::EndOfRecovery(time) => time,
        };
        content.extend(first.to_ne_bytes());
        content.extend(self.timeline.to_ne_bytes());
        content.extend(previous.to_ne_bytes());
        content.resize(90, 0);
        self.record(0, mark.info(), &content)
    }

    /// The record that leaves the rest of the segment empty.
    pub fn switch(&mut self) -> Written {
        let mut written = self.record(0, 0x40, &[]);
        self.at = self.at.next_multiple_of(self.layout.segment);
        written.record.end = self.at;
        written
    }

    /// A record with any content.
    pub fn record(&mut self, manager: u8, info: u8, content: &[u8]) -> Written {
        let total = 24 + content.len();
        let mut head = Vec::with_capacity(24);
        head.extend(u32::try_from(total).unwrap().to_ne_bytes());
        head.extend(77_u32.to_ne_bytes());
        head.extend(self.previous.to_ne_bytes());
        head.extend([info, manager, 0, 0]);
        let crc = crc32c::crc32c_append(crc32c::crc32c(content), &head);
        head.extend(crc.to_ne_bytes());
        let from = self.at;
        // With the headers of pages, the longest of which has 40 bytes, and what aligns the end.
        let pages = total / usize::try_from(self.layout.page).unwrap() + 2;
        let mut bytes = Vec::with_capacity(total + 40 * pages + 8);
        let mut begin = None;
        let mut left = total;
        for part in [&head[..], content] {
            let mut rest = part;
            while !rest.is_empty() {
                if self.at.is_multiple_of(self.layout.page) {
                    let header = self.header(begin.map(|_| left));
                    self.push(&mut bytes, &header);
                }
                begin.get_or_insert(self.at);
                let room = usize::try_from(self.layout.page - self.at % self.layout.page).unwrap();
                let (now, later) = rest.split_at(rest.len().min(room));
                self.push(&mut bytes, now);
                left -= now.len();
                rest = later;
            }
        }
        let padding = self.at.next_multiple_of(8) - self.at;
        self.push(&mut bytes, &[0; 8][..usize::try_from(padding).unwrap()]);
        self.previous = begin.unwrap();
        Written {
            from,
            bytes,
            record: self.previous..self.at,
        }
    }

    /// Has the stream go on at the next page, whose header says that the rest of the record before it was never
    /// written, and after another record than the last.
    pub fn overwrite(&mut self, page: u64, previous: u64) {
        self.at = page;
        self.previous = previous;
        self.flags = OVERWRITES;
    }

    fn header(&mut self, rest: Option<usize>) -> Vec<u8> {
        let layout = self.layout;
        let is_long = self.at.is_multiple_of(layout.segment);
        let mut flags = self.flags;
        self.flags = 0;
        if rest.is_some() {
            flags |= CONTINUES;
        }
        if is_long {
            flags |= IS_LONG;
        }
        let mut bytes = Vec::from(layout.magic.to_ne_bytes());
        bytes.extend(flags.to_ne_bytes());
        bytes.extend(self.timeline.to_ne_bytes());
        bytes.extend(self.at.to_ne_bytes());
        bytes.extend(
            u32::try_from(rest.unwrap_or_default())
                .unwrap()
                .to_ne_bytes(),
        );
        bytes.extend([0; 4]);
        if is_long {
            bytes.extend(layout.system.to_ne_bytes());
            bytes.extend(u32::try_from(layout.segment).unwrap().to_ne_bytes());
            bytes.extend(u32::try_from(layout.page).unwrap().to_ne_bytes());
        }
        bytes
    }

    fn push(&mut self, bytes: &mut Vec<u8>, more: &[u8]) {
        bytes.extend(more);
        self.at += u64::try_from(more.len()).unwrap();
    }
}
