//! Each action in each state of a server, which is alone in its cluster: what the agent ends with, and what the
//! server is then; once, twice, and again after the agent was killed half way.
//!
//! - [`cells`]: what is right, and where PAF is not.

mod cells;

use std::time::Duration;

use support::{Trouble, until};

use crate::call::{End, Ended};
use crate::cluster::NODES;
use crate::judge::{Failure, Judged, Paf, case, ensure};
use crate::program::Program;
use crate::transition::{Believed, Plan, variables};
use crate::world::World;
use crate::world::state::State;

use cells::Cell;

/// How long a server may take to be what it has to be: what a killed agent began goes on.
const SETTLED: Duration = Duration::from_secs(10);

/// How often an action is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Once,
    Twice,
    /// Killed at so many changes, and done again.
    Killed(u32),
}

const WAYS: [Way; 4] = [Way::Once, Way::Twice, Way::Killed(1), Way::Killed(2)];

/// How a way went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Went {
    /// To its end.
    Whole,
    /// There were not so many changes to kill it at.
    Uneventful,
}

/// Plays all cells of a state, and fails with all that went wrong.
fn play(state: State) -> Judged {
    let mut world = None;
    let mut wrong = Vec::new();
    for cell in cells::of(state) {
        let mut went = Went::Whole;
        for way in WAYS {
            if cell.is_hopeless(way) || went == Went::Uneventful {
                continue;
            }
            let place = format!("{} in state {state:?}, {way:?}", cell.action);
            let judged = case(cell.paf_in(way), |program| {
                let world = match &mut world {
                    Some(world) => world,
                    none => none.insert(World::stopped(program)?),
                };
                went = one(world, state, &cell, way)?;
                Ok(())
            });
            match judged {
                Ok(()) => {}
                Err(Failure::Agent(what)) => wrong.push(format!("{place}: {what}")),
                Err(harness) => return Err(harness.at(&place)),
            }
        }
    }
    ensure(wrong.is_empty(), || wrong.join("\n"))
}

fn one(world: &World, state: State, cell: &Cell, way: Way) -> Result<Went, Failure> {
    world.cluster.forget_attributes()?;
    let (node, server) = (state.node(), world.server(state.node()));
    let held = world.put(state)?;
    if cell.action == "promote" && state == State::RunningStandby {
        announce(world, node)?;
    }
    let mut went = Went::Whole;
    let ask = || world.ask(node, cell.action).timeout(cell.timeout);
    match way {
        Way::Once => {}
        Way::Twice => returns(&ask().call()?, cell)?,
        Way::Killed(changes) => {
            let mut moment = world.moment(node, changes);
            let killed = ask().killed_when(|| moment.has_come())?;
            if killed.end != End::Killed {
                went = Went::Uneventful;
                returns(&killed, cell)?;
            }
        }
    }
    returns(&ask().call()?, cell)?;
    held.release();
    let settled = until(SETTLED, "the server", || server.seen() == cell.after);
    ensure(settled.is_ok(), || {
        format!("the server is {:?}, not {:?}", server.seen(), cell.after)
    })?;
    Ok(went)
}

fn returns(ended: &Ended, cell: &Cell) -> Judged {
    let fits = matches!(ended.end, End::Status(status) if cell.statuses.contains(&status));
    ensure(fits, || format!("not {:?}, but {ended}", cell.statuses))
}

/// What Pacemaker tells a standby that is alone and is to be promoted.
fn announce(world: &World, node: &'static str) -> Result<(), Trouble> {
    let before = NODES.map(|name| {
        if name == node {
            Believed::Unpromoted
        } else {
            Believed::Stopped
        }
    });
    let plan = Plan::new().promote(node);
    let told = variables(world.cluster.resource(), "pre", "promote", &plan, before);
    told.iter()
        .fold(world.ask(node, "notify"), |ask, (name, value)| {
            ask.meta(name, value)
        })
        .call()
        .map(drop)
}

#[test]
fn of_a_running_primary() -> Judged {
    play(State::RunningPrimary)
}

#[test]
fn of_a_running_standby() -> Judged {
    play(State::RunningStandby)
}

#[test]
fn of_a_stopped_primary() -> Judged {
    play(State::StoppedPrimary)
}

#[test]
fn of_a_stopped_standby() -> Judged {
    play(State::StoppedStandby)
}

#[test]
fn of_a_crashed_primary() -> Judged {
    play(State::CrashedPrimary)
}

#[test]
fn of_a_crashed_standby() -> Judged {
    play(State::CrashedStandby)
}

#[test]
fn of_a_base_backup_never_started() -> Judged {
    play(State::Unborn)
}

#[test]
fn of_a_primary_killed_while_it_shut_down() -> Judged {
    play(State::KilledInShutdown)
}

#[test]
fn of_a_primary_killed_while_it_recovered() -> Judged {
    play(State::KilledInRecovery)
}

#[test]
fn of_a_frozen_primary() -> Judged {
    play(State::Frozen)
}

#[test]
fn of_a_primary_without_a_free_slot() -> Judged {
    play(State::Full)
}

#[test]
fn what_needs_no_server_is_answered_without_one() -> Judged {
    case(Paf::Right, |program: Program| {
        let world = World::stopped(program)?;
        for (action, status) in [("meta-data", 0), ("methods", 0), ("no-such-action", 3)] {
            let ended = world.ask("srv1", action).call()?;
            ensure(ended.end == End::Status(status), || {
                format!("{action}: not {status}, but {ended}")
            })?;
        }
        Ok(())
    })
}
