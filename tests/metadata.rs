//! The agent's description of itself, held against what Debian's package resource-agents ships to check
//! such descriptions with.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, which fail by panicking"
)]

use std::fs;

use pgsql_state::agent::ocf::metadata::metadata;
use support::running::run;
use support::scratch::Scratch;

const SHIPPED: &str = "/usr/share/resource-agents";

/// Writes a document and has `xmllint` judge it.
fn lint(document: &str, arguments: &[&str]) -> Result<String, support::Trouble> {
    let scratch = Scratch::new().unwrap();
    // A document names the file without a path: it is looked for beside the document.
    let dtd = "ra-api-1.dtd";
    fs::copy(format!("{SHIPPED}/{dtd}"), scratch.path().join(dtd)).unwrap();
    let file = scratch.path().join("metadata.xml");
    fs::write(&file, document).unwrap();
    let mut command = scratch.command("xmllint");
    command
        .args(["--nonet", "--noout"])
        .args(arguments)
        .arg(file);
    run(command)
}

/// The description without what OCF 1.1 brought: what is shipped knows OCF 1.0.
fn of_ocf_1_0() -> String {
    let action = "    <action name=\"reload-agent\" timeout=\"20s\"/>\n";
    assert!(metadata().contains(action));
    metadata()
        .replace(" reloadable=\"0\"", "")
        .replace(" reloadable=\"1\"", "")
        .replace(action, "")
}

#[test]
fn it_is_valid_but_for_what_ocf_1_1_brought() {
    lint(&of_ocf_1_0(), &["--valid"]).unwrap();
    let wrong = of_ocf_1_0()
        .replace("<actions>", "<deeds>")
        .replace("</actions>", "</deeds>");
    assert!(lint(&wrong, &["--valid"]).is_err());
}

/// Pacemaker's controller logs a failed assertion for each declaration in it.
#[test]
fn it_declares_nothing_itself() {
    assert!(!metadata().contains("<!ATTLIST"));
    assert!(!metadata().contains('['), "{}", metadata());
}

#[test]
fn it_follows_the_schema_but_for_what_that_does_not_know() {
    let known = of_ocf_1_0();
    let schema = format!("{SHIPPED}/metadata.rng");
    lint(&known, &["--relaxng", &schema]).unwrap();
    let wrong = known.replace("type=\"integer\"", "type=\"number\"");
    assert!(lint(&wrong, &["--relaxng", &schema]).is_err());
}
