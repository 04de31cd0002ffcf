//! Times without success: between the beginning, each success and the end.

use std::iter::once;
use std::time::Duration;

use super::Frame;
use crate::report::{Gap, Gaps};

/// The gaps between successes, which need not be in order. One that came after the end, because it was
/// under way, ends no gap later than the end.
pub(super) fn gaps(mut successes: Vec<Duration>, frame: Frame) -> Gaps {
    successes.sort_unstable();
    let moments = || successes.iter().map(|at| (*at).min(frame.length));
    let begins = once(Duration::ZERO).chain(moments());
    let ends = moments().chain(once(frame.length));
    let all: Vec<Gap> = begins
        .zip(ends)
        .map(|(begin, end)| Gap {
            begin,
            length: end.saturating_sub(begin),
        })
        .collect();
    let longest = all.iter().copied().max_by_key(|gap| gap.length);
    let listed = all.into_iter().filter(|gap| gap.length >= frame.threshold);
    Gaps {
        longest: longest.unwrap_or_default(),
        listed: listed.collect(),
    }
}
