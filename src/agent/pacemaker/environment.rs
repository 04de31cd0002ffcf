//! Derives the environment of Pacemaker's programs from that of an agent. Knows no program.

use std::ffi::{OsStr, OsString};

/// The prefix of the variables that Pacemaker passes to agents: a tool that is asked for a node's name answers with
/// that of the variable `OCF_RESKEY_CRM_meta_on_node`, and others use it in place of the node they were given as
/// `localhost` (`pcmk__node_attr_target`).
const FOR_AGENTS: &[u8] = b"OCF_";

/// The variables that would translate their output.
const LANGUAGE: [&str; 2] = ["LANG", "LANGUAGE"];
const LOCALE: &[u8] = b"LC_";

/// Returns the environment without these variables. Others remain, such as those that say how to reach a cluster that
/// is not this host's.
pub(super) fn for_tools(
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Vec<(OsString, OsString)> {
    let kept = environment.into_iter().filter(|(name, _)| {
        let bytes = name.as_encoded_bytes();
        !bytes.starts_with(FOR_AGENTS)
            && !bytes.starts_with(LOCALE)
            && !LANGUAGE.map(OsStr::new).contains(&name.as_os_str())
    });
    let c = ("LC_ALL".into(), "C".into());
    kept.chain([c]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_gets_neither_the_agents_variables_nor_a_locale() {
        let given = [
            ("CIB_file", "/tmp/cib.xml"),
            ("HA_debug", "1"),
            ("LANG", "fr_FR.UTF-8"),
            ("LC_MESSAGES", "fr_FR.UTF-8"),
            ("OCF_RESKEY_CRM_meta_on_node", "srv1"),
            ("PATH", "/usr/bin"),
        ];
        let given = given.map(|(name, value)| (name.into(), value.into()));
        let told = for_tools(given);
        let expected = [
            ("CIB_file", "/tmp/cib.xml"),
            ("HA_debug", "1"),
            ("PATH", "/usr/bin"),
            ("LC_ALL", "C"),
        ];
        assert_eq!(
            told,
            expected.map(|(name, value)| (name.into(), value.into()))
        );
    }
}
