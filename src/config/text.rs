//! Finds the line and column of a range of bytes in a configuration text.

use std::ops::Range;

use super::excerpt::Excerpt;
use super::problem::TextPlace;
use super::secrets;

/// A text and where its lines begin.
pub(super) struct Text<'t> {
    all: &'t str,
    line_starts: Vec<usize>,
}

impl<'t> Text<'t> {
    /// Removes a byte order mark, which some editors write and do not show.
    pub(super) fn new(text: &'t str) -> Self {
        let all = text.strip_prefix('\u{feff}').unwrap_or(text);
        let after_newlines = all.match_indices('\n').map(|(at, _)| at.saturating_add(1));
        Self {
            all,
            line_starts: std::iter::once(0).chain(after_newlines).collect(),
        }
    }

    pub(super) fn as_str(&self) -> &'t str {
        self.all
    }

    /// Returns the place of a range of bytes, with the line to show.
    pub(super) fn place(&self, span: Range<usize>) -> TextPlace {
        let line = self.line_number(span.start);
        let bytes = self.line_around(span.start);
        let shown = self.all.get(bytes.clone()).unwrap_or_default();
        let shown = shown.strip_suffix('\r').unwrap_or(shown);
        let above = self.all.get(..bytes.start).unwrap_or_default();
        let harmless = secrets::harmless(above, shown);
        let within = |at: usize| at.saturating_sub(bytes.start);
        let before = shown
            .char_indices()
            .take_while(|(at, _)| *at < within(span.start));
        TextPlace {
            line,
            column: before.count().saturating_add(1),
            excerpt: Excerpt::new(shown, harmless, within(span.start)..within(span.end)),
            span,
        }
    }

    /// Returns the bytes of the line that holds `at`, without its newline.
    fn line_around(&self, at: usize) -> Range<usize> {
        let number = self.line_number(at);
        let start = self.line_starts.get(number.saturating_sub(1));
        let next = self.line_starts.get(number);
        let end = next.map_or(self.all.len(), |next| next.saturating_sub(1));
        start.copied().unwrap_or_default()..end
    }

    /// Returns the number of the line that holds `at`, from 1.
    fn line_number(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at)
    }
}
