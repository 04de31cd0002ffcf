//! Parses the value of one node's attribute in the output of `attrd_updater --query`. Knows no attribute's
//! meaning.

use thiserror::Error;

use crate::agent::ocf::node::Node;

/// The output has another form.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("{found:?} was printed, where {expected}…\" was expected")]
pub(super) struct ToldError {
    found: String,
    expected: String,
}

/// Parses the output: one line `name="…" host="…" value="…"`, the same from Pacemaker 2.0 to 3.0
/// (`print_attrd_values` in `tools/attrd_updater.c`, `attribute_default` in `lib/pacemaker/pcmk_output.c`).
/// Published values contain no quotes. An empty value counts as none.
pub(super) fn read(text: &str, name: &str, node: &Node) -> Result<Option<String>, ToldError> {
    let expected = format!("name=\"{name}\" host=\"{node}\" value=\"");
    let value = text
        .strip_prefix(&expected)
        .and_then(|rest| rest.strip_suffix("\"\n"))
        .filter(|value| !value.contains('"'));
    match value {
        Some("") => Ok(None),
        Some(value) => Ok(Some(value.into())),
        None => Err(ToldError {
            found: text.into(),
            expected,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_of_srv2(text: &str) -> Result<Option<String>, ToldError> {
        read(text, "nodes-pgsqld", &"srv2".parse().unwrap())
    }

    #[test]
    fn the_value_is_the_text_within_its_quotes() {
        let said = "name=\"nodes-pgsqld\" host=\"srv2\" value=\"srv1 srv2\"\n";
        assert_eq!(read_of_srv2(said), Ok(Some("srv1 srv2".into())));
    }

    #[test]
    fn an_attribute_that_was_deleted_or_is_only_of_other_nodes_is_none() {
        let said = "name=\"nodes-pgsqld\" host=\"srv2\" value=\"\"\n";
        assert_eq!(read_of_srv2(said), Ok(None));
    }

    #[test]
    fn another_node_another_attribute_or_several_lines_are_refused() {
        let line = "name=\"nodes-pgsqld\" host=\"srv2\" value=\"1\"\n";
        for wrong in [
            String::new(),
            line.trim_end().into(),
            line.replace("srv2", "srv22"),
            line.replace("nodes", "odes"),
            line.repeat(2),
        ] {
            assert!(read_of_srv2(&wrong).is_err(), "{wrong}");
        }
    }
}
