//! Finds how far whole segments follow one another by the first page of each, when there are too many bytes to read
//! them all.

use super::directory::Directory;
use super::format::Format;
use super::geometry::Segment;
use super::history::History;
use super::page::PageHeader;
use crate::health::Lsn;
use crate::postgres::timeline::Timeline;

/// Returns where the last of the segments begins that follow one another along a history, from the segment of a
/// position: each file exists in its whole size, and its first page is the right one.
pub fn last_whole_segment<D: Directory>(
    directory: &mut D,
    format: Format,
    history: &History,
    from: Lsn,
) -> Result<Lsn, D::Error> {
    let mut last = format.geometry.segment_of(from);
    let mut newest = Timeline(0);
    loop {
        let next = last.0.checked_add(u64::from(format.geometry.segment()));
        let Some(next) = next.map(Lsn) else {
            return Ok(last);
        };
        let Some(timeline) = begun_on(directory, format, history, next)? else {
            return Ok(last);
        };
        // No page has an older timeline than a page before it.
        if timeline < newest {
            return Ok(last);
        }
        newest = timeline;
        last = next;
    }
}

/// Returns the timeline on which the first page of a segment was begun; `None` if the segment does not exist as a
/// whole.
fn begun_on<D: Directory>(
    directory: &mut D,
    format: Format,
    history: &History,
    begin: Lsn,
) -> Result<Option<Timeline>, D::Error> {
    let geometry = format.geometry;
    let size = u64::from(geometry.segment());
    let mut page = vec![0; usize::try_from(geometry.page()).unwrap_or_default()];
    for timeline in history.between(begin, Lsn(begin.0.saturating_add(size))) {
        let segment = Segment::holding(begin, timeline, geometry);
        if directory.length(segment)? != Some(size) {
            continue;
        }
        if directory.read(segment, 0, &mut page)? != Some(page.len()) {
            continue;
        }
        match PageHeader::read(&page, begin, format) {
            Ok(PageHeader { timeline: on, .. })
                if history.oldest_on(begin) <= on && on <= timeline =>
            {
                return Ok(Some(on));
            }
            Ok(_) | Err(_) => {}
        }
    }
    Ok(None)
}
