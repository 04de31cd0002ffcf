//! A file of WAL, of which only the pages that were written take room. Knows no content.

use std::rc::Rc;

/// The size of a page in bytes.
pub(crate) const PAGE: usize = 8192;
/// The size of a segment in bytes, the least that a server can have.
pub(crate) const SEGMENT: u64 = 1 << 20;
const PAGES: usize = SEGMENT as usize / PAGE;

/// A file. A copy of it takes no room until it is written to.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pages: Vec<Option<Rc<[u8]>>>,
}

/// A page that was never written.
static EMPTY: [u8; PAGE] = [0; PAGE];

impl Segment {
    /// All zeros, as a server makes it.
    pub(crate) fn new() -> Self {
        Self {
            pages: vec![None; PAGES],
        }
    }

    /// Writes bytes at an offset; they end within the file.
    pub(crate) fn write(&mut self, offset: usize, bytes: &[u8]) {
        let (mut offset, mut rest) = (offset, bytes);
        while !rest.is_empty() {
            let within = offset % PAGE;
            let (now, later) = rest.split_at(rest.len().min(PAGE - within));
            let page = &mut self.pages[offset / PAGE];
            if now.len() == PAGE {
                *page = Some(Rc::from(now));
            } else {
                let page = page.get_or_insert_with(|| Rc::from(&EMPTY[..]));
                Rc::make_mut(page)[within..within + now.len()].copy_from_slice(now);
            }
            offset += now.len();
            rest = later;
        }
    }

    /// Takes over what another file has between two offsets. Whole pages are the same from then on, until one of the
    /// two is written to.
    pub(crate) fn take(&mut self, other: &Self, from: usize, to: usize) {
        let mut offset = from;
        while offset < to {
            let (page, within) = (offset / PAGE, offset % PAGE);
            let length = (PAGE - within).min(to - offset);
            match &other.pages[page] {
                Some(theirs) if length == PAGE => self.pages[page] = Some(Rc::clone(theirs)),
                Some(theirs) => self.write(offset, &theirs[within..within + length]),
                None => self.clear(offset, offset + length),
            }
            offset += length;
        }
    }

    /// Reads from an offset on until the buffer is full or the file ends.
    pub(crate) fn read(&self, offset: usize, buffer: &mut [u8]) -> usize {
        let length = buffer.len().min((SEGMENT as usize).saturating_sub(offset));
        let (mut offset, mut rest) = (offset, &mut buffer[..length]);
        while !rest.is_empty() {
            let within = offset % PAGE;
            let (now, later) = rest.split_at_mut(rest.len().min(PAGE - within));
            match &self.pages[offset / PAGE] {
                Some(page) => now.copy_from_slice(&page[within..within + now.len()]),
                None => now.fill(0),
            }
            offset += now.len();
            rest = later;
        }
        length
    }

    /// Fills the file with zeros from an offset to another one.
    pub(crate) fn clear(&mut self, from: usize, to: usize) {
        let mut offset = from;
        while offset < to {
            let within = offset % PAGE;
            let length = (PAGE - within).min(to - offset);
            if length == PAGE {
                self.pages[offset / PAGE] = None;
            } else if let Some(page) = &mut self.pages[offset / PAGE] {
                Rc::make_mut(page)[within..within + length].fill(0);
            }
            offset += length;
        }
    }
}
