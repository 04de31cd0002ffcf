//! Whether the certificate of the HTTP port identifies this host to the other nodes; reads no file.

use std::net::IpAddr;

use crate::config::{ClusterSettings, Https, Problem};

/// A warning if the other nodes ask over TLS and take this host's certificate for another one's. `own` are the addresses of
/// this host; if none of them is a node's, the certificate has to be for any node.
pub(super) fn warning(
    https: Option<&Https>,
    cluster: &ClusterSettings,
    own: &[IpAddr],
) -> Option<Problem> {
    cluster.tls.as_ref()?;
    let (path, read) =
        https.and_then(|https| Some((&https.certificate_file, https.read.as_ref()?)))?;
    let here = cluster
        .nodes
        .iter()
        .find(|node| own.contains(&node.address.to_canonical()));
    let (is_wrong, names) = match here {
        Some(node) => (
            !read.identifies.contains(node),
            format!("neither for {} nor for {}", node.address, node.name),
        ),
        None => (
            read.identifies.is_empty() && !cluster.nodes.is_empty(),
            "for no address and no name in cluster.nodes".to_owned(),
        ),
    };
    is_wrong.then(|| {
        let what = format!(
            "the certificate {} is valid {names}, so the daemons of the other nodes do not believe this one",
            path.display()
        );
        let hint = "issue one with the node's address or name in cluster.nodes as its subjectAltName";
        Problem::warning("http.certificate_file", &what, hint)
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::str::FromStr;

    use super::*;
    use crate::base::certificates::tests::pki::{Authority, params};
    use crate::config::{Settings, load};

    /// The settings of a host that has a certificate for these names.
    fn settings(folder: &Path, names: &[&str]) -> Settings<String> {
        let ours = Authority::new("ours");
        let own = ours.certify(&params("a host", names));
        let write = |name: &str, text: String| {
            let path = folder.join(name);
            fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let certificate = write("http.pem", own.pem() + &own.key_pem());
        let ca = write("ca.pem", ours.pem());
        let text = format!(
            "[http]\ncertificate_file = \"{certificate}\"\n[cluster]\nca_file = \"{ca}\"\nnodes = [{{ name = \"srv1\", \
             address = \"10.20.30.51\" }}, {{ name = \"srv2\", address = \"10.20.30.52\" }}]\n"
        );
        let config = write("pgsql-state.toml", text);
        let loaded = load(Some(Path::new(&config)), String::from_str);
        loaded.unwrap().settings
    }

    #[test]
    fn a_certificate_without_the_nodes_own_name_is_warned_of() {
        let folder = tempfile::tempdir().unwrap();
        let first: [IpAddr; 1] = ["10.20.30.51".parse().unwrap()];
        for (names, own, is_wrong) in [
            (["srv1"], first.as_slice(), false),
            (["10.20.30.51"], &first, false),
            (["srv2"], &first, true),
            (["srv7"], &first, true),
            (["srv2"], &[], false),
            (["srv7"], &[], true),
        ] {
            let settings = settings(folder.path(), &names);
            let found = warning(settings.https.as_ref(), &settings.cluster, own);
            assert_eq!(found.is_some(), is_wrong, "{names:?} {own:?}");
        }
    }
}
