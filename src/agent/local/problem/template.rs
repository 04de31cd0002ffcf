//! Parses the text of a `recovery.conf`, up to PostgreSQL 11, as the server does (`guc-file.l` in
//! `src/backend/utils/misc`). Knows no setting.

use std::collections::BTreeMap;

/// Returns the settings of a text by their names; a later line replaces an earlier one. A line that cannot be parsed is
/// ignored: the server will report it itself.
pub(super) fn settings(text: &str) -> BTreeMap<String, String> {
    text.lines().filter_map(setting).collect()
}

/// Parses `name = 'value'`; the equals sign is optional.
fn setting(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = line.find(|c| !is_name(c)).unwrap_or(line.len());
    let (name, rest) = line.split_at_checked(end)?;
    if name.is_empty() {
        return None;
    }
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest).trim_start();
    let value = match rest.strip_prefix('\'') {
        Some(inside) => quoted(inside)?,
        None => rest.split([' ', '\t', '#']).next()?.into(),
    };
    Some((name.to_ascii_lowercase(), value))
}

/// Returns the text before the closing quote; a quote within is doubled, or has a backslash before it.
fn quoted(inside: &str) -> Option<String> {
    let mut value = String::new();
    let mut chars = inside.chars().peekable();
    loop {
        match chars.next()? {
            '\'' if chars.next_if_eq(&'\'').is_some() => value.push('\''),
            '\'' => return Some(value),
            '\\' => value.push(chars.next()?),
            c => value.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_as_the_server_reads_them() {
        let text = "\
# standby_mode = off
standby_mode = on
 Recovery_Target_Timeline 'latest' # newest
primary_conninfo='host=srv1 application_name=''srv 2'''
primary_conninfo = 'host=srv1 application_name=\\'srv2\\''
= 1
unclosed = 'x
";
        let settings = settings(text);
        let get = |name: &str| settings.get(name).map(String::as_str);
        assert_eq!(get("standby_mode"), Some("on"));
        assert_eq!(get("recovery_target_timeline"), Some("latest"));
        assert_eq!(
            get("primary_conninfo"),
            Some("host=srv1 application_name='srv2'")
        );
        assert_eq!(settings.len(), 3);
    }
}
