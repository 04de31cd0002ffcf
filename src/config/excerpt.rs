//! Renders a line for a message, with carets under a part of it.

use std::fmt;
use std::ops::Range;

use unicode_width::UnicodeWidthChar;

/// Most characters of a line that are shown.
const MOST: usize = 120;

/// How many of these stand before the carets when the line is cut at its start.
const BEFORE: usize = 40;

/// Replaces text that is left out.
const CUT: char = '\u{2026}';

/// Replaces a character that would move the cursor or reverse the text.
const UNSHOWABLE: char = '\u{fffd}';

/// A line ready to be shown: tabs are spaces, control characters are replaced, and secrets and overlong parts
/// are cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    line: String,
    indent: usize,
    carets: usize,
}

/// One character on the screen, and the byte of the line that it comes from.
#[derive(Clone, Copy)]
struct Cell {
    from: usize,
    shown: char,
    width: usize,
}

impl Excerpt {
    /// Shows the start of `line` that is `harmless`, with carets under a range of bytes of `line`. `line` has no
    /// newline. An empty range at the end of the line gets one caret directly behind it.
    pub(super) fn new(line: &str, harmless: &str, span: Range<usize>) -> Self {
        let cells = cells(line, harmless);
        let index = |byte: usize| cells.partition_point(|cell| cell.from < byte);
        let first = index(span.start.min(harmless.len()));
        let behind = index(span.end);
        let window = if cells.len() > MOST {
            let start = first.saturating_sub(BEFORE);
            start..start.saturating_add(MOST).min(cells.len())
        } else {
            0..cells.len()
        };
        let part = |range: Range<usize>| cells.get(range).unwrap_or_default();
        let cut_before = (window.start > 0).then_some(CUT);
        let cut_behind = (window.end < cells.len()).then_some(CUT);
        let shown = part(window.clone()).iter().map(|cell| cell.shown);
        Self {
            line: cut_before
                .into_iter()
                .chain(shown)
                .chain(cut_behind)
                .collect(),
            indent: columns(part(window.start..first)) + cut_before.iter().count(),
            carets: columns(part(first..behind.min(window.end))).max(1),
        }
    }

    /// Writes the line with `number` before it, and the carets with `hint` behind them.
    pub(super) fn write(
        &self,
        f: &mut fmt::Formatter<'_>,
        number: usize,
        hint: &str,
    ) -> fmt::Result {
        let gutter = number.to_string().len().max(4);
        writeln!(f, "{number:>gutter$} | {}", self.line)?;
        let indent = " ".repeat(self.indent);
        let carets = "^".repeat(self.carets);
        let under = format!("{:gutter$} | {indent}{carets} {hint}", "");
        writeln!(f, "{}", under.trim_end())
    }
}

fn cells(line: &str, harmless: &str) -> Vec<Cell> {
    let mut cells: Vec<Cell> = harmless
        .char_indices()
        .flat_map(|(from, c)| {
            let (shown, width, times) = match (c, c.width()) {
                ('\t', _) => (' ', 1, 4),
                ('\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}', _) | (_, None) => {
                    (UNSHOWABLE, 1, 1)
                }
                (_, Some(width)) => (c, width, 1),
            };
            std::iter::repeat_n(Cell { from, shown, width }, times)
        })
        .collect();
    if harmless.len() < line.len() {
        cells.push(Cell {
            from: harmless.len(),
            shown: CUT,
            width: 1,
        });
    }
    cells
}

fn columns(cells: &[Cell]) -> usize {
    cells.iter().map(|cell| cell.width).sum()
}

#[cfg(test)]
mod tests;
