use super::*;
use crate::agent::control::ClusterState;
use crate::agent::control::example::{SYSTEM, control};
use crate::agent::primary_end::Moment;
use crate::agent::scores::SenderState;
use crate::agent::state::Source;
use crate::agent::timeline::Timeline;

fn at(timeline: u32, lsn: u64) -> Position {
    Position {
        timeline: Timeline(timeline),
        lsn: Lsn(lsn),
    }
}

fn known(score: i32) -> Remembered {
    Remembered {
        score: Some(Score(score)),
        ..Remembered::default()
    }
}

/// A primary on `srv1`; `srv2` has everything, `srv3` is not connected.
fn seen() -> Seen {
    let mut nodes: BTreeMap<Node, Remembered> = [("srv1", 1001), ("srv2", 1000), ("srv3", -1000)]
        .map(|(name, score)| (name.parse().unwrap(), known(score)))
        .into();
    let first = nodes.values_mut().next().unwrap();
    first.primary_end = Some(PrimaryEnd {
        position: at(2, 0x0400_0000),
        system_identifier: SYSTEM,
        moment: Moment::Started,
        origin: None,
    });
    Seen {
        resource: "pgsqld".into(),
        local: "srv1".parse().unwrap(),
        state: State::Primary(Source::Said(None)),
        control: Ok(control(ClusterState::Production)),
        traces: Ok(Traces {
            on_disk: Some(at(2, 0x0402_5C80)),
            ..Traces::default()
        }),
        lineage: None,
        senders: Some((
            Lsn(0x0402_5C80),
            vec![Sender {
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
    let (ballot, outcome) = seen().election().unwrap();
    assert_eq!(ballot.designated.name(), "srv2");
    assert_eq!(outcome.choice, crate::agent::election::Choice::Designated);
}

#[test]
fn a_standby_knows_only_its_own_position_until_the_others_speak() {
    let mut standby = seen();
    standby.local = "srv3".parse().unwrap();
    standby.state = State::Standby(Source::Said(None));
    standby.senders = None;
    standby.traces = Ok(Traces {
        on_disk: Some(at(1, 5)),
        ..Traces::default()
    });
    insta::assert_snapshot!(standby);
}
