//! Holds the names of types against the glossary: one that the library defines more than once is listed there with its
//! meanings.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::{code_of, inside, sources};

const KEYWORDS: [&str; 4] = ["struct", "enum", "trait", "type"];

/// How the glossary introduces the table.
const TABLE: &str = "Names of types that the library defines more than once";

#[test]
fn a_type_whose_name_is_not_its_own_is_in_the_glossary() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in sources() {
        for name in defined(&code_of(&file)) {
            places.entry(name).or_default().push(inside(&file));
        }
    }
    places.retain(|_, places| places.len() > 1);
    let found: BTreeSet<&str> = places.keys().map(String::as_str).collect();
    let glossary = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/develop/glossary.md");
    let glossary = fs::read_to_string(glossary).unwrap();
    let listed = listed(&glossary);
    let wrong: Vec<String> = found
        .symmetric_difference(&listed)
        .map(|name| format!("{name}: {:?}", places.get(*name)))
        .collect();
    assert!(
        wrong.is_empty(),
        "not in the table, or nothing that it lists:\n{}",
        wrong.join("\n")
    );
}

/// The types that a file defines for the whole of a module; associated types are indented.
fn defined(code: &str) -> BTreeSet<String> {
    let names = code.lines().filter_map(|line| {
        let declared = line.strip_prefix("pub").map_or(line, |rest| {
            let rest = rest.trim_start();
            let rest = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'));
            rest.map_or(line.trim_start_matches("pub"), |(_, rest)| rest)
        });
        let (keyword, rest) = declared.trim_start().split_once(' ')?;
        let is_outside = !line.starts_with(' ') && KEYWORDS.contains(&keyword);
        let name = rest.split(|c: char| !c.is_alphanumeric()).next()?;
        is_outside.then(|| name.to_owned())
    });
    names.collect()
}

/// The names in the first column of the glossary's table.
fn listed(glossary: &str) -> BTreeSet<&str> {
    let (_, after) = glossary.split_once(TABLE).unwrap();
    let rows = after
        .lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'));
    rows.filter_map(|row| row.strip_prefix("| `")?.split_once('`'))
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn definitions_are_found_whatever_their_visibility() {
    let code = "pub struct A;\npub(in crate::cli) enum B {\nstruct C<'a>(&'a str);\n    type D = u8;\ntype E = u8;\nstructure F";
    assert_eq!(Vec::from_iter(defined(code)), ["A", "B", "C", "E"]);
}
