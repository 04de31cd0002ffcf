use std::time::Duration;

use super::super::figures::tests::{round, summary};
use super::*;
use crate::measure::Round;
use crate::postgres::Counts;

fn outcome(targets: &[Target], wanted: &str) -> Outcome {
    let found: Vec<_> = targets
        .iter()
        .filter(|target| target.wanted.contains(wanted))
        .collect();
    assert_eq!(found.len(), 1, "{wanted}: {found:?}");
    found[0].outcome
}

fn beside_bare(width: u32, ours: Round) -> Vec<Target> {
    let bare = round(30_000, 20);
    targets(
        &summary(&[(Name::Bare, width, bare), (Name::Ours, width, ours)]),
        &[width],
        None,
        None,
    )
}

#[test]
fn cpu_is_held_against_the_bare_server_in_a_crowd_only() {
    assert_eq!(
        outcome(&beside_bare(16, round(30_000, 23)), "1.2 × the bare"),
        Outcome::Met
    );
    assert_eq!(
        outcome(&beside_bare(16, round(30_000, 25)), "1.2 × the bare"),
        Outcome::Missed
    );
    let alone = beside_bare(1, round(30_000, 25));
    assert!(!alone.iter().any(|target| target.wanted.contains("CPU")));
}

#[test]
fn the_rival_must_be_beaten_not_reached() {
    let against = |micros| {
        let ours = round(30_000, 20);
        let cells = [
            (Name::Ours, 64, ours),
            (Name::Bgw, 64, round(30_000, micros)),
        ];
        outcome(&targets(&summary(&cells), &[64], None, None), "below bgw")
    };
    assert_eq!(against(21), Outcome::Met);
    assert_eq!(against(20), Outcome::Missed);
}

#[test]
fn one_client_alone_may_be_served_slower_than_a_crowd() {
    assert_eq!(
        outcome(&beside_bare(1, round(21_600, 20)), "answers a second"),
        Outcome::Met
    );
    assert_eq!(
        outcome(&beside_bare(16, round(21_600, 20)), "answers a second"),
        Outcome::Missed
    );
    assert_eq!(
        outcome(&beside_bare(1, round(20_000, 20)), "answers a second"),
        Outcome::Missed
    );
}

#[test]
fn one_lost_check_and_a_third_backend_are_each_too_many() {
    let bad = Round {
        lost: 1,
        most_backends: 3,
        ..round(30_000, 20)
    };
    assert_eq!(
        outcome(&beside_bare(16, bad), "nothing lost"),
        Outcome::Missed
    );
    assert_eq!(outcome(&beside_bare(16, bad), "backends"), Outcome::Missed);
    let good = Round {
        most_backends: 2,
        ..round(30_000, 20)
    };
    assert_eq!(
        outcome(&beside_bare(16, good), "nothing lost"),
        Outcome::Met
    );
    assert_eq!(outcome(&beside_bare(16, good), "backends"), Outcome::Met);
}

#[test]
fn statements_must_fall_at_every_step() {
    let with = |statements| Round {
        postgres: Some(Counts {
            statements,
            sessions: 0,
        }),
        ..round(1000, 20)
    };
    let judged = |counts: [u64; 3]| {
        let cells: Vec<_> = [1, 16, 64]
            .into_iter()
            .zip(counts)
            .map(|(width, statements)| (Name::Ours, width, with(statements)))
            .collect();
        outcome(&targets(&summary(&cells), &[], None, None), "statements")
    };
    assert_eq!(judged([1000, 100, 20]), Outcome::Met);
    assert_eq!(judged([1000, 20, 20]), Outcome::Missed);
}

#[test]
fn memory_must_be_small_and_flat_after_a_whole_million() {
    let judged = |answers, at_half, at_end| {
        let seen = Endurance {
            answers,
            at_start: 7000,
            at_half,
            at_end,
        };
        let targets = targets(&Summary::default(), &[], Some(seen), None);
        (
            outcome(&targets, "under 12.0 MB"),
            outcome(&targets, "does not grow"),
        )
    };
    assert_eq!(judged(1_000_000, 8000, 8256), (Outcome::Met, Outcome::Met));
    assert_eq!(
        judged(1_000_000, 8000, 8257),
        (Outcome::Met, Outcome::Missed)
    );
    assert_eq!(
        judged(1_000_000, 12_288, 12_288),
        (Outcome::Missed, Outcome::Met)
    );
    assert_eq!(
        judged(1_000, 8000, 8000),
        (Outcome::NotMeasured, Outcome::NotMeasured)
    );
}

#[test]
fn the_median_activation_counts() {
    let judged = |median| {
        let slowest = Duration::from_millis(500);
        let seen = Activation {
            median: Duration::from_millis(median),
            slowest,
        };
        outcome(
            &targets(&Summary::default(), &[], None, Some(seen)),
            "activation",
        )
    };
    assert_eq!(judged(100), Outcome::Met);
    assert_eq!(judged(101), Outcome::Missed);
}

#[test]
fn what_was_not_measured_is_not_met() {
    let targets = targets(&Summary::default(), &[16], None, None);
    assert!(
        targets
            .iter()
            .all(|target| target.outcome == Outcome::NotMeasured),
        "{targets:?}"
    );
    assert!(!all_met(&targets));
}

#[test]
fn http_is_held_against_the_bare_server_that_is_asked_in_the_same_way() {
    let judged = |ours| {
        let cells = [
            (Name::Bare, 16, round(100_000, 20)),
            (Name::BareHttp, 16, round(10_000, 20)),
            (Name::Http, 16, round(ours, 20)),
            (Name::BareHttpKept, 16, round(40_000, 20)),
            (Name::HttpKept, 16, round(40_000, 20)),
        ];
        let targets = targets(&summary(&cells), &[16], None, None);
        (
            outcome(&targets, "`HEAD /primary` with"),
            outcome(&targets, "kept alive with"),
        )
    };
    assert_eq!(judged(8_000), (Outcome::Met, Outcome::Met));
    assert_eq!(judged(7_900), (Outcome::Missed, Outcome::Met));
}

#[test]
fn one_check_lost_over_http_is_too_many() {
    let bad = Round {
        lost: 1,
        ..round(100, 20)
    };
    let cells = [(Name::Http, 1, round(100, 20)), (Name::HttpKept, 1, bad)];
    let targets = targets(&summary(&cells), &[1], None, None);
    assert_eq!(outcome(&targets, "over HTTP lost"), Outcome::Missed);
}
