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
    let without = remove(text)?;
    let at = before_every_rule(&without)?;
    let (above, below) = without
        .split_at_checked(at)
        .unwrap_or((without.as_slice(), &[]));
    Ok([above, block.as_bytes(), below].concat())
}

/// The text without the block, which is what it was before the block was put in.
pub fn remove(text: &[u8]) -> Result<Vec<u8>, HbaFileError> {
    let mut rest = Vec::new();
    let mut begun = None;
    for (number, line) in physical(text) {
        match (begun, marker(line)) {
            (None, None) => rest.extend_from_slice(line),
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
fn physical(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    lines
        .enumerate()
        .map(|(index, line)| (index.saturating_add(1), line))
}

/// Where the first rule begins, or the comments right above it.
///
/// Since `PostgreSQL` 14 a line that ends in a backslash goes on in the next one, a comment too; before it
/// does not. The place is at the beginning of a line for both.
fn before_every_rule(text: &[u8]) -> Result<usize, HbaFileError> {
    let mut found = None;
    let (mut place, mut at) = (0, 0_usize);
    let mut whole: Vec<u8> = Vec::new();
    let mut begins = 1;
    for (number, line) in physical(text) {
        if whole.is_empty() {
            begins = number;
        }
        let bare = without_end(line);
        at = at.saturating_add(line.len());
        if let Some(continued) = bare.strip_suffix(b"\\") {
            // Never empty, so that the next line is seen to belong to it.
            whole.extend_from_slice(continued);
            whole.push(b' ');
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BLOCK: &str = "# BEGIN pgsql-state: x\nlocal replication all reject\n# END pgsql-state\n";

    fn installed(text: &str) -> String {
        String::from_utf8(install(text.as_bytes(), BLOCK).unwrap()).unwrap()
    }

    #[test]
    fn the_block_goes_in_front_of_the_first_rule_and_its_comments() {
        for (above, below) in [
            ("", ""),
            ("", "# only comments, no newline"),
            ("", "local all all peer"),
            (
                "# License.\n\n",
                "# Do not disable!\nlocal all postgres peer\n\nhost all all ::1/128 md5\n",
            ),
            ("# License.\r\n\r\n", "local all all peer\r\n"),
            ("\n", "include_dir conf.d\n"),
            (
                "# a \\\n goes on\n\n",
                "host a,b \"c d\" samenet scram-sha-256 # x\n",
            ),
            // A comment that goes on, or does not.
            ("", "# a \\\n\nlocal all all peer\n"),
        ] {
            let text = format!("{above}{below}");
            assert_eq!(installed(&text), format!("{above}{BLOCK}{below}"));
        }
    }

    #[test]
    fn a_block_that_is_there_is_replaced_and_moved_in_front() {
        let old = "# BEGIN pgsql-state: old\n# END pgsql-state\n";
        let text = format!("local all all peer\n{old}host all all all md5\n");
        let expected = format!("{BLOCK}local all all peer\nhost all all all md5\n");
        assert_eq!(installed(&text), expected);
    }

    #[test]
    fn a_file_that_makes_no_sense_is_left_alone_with_the_line() {
        let begin = "# BEGIN pgsql-state\n";
        let end = "# END pgsql-state\n";
        for (text, said) in [
            (
                "\nhots all all all md5\n",
                "line 2: \"hots\" begins no rule",
            ),
            (
                "local all all\n",
                "line 1: the rule has 3 fields and needs 4",
            ),
            (
                "host all, b all\\\n md5\n",
                "line 1: the rule has 4 fields and needs 5",
            ),
            ("local \"all all peer\n", "line 1: a quote is not closed"),
        ] {
            let error = install(text.as_bytes(), BLOCK).unwrap_err();
            assert_eq!(error.to_string(), said);
        }
        for (text, line) in [
            (begin.to_owned(), 1),
            (format!("\n{end}"), 2),
            (format!("{begin}{begin}{end}"), 2),
        ] {
            assert_eq!(remove(text.as_bytes()), Err(HbaFileError::Marker(line)));
        }
    }

    proptest! {
        #[test]
        fn removing_undoes_and_installing_again_changes_nothing(
            lines in prop::collection::vec(prop::sample::select(vec![
                "local all all peer\n", "# x\n", "\n", "# y \\\n", "host all \\\n", "all all md5\n",
                "  \t\n", "host all all 10.0.0.0/8 md5", "\r\n",
            ]), 0..12),
        ) {
            let text = lines.concat();
            if let Ok(once) = install(text.as_bytes(), BLOCK) {
                prop_assert_eq!(remove(&once).unwrap(), text.as_bytes());
                prop_assert_eq!(install(&once, BLOCK).unwrap(), once);
            }
        }
    }
}
