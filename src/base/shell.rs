//! Quotes words for a shell, for commands that are shown to users.

use std::borrow::Cow;

/// The text as one word of a command of `sh`: unchanged if it has no special characters, otherwise quoted.
#[must_use]
pub fn quoted(text: &str) -> Cow<'_, str> {
    // Paths and names contain no zero byte, which a word of a shell cannot contain either.
    shlex::Quoter::new()
        .allow_nul(true)
        .quote(text)
        .unwrap_or(Cow::Borrowed("''"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_shell_parses_a_quoted_word_to_the_same_text() {
        for word in [
            "/etc/postgresql/15/main/pg_hba.conf",
            "",
            "/srv/my data/$(reboot)",
            "it's `x` \"y\" \\z;&|<>*?~!#",
            "-n",
            "two\nlines",
            "é",
        ] {
            let script = format!("printf %s {}", quoted(word));
            let output = Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), word, "{script}");
        }
    }

    #[test]
    fn a_word_without_special_characters_is_not_quoted() {
        for word in ["/var/run/postgresql", "srv-1.example", "10.20.30.51", "::1"] {
            assert_eq!(quoted(word), word);
        }
    }
}
