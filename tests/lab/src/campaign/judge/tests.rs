use std::collections::BTreeMap;
use std::path::PathBuf;

use pgsql_state_traffic::history::{Final, History, Operation, Server};

use super::*;
use crate::campaign::fault::{Fault, Kind, Whom};
use crate::campaign::settle::{Lacked, Settled};
use crate::scenario::Phases;

const MS: Duration = Duration::from_millis(1);

fn done(kind: Kind, to: Whom, hosts: &[Host]) -> Done {
    Done {
        fault: Fault {
            kind,
            to,
            hold: Duration::ZERO,
        },
        hosts: hosts.to_vec(),
        refused: None,
    }
}

/// One write of a register, which the primary still has.
fn outcome(done: Vec<Done>) -> Outcome {
    let server = Server {
        host: "srv1".into(),
        writes: Some(1),
    };
    let write = Operation {
        client: "client".into(),
        connection: 1,
        asked: Asked::Set {
            key: "k".into(),
            value: 5,
        },
        sent: MS,
        told: Some((2 * MS, Told::Acknowledged(server))),
    };
    let end = Final {
        registers: BTreeMap::from([("k".into(), 5)]),
        members: BTreeMap::new(),
    };
    Outcome {
        done,
        settled: Settled {
            took: Duration::ZERO,
            lacked: None,
            primary: Some(Host::Srv1),
            rebuilt: Vec::new(),
            troubles: Vec::new(),
        },
        history: History {
            operations: vec![write],
            wall: Duration::ZERO,
        },
        end: Some((Host::Srv1, end)),
        fenced: Vec::new(),
        left_behind: Vec::new(),
        phases: Phases::default(),
        moments: Vec::new(),
        began: Duration::ZERO,
        folder: PathBuf::new(),
    }
}

#[test]
fn an_entry_in_which_all_went_well_has_no_violation() {
    let verdict = judge(&outcome(vec![done(
        Kind::Refresh,
        Whom::Primary,
        &[Host::Srv1],
    )]));
    assert_eq!(verdict.violations, [""; 0]);
    assert_eq!((verdict.acknowledged, verdict.done), (1, 1));
    assert!(!verdict.is_over());
}

#[test]
fn a_write_that_the_primary_lacks_at_the_end_is_a_violation() {
    let mut lost = outcome(Vec::new());
    lost.end = Some((Host::Srv1, Final::default()));
    let verdict = judge(&lost);
    assert_eq!(verdict.violations.len(), 1);
    assert!(verdict.violations[0].contains("was missing on srv1"));
}

#[test]
fn a_host_may_be_fenced_only_if_a_fault_was_done_to_it_that_calls_for_it() {
    let mut fenced = outcome(vec![
        done(Kind::PowerCut, Whom::Primary, &[Host::Srv1]),
        done(Kind::Refresh, Whom::Standby, &[Host::Srv2]),
    ]);
    fenced.fenced = vec![Host::Srv1];
    assert_eq!(judge(&fenced).violations, [""; 0]);
    fenced.fenced.push(Host::Srv2);
    let verdict = judge(&fenced);
    assert_eq!(verdict.violations, ["srv2 was fenced for nothing"]);
    assert_eq!((verdict.needless, verdict.fenced.len()), (1, 2));
}

#[test]
fn only_a_primary_that_crashed_may_have_to_be_made_anew() {
    let rebuilt = |kind| {
        let mut rebuilt = outcome(vec![done(kind, Whom::Primary, &[Host::Srv1])]);
        rebuilt.settled.rebuilt = vec![Host::Srv1];
        judge(&rebuilt)
    };
    assert_eq!(rebuilt(Kind::PowerCut).violations, [""; 0]);
    assert_eq!(rebuilt(Kind::PowerCut).remarks.len(), 1);
    assert_eq!(
        rebuilt(Kind::NodeStandby).violations,
        ["srv1 had to be made anew"]
    );
}

#[test]
fn no_primary_when_the_time_is_over_is_a_violation_and_a_standby_that_needs_help_is_none() {
    let lacked = |primary| {
        let mut lacked = outcome(Vec::new());
        lacked.settled.lacked = Some(Lacked {
            what: "this and that".into(),
            primary,
            said: String::new(),
        });
        judge(&lacked).violations
    };
    assert_eq!(lacked(None), ["no primary: this and that"]);
    assert_eq!(lacked(Some(Host::Srv2)), [""; 0]);
}

#[test]
fn a_cluster_that_cannot_be_made_whole_ends_the_campaign_with_a_violation() {
    let mut broken = outcome(Vec::new());
    broken.settled.primary = None;
    broken.settled.troubles = vec!["nobody is promoted".into()];
    broken.end = None;
    let verdict = judge(&broken);
    assert!(verdict.is_over());
    assert_eq!(verdict.violations, ["nobody is promoted"]);
}
