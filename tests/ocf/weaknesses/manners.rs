//! What an agent leaves behind, which programs it calls, and what it says.

use std::fs;

use crate::call::End;
use crate::cluster::Fault;
use crate::judge::{Failure, Judged, Paf, case, ensure};
use crate::transition::{Pacemaker, Plan};
use crate::world::World;

#[test]
fn no_checkpoint_is_asked_for_while_everybody_waits_for_a_promotion() -> Judged {
    case(Paf::Wrong(15), |program| {
        let world = World::running(program)?;
        let mut pacemaker = Pacemaker::of_running(&world);
        for node in ["srv2", "srv3"] {
            world.server(node).log_statements()?;
        }
        world.server("srv1").crash()?;
        pacemaker.lose("srv1");
        let plan = Plan::new().demote("srv1").stop(&["srv1"]).promote("srv2");
        pacemaker.play(&plan)?.done()?;
        for node in ["srv2", "srv3"] {
            let log = world.log(node);
            let line = log.lines().find(|line| line.contains("CHECKPOINT"));
            ensure(line.is_none(), || format!("{node}: {line:?}"))?;
        }
        Ok(())
    })
}

#[test]
fn a_standby_that_gets_no_wal_is_told_of_and_is_no_failure() -> Judged {
    case(Paf::Wrong(16), |program| {
        let world = World::running(program)?;
        world.server("srv2").cut()?;
        let ended = world.ask("srv2", "monitor").call()?;
        ensure(
            ended.end == End::Status(0) && ended.said.contains("WAL"),
            || ended.to_string(),
        )
    })
}

/// Weakness 18, of which PAF shows nothing where `crm_node` fails: nodes would have to be called otherwise than
/// their hosts.
#[test]
fn where_an_agent_runs_is_what_pacemaker_told_it() -> Judged {
    case(Paf::Right, |program| {
        let world = World::stopped(program)?;
        world
            .cluster
            .break_tool("srv1", "crm_node", Fault::Fails(102))?;
        let ended = world.ask("srv1", "start").call()?;
        ensure(ended.end == End::Status(0), || ended.to_string())
    })
}

#[test]
fn what_a_server_writes_at_its_start_is_kept_and_is_not_written_to_pacemaker() -> Judged {
    case(Paf::Wrong(19), |program| {
        let world = World::stopped(program)?;
        let server = world.server("srv1");
        let ended = world.ask("srv1", "start").call()?;
        ensure(ended.end == End::Status(0), || ended.to_string())?;
        let Some(postmaster) = server.postmaster() else {
            return Err(Failure::Agent("no server runs".into()));
        };
        for stream in 0..=2 {
            let path = format!("/proc/{}/fd/{stream}", postmaster.as_raw_nonzero());
            let target = fs::read_link(path).unwrap_or_default();
            let target = target.display().to_string();
            ensure(
                !target.contains("call-") && !target.contains("pipe:"),
                || format!("stream {stream} of the postmaster is {target}"),
            )?;
        }
        server.end()?;
        server.configure("shared_preload_libraries = 'not_to_be_found'\n")?;
        let ended = world.ask("srv1", "start").call()?;
        ensure(
            ended.end == End::Status(1) && ended.exit_reason().contains("not_to_be_found"),
            || ended.to_string(),
        )
    })
}

#[test]
fn it_is_described_in_the_words_of_ocf_1_1() -> Judged {
    case(Paf::Wrong(20), |program| {
        let world = World::stopped(program)?;
        let said = world.ask("srv1", "meta-data").call()?.said;
        for part in [
            "<version>1.1</version>",
            "role=\"Promoted\"",
            "role=\"Unpromoted\"",
            "reload-agent",
        ] {
            ensure(said.contains(part), || format!("no {part} in {said}"))?;
        }
        ensure(!said.contains("Master") && !said.contains("Slave"), || {
            said.clone()
        })
    })
}

#[test]
fn no_program_is_called_that_newer_pacemakers_do_not_have() -> Judged {
    case(Paf::Wrong(20), |program| {
        let world = World::running(program)?;
        world.cluster.forget_attributes()?;
        let monitor = world.ask("srv1", "monitor").call()?;
        ensure(monitor.end == End::Status(8), || monitor.to_string())?;
        let calls = world.cluster.calls();
        let old = calls.iter().find(|call| call.tool == "crm_master");
        ensure(old.is_none(), || format!("{old:?}"))
    })
}

/// A fork is what a monitor costs most.
#[test]
fn a_monitor_calls_one_program_at_most() -> Judged {
    case(Paf::Wrong(13), |program| {
        let world = World::running(program)?;
        for (node, most) in [("srv1", 1), ("srv2", 1)] {
            // The first may change a score.
            world.ask(node, "monitor").call()?;
            world.cluster.forget_calls()?;
            world.ask(node, "monitor").call()?;
            let calls = world.cluster.calls();
            ensure(calls.len() <= most, || format!("{node}: {calls:?}"))?;
        }
        Ok(())
    })
}
