//! A cursor over the tables of a file: it notes which keys were read and what was wrong, so that at the end
//! every key that was not read can be refused.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::Key;
use super::problem::{Problem, Wrong};
use super::text::Text;
use super::unknown::unknown;
use super::values;

/// The file while it is read.
pub(super) struct TomlDocument<'a> {
    text: &'a Text<'a>,
    root: &'a DeTable<'a>,
    read: Vec<Key>,
    problems: Vec<Problem>,
}

impl<'a> TomlDocument<'a> {
    pub(super) fn new(text: &'a Text<'a>, root: &'a DeTable<'a>) -> Self {
        Self {
            text,
            root,
            read: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Returns the value of a key, and notes the key as known.
    pub(super) fn value(&mut self, key: Key) -> Option<&'a Spanned<DeValue<'a>>> {
        self.read.push(key);
        let table = self.root.get(key.table)?.get_ref().as_table()?;
        table.get(key.name)
    }

    /// Returns the value of a key as `parse` reads it. Returns `None` if the key is absent, or if its value is
    /// wrong, which is noted.
    pub(super) fn read<V>(
        &mut self,
        key: Key,
        parse: impl FnOnce(&DeValue<'_>) -> Result<V, Wrong>,
    ) -> Option<V> {
        let value = self.value(key)?;
        let parsed = parse(value.get_ref());
        parsed
            .map_err(|wrong| self.note(key, value.span(), wrong))
            .ok()
    }

    /// Returns the elements of an array, each as `parse` reads it and with its place; wrong elements are
    /// noted and left out.
    pub(super) fn read_each<V>(
        &mut self,
        key: Key,
        parse: impl Fn(&DeValue<'_>) -> Result<V, Wrong>,
    ) -> Option<Vec<(Range<usize>, V)>> {
        let value = self.value(key)?;
        let items = values::array(value.get_ref());
        let items = items.map_err(|wrong| self.note(key, value.span(), wrong));
        let mut parsed = Vec::new();
        for item in items.ok()? {
            match parse(item.get_ref()) {
                Ok(value) => parsed.push((item.span(), value)),
                Err(wrong) => self.note(key, item.span(), wrong),
            }
        }
        Some(parsed)
    }

    /// Notes what is wrong with a key's value, or with a part of it.
    pub(super) fn note(&mut self, key: Key, span: Range<usize>, wrong: Wrong) {
        let problem = Problem::from(wrong).key(key);
        self.problems.push(problem.at(self.text.place(span)));
    }

    /// Notes what is wrong with a key's value, or with its default if the file does not set the key.
    pub(super) fn note_wherever(&mut self, key: Key, wrong: Wrong) {
        match self.value(key) {
            Some(value) => self.note(key, value.span(), wrong),
            None => self.problems.push(Problem::from(wrong).key(key)),
        }
    }

    /// Returns everything that was noted, and a problem for each name in the file that was not read.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        for unknown in unknown(self.root, &self.read) {
            let problem = Problem::from(unknown.wrong).key(unknown.key);
            self.problems
                .push(problem.at(self.text.place(unknown.span)));
        }
        self.problems
    }
}
