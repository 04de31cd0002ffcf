//! Formats comments for languages in which they begin with `#`, broken between words; knows no language.

/// The longest line of a comment, in characters.
const WIDTH: usize = 100;

/// Formats a comment on lines of its own, broken between words.
pub(super) fn comment(indent: &str, text: &str) -> String {
    let mut lines = String::new();
    let mut line = format!("{indent}#");
    let empty = line.len();
    for word in text.split(' ') {
        if line.len() > empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push_str(&line);
            lines.push('\n');
            line.truncate(empty);
        }
        line.push(' ');
        line.push_str(word);
    }
    lines + &line + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_broken_between_words() {
        let said = comment("    ", &"word ".repeat(30));
        assert!(said.lines().count() > 1, "{said}");
        assert!(
            said.lines()
                .all(|line| line.starts_with("    # ") && line.len() <= WIDTH)
        );
        assert_eq!(comment("", "one"), "# one\n");
    }
}
