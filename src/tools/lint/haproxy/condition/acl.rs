//! Named ACLs, and which of them a condition can name; evaluates nothing.

use std::collections::HashMap;

/// Where a line is written. The rules of `defaults` can name only the ACLs there, and other rules only those of their
/// own section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Scope {
    Section,
    Defaults,
}

/// The ACLs of a section: the criteria under each name. A name may be declared several times.
#[derive(Clone, Debug, Default)]
pub(in crate::tools::lint::haproxy) struct Acls {
    own: HashMap<String, Vec<Vec<String>>>,
    inherited: HashMap<String, Vec<Vec<String>>>,
}

impl Acls {
    pub(in crate::tools::lint::haproxy) fn add(&mut self, name: &str, criterion: &[&str]) {
        let criterion = criterion.iter().map(|&word| word.to_owned()).collect();
        self.own.entry(name.to_owned()).or_default().push(criterion);
    }

    /// The ACLs with which a section begins if `defaults` has these.
    pub(in crate::tools::lint::haproxy) fn inherited(&self) -> Self {
        let mut inherited = self.inherited.clone();
        for (name, criteria) in &self.own {
            let known = inherited.entry(name.clone()).or_default();
            known.extend(criteria.iter().cloned());
        }
        Self {
            own: HashMap::new(),
            inherited,
        }
    }

    /// The criteria under a name that a condition in this place can name.
    pub(super) fn called(&self, name: &str, scope: Scope) -> &[Vec<String>] {
        let acls = match scope {
            Scope::Section => &self.own,
            Scope::Defaults => &self.inherited,
        };
        acls.get(name).map_or(&[], Vec::as_slice)
    }
}
