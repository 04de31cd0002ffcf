//! Parses a list of directories in a setting, as the server does (`SplitDirectoriesString` in
//! `src/backend/utils/adt/varlena.c`). Knows no setting.

/// Returns the directories: between commas, without the blanks around them. Within quotes a comma belongs to the name,
/// and a quote is doubled.
pub(super) fn directories(list: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut chars = list.chars().peekable();
    let mut is_quoted = false;
    while let Some(c) = chars.next() {
        let doubled = is_quoted && c == '"' && chars.next_if_eq(&'"').is_some();
        match (c, found.last_mut()) {
            ('"', _) if !doubled => is_quoted = !is_quoted,
            (',', _) if !is_quoted => found.push(String::new()),
            (c, Some(name)) => name.push(c),
            (_, None) => {}
        }
    }
    let trimmed = found.into_iter().map(|one| one.trim().to_owned());
    trimmed.filter(|one| !one.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_read_as_the_server_reads_them() {
        for (list, expected) in [
            ("", &[][..]),
            ("/run/postgresql", &["/run/postgresql"]),
            (" /run/postgresql , /tmp", &["/run/postgresql", "/tmp"]),
            ("\"/a, b\",\"/c\"\"d\"", &["/a, b", "/c\"d"]),
            ("@abstract", &["@abstract"]),
        ] {
            assert_eq!(directories(list), expected, "{list}");
        }
    }
}
