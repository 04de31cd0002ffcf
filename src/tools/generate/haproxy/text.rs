//! Formats sections of a configuration: keywords in a column, and above a line the reason for it; knows no
//! keyword.

use std::fmt::{self, Write as _};

use crate::tools::generate::comment::comment;

/// The column of a keyword's arguments.
const KEYWORD: usize = 14;

/// A section: its heading, and its lines with the comments above them.
#[derive(Clone, Debug)]
pub(super) struct SectionText {
    heading: String,
    lines: Lines,
}

/// Lines of a section.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines(String);

impl SectionText {
    pub(super) fn new(heading: &str) -> Self {
        Self {
            heading: heading.to_owned(),
            lines: Lines::default(),
        }
    }

    /// The lines of the section, to be appended to.
    pub(super) fn lines(&mut self) -> &mut Lines {
        &mut self.lines
    }
}

impl Lines {
    /// A keyword and its arguments.
    pub(super) fn put(&mut self, keyword: &str, arguments: &str) {
        let arguments = arguments.trim_end();
        let line = format!("    {keyword:<KEYWORD$} {arguments}");
        self.0.push_str(line.trim_end());
        self.0.push('\n');
    }

    /// The reason for the lines that follow, as a comment.
    pub(super) fn why(&mut self, reason: &str) {
        self.0.push_str(&comment("    ", reason));
    }

    /// A line for another file; it is copied, and so is not broken.
    pub(super) fn quote(&mut self, line: &str) {
        self.0.push_str("    #   ");
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// Appends all lines of another.
    pub(super) fn add(&mut self, other: &Self) {
        self.0.push_str(&other.0);
    }

    /// The lines as comments outside any section.
    pub(super) fn as_comment(&self) -> String {
        let lines = self
            .0
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'));
        lines.fold(String::new(), |mut text, line| {
            // Writing to a String cannot fail.
            writeln!(text, "#{line}").ok();
            text
        })
    }
}

impl fmt::Display for SectionText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.heading)?;
        f.write_str(&self.lines.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_in_a_column_and_no_line_ends_in_blanks() {
        let mut section = SectionText::new("listen a");
        section.lines().put("bind", "*:1");
        section.lines().put("stats", "enable");
        section.lines().put("tcp-request-x-y", "z");
        section.lines().put("bare", "");
        assert_eq!(
            section.to_string(),
            "listen a\n    bind           *:1\n    stats          enable\n    tcp-request-x-y z\n    bare\n"
        );
    }
}
