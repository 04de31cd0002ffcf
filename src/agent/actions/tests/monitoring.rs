//! Monitors and starts.

use super::played::{Fails, alive, dead, primary, receiving, standby, streaming};
use super::*;
use crate::agent::actions::server::{CommitProof, ConfigurationProblem};
use crate::agent::decide::state::{BackupLabel, DataDirectory, ServerAnswer};
use crate::health::{Failure, Receiver};
use crate::postgres::control::example::SYSTEM;

fn monitored(world: &mut World) -> ActionOutcome {
    act(world, "srv1", calm(), |context, seams| {
        let context = Context {
            taken_for: TakenFor::Promoted,
            ..context.clone()
        };
        monitor::monitor(&context, seams)
    })
}

#[test]
fn a_primary_sets_the_scores_of_absent_nodes_too() {
    let mut world = World::with(primary());
    world.server.senders = vec![streaming("srv2")];
    world.keep("srv3", "master-pgsqld", "1001");
    assert_eq!(monitored(&mut world).code, Code::RunningPromoted);
    assert_eq!(world.score("srv1"), Some("1001"));
    assert_eq!(world.score("srv2"), Some("1000"));
    assert_eq!(world.score("srv3"), Some("-1000"));
}

#[test]
fn only_a_primary_asks_the_cluster_for_its_nodes() {
    for (evidence, foreseen) in [(primary(), 1), (standby(), 0)] {
        let mut world = World::with(evidence);
        monitored(&mut world);
        assert_eq!(world.cluster.foreseen, foreseen);
    }
}

#[test]
fn a_new_primary_waits_for_its_standbys_before_it_lowers_their_scores() {
    let mut world = World::with(primary());
    world.keep("srv2", "master-pgsqld", "1000");
    world.keep("srv3", "master-pgsqld", "1001");
    world.server.promoted_for = Some(Duration::from_secs(1));
    monitored(&mut world);
    assert_eq!(world.score("srv2"), Some("1000"));
    assert_eq!(world.score("srv3"), Some("-1000"));
    world.server.promoted_for = Some(Duration::from_secs(31));
    monitored(&mut world);
    assert_eq!(world.score("srv2"), Some("-1000"));
}

#[test]
fn a_standby_that_was_found_unfit_has_to_show_that_it_is_fit() {
    let mut world = World::with(primary());
    world.server.senders = vec![streaming("srv2")];
    world.keep("srv2", "master-pgsqld", "-INFINITY");
    world.server.proof = Ok(CommitProof::Missing("it lacks 10kB".into()));
    monitored(&mut world);
    assert_eq!(world.score("srv2"), Some("-INFINITY"));
    world.server.proof = Ok(CommitProof::Given);
    monitored(&mut world);
    assert_eq!(world.score("srv2"), Some("1000"));
}

#[test]
fn a_primary_has_not_failed_if_the_cluster_does_not_respond() {
    let mut world = World::with(primary());
    world.cluster.fails = Fails::Always;
    let told = ActionOutcome::plainly(Code::RunningPromoted);
    assert_eq!(monitored(&mut world), told);
}

#[test]
fn a_server_without_a_free_connection_keeps_its_role() {
    let mut world = World::with(alive(ServerAnswer::Refused(Failure::Full)));
    assert_eq!(monitored(&mut world).code, Code::RunningPromoted);
}

#[test]
fn a_failed_monitor_has_a_reason() {
    let mut world = World::with(dead(ClusterState::Production));
    let crashed = ActionOutcome::because(Code::FailedPromoted, "a primary has crashed");
    assert_eq!(monitored(&mut world), crashed);
    let mut world = World::with(alive(ServerAnswer::Refused(Failure::Unexpected)));
    assert_eq!(monitored(&mut world).code, Code::Generic);
}

#[test]
fn a_server_starts_as_a_standby_whatever_it_was() {
    for (before, done) in [
        (dead(ClusterState::ShutDownInRecovery), vec!["start"]),
        (dead(ClusterState::Production), vec!["start"]),
        (standby(), vec![]),
    ] {
        let mut world = World::with(before);
        let started = act(&mut world, "srv1", calm(), start::start);
        assert_eq!(started, ActionOutcome::SUCCESS);
        assert_eq!(world.server.done, done);
        assert_eq!(world.score("srv1"), None);
    }
    let mut world = World::with(primary());
    let started = act(&mut world, "srv1", calm(), start::start);
    assert_eq!(started.code, Code::Generic);
}

#[test]
fn a_start_from_a_backup_records_what_was_copied() {
    for (backup, copied_from) in [
        (BackupLabel::Present, Some(format!("{SYSTEM}#1@0"))),
        (BackupLabel::Absent, None),
    ] {
        let mut world = World::with(dead(ClusterState::ArchiveRecovery));
        if let DataDirectory::Present { backup: label, .. } = &mut world.server.evidence.files {
            *label = backup;
        }
        assert_eq!(
            act(&mut world, "srv1", calm(), start::start),
            ActionOutcome::SUCCESS
        );
        assert_eq!(
            world.kept("srv1", "copied_from-pgsqld"),
            copied_from.as_deref()
        );
        // A failure to record it does not keep the server from starting.
        let mut world = World::with(dead(ClusterState::ArchiveRecovery));
        if let DataDirectory::Present { backup: label, .. } = &mut world.server.evidence.files {
            *label = backup;
        }
        world.cluster.fails = Fails::Always;
        assert_eq!(
            act(&mut world, "srv1", calm(), start::start),
            ActionOutcome::SUCCESS
        );
    }
}

#[test]
fn a_first_primary_offers_itself_unless_a_node_has_a_score() {
    let mut world = World::with(dead(ClusterState::ShutDown));
    act(&mut world, "srv1", calm(), start::start);
    assert_eq!(world.score("srv1"), Some("1"));
    let mut world = World::with(dead(ClusterState::ShutDown));
    world.keep("srv2", "master-pgsqld", "1000");
    world.keep("srv3", "master-pgsqld", "-1000");
    act(&mut world, "srv1", calm(), start::start);
    assert_eq!(world.score("srv1"), None);
}

/// The score that a standby has after its monitor.
fn score_after(receiver: Receiver, kept: &[(&str, &str, &str)]) -> Option<String> {
    let mut world = World::with(receiving(receiver));
    for (node, name, value) in kept {
        world.keep(node, name, value);
    }
    let ended = act(&mut world, "srv1", calm(), monitor::monitor);
    assert_eq!(ended, ActionOutcome::SUCCESS);
    world.score("srv1").map(str::to_owned)
}

#[test]
fn a_standby_without_a_score_offers_itself_after_its_primary_was_stopped() {
    let streaming = Receiver::Streaming { primary_end: None };
    let stopped = format!("1#1000#{SYSTEM}#stopped#0#0");
    let started = format!("1#0#{SYSTEM}#started#0#0");
    let end = |end| ("srv2", "primary_end-pgsqld", end);
    // The score of a former primary stays when its server does not run.
    let stale = ("srv2", "master-pgsqld", "1001");
    let away = ("srv4", "master-pgsqld", "1001");
    let own = |score| ("srv1", "master-pgsqld", score);
    let rule = format!("{SYSTEM}#1@0#ANY 1 (srv1)");
    let rule = ("srv2", "sync_rule-pgsqld", &*rule);
    for (receiver, kept, score) in [
        (Receiver::Gone, &[end(&*stopped), stale][..], Some("1")),
        (Receiver::Gone, &[end(&stopped), own("-1000")], Some("1")),
        (
            Receiver::Gone,
            &[end(&stopped), own("-INFINITY")],
            Some("1"),
        ),
        // It was refused, and would be refused again.
        (
            Receiver::Gone,
            &[end(&stopped), own("-1000001")],
            Some("-1000001"),
        ),
        (Receiver::Gone, &[end(&stopped), own("990")], Some("990")),
        (streaming, &[end(&stopped)], None),
        // The primary was lost, or is only out of reach: it is not known what this standby lacks.
        (
            Receiver::Gone,
            &[end(&started), own("-1000")],
            Some("-1000"),
        ),
        // If commits waited for standbys, the election determines it.
        (
            Receiver::Gone,
            &[end(&started), own("-1000"), rule, away],
            Some("1"),
        ),
        (
            Receiver::Gone,
            &[end(&started), own("-1000"), rule, stale],
            Some("-1000"),
        ),
        (
            Receiver::Gone,
            &[end(&started), own("-990"), rule, away],
            Some("-990"),
        ),
        // It was the primary, and its demotion could not record its end: no other node may wait for it.
        (
            Receiver::Gone,
            &[end(&started), own("1001"), rule],
            Some("1000"),
        ),
        (Receiver::Gone, &[end(&stopped), own("1001")], Some("1001")),
        (streaming, &[end(&started), own("1001")], Some("1001")),
        // The cluster never had a primary, or had one of another database cluster.
        (Receiver::Gone, &[], None),
        (Receiver::Gone, &[end("1#1000#8#stopped#0#0")], None),
    ] {
        assert_eq!(score_after(receiver, kept).as_deref(), score, "{kept:?}");
    }
}

#[test]
fn a_node_that_was_refused_may_be_promoted_again_once_its_failures_are_forgotten() {
    let probed = |evidence, score: &str| {
        let mut world = World::with(evidence);
        world.keep("srv1", "master-pgsqld", score);
        act(&mut world, "srv1", calm(), monitor::probe);
        world.score("srv1").map(str::to_owned)
    };
    let stopped = || dead(ClusterState::ShutDownInRecovery);
    assert_eq!(probed(standby(), "-1000001").as_deref(), Some("1"));
    assert_eq!(probed(stopped(), "-1000001").as_deref(), Some("1"));
    // A primary has found it unfit, or it was not connected; a crashed server is examined when it has started.
    for score in ["-INFINITY", "-1000", "990"] {
        assert_eq!(probed(standby(), score).as_deref(), Some(score));
    }
    let crashed = dead(ClusterState::Production);
    assert_eq!(probed(crashed, "-1000001").as_deref(), Some("-1000001"));
    // A repeated monitor lifts nothing.
    let mut world = World::with(standby());
    world.keep("srv1", "master-pgsqld", "-1000001");
    act(&mut world, "srv1", calm(), monitor::monitor);
    assert_eq!(world.score("srv1"), Some("-1000001"));
}

#[test]
fn a_misconfigured_server_is_not_started() {
    let mut world = World::with(dead(ClusterState::ShutDown));
    world.server.problem = Some(ConfigurationProblem {
        code: Code::Args,
        sentence: "primary_conninfo has no application_name=srv1".into(),
    });
    let started = act(&mut world, "srv1", calm(), start::start);
    assert_eq!(started.code, Code::Args);
    assert!(world.server.done.is_empty());
}
