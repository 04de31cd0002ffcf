use std::time::Duration;

use super::*;
use crate::base::units::Bytes;
use crate::health::role_words::{PRIMARY_WORDS, STANDBY_WORDS};
use crate::health::{Conditions, DownReason, LagReason, maintain};

fn plain(view: View, verdict: Verdict) -> String {
    line(view, verdict, None, Share::FULL, None)
}

fn under(order: Maintenance, view: View, verdict: Verdict) -> String {
    let ordered = Some(order);
    line(view, maintain(verdict, ordered), ordered, Share::FULL, None)
}

fn every_verdict() -> impl Iterator<Item = Verdict> {
    let lagging = LagReason::ALL.iter().copied().map(Verdict::Lagging);
    let down = DownReason::ALL.iter().copied().map(Verdict::Down);
    [Verdict::Production, Verdict::Standby]
        .into_iter()
        .chain(lagging)
        .chain(down)
}

#[test]
fn each_role_is_ready_in_its_own_view_and_drained_in_others() {
    let (rw, ro) = (View::ReadWrite, View::ReadOnly);
    let lagging = Verdict::Lagging(LagReason::Behind);
    let down = Verdict::Down(DownReason::NoSocket);
    for (view, verdict, expected) in [
        (rw, Verdict::Production, "up ready 100%\n"),
        (ro, Verdict::Standby, "up ready 100%\n"),
        (ro, Verdict::Production, "up drain\n"),
        (rw, Verdict::Standby, "up drain\n"),
        (rw, lagging, "up drain\n"),
        (ro, lagging, "up drain #behind\n"),
        (rw, down, "down #no-socket\n"),
        (ro, down, "down #no-socket\n"),
    ] {
        assert_eq!(plain(view, verdict), expected);
    }
}

#[test]
fn the_weight_follows_the_share_of_a_standby_alone() {
    let limits = Conditions {
        max_lag: Some(Bytes(1000)),
        ..Conditions::default()
    };
    let share = Share::of(Some(Bytes(500)), Some(Duration::ZERO), &limits);
    let said = |view, verdict| line(view, verdict, None, share, None);
    assert_eq!(said(View::ReadOnly, Verdict::Standby), "up ready 51%\n");
    assert_eq!(
        said(View::ReadWrite, Verdict::Production),
        "up ready 100%\n"
    );
}

#[test]
fn in_the_synchronous_view_only_a_synchronous_standby_is_ready() {
    let said = |verdict, sync| line(View::ReadOnlySync, verdict, None, Share::FULL, sync);
    for waited_for in [SyncState::Sync, SyncState::Quorum] {
        assert_eq!(said(Verdict::Standby, Some(waited_for)), "up ready 100%\n");
    }
    for other in [None, Some(SyncState::Async), Some(SyncState::Potential)] {
        assert_eq!(said(Verdict::Standby, other), "up drain\n");
    }
    let lagging = Verdict::Lagging(LagReason::Behind);
    assert_eq!(said(lagging, Some(SyncState::Sync)), "up drain #behind\n");
    assert_eq!(said(Verdict::Production, None), "up drain\n");
    let down = Verdict::Down(DownReason::NoSocket);
    assert_eq!(said(down, Some(SyncState::Sync)), "down #no-socket\n");
}

#[test]
fn maintenance_drains_or_takes_out_and_nothing_else_does() {
    let (drain, down) = (Maintenance::Drain, Maintenance::Down);
    for view in View::ALL {
        for verdict in every_verdict() {
            assert!(!plain(view, verdict).contains("maint "), "{verdict:?}");
            assert!(under(drain, view, verdict).contains("drain"), "{verdict:?}");
            assert_eq!(under(down, view, verdict), "maint #maintenance\n");
        }
    }
}

/// HAProxy ignores a word that is not in its grammar, and leaves the server in its last state.
#[test]
fn every_line_consists_of_words_of_the_grammar() {
    let mut lines = vec![NO_SUCH_VIEW.to_owned()];
    for view in View::ALL {
        for verdict in every_verdict() {
            lines.push(plain(view, verdict));
            lines.push(under(Maintenance::Drain, view, verdict));
            lines.push(under(Maintenance::Down, view, verdict));
        }
    }
    for line in lines {
        let words = line.strip_suffix('\n').unwrap();
        let (orders, comment) = words.split_once(" #").unwrap_or((words, ""));
        assert!(!comment.contains(['#', ' ', '\n']), "{line}");
        for word in orders.split(' ') {
            let weight = word.strip_suffix('%').map(str::parse::<u8>);
            let known = ["up", "down", "ready", "drain", "maint"].contains(&word)
                || matches!(weight, Some(Ok(1..=100)));
            assert!(known, "{line}");
        }
        for role in PRIMARY_WORDS.iter().chain(&STANDBY_WORDS) {
            assert!(!line.contains(role), "{line}");
        }
    }
}
