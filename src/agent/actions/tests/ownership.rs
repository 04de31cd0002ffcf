//! Servers that were started for another resource.

use super::played::primary;
use super::*;
use crate::agent::ocf::actions::Action;

fn owner(world: &mut World) -> Option<String> {
    act(world, "srv1", calm(), other_resource::owner)
}

/// A server that was started for a resource whose directory in the cluster is this one.
fn started_for(resource: &str, directory: Option<&'static str>) -> World {
    let mut world = World::with(primary());
    world.server.started_for = Some(resource.into());
    if let Some(directory) = directory {
        world.cluster.directories.insert("other", directory);
    }
    world
}

#[test]
fn a_server_belongs_to_another_resource_that_is_still_there_and_has_its_directory() {
    let mut theirs = started_for("other", Some("/data"));
    assert_eq!(owner(&mut theirs).as_deref(), Some("other"));
    for mut ours in [
        World::with(primary()),
        started_for("pgsqld", Some("/data")),
        started_for("other", Some("/elsewhere")),
        started_for("other", None),
    ] {
        assert_eq!(owner(&mut ours), None);
    }
    theirs.cluster.fails = played::Fails::Always;
    assert_eq!(owner(&mut theirs), None);
}

#[test]
fn another_resources_server_is_left_alone() {
    let mut world = World::with(primary());
    let mut end = |action| {
        act(&mut world, "srv1", calm(), |context, _| {
            other_resource::outcome(action, context, "other")
        })
    };
    assert_eq!(
        end(Action::Monitor),
        ActionOutcome::plainly(Code::NotRunning)
    );
    assert_eq!(end(Action::Stop), ActionOutcome::SUCCESS);
    let refused = end(Action::Start);
    assert_eq!(refused.code, Code::Args);
    assert_eq!(
        refused.reason.unwrap(),
        "parameter pgdata of pgsqld leads to the directory of other, whose server runs there; a directory of its \
         own was expected"
    );
}
