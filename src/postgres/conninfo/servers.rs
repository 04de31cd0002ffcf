//! Connection strings taken apart and put together: one for each of several servers. Asks nobody.

use std::collections::BTreeMap;

use super::Keyword;

/// How many servers of a list count.
const MOST: usize = 16;

/// Splits a connection string into one for each server: a list of hosts may have one port for all (manual,
/// "Specifying Multiple Hosts").
#[must_use]
pub fn each(given: &BTreeMap<Keyword, String>) -> Vec<BTreeMap<Keyword, String>> {
    const LISTS: [Keyword; 3] = [Keyword::Host, Keyword::HostAddr, Keyword::Port];
    let parts = |keyword| -> Vec<&str> {
        let list = given.get(&keyword).map_or("", String::as_str);
        list.split(',').collect()
    };
    let count = parts(Keyword::Host)
        .len()
        .max(parts(Keyword::HostAddr).len());
    let one = |index: usize| {
        let mut one = given.clone();
        for keyword in LISTS {
            let parts = parts(keyword);
            let part = parts.get(index).or(parts.first()).copied();
            if let Some(part) = part.filter(|_| given.contains_key(&keyword)) {
                one.insert(keyword, part.into());
            }
        }
        one
    };
    (0..count.min(MOST)).map(one).collect()
}

/// Returns values as a connection string.
#[must_use]
pub fn text(given: &BTreeMap<Keyword, String>) -> String {
    let written = |value: &str| value.replace('\\', r"\\").replace('\'', r"\'");
    let pairs = given
        .iter()
        .map(|(keyword, value)| format!("{}='{}'", keyword.name(), written(value)));
    pairs.collect::<Vec<_>>().join(" ")
}
