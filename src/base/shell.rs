//! A word as a shell reads it, for commands that are printed for people. Knows no command.

use std::borrow::Cow;

/// The text as one word of a command of `sh`: as it is where it means nothing else to a shell, else in quotes.
#[must_use]
pub fn quoted(text: &str) -> Cow<'_, str> {
    // No word of a shell holds a zero byte, nor does a path or a name.
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
    fn a_shell_reads_the_same_word_again() {
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
    fn what_means_nothing_to_a_shell_stays_as_it_is() {
        for word in ["/var/run/postgresql", "srv-1.example", "10.20.30.51", "::1"] {
            assert_eq!(quoted(word), word);
        }
    }
}
