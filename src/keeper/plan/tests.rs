//! Every combination of facts, and what is done about it.

use std::collections::BTreeMap;

use super::*;
use crate::agent::ocf::node::Node;

const ROLES: [InstanceRole; 5] = [
    InstanceRole::Promoted,
    InstanceRole::Unpromoted,
    InstanceRole::Stopped,
    InstanceRole::Changing,
    InstanceRole::Unknown,
];
const UNATTENDED: [Option<Unattended>; 5] = [
    None,
    Some(Unattended::Cluster),
    Some(Unattended::Node),
    Some(Unattended::Resource),
    Some(Unattended::Unmanaged),
];
const POSTMASTERS: [PostmasterNow; 4] = [
    PostmasterNow::None,
    PostmasterNow::Watched,
    PostmasterNow::Another,
    PostmasterNow::Unclear,
];

fn died() -> LocalFacts {
    LocalFacts {
        trouble: Trouble::Died,
        told: Told::NotYet,
        agent: AgentSeen::Idle,
        postmaster: PostmasterNow::None,
    }
}

fn hung() -> LocalFacts {
    LocalFacts {
        trouble: Trouble::Hung,
        postmaster: PostmasterNow::Watched,
        ..died()
    }
}

fn standby(score: i32) -> OtherNode {
    OtherNode {
        presence: Presence::Online,
        role: InstanceRole::Unpromoted,
        score: Some(Score(score)),
    }
}

/// A cluster that runs the resource here in a role, and on srv2 as told.
fn cluster(role: InstanceRole, srv2: OtherNode) -> ResourceFacts {
    let srv2 = ("srv2".parse::<Node>().unwrap(), srv2);
    ResourceFacts {
        unattended: None,
        role,
        mark: NodeMark::Unset,
        others: BTreeMap::from([srv2]),
        quorum: PartitionQuorum::Held,
        rule: MarkRule::Present,
    }
}

const ELSEWHERE: &[PacemakerCommand] = &[PacemakerCommand::Mark, PacemakerCommand::ReportFailure];
const IN_PLACE: &[PacemakerCommand] = &[PacemakerCommand::ReportFailure];

#[test]
fn the_end_of_a_primary_is_reported_and_the_role_moves_if_a_standby_is_fit() {
    for local in [died(), hung()] {
        let fit = cluster(InstanceRole::Promoted, standby(1000));
        assert_eq!(on_trouble(&local, Some(&fit)), Ok(ELSEWHERE.to_vec()));
    }
}

#[test]
fn only_a_standby_that_runs_and_that_a_primary_has_ranked_is_fit() {
    let of = |srv2| on_trouble(&died(), Some(&cluster(InstanceRole::Promoted, srv2)));
    for (score, expected) in [
        (1001, ELSEWHERE),
        (1000, ELSEWHERE),
        (10, ELSEWHERE),
        // What nodes give themselves, or one another when they give way.
        (3, IN_PLACE),
        (1, IN_PLACE),
        (0, IN_PLACE),
        (-1, IN_PLACE),
        (-1000, IN_PLACE),
        (-1_000_000, IN_PLACE),
    ] {
        assert_eq!(of(standby(score)), Ok(expected.to_vec()), "{score}");
    }
    let none = OtherNode {
        score: None,
        ..standby(0)
    };
    let offline = OtherNode {
        presence: Presence::Offline,
        ..standby(1000)
    };
    for unfit in [none, offline] {
        assert_eq!(of(unfit), Ok(IN_PLACE.to_vec()), "{unfit:?}");
    }
    for role in ROLES
        .into_iter()
        .filter(|role| *role != InstanceRole::Unpromoted)
    {
        let other = OtherNode {
            role,
            ..standby(1000)
        };
        assert_eq!(of(other), Ok(IN_PLACE.to_vec()), "{role:?}");
    }
}

#[test]
fn without_the_rule_or_without_quorum_the_primary_is_recovered_in_place() {
    let fit = cluster(InstanceRole::Promoted, standby(1000));
    let without_rule = ResourceFacts {
        rule: MarkRule::Absent,
        ..fit.clone()
    };
    let without_quorum = ResourceFacts {
        quorum: PartitionQuorum::Lost,
        ..fit
    };
    for cluster in [without_rule, without_quorum] {
        assert_eq!(on_trouble(&died(), Some(&cluster)), Ok(IN_PLACE.to_vec()));
    }
}

/// Every combination. A node is marked only where its server was the primary, and something is told only where every fact
/// says so.
#[test]
fn in_every_other_case_nothing_is_told() {
    let others = [standby(1000), standby(-1000)];
    for local in every_local() {
        let is_news = is_news(&local).is_ok();
        assert_eq!(is_news, local == died() || local == hung(), "{local:?}");
        assert!(on_trouble(&local, None).is_err(), "{local:?}");
        for unattended in UNATTENDED {
            for role in ROLES {
                for srv2 in others {
                    let cluster = ResourceFacts {
                        unattended,
                        ..cluster(role, srv2)
                    };
                    let planned = on_trouble(&local, Some(&cluster));
                    let runs = [InstanceRole::Promoted, InstanceRole::Unpromoted];
                    let expected = is_news && unattended.is_none() && runs.contains(&role);
                    assert_eq!(planned.is_ok(), expected, "{local:?} {cluster:?}");
                    let commands = planned.unwrap_or_default();
                    let marks = commands.contains(&PacemakerCommand::Mark);
                    let may = role == InstanceRole::Promoted && srv2 == standby(1000);
                    assert_eq!(marks, expected && may, "{local:?} {cluster:?}");
                    assert!(!commands.contains(&PacemakerCommand::Unmark));
                }
            }
        }
    }
}

fn every_local() -> Vec<LocalFacts> {
    let mut all = Vec::new();
    for trouble in [Trouble::Died, Trouble::Hung] {
        for told in [Told::NotYet, Told::Already] {
            for agent in [AgentSeen::Acting, AgentSeen::Idle, AgentSeen::Unknown] {
                for postmaster in POSTMASTERS {
                    all.push(LocalFacts {
                        trouble,
                        told,
                        agent,
                        postmaster,
                    });
                }
            }
        }
    }
    all
}

#[test]
fn why_nothing_is_told_is_said() {
    let primary = cluster(InstanceRole::Promoted, standby(1000));
    let why = |local: LocalFacts| on_trouble(&local, Some(&primary)).unwrap_err();
    let local = died();
    for (local, expected) in [
        (
            LocalFacts {
                told: Told::Already,
                ..local
            },
            Abstention::Told,
        ),
        (
            LocalFacts {
                agent: AgentSeen::Acting,
                ..local
            },
            Abstention::AgentActs,
        ),
        (
            LocalFacts {
                agent: AgentSeen::Unknown,
                ..local
            },
            Abstention::AgentUnknown,
        ),
        // A keeper that is late finds the server that was started since.
        (
            LocalFacts {
                postmaster: PostmasterNow::Another,
                ..local
            },
            Abstention::Replaced,
        ),
        (
            LocalFacts {
                postmaster: PostmasterNow::Unclear,
                ..local
            },
            Abstention::Unclear,
        ),
        (
            LocalFacts {
                postmaster: PostmasterNow::None,
                ..hung()
            },
            Abstention::Ended,
        ),
    ] {
        assert_eq!(why(local), expected);
    }
    let of = |role| on_trouble(&local, Some(&cluster(role, standby(1000))));
    assert_eq!(of(InstanceRole::Stopped), Err(Abstention::NotRunHere));
    assert_eq!(of(InstanceRole::Changing), Err(Abstention::Changing));
    assert_eq!(of(InstanceRole::Unknown), Err(Abstention::RoleUnknown));
    assert_eq!(on_trouble(&local, None), Err(Abstention::NoAnswer));
}

const LIMIT: Duration = Duration::from_secs(15);

#[test]
fn the_mark_goes_as_soon_as_another_node_is_promoted_and_at_the_latest_after_its_time() {
    let set = Instant::now();
    let promoted = OtherNode {
        role: InstanceRole::Promoted,
        ..standby(1001)
    };
    let stopped = InstanceRole::Stopped;
    let at = |seconds, srv2| {
        let now = set + Duration::from_secs(seconds);
        let cluster = ResourceFacts {
            mark: NodeMark::Set,
            ..cluster(stopped, srv2)
        };
        on_turn(MarkMemory::Since(set), Some(&cluster), now, LIMIT)
    };
    assert_eq!(at(0, standby(1000)), None);
    assert_eq!(at(14, standby(1000)), None);
    assert_eq!(at(15, standby(1000)), Some(PacemakerCommand::Unmark));
    assert_eq!(at(1, promoted), Some(PacemakerCommand::Unmark));
    // A server that hangs takes long to stop.
    let stopping = cluster(InstanceRole::Changing, standby(1000));
    let late = set + 10 * LIMIT;
    let memory = MarkMemory::Since(set);
    assert_eq!(on_turn(memory, Some(&stopping), late, LIMIT), None);
    // Also while Pacemaker does not answer.
    let blind = |seconds| {
        let now = set + Duration::from_secs(seconds);
        on_turn(MarkMemory::Since(set), None, now, LIMIT)
    };
    assert_eq!(blind(14), None);
    assert_eq!(blind(15), Some(PacemakerCommand::Unmark));
}

#[test]
fn a_mark_that_another_process_has_left_behind_goes_at_once() {
    let marked = ResourceFacts {
        mark: NodeMark::Set,
        ..cluster(InstanceRole::Stopped, standby(1000))
    };
    let unmarked = cluster(InstanceRole::Promoted, standby(1000));
    let now = |cluster| on_turn(MarkMemory::None, cluster, Instant::now(), LIMIT);
    assert_eq!(now(Some(&marked)), Some(PacemakerCommand::Unmark));
    assert_eq!(now(Some(&unmarked)), None);
    assert_eq!(now(None), None);
}
