//! Configurations and parameters with a mistake in them: they are no reason to take a healthy server for a
//! failed one, or to fail a stop, which has a host fenced.

use crate::call::End;
use crate::judge::{Judged, Paf, case, ensure};
use crate::rows::is;
use crate::world::World;
use crate::world::server::Seen;

#[test]
fn a_typo_in_the_configuration_of_a_running_server_is_survived() -> Judged {
    case(Paf::Wrong(7), |program| {
        let world = World::running(program)?;
        let server = world.server("srv1");
        server.configure("wal_levl = replica\nhot_standby = 'perhaps'\n")?;
        for (action, status) in [("monitor", 8), ("stop", 0)] {
            let ended = world.ask("srv1", action).call()?;
            ensure(ended.end == End::Status(status), || {
                format!("{action}: {ended}")
            })?;
        }
        is(&world, "srv1", Seen::Stopped)
    })
}

#[test]
fn a_typo_in_a_parameter_of_a_running_server_is_survived() -> Judged {
    case(Paf::Wrong(7), |program| {
        let world = World::running(program)?;
        for action in ["monitor", "stop"] {
            for (name, value) in [
                ("maxlag", "a lot"),
                ("bindir", "/nowhere"),
                ("pghost", "nowhere"),
                ("pgport", "5o432"),
                ("system_user", "nobody-of-that-name"),
                ("recovery_template", "none"),
            ] {
                let ended = world.ask("srv1", action).parameter(name, value).call()?;
                let right = if action == "monitor" { 8 } else { 0 };
                ensure(ended.end == End::Status(right), || {
                    format!("{action} with {name}={value}: {ended}")
                })?;
                if action == "stop" {
                    is(&world, "srv1", Seen::Stopped)?;
                    world.start("srv1")?;
                }
            }
        }
        Ok(())
    })
}

/// A function of the same name that comes first has PAF's question fail, which it takes for a mistake that
/// ends the resource on all nodes.
#[test]
fn a_question_that_fails_does_not_stop_the_whole_cluster() -> Judged {
    case(Paf::Wrong(14), |program| {
        let world = World::running(program)?;
        let server = world.server("srv1");
        server.query(
            "CREATE SCHEMA evil; \
             CREATE FUNCTION evil.pg_is_in_recovery() RETURNS bool LANGUAGE plpgsql \
             AS 'BEGIN RAISE EXCEPTION ''not today''; END'; \
             ALTER DATABASE postgres SET search_path = evil, pg_catalog",
        )?;
        let ended = world.ask("srv1", "monitor").call()?;
        ensure(matches!(ended.end, End::Status(8 | 1)), || {
            ended.to_string()
        })
    })
}
