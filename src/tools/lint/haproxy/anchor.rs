//! Decides whether a regular expression can match inside a text or only at its beginning; knows no check.

/// Whether each alternative of a regular expression can match only at the beginning.
pub(super) fn anchored(expression: &str) -> bool {
    alternatives(expression).into_iter().all(|alternative| {
        // A group that only sets flags, such as `(?i)`, matches nothing itself.
        let flags = alternative.strip_prefix("(?").and_then(|rest| {
            let (flags, rest) = rest.split_once(')')?;
            let only_letters = flags.chars().all(|c| c.is_ascii_lowercase());
            only_letters.then_some(rest)
        });
        let alternative = flags.unwrap_or(alternative);
        if alternative.starts_with('^') || alternative.starts_with("\\A") {
            return true;
        }
        let group = alternative.strip_prefix('(').map(inside);
        let inner = group.map(|inner| inner.strip_prefix("?:").unwrap_or(inner));
        inner.is_some_and(anchored)
    })
}

/// Splits an expression at each `|` outside a group.
fn alternatives(expression: &str) -> Vec<&str> {
    let (mut parts, mut rest, mut depth) = (Vec::new(), expression, 0_usize);
    for (at, c) in plain(expression) {
        match c {
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => {
                let begun = expression.len().saturating_sub(rest.len());
                let (part, behind) = rest
                    .split_at_checked(at.saturating_sub(begun))
                    .unwrap_or((rest, ""));
                parts.push(part);
                rest = behind.strip_prefix('|').unwrap_or(behind);
            }
            _ => {}
        }
    }
    parts.push(rest);
    parts
}

/// The content of a group whose opening parenthesis was removed.
fn inside(group: &str) -> &str {
    let mut depth = 0_usize;
    for (at, c) in plain(group) {
        match c {
            '(' => depth = depth.saturating_add(1),
            ')' if depth == 0 => return group.get(..at).unwrap_or(group),
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    group
}

/// The characters that are neither escaped nor in a character class.
fn plain(expression: &str) -> impl Iterator<Item = (usize, char)> {
    let (mut escaped, mut class) = (false, false);
    expression.char_indices().filter(move |(_, c)| {
        let means_itself = escaped || (class && *c != ']');
        if !escaped {
            class = *c == '[' || (class && *c != ']');
        }
        escaped = !escaped && *c == '\\';
        !means_itself && !escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_anchored_if_every_alternative_is() {
        for anchored_one in [
            "^production",
            "^(production|down.shutting-down)",
            "(^production|^standby)",
            "^a|^b",
            "(?i)^master",
            "(?:^a|(^b|^c))x",
            r"\Aproduction",
            "^[(|]x",
            r"^a\|b",
            r"^[\]|]x",
        ] {
            assert!(anchored(anchored_one), "{anchored_one}");
        }
        for open in [
            "production",
            "^a|b",
            "a|^b",
            "(production|^standby)",
            "(^a|b)",
            ".*^a",
            "(a)^",
            "",
            "[^a]",
            r"\^a",
            "((^a)|b)|^c",
            "(?i)master",
        ] {
            assert!(!anchored(open), "{open}");
        }
    }
}
