//! Parameters that are wrong: the status that keeps Pacemaker from doing harm, and a reason for people.

use crate::call::End;
use crate::judge::{Judged, Paf, case, ensure};
use crate::world::World;

#[test]
fn a_data_directory_that_is_not_there_is_named() -> Judged {
    case(Paf::Right, |program| {
        let world = World::stopped(program)?;
        let ended = world
            .ask("srv1", "start")
            .parameter("pgdata", "/nowhere/data")
            .call()?;
        // Hard errors: another node may have it.
        ensure(matches!(ended.end, End::Status(2 | 5)), || {
            format!("start: {ended}")
        })?;
        ensure(ended.exit_reason().contains("/nowhere/data"), || {
            format!("the reason is {:?}", ended.exit_reason())
        })
    })
}
