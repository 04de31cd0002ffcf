//! Whether a promoted server has all the WAL for which it was elected. Knows neither the server nor the cluster.

use crate::health::Lsn;
use crate::postgres::position::Position;
use crate::postgres::timeline::{Branch, Timeline};

/// The smallest page of WAL (`XLOG_BLCKSZ`, a multiple of it), and the longest header of one
/// (`SizeOfXLogLongPHD` in `src/include/access/xlog_internal.h`).
const PAGE: u64 = 1024;
const HEADER: u64 = 40;

/// Returns whether the new timeline begins before the position that the server had reported on its parent: its replay has
/// ended early, and what lies between is lost to it. A record may begin behind the header of a page at whose beginning
/// the timeline does.
#[must_use]
pub fn falls_short(elected: Position, parent: Option<Timeline>, branch: Branch) -> bool {
    let Lsn(begin) = branch.begin.at;
    let header = if begin.is_multiple_of(PAGE) {
        HEADER
    } else {
        0
    };
    parent == Some(elected.timeline) && begin.saturating_add(header) < elected.lsn.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn falls_short_at(begin: u64, parent: Option<u32>) -> bool {
        let elected = Position {
            timeline: Timeline(3),
            lsn: Lsn(0x0500_2028),
        };
        let branch = Branch {
            timeline: Timeline(4),
            begin: Lsn(begin).into(),
        };
        falls_short(elected, parent.map(Timeline), branch)
    }

    #[test]
    fn a_timeline_that_begins_before_the_position_is_short_of_it() {
        assert!(falls_short_at(0x0500_2027, Some(3)));
        assert!(falls_short_at(0x0500_1ff8, Some(3)));
        assert!(!falls_short_at(0x0500_2028, Some(3)));
        assert!(!falls_short_at(0x0500_2100, Some(3)));
    }

    #[test]
    fn the_header_of_a_page_is_no_record() {
        assert!(!falls_short_at(0x0500_2000, Some(3)));
    }

    #[test]
    fn of_another_parent_nothing_is_known() {
        assert!(!falls_short_at(0x0400_0000, Some(2)));
        assert!(!falls_short_at(0x0400_0000, None));
    }
}
