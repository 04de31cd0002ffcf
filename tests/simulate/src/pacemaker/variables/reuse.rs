//! The map in which a call's variables are told. A history makes hundreds of them with the same names and mostly the same
//! values: one that is not needed any more is filled again. Knows no variable.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Deref;

/// What parameters' variables begin with.
const PREFIX: &str = "OCF_RESKEY_";

/// How many maps are kept.
const MOST: usize = 64;

thread_local! {
    /// Maps that are not needed any more.
    static SPARE: RefCell<Vec<BTreeMap<String, String>>> = const { RefCell::new(Vec::new()) };
}

/// The name of a variable.
#[derive(Clone, Copy, Debug)]
pub(super) enum Name<'a> {
    Whole(&'static str),
    OfParameter(&'a str),
}

/// Variables, in the order of their names.
#[derive(Debug)]
pub(super) struct Pairs<'a>(Vec<(Name<'a>, Cow<'a, str>)>);

/// The variables of a call.
#[derive(Clone, Debug, Default)]
pub struct CallVariables(BTreeMap<String, String>);

impl<'a> Pairs<'a> {
    pub(super) fn new() -> Self {
        Self(Vec::with_capacity(80))
    }

    pub(super) fn set(&mut self, name: &'static str, value: impl Into<Cow<'a, str>>) {
        self.0.push((Name::Whole(name), value.into()));
    }

    pub(super) fn push(&mut self, name: Name<'a>, value: impl Into<Cow<'a, str>>) {
        self.0.push((name, value.into()));
    }

    /// Fills a map again that has these names.
    fn fill(&self, map: &mut BTreeMap<String, String>) -> bool {
        if map.len() != self.0.len() {
            return false;
        }
        for ((name, value), (kept, old)) in self.0.iter().zip(map) {
            if !name.is(kept) {
                return false;
            }
            if *old != **value {
                old.clear();
                old.push_str(value);
            }
        }
        true
    }
}

impl Name<'_> {
    fn is(self, whole: &str) -> bool {
        match self {
            Self::Whole(name) => name == whole,
            Self::OfParameter(name) => whole.strip_prefix(PREFIX) == Some(name),
        }
    }

    fn text(self) -> String {
        match self {
            Self::Whole(name) => name.into(),
            Self::OfParameter(name) => [PREFIX, name].concat(),
        }
    }
}

impl CallVariables {
    pub(super) fn of(pairs: &Pairs<'_>) -> Self {
        let spare = SPARE.with_borrow_mut(|spare| {
            let count = pairs.0.len();
            let place = spare.iter().rposition(|map| map.len() == count)?;
            Some(spare.swap_remove(place))
        });
        if let Some(mut map) = spare
            && pairs.fill(&mut map)
        {
            return Self(map);
        }
        let all = pairs.0.iter();
        Self(
            all.map(|(name, value)| (name.text(), value.to_string()))
                .collect(),
        )
    }
}

impl Deref for CallVariables {
    type Target = BTreeMap<String, String>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl From<BTreeMap<String, String>> for CallVariables {
    fn from(map: BTreeMap<String, String>) -> Self {
        Self(map)
    }
}

impl PartialEq for CallVariables {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for CallVariables {}

impl Drop for CallVariables {
    fn drop(&mut self) {
        let map = std::mem::take(&mut self.0);
        // A thread that ends keeps none.
        SPARE
            .try_with(|spare| {
                let mut spare = spare.borrow_mut();
                if spare.len() < MOST && !map.is_empty() {
                    spare.push(map);
                }
            })
            .ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(value: &str, parameter: &str) -> CallVariables {
        let mut pairs = Pairs::new();
        pairs.set("A", value.to_owned());
        pairs.push(Name::OfParameter(parameter), "x");
        CallVariables::of(&pairs)
    }

    #[test]
    fn a_map_that_is_filled_again_tells_what_a_new_one_would() {
        for (value, parameter) in [("1", "a"), ("22", "a"), ("1", "b"), ("", "b")] {
            let expected = [("A", value), (&*format!("OCF_RESKEY_{parameter}"), "x")];
            let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
            assert_eq!(*told(value, parameter), BTreeMap::from(expected));
        }
    }
}
