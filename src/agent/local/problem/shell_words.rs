//! Splits options as a shell would, since `pg_ctl` passes `start_opts` to one: blanks, quotes and
//! backslashes. Knows neither variables nor anything else that a shell would expand.

/// Returns the words of a line; `None` if a quote is not closed.
pub(super) fn split(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '"' => break,
                        '\\' => match chars.next()? {
                            c @ ('"' | '\\' | '$' | '`') => word.push(c),
                            c => word.extend(['\\', c]),
                        },
                        c => word.push(c),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(chars.next()?),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_split_as_by_a_shell() {
        for (line, words) in [
            ("", vec![]),
            ("  ", vec![]),
            (
                " -c config_file=/etc/x.conf  -p 1",
                vec!["-c", "config_file=/etc/x.conf", "-p", "1"],
            ),
            ("-c 'a b'=\"c 'd'\"", vec!["-c", "a b=c 'd'"]),
            (r#"a\ b "c\"d\e" '\'"#, vec!["a b", r#"c"d\e"#, r"\"]),
            ("'' a", vec!["", "a"]),
        ] {
            assert_eq!(split(line).unwrap(), words, "{line}");
        }
        for wrong in ["'a", "\"a", "a\\", "\"a\\"] {
            assert_eq!(split(wrong), None, "{wrong}");
        }
    }
}
