//! Finds which words of `pg_hba.conf` stand in quotes. The view `pg_hba_file_rules` does not show it, and a quoted
//! keyword is the name of a database, role or host (manual, "The `pg_hba.conf` File"; `next_token` in
//! `src/backend/libpq/hba.c`). Opens no file.

use super::{HbaLine, HbaRule};

/// Words that are keywords only without quotes.
const KEYWORDS: [&str; 8] = [
    "all",
    "replication",
    "sameuser",
    "samerole",
    "samegroup",
    "samehost",
    "samenet",
    "none",
];

/// A word of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct HbaWord {
    text: String,
    is_quoted: bool,
}

/// Adds quotes to the names in the rules that are keywords without quotes. A rule whose line
/// has other words than the view, as with a list from another file, is not changed.
pub fn mark(lines: &mut [HbaLine], file: &str, is_of_file: impl Fn(&HbaLine) -> bool) {
    let text: Vec<&str> = file.lines().collect();
    for line in lines.iter_mut() {
        if !is_of_file(line) {
            continue;
        }
        let Ok(rule) = &mut line.rule else { continue };
        let first = usize::try_from(line.number)
            .ok()
            .and_then(|it| it.checked_sub(1));
        if let Some(rest) = first.and_then(|first| text.get(first..)) {
            mark_rule(rule, &fields(&joined(rest)));
        }
    }
}

fn mark_rule(rule: &mut HbaRule, fields: &[Vec<HbaWord>]) {
    let [_, databases, roles, rest @ ..] = fields else {
        return;
    };
    mark_list(&mut rule.databases, databases);
    mark_list(&mut rule.roles, roles);
    if let (Some(address), Some([word])) = (&mut rule.address, rest.first().map(Vec::as_slice)) {
        mark_word(address, word);
    }
}

fn mark_list(shown: &mut [String], written: &[HbaWord]) {
    let texts = written.iter().map(|word| word.text.as_str());
    if texts.eq(shown.iter().map(String::as_str)) {
        for (shown, word) in shown.iter_mut().zip(written) {
            mark_word(shown, word);
        }
    }
}

fn mark_word(shown: &mut String, word: &HbaWord) {
    if word.is_quoted && word.text == *shown && KEYWORDS.contains(&shown.as_str()) {
        *shown = format!("\"{shown}\"");
    }
}

/// A line, joined with the next lines while it ends with a backslash.
fn joined(lines: &[&str]) -> String {
    let mut joined = String::new();
    for line in lines {
        match line.strip_suffix('\\') {
            Some(line) => joined.push_str(line),
            None => return joined + line,
        }
    }
    joined
}

/// Splits a line into fields between blanks, and each field into its comma-separated words.
fn fields(line: &str) -> Vec<Vec<HbaWord>> {
    let mut found: Vec<Vec<HbaWord>> = Vec::new();
    let mut chars = line.chars().peekable();
    // Whether a comma ended the last word, so that the next word belongs to the same list.
    let mut goes_on = false;
    loop {
        while chars.next_if(char::is_ascii_whitespace).is_some() {}
        let is_quoted = match chars.peek() {
            None | Some('#') => return found,
            Some('"') => true,
            Some(_) => false,
        };
        let (mut text, mut inside) = (String::new(), false);
        while let Some(c) =
            chars.next_if(|c| inside || !(c.is_ascii_whitespace() || matches!(c, ',' | '#')))
        {
            match c {
                // A doubled quote inside quotes is a quote character.
                '"' if inside && chars.next_if_eq(&'"').is_some() => text.push('"'),
                '"' => inside = !inside,
                c => text.push(c),
            }
        }
        let word = HbaWord { text, is_quoted };
        match found.last_mut() {
            Some(list) if goes_on => list.push(word),
            Some(_) | None => found.push(vec![word]),
        }
        goes_on = chars.next_if_eq(&',').is_some();
    }
}
