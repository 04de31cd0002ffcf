//! Parses the nodes and their permanent attributes in the output of `cibadmin --query --scope nodes` (Pacemaker
//! Explained, "Cluster Nodes"). Knows no attribute's meaning.

use std::collections::BTreeMap;

use crate::agent::actions::cluster::PermanentAttributes;
use crate::agent::ocf::node::Node;
use crate::agent::pacemaker::cib::CibConfiguration;
use crate::base::xml::{Element, XmlError};

/// Parses the output. It does not matter which of several sets contains an attribute. A node whose name is not a
/// [`Node`], such as one with a blank, is ignored.
pub(super) fn read(text: &str) -> Result<BTreeMap<Node, PermanentAttributes>, XmlError> {
    let root = Element::read(text)?;
    if root.name != "nodes" {
        return Err(XmlError::End);
    }
    Ok(permanent_attributes(&root, &CibConfiguration::of(&root)))
}

/// Returns the nodes of an element `nodes`, with their permanent attributes.
#[must_use]
pub fn permanent_attributes<'e>(
    nodes: &'e Element,
    configuration: &CibConfiguration<'e>,
) -> BTreeMap<Node, PermanentAttributes> {
    let nodes = nodes.all("node").filter_map(|element| {
        let node = element.attribute("uname")?.parse().ok()?;
        Some((
            node,
            configuration
                .pairs(&[element], "instance_attributes")
                .values,
        ))
    });
    nodes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = r#"<nodes>
  <node id="1" uname="srv1">
    <instance_attributes id="nodes-1">
      <nvpair id="nodes-1-master-pgsqld" name="master-pgsqld" value="-INFINITY"/>
      <nvpair id="nodes-1-primary_end-pgsqld" name="primary_end-pgsqld" value="2#67#8#stopped"/>
    </instance_attributes>
    <instance_attributes id="more"><nvpair id="more-rack" name="rack" value="a &amp; b"/></instance_attributes>
    <utilization id="u"><nvpair id="u-cpu" name="cpu" value="4"/></utilization>
  </node>
  <node id="2" uname="srv2"/>
  <node id="3" type="remote" uname="srv 3"/>
  <node id="4"/>
</nodes>
"#;

    #[test]
    fn every_node_has_its_permanent_attributes() {
        let nodes = read(PRINTED).unwrap();
        let names: Vec<&str> = nodes.keys().map(Node::name).collect();
        assert_eq!(names, ["srv1", "srv2"]);
        let [one, two] = ["srv1", "srv2"].map(|name| &nodes[&name.parse::<Node>().unwrap()]);
        assert_eq!(one["master-pgsqld"], "-INFINITY");
        assert_eq!(one["primary_end-pgsqld"], "2#67#8#stopped");
        assert_eq!(one["rack"], "a & b");
        assert_eq!((one.len(), two.len()), (3, 0));
        assert!(read("<nodes/>").unwrap().is_empty());
    }

    #[test]
    fn anything_else_is_refused() {
        for wrong in [
            "",
            "no such device",
            "<cib/>",
            "<nodes>",
            "<nodes/><nodes/>",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
