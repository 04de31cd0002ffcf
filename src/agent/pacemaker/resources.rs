//! Parses the resources of the type `pgsqlms`, of any provider, in the output of `cibadmin --query --scope resources`
//! (Pacemaker Explained, "Resources"). Knows no parameter's meaning.

use std::collections::BTreeMap;

use crate::agent::ocf::parameters::{Lenient, ParameterError, Parameters};
use crate::agent::pacemaker::cib::CibConfiguration;
use crate::base::xml::{Element, XmlError};

/// The type, which PAF's agent has as well.
const TYPE: &str = "pgsqlms";

/// A resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// The resource's name, not that of its clone.
    pub name: String,
    /// Its parameters as they are set.
    pub parameters: BTreeMap<String, String>,
}

impl Resource {
    /// Returns the resources of the type within an element of the CIB. A value from a template applies unless the primitive
    /// sets it itself.
    #[must_use]
    pub fn within(root: &Element) -> Vec<Self> {
        let configuration = CibConfiguration::of(root);
        let primitives = root.within().into_iter();
        let primitives = primitives.filter(|element| element.name == "primitive");
        let resources = primitives.filter_map(|primitive| {
            if configuration.attribute(primitive, "type")? != TYPE {
                return None;
            }
            let holders: Vec<&Element> = [primitive]
                .into_iter()
                .chain(configuration.template(primitive))
                .collect();
            Some(Self {
                name: primitive.attribute("id")?.into(),
                parameters: configuration.pairs(&holders, "instance_attributes").values,
            })
        });
        resources.collect()
    }

    /// Parses its parameters.
    pub fn told(&self) -> Result<Lenient, ParameterError> {
        let variables = self
            .parameters
            .iter()
            .map(|(name, value)| (format!("OCF_RESKEY_{name}"), value.clone()));
        Parameters::parse_leniently(&variables.collect())
    }
}

/// Parses the output.
pub(super) fn read(text: &str) -> Result<Vec<Resource>, XmlError> {
    Ok(Resource::within(&Element::read(text)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = r#"<resources>
  <template id="t" class="ocf" provider="pgsql-state" type="pgsqlms">
    <instance_attributes id="ta">
      <nvpair id="t1" name="bindir" value="/usr/lib/postgresql/15/bin"/>
      <nvpair id="t2" name="pgport" value="5432"/>
    </instance_attributes>
  </template>
  <clone id="pgsqld-clone">
    <primitive id="pgsqld" template="t">
      <instance_attributes id="a"><nvpair id="a1" name="pgport" value="5434"/></instance_attributes>
    </primitive>
    <meta_attributes id="m"><nvpair id="m1" name="notify" value="true"/></meta_attributes>
  </clone>
  <primitive id="other" class="ocf" provider="heartbeat" type="pgsqlms"/>
  <primitive id="fence" class="stonith" type="fence_virsh"/>
</resources>
"#;

    #[test]
    fn the_resources_of_the_type_come_with_their_parameters() {
        let [one, other] = &read(PRINTED).unwrap()[..] else {
            panic!("not two");
        };
        assert_eq!(
            (one.name.as_str(), other.name.as_str()),
            ("pgsqld", "other")
        );
        assert_eq!(one.parameters["bindir"], "/usr/lib/postgresql/15/bin");
        assert_eq!(one.parameters["pgport"], "5434");
        assert_eq!(one.parameters.len(), 2);
        assert!(other.parameters.is_empty());
    }
}
