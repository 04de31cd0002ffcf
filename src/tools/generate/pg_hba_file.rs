//! Puts the block of rules into a whole `pg_hba.conf` or takes it out, and keeps everything else byte for byte; knows
//! no rule's meaning and opens no file.
//!
//! - `error`: why a file is not changed.
//! - `rule`: whether a line is a rule.

mod error;
mod rule;

pub use error::HbaFileError;

use super::pg_hba::{BEGIN, END};
use rule::{fields, is_rule};

/// Puts the block in front of every rule. A block that is there already is replaced; if it is the same and in the
/// same place, the text does not change.
pub fn install(text: &[u8], block: &str) -> Result<Vec<u8>, HbaFileError> {
    let lines = outside(text)?;
    let without = joined(&lines);
    let at = before_every_rule(&lines)?;
    let (above, below) = without
        .split_at_checked(at)
        .unwrap_or((without.as_slice(), &[]));
    Ok([above, block.as_bytes(), below].concat())
}

/// Removes the block; the result is the text as it was before the block was put in.
pub fn remove(text: &[u8]) -> Result<Vec<u8>, HbaFileError> {
    outside(text).map(|lines| joined(&lines))
}

/// A line with its line end, and its number in the whole file.
type Physical<'t> = (usize, &'t [u8]);

/// The lines outside the block.
fn outside(text: &[u8]) -> Result<Vec<Physical<'_>>, HbaFileError> {
    let mut rest = Vec::new();
    let mut begun = None;
    for (number, line) in physical(text) {
        match (begun, marker(line)) {
            (None, None) => rest.push((number, line)),
            (None, Some(Marker::Begin)) => begun = Some(number),
            (Some(_), None) => {}
            (Some(_), Some(Marker::End)) => begun = None,
            (Some(_), Some(Marker::Begin)) | (None, Some(Marker::End)) => {
                return Err(HbaFileError::Marker(number));
            }
        }
    }
    match begun {
        Some(number) => Err(HbaFileError::Marker(number)),
        None => Ok(rest),
    }
}

fn joined(lines: &[Physical<'_>]) -> Vec<u8> {
    let texts: Vec<&[u8]> = lines.iter().map(|(_, line)| *line).collect();
    texts.concat()
}

/// The line numbers of the rules in the block, counted from 1.
pub fn rules_of_block(text: &[u8]) -> Vec<u64> {
    let mut within = false;
    let mut numbers = Vec::new();
    for (number, line) in (1..).zip(physical(text).map(|(_, line)| line)) {
        match marker(line) {
            Some(Marker::Begin) => within = true,
            Some(Marker::End) => within = false,
            None if within && !line.starts_with(b"#") => numbers.push(number),
            None => {}
        }
    }
    numbers
}

/// The first line in which the block of a file differs from this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockDifference {
    /// The line number in the file, counted from 1.
    pub line: u64,
    /// The line of the file.
    pub has: String,
    /// The line of the block.
    pub wanted: String,
}

/// Compares the block in a file with this one; `None` if the file has no block, or the same.
pub fn difference(text: &[u8], block: &str) -> Option<BlockDifference> {
    let lines = (1..).zip(physical(text).map(|(_, line)| line));
    let lines = lines.skip_while(|(_, line)| !matches!(marker(line), Some(Marker::Begin)));
    let shown = |line: &[u8]| String::from_utf8_lossy(without_end(line)).into_owned();
    for ((line, has), wanted) in lines.zip(block.lines()) {
        // The rest of the first line says how the block was made.
        let is_head = wanted.starts_with(BEGIN);
        let has = shown(has);
        if !is_head && has != wanted {
            let wanted = wanted.to_owned();
            return Some(BlockDifference { line, has, wanted });
        }
    }
    None
}

#[derive(Clone, Copy)]
enum Marker {
    Begin,
    End,
}

/// Ignores the rest of a marker's line, which `generate pg-hba` writes.
fn marker(line: &[u8]) -> Option<Marker> {
    if line.starts_with(BEGIN.as_bytes()) {
        Some(Marker::Begin)
    } else if line.starts_with(END.as_bytes()) {
        Some(Marker::End)
    } else {
        None
    }
}

/// The lines with their line ends, each with its number.
fn physical(text: &[u8]) -> impl Iterator<Item = Physical<'_>> {
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    lines
        .enumerate()
        .map(|(index, line)| (index.saturating_add(1), line))
}

/// The offset of the first rule, or of the comments right above it.
///
/// Since `PostgreSQL` 14 a line that ends with a backslash continues on the next line, even a comment; before 14 no
/// line continues. The offset is at the beginning of a line for both.
fn before_every_rule(lines: &[Physical<'_>]) -> Result<usize, HbaFileError> {
    let mut found = None;
    let (mut place, mut at) = (0, 0_usize);
    let mut whole: Vec<u8> = Vec::new();
    let (mut begins, mut goes_on) = (1, false);
    for (number, line) in lines {
        if !goes_on {
            begins = *number;
        }
        let bare = without_end(line);
        at = at.saturating_add(line.len());
        if let Some(continued) = bare.strip_suffix(b"\\") {
            // PostgreSQL joins the two without a blank (`tokenize_auth_file` in `src/backend/libpq/hba.c`).
            whole.extend_from_slice(continued);
            goes_on = true;
            continue;
        }
        whole.extend_from_slice(bare);
        let fields = fields(&whole).ok_or(HbaFileError::Quote(begins))?;
        if fields.is_empty() {
            // Comments belong to the rule below them, unless an empty line is in between.
            if found.is_none() && whole.trim_ascii().is_empty() {
                place = at;
            }
        } else {
            is_rule(begins, &fields)?;
            found = found.or(Some(place));
        }
        whole.clear();
        goes_on = false;
    }
    // The last line continues with nothing.
    let fields = fields(&whole).ok_or(HbaFileError::Quote(begins))?;
    if !fields.is_empty() {
        is_rule(begins, &fields)?;
        found = found.or(Some(place));
    }
    // In a file without rules the block goes to the beginning, because the last line may have no newline.
    Ok(found.unwrap_or(0))
}

fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests;
