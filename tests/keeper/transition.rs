//! What Pacemaker's scheduler makes of what the keeper tells it, by `crm_simulate` on the same CIB.

use std::fs;

use support::Trouble;
use support::scratch::Scratch;

const CIB: &str = include_str!("../fixtures/cib/three-nodes.xml");

/// What the controller adds when a failure is reported (`fail_lrm_resource` in `controld_execd.c`).
const FAILURE: &str = r#"<lrm_rsc_op id="pgsqld_last_failure_0" operation_key="pgsqld_asyncmon_0" operation="asyncmon" call-id="99" op-status="0" rc-code="1" interval="0" on_node="srv1" transition-key="-1:-1:0:00000000-0000-0000-0000-000000000000" transition-magic="0:1;-1:-1:0:00000000-0000-0000-0000-000000000000" last-rc-change="1700000100" crm_feature_set="3.16.2"/>"#;

const OWN_STATUS: &str = r#"<instance_attributes id="status-1">"#;
const OWN_HISTORY: &str =
    r#"<lrm_resource id="pgsqld" class="ocf" provider="pgsql-state" type="pgsqlms">"#;

fn mark(value: &str) -> String {
    format!(r#"{OWN_STATUS}<nvpair id="d" name="died-pgsqld" value="{value}"/>"#)
}

/// The planned changes of pgsqld.
fn planned(cib: &str) -> Result<Vec<String>, Trouble> {
    let scratch = Scratch::new()?;
    fs::write(scratch.path().join("cib.xml"), cib).unwrap();
    let mut command = scratch.command("/usr/sbin/crm_simulate");
    let output = command
        .args(["--run", "--xml-file", "cib.xml"])
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let changes = printed.lines().filter(|line| line.starts_with("  * "));
    let changes = changes.filter(|line| line.contains("pgsqld:"));
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(changes.map(words).collect())
}

/// The CIB after a failure was reported on srv1.
fn failed() -> String {
    CIB.replacen(OWN_HISTORY, &format!("{OWN_HISTORY}{FAILURE}"), 1)
}

#[test]
fn a_failure_alone_is_recovered_in_place() -> Result<(), Trouble> {
    assert_eq!(planned(CIB)?, [""; 0]);
    assert_eq!(
        planned(&failed())?,
        ["* Recover pgsqld:0 ( Promoted srv1 )"]
    );
    Ok(())
}

/// The promotion elsewhere would wait for the start of the crashed server, since a clone's starts come before its promotions.
#[test]
fn with_the_mark_another_node_is_promoted_and_the_crashed_server_is_not_started()
-> Result<(), Trouble> {
    let elsewhere = [
        "* Stop pgsqld:0 ( Promoted srv1 ) due to node availability",
        "* Promote pgsqld:1 ( Unpromoted -> Promoted srv2 )",
    ];
    let marked = failed().replace(OWN_STATUS, &mark("1"));
    assert_eq!(planned(&marked)?, elsewhere);
    // The score of the crashed primary does not matter, so it stays for a recovery in place.
    let lowered = marked.replace(r#"value="1001""#, r#"value="1""#);
    assert_eq!(planned(&lowered)?, elsewhere);
    // What comes first, the mark or the failure, does not matter either.
    let only_marked = CIB.replace(OWN_STATUS, &mark("1"));
    assert_eq!(planned(&only_marked)?, elsewhere);
    Ok(())
}

#[test]
fn a_lower_score_instead_of_the_mark_would_have_the_promotion_wait_for_the_start()
-> Result<(), Trouble> {
    let lowered = failed().replace(r#"value="1001""#, r#"value="1""#);
    assert_eq!(
        planned(&lowered)?,
        [
            "* Recover pgsqld:0 ( Promoted -> Unpromoted srv1 )",
            "* Promote pgsqld:1 ( Unpromoted -> Promoted srv2 )",
        ]
    );
    Ok(())
}

/// `attrd_updater --delete` of Pacemaker 2.1.5 leaves an empty value.
#[test]
fn a_mark_without_its_value_keeps_nothing_off() -> Result<(), Trouble> {
    for value in ["", "0"] {
        assert_eq!(planned(&CIB.replace(OWN_STATUS, &mark(value)))?, [""; 0]);
    }
    Ok(())
}
