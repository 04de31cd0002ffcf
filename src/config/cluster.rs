//! Reads `[cluster]`: the hosts that the lists and the generators refer to, and whose daemons ask one another.

use toml::de::DeValue;

use super::document::TomlDocument;
use super::http::Documents;
use super::keys::{CA_FILE, DOCUMENTS, HTTP_PORT, KEY_FILE, NODES};
use super::model::{ClusterNode, ClusterSettings, Https};
use super::problem::{Wrong, quote};
use super::values;
use crate::admit::{ClientTrust, Rules};

const HINT: &str = "write each as { name = \"srv1\", address = \"10.20.30.51\" }";

/// Reads the table `[cluster]`.
pub(super) fn cluster(file: &mut TomlDocument<'_>, https: Option<&Https>) -> ClusterSettings {
    let mut nodes: Vec<ClusterNode> = Vec::new();
    for (span, node) in file.read_each(NODES, node).unwrap_or_default() {
        let twin = |other: &&ClusterNode| other.name == node.name || other.address == node.address;
        if let Some(other) = nodes.iter().find(twin) {
            let message = format!(
                "\"{}\" and \"{}\" have the same name or the same address",
                other.name, node.name
            );
            file.note(NODES, span, Wrong::new(message, "keep one of the two"));
            continue;
        }
        nodes.push(node);
    }
    let port = |number: u32| u16::try_from(number).ok().filter(|port| *port > 0);
    let http_port = file.read(HTTP_PORT, |value| {
        values::number(value, port, "from 1 to 65535")
    });
    let ca_file = file.read(CA_FILE, |value| {
        values::path(value, "/etc/pgsql-state/cluster-ca.pem")
    });
    match (https, &ca_file) {
        (Some(_), None) if !nodes.is_empty() => {
            let wrong = Wrong::warning(
                "this daemon answers over TLS but asks the other nodes without TLS, so nodes with the same \
                 configuration do not answer it",
                "name the certificate authorities of the nodes: cluster.ca_file = \"/etc/pgsql-state/cluster-ca.pem\"",
            );
            file.note_wherever(CA_FILE, wrong);
        }
        (None, Some(_)) => {
            let wrong = Wrong::warning(
                "this daemon asks the other nodes over TLS but answers without TLS, so nodes with the same \
                 configuration do not answer one another",
                "name its certificate: http.certificate_file = \"/etc/pgsql-state/http.pem\"",
            );
            file.note_wherever(CA_FILE, wrong);
        }
        (Some(_) | None, _) => {}
    }
    let defaults = ClusterSettings::default();
    ClusterSettings {
        nodes,
        http_port: http_port.unwrap_or(defaults.http_port),
        key_file: file.read(KEY_FILE, |value| {
            values::secret_path(value, "/etc/pgsql-state/cluster.key")
        }),
        keys: None,
        ca_file,
        tls: None,
    }
}

fn node(value: &DeValue<'_>) -> Result<ClusterNode, Wrong> {
    let table = value.as_table();
    let table = table.ok_or_else(|| values::must_be("a table", value, HINT))?;
    if let Some((name, _)) = table
        .iter()
        .find(|(name, _)| !["name", "address"].contains(&name.get_ref().as_ref()))
    {
        let message = format!("a node has no key {}", quote(name.get_ref()));
        return Err(Wrong::new(message, HINT));
    }
    let field = |name: &str| {
        let missing = || Wrong::new(format!("this node has no {name}"), HINT);
        values::text(table.get(name).ok_or_else(missing)?.get_ref(), HINT)
    };
    let (name, address) = (field("name")?, field("address")?);
    ClusterNode::parse(name, address).map_err(|error| Wrong::new(error.to_string(), error.hint()))
}

/// Notes the nodes whose daemons do not get `/state` from this one: they find no second primary by it.
pub(super) fn nodes_without_documents(
    file: &mut TomlDocument<'_>,
    documents: Documents,
    cluster: &ClusterSettings,
    rules: &Rules,
) {
    if documents == Documents::ForAll {
        return;
    }
    if cluster.nodes.is_empty() && rules.trusted.is_empty() {
        let wrong = Wrong::warning(
            "nobody gets /state and /metrics, because admission.trusted is empty",
            "trust those who may have them: trusted = [\"10.20.30.99\"]",
        );
        file.note_wherever(DOCUMENTS, wrong);
    }
    let nodes = cluster.nodes.iter();
    let without: Vec<&str> = nodes
        .filter(|node| rules.judge(node.address) != ClientTrust::Trusted)
        .map(|node| node.name.as_str())
        .collect();
    if !without.is_empty() {
        let message = format!(
            "the daemons of {} do not get /state from this one, because they are not in admission.trusted, so they \
             cannot see a second primary here",
            without.join(", ")
        );
        let wrong = Wrong::warning(message, "trust all nodes: trusted = [\"@haproxy\"]");
        file.note_wherever(DOCUMENTS, wrong);
    }
}
