//! Parameters with a mistake in them. A probe that answers with an error has Pacemaker believe that nothing runs, and
//! promote another server.

use super::ends_with;
use crate::call::Ended;
use crate::cluster::NODES;
use crate::judge::{Failure, Judged, ensure};
use crate::program::Program;
use crate::rows::is;
use crate::world::World;
use crate::world::ask::Ask;
use crate::world::server::Seen;

/// What may be wrong with the parameters of a server that runs.
const MISTAKES: [(&str, &str); 9] = [
    ("maxlag", "10MB"),
    ("pgport", "5o432"),
    ("pgport", "1"),
    ("bindir", "bin"),
    ("pghost", "a b"),
    ("system_user", "a b"),
    ("recovery_template", "none"),
    ("start_opts", "one\ntwo"),
    ("datadir", "data"),
];

/// And with the clone, or with Pacemaker.
const CLONE: [(&str, &str); 3] = [
    ("CRM_meta_notify", "false"),
    ("CRM_meta_promoted_max", "2"),
    ("crm_feature_set", "3.0.14"),
];

fn probe<'a>(world: &'a World, node: &'a str) -> Ask<'a> {
    world.ask(node, "monitor").meta("interval", "0")
}

/// That a call is refused with one of these statuses and for a reason with a word in it.
fn is_refused(ended: &Ended, status: i32, word: &str) -> Judged {
    ends_with(ended, status, word)?;
    ensure(ended.exit_reason().contains(word), || {
        format!("{word} is not named: {ended}")
    })
}

#[test]
fn a_probe_of_a_server_that_runs_tells_what_it_is_whatever_is_wrong_with_the_parameters() -> Judged
{
    let world = World::running(Program::Ours)?;
    for (name, value) in MISTAKES.into_iter().chain(CLONE) {
        for (node, status) in [("srv1", 8), ("srv2", 0)] {
            let ended = probe(&world, node).parameter(name, value).call()?;
            ends_with(&ended, status, &format!("{node} with {name}={value}"))?;
        }
    }
    let ended = world
        .ask("srv1", "status")
        .parameter("maxlag", "10MB")
        .call()?;
    ends_with(&ended, 8, "status")
}

#[test]
fn a_probe_where_nothing_runs_names_the_parameter_that_is_wrong() -> Judged {
    let world = World::stopped(Program::Ours)?;
    for (name, value) in MISTAKES {
        // A port that is none of the server's is found out by its start.
        let status = if value == "1" { 7 } else { 2 };
        let ended = probe(&world, "srv1").parameter(name, value).call()?;
        ends_with(&ended, status, name)?;
        if status == 2 {
            is_refused(&ended, status, name)?;
        }
    }
    for (name, value) in CLONE {
        let ended = probe(&world, "srv1").parameter(name, value).call()?;
        ends_with(&ended, 5, name)?;
    }
    Ok(())
}

/// One that has crashed may have left processes, which a stop ends and nobody else.
#[test]
fn a_probe_of_a_server_that_has_crashed_does_not_speak_of_parameters() -> Judged {
    let world = World::running(Program::Ours)?;
    for (node, status) in [("srv1", 9), ("srv2", 1)] {
        world.server(node).crash()?;
        let ended = probe(&world, node).parameter("maxlag", "10MB").call()?;
        ends_with(&ended, status, node)?;
    }
    Ok(())
}

#[test]
fn a_server_that_the_parameters_do_not_lead_to_any_more_is_known_as_the_resources_own() -> Judged {
    for name in ["pgdata", "datadir"] {
        let world = World::stopped(Program::Ours)?;
        ends_with(&world.ask("srv1", "start").call()?, 0, "start")?;
        for ask in [probe(&world, "srv1"), world.ask("srv1", "monitor")] {
            let ended = ask.parameter(name, "data").call()?;
            ends_with(&ended, 0, &format!("monitor with a wrong {name}"))?;
        }
        // Where another node's server runs on this host, it is none of this one's.
        let ended = probe(&world, "srv2").parameter(name, "data").call()?;
        is_refused(&ended, 2, name)?;
        let refused = world.ask("srv1", "start").parameter(name, "data").call()?;
        is_refused(&refused, 2, name)?;
        let ended = world.ask("srv1", "stop").parameter(name, "data").call()?;
        ends_with(&ended, 0, &format!("stop with a wrong {name}"))?;
        is(&world, "srv1", Seen::Stopped)?;
        // Nothing of the resource's is left, wherever its directory is.
        let ended = world.ask("srv1", "stop").parameter(name, "data").call()?;
        ends_with(&ended, 0, "a second stop")?;
    }
    Ok(())
}

/// What fails there has Pacemaker stop the server, and on every node at once.
#[test]
fn new_parameters_that_are_wrong_are_complained_of_and_end_no_server() -> Judged {
    let world = World::running(Program::Ours)?;
    for action in ["reload", "reload-agent"] {
        for (name, value) in MISTAKES {
            let asked = world.ask("srv1", action).parameter(name, value);
            is_refused(&asked.call()?, 0, name).map_err(|failure: Failure| failure.at(action))?;
        }
        let right = world.ask("srv1", action).call()?;
        ends_with(&right, 0, action)?;
        ensure(right.exit_reason().is_empty(), || right.to_string())?;
    }
    for (name, value) in MISTAKES {
        let asked = world.ask("srv1", "validate-all").parameter(name, value);
        is_refused(&asked.call()?, 2, name)?;
    }
    for node in NODES {
        let seen = if node == "srv1" {
            Seen::Primary
        } else {
            Seen::Standby
        };
        is(&world, node, seen)?;
    }
    Ok(())
}
