//! Reads Pacemaker's configuration as its daemons do: what refers to what, and which of several values applies
//! (Pacemaker Explained, "Reusing XML Elements", "Name/Value Pairs" and "Resource Templates"). Knows no
//! option's meaning.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::base::xml::Element;

/// The set of cluster options that takes precedence, whatever the scores.
const FIRST_SET: &str = "cib-bootstrap-options";

/// The limit of scores (`PCMK_SCORE_INFINITY`).
const INFINITY: i64 = 1_000_000;

/// A configuration whose elements can be found by their `id`.
#[derive(Debug)]
pub struct CibConfiguration<'e> {
    by_id: BTreeMap<&'e str, &'e Element>,
}

/// The merged values of several sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs {
    /// The first value of each name.
    pub values: BTreeMap<String, String>,
    /// The `id` of each set with a rule. Whether it applies depends on the node or the time, so its values
    /// are left out.
    pub conditional: Vec<String>,
}

impl<'e> CibConfiguration<'e> {
    /// Indexes all elements within this one.
    #[must_use]
    pub fn of(root: &'e Element) -> Self {
        let with_id = |element: &'e Element| Some((element.attribute("id")?, element));
        Self {
            by_id: root.within().into_iter().filter_map(with_id).collect(),
        }
    }

    /// Returns the element that an `id-ref` refers to, or else the element itself.
    #[must_use]
    pub fn meant(&self, element: &'e Element) -> &'e Element {
        let referred = element.attribute("id-ref");
        let found = referred.and_then(|id| self.by_id.get(id));
        found
            .copied()
            .filter(|found| found.name == element.name)
            .unwrap_or(element)
    }

    /// Returns the children of an element with this name; each that refers to another element is replaced by it.
    pub fn all(&self, holder: &'e Element, name: &'e str) -> impl Iterator<Item = &'e Element> {
        holder.all(name).map(|element| self.meant(element))
    }

    /// Returns the template of a primitive.
    #[must_use]
    pub fn template(&self, primitive: &Element) -> Option<&'e Element> {
        let found = self.by_id.get(primitive.attribute("template")?)?;
        (found.name == "template").then_some(*found)
    }

    /// Returns an attribute of a primitive: its own or its template's.
    #[must_use]
    pub fn attribute(&self, primitive: &'e Element, name: &str) -> Option<&'e str> {
        let of_template = || self.template(primitive)?.attribute(name);
        primitive.attribute(name).or_else(of_template)
    }

    /// Returns the values of the sets with this name in the holders: an earlier holder takes precedence over a later
    /// one, and within one, the set with the highest score.
    #[must_use]
    pub fn pairs(&self, holders: &[&'e Element], set: &'e str) -> Pairs {
        let mut pairs = Pairs::default();
        for holder in holders.iter().copied() {
            let mut sets: Vec<&Element> = self.all(holder, set).collect();
            sets.sort_by_key(|set| (set.attribute("id") != Some(FIRST_SET), Reverse(score(set))));
            for set in sets {
                if set.all("rule").next().is_some() {
                    let id = set.attribute("id").unwrap_or_default();
                    pairs.conditional.push(id.to_owned());
                    continue;
                }
                for pair in set.all("nvpair") {
                    self.add(pair, &mut pairs.values);
                }
            }
        }
        pairs
    }

    /// Adds a pair. One that refers to another may give it another name.
    fn add(&self, pair: &'e Element, values: &mut BTreeMap<String, String>) {
        let meant = self.meant(pair);
        let name = pair.attribute("name").or_else(|| meant.attribute("name"));
        if let (Some(name), Some(value)) = (name, meant.attribute("value")) {
            values
                .entry(name.to_owned())
                .or_insert_with(|| value.to_owned());
        }
    }
}

fn score(set: &Element) -> i64 {
    let score = set.attribute("score").unwrap_or("0").trim();
    let sign = if score.starts_with('-') { -1 } else { 1 };
    let size = score.trim_start_matches(['+', '-']);
    if size.eq_ignore_ascii_case("infinity") {
        return sign * INFINITY;
    }
    let size = size.parse::<i64>().unwrap_or(0);
    sign * size.clamp(0, INFINITY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, name: &str) -> (Option<String>, Vec<String>) {
        let root = Element::read(text).unwrap();
        let configuration = CibConfiguration::of(&root);
        let holders: Vec<&Element> = root.all("h").collect();
        let Pairs {
            mut values,
            conditional,
        } = configuration.pairs(&holders, "s");
        (values.remove(name), conditional)
    }

    #[test]
    fn of_several_values_the_one_that_pacemaker_uses_applies() {
        for (sets, expected) in [
            (
                r#"<h><s id="a"><nvpair id="1" name="x" value="1"/></s></h>"#,
                "1",
            ),
            (
                r#"<h><s id="a"><nvpair id="1" name="x" value="1"/></s>
                   <s id="b" score="5"><nvpair id="2" name="x" value="2"/></s></h>"#,
                "2",
            ),
            (
                r#"<h><s id="b" score="INFINITY"><nvpair id="2" name="x" value="2"/></s>
                   <s id="cib-bootstrap-options" score="-5"><nvpair id="1" name="x" value="1"/></s></h>"#,
                "1",
            ),
            (
                r#"<h><s id-ref="b"/></h><o><s id="b"><nvpair id="1" name="x" value="1"/></s></o>"#,
                "1",
            ),
            (
                r#"<h><s id="a"><nvpair id-ref="1" name="x"/></s></h>
                   <o><nvpair id="1" name="y" value="1"/></o>"#,
                "1",
            ),
            (
                r#"<h><s id="a"><nvpair id="1" name="x" value="1"/></s></h>
                   <h><s id="b" score="9"><nvpair id="2" name="x" value="2"/></s></h>"#,
                "1",
            ),
        ] {
            let text = format!("<r>{sets}</r>");
            assert_eq!(value(&text, "x"), (Some(expected.into()), vec![]), "{sets}");
        }
    }

    #[test]
    fn a_set_with_a_rule_is_left_out_and_reported() {
        let text =
            r#"<r><h><s id="a"><rule id="r"/><nvpair id="1" name="x" value="1"/></s></h></r>"#;
        assert_eq!(value(text, "x"), (None, vec!["a".into()]));
    }

    #[test]
    fn an_element_that_refers_to_itself_or_to_nothing_is_itself() {
        let text =
            r#"<r><h><s id="a" id-ref="a"><nvpair id-ref="none" name="x" value="1"/></s></h></r>"#;
        assert_eq!(value(text, "x").0.as_deref(), Some("1"));
    }
}
