use super::*;
use crate::agent::decide::primary_end::{Moment, Promotion};
use crate::agent::decide::scores::SenderState;
use crate::agent::decide::state::RoleSource;
use crate::postgres::control::ClusterState;
use crate::postgres::control::example::{SYSTEM, control};
use crate::postgres::timeline::Timeline;

fn at(timeline: u32, lsn: u64) -> Position {
    Position {
        timeline: Timeline(timeline),
        lsn: Lsn(lsn),
    }
}

fn known(score: i32) -> NodeRecord {
    NodeRecord {
        score: Some(Score(score)),
        ..NodeRecord::default()
    }
}

/// A primary on `srv1`; `srv2` has everything, `srv3` is not connected.
fn seen() -> ClusterView {
    let mut nodes: BTreeMap<Node, NodeRecord> = [("srv1", 1001), ("srv2", 1000), ("srv3", -1000)]
        .map(|(name, score)| (name.parse().unwrap(), known(score)))
        .into();
    let first = nodes.values_mut().next().unwrap();
    first.primary_end = Some(PrimaryEnd {
        position: at(2, 0x0400_0000),
        system_identifier: SYSTEM,
        moment: Moment::Started,
        promotion: Promotion::Elected,
        origin: None,
    });
    ClusterView {
        resource: "pgsqld".into(),
        local: "srv1".parse().unwrap(),
        state: ServerState::Primary(RoleSource::Said(None)),
        control: Ok(control(ClusterState::Production)),
        traces: Ok(Traces {
            on_disk: Some(at(2, 0x0402_5C80)),
            ..Traces::default()
        }),
        lineage: None,
        senders: Some((
            Lsn(0x0402_5C80),
            vec![ReplicationRow {
                application_name: "srv2".into(),
                state: SenderState::Streaming,
                written: Some(Lsn(0x0402_5C80)),
                sync: None,
            }],
        )),
        nodes: Ok(nodes),
        maxlag: None,
    }
}

#[test]
fn a_primary_and_its_standbys_are_explained() {
    insta::assert_snapshot!(seen());
}

#[test]
fn without_the_primary_its_best_standby_would_be_elected() {
    let (facts, outcome) = seen().election().unwrap();
    assert_eq!(facts.designated.name(), "srv2");
    assert_eq!(
        outcome.choice,
        crate::agent::decide::election::Choice::Designated
    );
}

#[test]
fn a_standby_knows_only_its_own_position_until_the_others_speak() {
    let mut standby = seen();
    standby.local = "srv3".parse().unwrap();
    standby.state = ServerState::Standby(RoleSource::Said(None));
    standby.senders = None;
    standby.traces = Ok(Traces {
        on_disk: Some(at(1, 5)),
        ..Traces::default()
    });
    insta::assert_snapshot!(standby);
}

#[test]
fn after_the_loss_of_most_servers_the_missing_nodes_and_the_remedy_are_explained() {
    let mut alone = seen();
    alone.local = "srv3".parse().unwrap();
    alone.state = ServerState::Standby(RoleSource::Said(None));
    alone.senders = None;
    alone.traces = Ok(Traces {
        on_disk: Some(at(2, 0x0402_5C80)),
        ..Traces::default()
    });
    alone.lineage = Some("1@0,2@67108864".parse().unwrap());
    let primary = alone.nodes.as_mut().unwrap().values_mut().next().unwrap();
    let rules = format!("{SYSTEM}#2@67108864#ANY 1 (srv2,srv3)");
    primary.rules = Some(rules.parse().unwrap());
    let told = alone.to_string();
    for expected in [
        "when srv1 was the primary, commits waited for ANY 1 (srv2,srv3)\n",
        "an election now: no node is promoted\n",
        "srv3 is not: commits on srv1 waited for ANY 1 (srv2,srv3), and 1 more of srv2 must take part\n",
        "if a promotion fails because of that: Start the servers of srv2; only",
        "crm_attribute --node srv1 --name sync_rule-pgsqld --lifetime forever --delete",
    ] {
        assert!(told.contains(expected), "{told}");
    }
}
