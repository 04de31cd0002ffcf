//! Formats blocks in braces, and above a line the reason for it; knows no keyword.

use crate::tools::generate::comment::comment;

const STEP: &str = "    ";

/// The lines at one depth, with the blocks among them.
#[derive(Clone, Debug)]
pub(super) struct Block {
    indent: String,
    text: String,
}

impl Block {
    /// The lines outside all blocks.
    pub(super) fn file() -> Self {
        Self {
            indent: String::new(),
            text: String::new(),
        }
    }

    /// A keyword and its values.
    pub(super) fn put(&mut self, keyword: &str, values: &str) {
        let line = format!("{}{keyword} {values}", self.indent);
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// The reason for the lines that follow, as a comment.
    pub(super) fn why(&mut self, reason: &str) {
        self.text.push_str(&comment(&self.indent, reason));
    }

    /// A line for another file; it is copied, and so is not broken.
    pub(super) fn quote(&mut self, line: &str) {
        self.text.push_str(&self.indent);
        self.text.push_str("#   ");
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// An empty line.
    pub(super) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// A block, whose lines `fill` adds.
    pub(super) fn block(&mut self, heading: &str, fill: impl FnOnce(&mut Self)) {
        let mut inner = Self {
            indent: format!("{}{STEP}", self.indent),
            text: String::new(),
        };
        fill(&mut inner);
        self.put(heading, "{");
        self.text.push_str(&inner.text);
        self.put("}", "");
    }

    pub(super) fn text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_indented_within_blocks() {
        let mut file = Block::file();
        file.why("Why.");
        file.block("a 1", |a| {
            a.put("x", "");
            a.block("b", |b| b.put("y", "2"));
        });
        let text = "# Why.\na 1 {\n    x\n    b {\n        y 2\n    }\n}\n";
        assert_eq!(file.text(), text);
    }
}
