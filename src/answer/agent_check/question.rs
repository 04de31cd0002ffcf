//! Parses the name of a view that a load balancer sends with `agent-send`; sets no time limit.

use crate::health::View;

/// Most bytes that are read; no name of a view is longer.
pub const MOST: usize = 16;

/// The state of the bytes received so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AgentCheckLine<'b> {
    /// The line is not complete.
    Incomplete,
    /// A complete line, without its end.
    Whole(&'b [u8]),
    /// Longer than the name of any view.
    TooLong,
}

impl<'b> AgentCheckLine<'b> {
    /// Ignores bytes after the end of the line, or after [`MOST`] bytes.
    fn read(bytes: &'b [u8]) -> Self {
        let seen = bytes.get(..MOST).unwrap_or(bytes);
        let end = seen.iter().position(|byte| b"\r\n".contains(byte));
        match end.and_then(|end| seen.get(..end)) {
            Some(line) => Self::Whole(line),
            None if seen.len() < MOST => Self::Incomplete,
            None => Self::TooLong,
        }
    }
}

/// Whether further bytes cannot change the result of [`asked`].
#[must_use]
pub fn is_whole(bytes: &[u8]) -> bool {
    AgentCheckLine::read(bytes) != AgentCheckLine::Incomplete
}

/// The requested view; `default` if the line is empty, `None` if there is no such view. Accepts a line without
/// its end too.
#[must_use]
pub fn asked(bytes: &[u8], default: View) -> Option<View> {
    let line = match AgentCheckLine::read(bytes) {
        AgentCheckLine::Whole(line) => line,
        AgentCheckLine::Incomplete => bytes,
        AgentCheckLine::TooLong => return None,
    };
    match line.trim_ascii() {
        b"" => Some(default),
        word => View::parse(str::from_utf8(word).ok()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_asked_for_by_its_word_on_a_line() {
        let default = View::ReadOnly;
        for (line, view) in [
            ("rw\n", Some(View::ReadWrite)),
            ("rw", Some(View::ReadWrite)),
            (" rw \r\n", Some(View::ReadWrite)),
            ("rw\nro\n", Some(View::ReadWrite)),
            ("ro\n", Some(View::ReadOnly)),
            ("", Some(default)),
            ("\n", Some(default)),
            ("RW\n", None),
            ("rw ro\n", None),
            ("rw              \n", None),
            ("\u{7f}\n", None),
        ] {
            assert_eq!(asked(line.as_bytes(), default), view, "{line:?}");
        }
        assert_eq!(asked(b"\xff\n", default), None);
    }

    #[test]
    fn a_question_is_whole_at_the_end_of_its_line_or_at_the_limit() {
        for (line, whole) in [
            ("", false),
            ("rw", false),
            ("rw\n", true),
            ("\r", true),
            ("fifteen letters", false),
            ("sixteen  letters", true),
        ] {
            assert_eq!(is_whole(line.as_bytes()), whole, "{line:?}");
        }
    }
}
