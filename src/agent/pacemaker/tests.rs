use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::base::system_clock::OnSystemClock;

/// A configuration of two nodes; no cluster runs.
const CIB: &str = r#"<cib crm_feature_set="3.1.0" validate-with="pacemaker-3.0" epoch="1" num_updates="0" admin_epoch="0">
  <configuration>
    <crm_config/>
    <nodes><node id="1" uname="srv1"/><node id="2" uname="srv2"/></nodes>
    <resources/>
    <constraints/>
  </configuration>
  <status/>
</cib>
"#;

const SCORE: &str = "master-pgsqld";
const TOLD: &str = "nodes-pgsqld";

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(30))
}

fn node(name: &str) -> Node {
    name.parse().unwrap()
}

/// Pacemaker's own tools, working on a file; they need to write beside it.
struct File(TempDir);

impl File {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("cib.xml"), CIB).unwrap();
        Self(folder)
    }

    fn pacemaker(&self) -> Pacemaker {
        let file = self.0.path().join("cib.xml");
        Pacemaker::new(Path::new(SBIN), [("CIB_file".into(), file.into())])
    }
}

/// A stand-in for one of Pacemaker's programs: it records its arguments, and prints what it is told to.
struct StandIn(TempDir);

impl StandIn {
    fn saying(name: &str, printed: &str, complaint: &str, status: i32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join(name);
        let script = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$@\" >\"$0.given\"\nprintf '%s' '{printed}'\n\
             printf '%s' '{complaint}' >&2\nexit {status}\n"
        );
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Self(folder)
    }

    fn pacemaker(&self) -> Pacemaker {
        let path = ("PATH".into(), "/usr/bin:/bin".into());
        Pacemaker::new(self.0.path(), [path])
    }

    fn given(&self, name: &str) -> Vec<String> {
        let given = fs::read_to_string(self.0.path().join(format!("{name}.given"))).unwrap();
        given.lines().map(str::to_owned).collect()
    }
}

#[test]
fn a_permanent_attribute_is_set_read_and_deleted() {
    let file = File::new();
    let mut pacemaker = file.pacemaker();
    let srv2 = node("srv2");
    let mut keep = |name: &str, value| pacemaker.set_permanent(&srv2, name, value, soon()).unwrap();
    for value in ["-1000", "-INFINITY", "INFINITY", "1001"] {
        keep(SCORE, Some(value));
        let nodes = file.pacemaker().nodes(soon()).unwrap();
        assert_eq!(nodes[&srv2][SCORE], value);
        assert!(nodes[&node("srv1")].is_empty());
    }
    keep("primary_end-pgsqld", Some("2#67263616#7388#stopped"));
    keep(SCORE, None);
    // A second time: the attribute to delete does not exist.
    keep(SCORE, None);
    let nodes = file.pacemaker().nodes(soon()).unwrap();
    let left: Vec<_> = nodes[&srv2].iter().collect();
    let end = ("primary_end-pgsqld", "2#67263616#7388#stopped");
    assert_eq!(left, [(&end.0.to_owned(), &end.1.to_owned())]);
}

#[test]
fn nodes_that_were_queried_ahead_are_as_they_were_then() {
    let file = File::new();
    let mut pacemaker = file.pacemaker();
    pacemaker.foresee_nodes();
    let running = pacemaker.foreseen.take().unwrap();
    let path = format!("/proc/{}/stat", running.id());
    // Waits for its end without reaping it.
    while !fs::read_to_string(&path).unwrap().contains(") Z ") {
        std::thread::yield_now();
    }
    pacemaker.foreseen = Some(running);
    let srv2 = node("srv2");
    pacemaker
        .set_permanent(&srv2, SCORE, Some("1"), soon())
        .unwrap();
    assert!(pacemaker.nodes(soon()).unwrap()[&srv2].is_empty());
    assert_eq!(pacemaker.nodes(soon()).unwrap()[&srv2][SCORE], "1");
}

#[test]
fn a_node_that_the_cluster_does_not_know_has_nothing_kept_of_it() {
    let file = File::new();
    let mut pacemaker = file.pacemaker();
    let unknown = node("srv3");
    assert!(
        pacemaker
            .set_permanent(&unknown, SCORE, None, soon())
            .is_ok()
    );
    let refused = pacemaker.set_permanent(&unknown, SCORE, Some("1"), soon());
    let said = refused.unwrap_err().to_string();
    assert!(
        said.starts_with("crm_attribute failed: exit status: 105: "),
        "{said}"
    );
}

#[test]
fn without_a_cluster_every_call_fails() {
    let mut pacemaker = File::new().pacemaker();
    let said = pacemaker.nodes(soon()).unwrap_err().to_string();
    assert!(said.starts_with("cibadmin failed: exit status: "), "{said}");
}

#[test]
fn a_published_attribute_is_always_private_and_of_a_node() {
    let stand_in = StandIn::saying("attrd_updater", "", "", 0);
    let mut pacemaker = stand_in.pacemaker();
    let srv1 = node("srv1");
    for (value, what) in [
        (Some("srv1 srv2"), "--update=srv1 srv2"),
        (Some("-1"), "--update=-1"),
        (None, "--delete"),
    ] {
        pacemaker.set_transient(&srv1, TOLD, value, soon()).unwrap();
        let expected = ["--name", TOLD, "--node", "srv1", "--private", what];
        assert_eq!(stand_in.given("attrd_updater"), expected);
    }
}

#[test]
fn an_attribute_that_was_not_published_is_none_in_every_version() {
    let empty = format!("name=\"{TOLD}\" host=\"srv1\" value=\"\"\n");
    for (printed, complaint, status) in [
        // 2.0.0 to 2.1.4 (`validate_attrd_reply` in tools/attrd_updater.c)
        ("", "Could not query value: attribute does not exist", 105),
        // 2.1.5 to 3.0.2 (`send_attrd_query` there)
        (
            "",
            "attrd_updater: Could not query value: attribute does not exist",
            78,
        ),
        // Only other nodes have it, or it was deleted.
        (&*empty, "", 0),
    ] {
        let stand_in = StandIn::saying("attrd_updater", printed, complaint, status);
        let told = stand_in.pacemaker().transient(&node("srv1"), TOLD, soon());
        assert_eq!(told.unwrap(), None);
        let expected = ["--name", TOLD, "--node", "srv1", "--query"];
        assert_eq!(stand_in.given("attrd_updater"), expected);
    }
}

#[test]
fn an_absent_daemon_is_an_error() {
    let pacemaker = || Pacemaker::new(Path::new(SBIN), []);
    let told = pacemaker().transient(&node("srv1"), TOLD, soon());
    let said = told.unwrap_err().to_string();
    assert!(
        said.starts_with("attrd_updater failed: exit status: "),
        "{said}"
    );
    let said = pacemaker().local_node(soon()).unwrap_err().to_string();
    assert!(said.starts_with("crm_node failed: exit status: "), "{said}");
}

#[test]
fn a_published_attribute_is_read_unchanged() {
    let printed = format!("name=\"{TOLD}\" host=\"srv1\" value=\"2#67263616\"\n");
    let stand_in = StandIn::saying("attrd_updater", &printed, "", 0);
    let told = stand_in.pacemaker().transient(&node("srv1"), TOLD, soon());
    assert_eq!(told.unwrap().as_deref(), Some("2#67263616"));
    // The value of another node would be a wrong answer.
    let told = stand_in.pacemaker().transient(&node("srv2"), TOLD, soon());
    assert!(matches!(told, Err(ClusterError::Answer { .. })));
}

#[test]
fn the_local_nodes_name_is_read() {
    let stand_in = StandIn::saying("crm_node", "srv1.example\n", "", 0);
    let local = stand_in.pacemaker().local_node(soon()).unwrap();
    assert_eq!(local, node("srv1.example"));
    assert_eq!(stand_in.given("crm_node"), ["--name"]);
    let stand_in = StandIn::saying("crm_node", "(null) node\n", "", 0);
    assert!(stand_in.pacemaker().local_node(soon()).is_err());
}

#[test]
fn quorum_is_read() {
    for (printed, has_quorum) in [("1\n", Some(true)), ("0\n", Some(false)), ("", None)] {
        let stand_in = StandIn::saying("crm_node", printed, "", 0);
        let told = stand_in.pacemaker().has_quorum(soon());
        assert_eq!(told.ok(), has_quorum, "{printed:?}");
        assert_eq!(stand_in.given("crm_node"), ["--quorum"]);
    }
}

#[test]
fn the_policy_without_quorum_is_read() {
    for (printed, code, goes_on) in [
        ("ignore\n", 0, Some(true)),
        ("stop\n", 0, Some(false)),
        ("freeze\n", 0, Some(false)),
        ("(null)\n", 105, Some(false)),
        ("", 1, None),
    ] {
        let stand_in = StandIn::saying("crm_attribute", printed, "", code);
        let told = stand_in.pacemaker().goes_on_without_quorum(soon());
        assert_eq!(told.ok(), goes_on, "{printed:?}");
        let given = stand_in.given("crm_attribute");
        assert_eq!(given[..2], ["--type", "crm_config"], "{given:?}");
    }
}
