//! CIBs as Pacemaker prints them, and what is read from them.

use super::*;
use crate::agent::decide::scores::Score;
use crate::keeper::facts::MarkRule;

/// A cluster of three nodes whose primary is srv1. Each test replaces what it is about.
const CIB: &str = include_str!("../../../tests/fixtures/cib/three-nodes.xml");

fn view(text: &str) -> ResourceView {
    read(text, None, &"srv1".parse().unwrap()).unwrap()
}

fn wrong(text: &str, named: Option<&str>) -> String {
    read(text, named, &"srv1".parse().unwrap())
        .unwrap_err()
        .to_string()
}

/// The CIB with one text replaced, which has to be there.
fn with(what: &str, by: &str) -> String {
    assert!(CIB.contains(what), "{what}");
    CIB.replace(what, by)
}

#[test]
fn a_healthy_cluster_is_read() {
    let ResourceView {
        attributes,
        parameters,
        facts,
    } = view(CIB);
    assert_eq!(attributes.resource(), "pgsqld");
    assert_eq!(
        parameters.datadir.to_str(),
        Some("/var/lib/postgresql/15/main")
    );
    assert_eq!(parameters.pgport, 5432);
    let ResourceFacts {
        unattended,
        role,
        mark,
        others,
        quorum,
        rule,
    } = facts;
    assert_eq!(
        (unattended, role, mark),
        (None, InstanceRole::Promoted, NodeMark::Unset)
    );
    assert_eq!((quorum, rule), (PartitionQuorum::Held, MarkRule::Present));
    let others: Vec<_> = others
        .iter()
        .map(|(node, other)| (node.name(), *other))
        .collect();
    let standby = |score| OtherNode {
        presence: Presence::Online,
        role: InstanceRole::Unpromoted,
        score: Some(Score(score)),
    };
    assert_eq!(others, [("srv2", standby(1000)), ("srv3", standby(990))]);
}

#[test]
fn maintenance_and_an_unmanaged_resource_are_seen_wherever_they_are_set() {
    let pair =
        |name: &str, value: &str| format!(r#"<nvpair id="x" name="{name}" value="{value}"/>"#);
    let option = |pair: String| with(r#"<nvpair id="o1""#, &(pair + r#"<nvpair id="o1""#));
    let meta = |pair: String| with(r#"<nvpair id="m1""#, &(pair + r#"<nvpair id="m1""#));
    let of_node = |pair: String| {
        with(
            r#"<nvpair id="nodes-1-m""#,
            &(pair + r#"<nvpair id="nodes-1-m""#),
        )
    };
    let of_other = |pair: String| {
        with(
            r#"<nvpair id="nodes-2-m""#,
            &(pair + r#"<nvpair id="nodes-2-m""#),
        )
    };
    let transient = |pair: String| {
        with(
            r#"<instance_attributes id="status-1">"#,
            &(r#"<instance_attributes id="status-1">"#.to_owned() + &pair),
        )
    };
    for (text, expected) in [
        (
            option(pair("maintenance-mode", "true")),
            Some(Unattended::Cluster),
        ),
        (option(pair("maintenance-mode", "false")), None),
        (
            option(pair("is-managed-default", "false")),
            Some(Unattended::Unmanaged),
        ),
        (meta(pair("maintenance", "yes")), Some(Unattended::Resource)),
        (
            meta(pair("is-managed", "false")),
            Some(Unattended::Unmanaged),
        ),
        (meta(pair("is-managed", "true")), None),
        (of_node(pair("maintenance", "on")), Some(Unattended::Node)),
        (of_other(pair("maintenance", "on")), None),
        (
            transient(pair("maintenance", "true")),
            Some(Unattended::Node),
        ),
    ] {
        assert_eq!(view(&text).facts.unattended, expected, "{text}");
    }
}

#[test]
fn only_a_mark_with_its_value_counts() {
    let marked = |value: &str| {
        let begin = r#"<instance_attributes id="status-1">"#;
        let pair = format!(r#"{begin}<nvpair id="d" name="died-pgsqld" value="{value}"/>"#);
        view(&with(begin, &pair)).facts.mark
    };
    assert_eq!(marked("1"), NodeMark::Set);
    assert_eq!(marked(""), NodeMark::Unset);
    assert_eq!(marked("0"), NodeMark::Unset);
}

#[test]
fn a_rule_counts_only_if_it_keeps_the_resource_off_marked_nodes_in_every_role() {
    for (what, by) in [
        (r#"rsc="pgsqld-clone""#, r#"rsc="other""#),
        (r#"score="-INFINITY""#, r#"score="-1000""#),
        (
            r#"score="-INFINITY""#,
            r#"score="-INFINITY" role="Promoted""#,
        ),
        (r#"attribute="died-pgsqld""#, r#"attribute="died-other""#),
        (r#"operation="eq""#, r#"operation="ne""#),
        (r#"value="1"/></rule>"#, r#"value="2"/></rule>"#),
        (
            r#"rsc="pgsqld-clone""#,
            r#"rsc="pgsqld-clone" role="Promoted""#,
        ),
    ] {
        assert_eq!(view(&with(what, by)).facts.rule, MarkRule::Absent, "{by}");
    }
    let primitive = with(r#"rsc="pgsqld-clone""#, r#"rsc="pgsqld""#);
    assert_eq!(view(&primitive).facts.rule, MarkRule::Present);
}

#[test]
fn a_node_is_online_if_it_has_joined_as_each_version_writes_it() {
    let srv2 = r#"uname="srv2" in_ccm="true" crmd="online" join="member""#;
    for (by, expected) in [
        (
            r#"in_ccm="1700000000" crmd="1700000001" join="member""#,
            Presence::Online,
        ),
        (
            r#"in_ccm="0" crmd="1700000001" join="member""#,
            Presence::Offline,
        ),
        (
            r#"in_ccm="1700000000" crmd="0" join="member""#,
            Presence::Offline,
        ),
        (
            r#"in_ccm="false" crmd="online" join="member""#,
            Presence::Offline,
        ),
        (
            r#"in_ccm="true" crmd="offline" join="member""#,
            Presence::Offline,
        ),
        (
            r#"in_ccm="true" crmd="online" join="down""#,
            Presence::Offline,
        ),
    ] {
        let view = view(&with(srv2, &format!(r#"uname="srv2" {by}"#)));
        let other = view.facts.others[&"srv2".parse::<Node>().unwrap()];
        assert_eq!(other.presence, expected, "{by}");
    }
    let lost = view(&with(r#"have-quorum="1""#, r#"have-quorum="0""#));
    assert_eq!(lost.facts.quorum, PartitionQuorum::Lost);
}

#[test]
fn an_operation_under_way_hides_the_role_and_another_node_has_its_own() {
    let stopping = with(
        r#"operation="promote" call-id="20" op-status="0" rc-code="0""#,
        r#"operation="stop" call-id="-1" op-status="-1" rc-code="193""#,
    );
    assert_eq!(view(&stopping).facts.role, InstanceRole::Changing);
    let of_srv2 = read(CIB, None, &"srv2".parse().unwrap()).unwrap();
    assert_eq!(of_srv2.facts.role, InstanceRole::Unpromoted);
    let of_srv1 = of_srv2.facts.others[&"srv1".parse::<Node>().unwrap()];
    assert_eq!(of_srv1.role, InstanceRole::Promoted);
    let nowhere = read(CIB, None, &"srv9".parse().unwrap()).unwrap();
    assert_eq!(nowhere.facts.role, InstanceRole::Unknown);
}

#[test]
fn of_several_resources_one_has_to_be_named() {
    let second =
        r#"<primitive id="other" class="ocf" provider="heartbeat" type="pgsqlms"/></resources>"#;
    let two = with("</resources>", second);
    let several = "the cluster has several resources of the type pgsqlms: pgsqld, other; name one in keeper.resource";
    assert_eq!(wrong(&two, None), several);
    let named = read(&two, Some("other"), &"srv1".parse().unwrap()).unwrap();
    assert_eq!(named.attributes.resource(), "other");
    assert_eq!(named.facts.role, InstanceRole::Stopped);
    let missing = wrong(&two, Some("db"));
    assert!(
        missing.contains("names db, which is not among"),
        "{missing}"
    );
    let none = with(r#"type="pgsqlms""#, r#"type="pgsql""#);
    assert_eq!(
        wrong(&none, None),
        "the cluster has no resource of the type pgsqlms"
    );
}

#[test]
fn what_is_no_cib_watches_nothing() {
    for text in ["", "<cib/>", "<cib>", "Could not connect"] {
        assert!(
            read(text, None, &"srv1".parse().unwrap()).is_err(),
            "{text}"
        );
    }
    let odd = with(
        r#"name="pgdata" value="/var"#,
        r#"name="pgdata" value="var"#,
    );
    let said = wrong(&odd, None);
    assert!(
        said.starts_with("the resource pgsqld cannot be watched: parameter pgdata is"),
        "{said}"
    );
}
