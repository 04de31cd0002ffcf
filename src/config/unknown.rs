//! Reports tables and keys that were not read, and suggests the name that was probably meant.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::keys::{self, Key};
use super::problem::Wrong;

/// A name in the file that is no setting.
pub(super) struct UnknownName {
    pub(super) span: Range<usize>,
    pub(super) key: String,
    pub(super) wrong: Wrong,
}

type Name<'a> = Spanned<DeString<'a>>;
type Value<'a> = Spanned<DeValue<'a>>;

/// Returns every name that is not among the keys that were `read`.
pub(super) fn unknown(root: &DeTable<'_>, read: &[Key]) -> Vec<UnknownName> {
    root.iter()
        .flat_map(|(name, value)| in_table(name, value, read))
        .collect()
}

fn in_table(name: &Name<'_>, value: &Value<'_>, read: &[Key]) -> Vec<UnknownName> {
    let table = name.get_ref().as_ref();
    if !read.iter().any(|key| key.table == table) {
        return vec![unknown_table(name, value)];
    }
    let Some(entries) = value.get_ref().as_table() else {
        return vec![UnknownName {
            span: name.span(),
            key: table.into(),
            wrong: Wrong::new(
                "this must be a table",
                format!("write [{table}], and its settings on the lines below"),
            ),
        }];
    };
    let is_read = |name: &str| {
        read.iter()
            .any(|key| key.table == table && key.name == name)
    };
    entries
        .keys()
        .filter(|name| !is_read(name.get_ref()))
        .map(|name| unknown_key(table, name))
        .collect()
}

fn unknown_table(name: &Name<'_>, value: &Value<'_>) -> UnknownName {
    let table = name.get_ref().as_ref();
    let wrong = match table_of(table) {
        Some(owner) if !value.get_ref().is_table() => Wrong::new(
            "this stands outside its table",
            format!("it belongs below [{owner}]"),
        ),
        Some(_) | None => {
            let tables = keys::tables();
            let hint = match nearest(table, &tables) {
                Some(meant) => format!("perhaps you meant [{meant}]"),
                None => format!("the tables are {}", tables.join(", ")),
            };
            Wrong::new("there is no such table", hint)
        }
    };
    UnknownName {
        span: name.span(),
        key: table.into(),
        wrong,
    }
}

fn unknown_key(table: &str, name: &Name<'_>) -> UnknownName {
    let names = keys::names(table);
    let hint = match (nearest(name.get_ref(), &names), table_of(name.get_ref())) {
        (_, Some(other)) => format!("it belongs below [{other}]"),
        (Some(meant), None) => format!("perhaps you meant \"{meant}\""),
        (None, None) => format!("[{table}] takes {}", names.join(", ")),
    };
    UnknownName {
        span: name.span(),
        key: format!("{table}.{}", name.get_ref()),
        wrong: Wrong::new("there is no such setting", hint),
    }
}

/// Returns the table to which a key of this name belongs.
fn table_of(name: &str) -> Option<&'static str> {
    let mut keys = keys::KEYS.iter();
    keys.find(|key| key.name == name).map(|key| key.table)
}

/// Returns the known name that a typing error may have altered: a third of its letters may differ.
fn nearest(name: &str, names: &[&'static str]) -> Option<&'static str> {
    let plain = name.to_lowercase().replace('-', "_");
    let distances = names
        .iter()
        .map(|meant| (strsim::damerau_levenshtein(&plain, meant), *meant));
    let near = distances.filter(|(distance, meant)| *distance <= meant.len().div_euclid(3).max(1));
    near.min().map(|(_, meant)| meant)
}
