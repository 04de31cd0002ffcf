//! A whole `pg_hba.conf` with the block of rules put in or taken out, and everything else byte for byte;
//! knows no rule's meaning and no file.

use thiserror::Error;

use super::pg_hba::{BEGIN, END};

/// Why a file is left alone; each with the line, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HbaFileError {
    /// A line that begins no rule.
    #[error("line {line}: \"{word}\" begins no rule")]
    Kind {
        /// Where.
        line: usize,
        /// How it begins.
        word: String,
    },
    /// A rule that lacks something.
    #[error("line {line}: the rule has {has} fields and needs {needs}")]
    Fields {
        /// Where.
        line: usize,
        /// How many there are.
        has: usize,
        /// How many there must be.
        needs: usize,
    },
    /// A quote without its other end.
    #[error("line {0}: a quote is not closed")]
    Quote(usize),
    /// A marker without its other one, or in the wrong order.
    #[error("line {0}: a marker of pgsql-state's rules has no other one that it belongs to")]
    Marker(usize),
}

/// The text with the block in front of every rule. A block that it has already is replaced; a text that
/// has it so is returned as it is.
pub fn install(text: &[u8], block: &str) -> Result<Vec<u8>, HbaFileError> {
    let lines = outside(text)?;
    let without = joined(&lines);
    let at = before_every_rule(&lines)?;
    let (above, below) = without
        .split_at_checked(at)
        .unwrap_or((without.as_slice(), &[]));
    Ok([above, block.as_bytes(), below].concat())
}

/// The text without the block, which is what it was before the block was put in.
pub fn remove(text: &[u8]) -> Result<Vec<u8>, HbaFileError> {
    outside(text).map(|lines| joined(&lines))
}

/// A line as it ends, with its number in the whole file.
type Physical<'t> = (usize, &'t [u8]);

/// The lines that are none of the block.
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

/// The lines of the block that are rules, counted from 1.
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

#[derive(Clone, Copy)]
enum Marker {
    Begin,
    End,
}

/// Whatever stands behind a marker on its line was said by us.
fn marker(line: &[u8]) -> Option<Marker> {
    if line.starts_with(BEGIN.as_bytes()) {
        Some(Marker::Begin)
    } else if line.starts_with(END.as_bytes()) {
        Some(Marker::End)
    } else {
        None
    }
}

/// The lines as they end, each with its number.
fn physical(text: &[u8]) -> impl Iterator<Item = Physical<'_>> {
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    lines
        .enumerate()
        .map(|(index, line)| (index.saturating_add(1), line))
}

/// Where the first rule begins, or the comments right above it.
///
/// Since `PostgreSQL` 14 a line that ends in a backslash goes on in the next one, a comment too; before it
/// does not. The place is at the beginning of a line for both.
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
            // Nothing stands between the two (`tokenize_auth_file` in `src/backend/libpq/hba.c`).
            whole.extend_from_slice(continued);
            goes_on = true;
            continue;
        }
        whole.extend_from_slice(bare);
        let fields = fields(&whole).ok_or(HbaFileError::Quote(begins))?;
        if fields.is_empty() {
            // Comments belong to what follows them, an empty line parts them from it.
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
    // In a file without rules the block goes to the beginning: its end may lack a newline.
    Ok(found.unwrap_or(0))
}

fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn is_rule(line: usize, fields: &[String]) -> Result<(), HbaFileError> {
    let kind = fields.first().map_or("", String::as_str);
    let needs = match kind {
        "local" => 4,
        "host" | "hostssl" | "hostnossl" | "hostgssenc" | "hostnogssenc" => 5,
        // PostgreSQL 16 and later.
        "include" | "include_if_exists" | "include_dir" => 2,
        _ => {
            let word = kind.escape_debug().take(40).collect();
            return Err(HbaFileError::Kind { line, word });
        }
    };
    let has = fields.len();
    if has < needs {
        return Err(HbaFileError::Fields { line, has, needs });
    }
    Ok(())
}

/// The fields of a line as `next_field_expand` of `hba.c` finds them: parted by blanks, but not by those
/// behind a comma; a number sign outside quotes ends the line. None where a quote is not closed.
fn fields(line: &[u8]) -> Option<Vec<String>> {
    let text = String::from_utf8_lossy(line);
    let mut fields: Vec<String> = Vec::new();
    let (mut field, mut quoted, mut listed) = (String::new(), false, false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => field.push(c),
            '#' => break,
            c if c.is_ascii_whitespace() => {
                if !field.is_empty() && !listed {
                    fields.push(std::mem::take(&mut field));
                }
                continue;
            }
            _ => field.push(c),
        }
        listed = c == ',' && !quoted;
    }
    if quoted {
        return None;
    }
    if !field.is_empty() {
        fields.push(field);
    }
    Some(fields)
}

#[cfg(test)]
mod tests;
