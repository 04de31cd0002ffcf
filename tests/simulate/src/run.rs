//! One history. Knows no rule of it.
//!
//! - [`beginning`]: what it begins with.
//! - [`actions`]: the actions of the agent in it.

mod actions;
mod beginning;

pub(crate) use beginning::new_cluster;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;
use std::time::Duration;

use pgsql_state::agent::pgsqlms::call::CallOutcome;

use crate::events::script::PRIMARY;
use crate::events::{Ending, Event, Script};
use crate::invariants::{Outage, Rules, Violation};
use crate::pacemaker::{ActionId, Input};
use crate::postgres::replication::PULSE;
use crate::story::Log;
use crate::world::{Thing, World, node};
use actions::Running;

/// What became of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// What was wrong, in its order.
    pub violations: Vec<Violation>,
    /// Everything that happened, where that was wanted.
    pub story: Vec<String>,
    /// How many actions of the agent were run.
    pub actions: u64,
    /// How many rows clients have written, and how many of them were acknowledged.
    pub rows: (usize, usize),
    /// How many servers became primaries by the agent.
    pub promotions: u64,
    /// How many things happened.
    pub things: u64,
    /// How long there was no primary after a single event.
    pub outage: Option<Outage>,
    /// What tells this history from others, where a story was wanted: it is the same where the same has happened and
    /// the same was said. It lasts as long as the standard library that made it.
    pub digest: Option<u64>,
}

/// A history that is being played.
pub(crate) struct Run {
    pub(crate) world: Rc<RefCell<World>>,
    actions: BTreeMap<ActionId, Running>,
    count: u64,
    promotions: u64,
    things: u64,
    /// What actions have ended with that nobody waits for but a test.
    pub(crate) endings: BTreeMap<ActionId, CallOutcome>,
}

/// Quiet at the end, in which everything has to come to rest.
const QUIET: Duration = Duration::from_secs(300);

/// Plays a script, and holds it against rules.
#[must_use]
pub fn play(script: &Script, rules: &Rules, wants_story: bool) -> Ended {
    if wants_story {
        return tracing::subscriber::with_default(Log, || play_quietly(script, rules, true));
    }
    play_quietly(script, rules, false)
}

fn play_quietly(script: &Script, rules: &Rules, wants_story: bool) -> Ended {
    let mut run = Run::new(script.seed, rules.clone(), wants_story);
    run.bring_up();
    run.plan(&script.events);
    let last = script.events.iter().map(|event| event.at).max();
    let last = last.unwrap_or_default().max(Duration::from_secs(60));
    run.until(last + Duration::from_secs(5));
    let lost_host = match script.ending {
        Ending::TakenBack | Ending::AsOrdered => None,
        Ending::PrimaryLost => run.world.borrow().lost_for_good(last),
    };
    run.world.borrow_mut().mend_everything(lost_host);
    for wait in [100, 140] {
        run.until(last + Duration::from_secs(wait));
        run.world.borrow_mut().tidy_up(script.ending);
    }
    run.until(last + Duration::from_secs(140) + QUIET);
    run.world.borrow_mut().look_for_a_primary();
    let world = run.world.borrow();
    let acknowledged = world.rows.iter().filter(|row| row.acknowledged.is_some());
    let digest = || {
        let mut digest = DefaultHasher::new();
        world.digest(&mut digest);
        (run.count, run.promotions).hash(&mut digest);
        digest.finish()
    };
    Ended {
        digest: wants_story.then(digest),
        violations: world.watch.violations.clone(),
        story: world.story.lines.clone().unwrap_or_default(),
        actions: run.count,
        rows: (world.rows.len(), acknowledged.count()),
        promotions: run.promotions,
        things: run.things,
        outage: world.watch.outage,
    }
}

impl Run {
    pub(crate) fn new(seed: u64, rules: Rules, wants_story: bool) -> Self {
        let world = beginning::world(seed, rules, wants_story);
        Self {
            world: Rc::new(RefCell::new(world)),
            actions: BTreeMap::new(),
            count: 0,
            promotions: 0,
            things: 0,
            endings: BTreeMap::new(),
        }
    }

    /// Plans what goes wrong.
    pub(crate) fn plan(&mut self, events: &[Event]) {
        let mut world = self.world.borrow_mut();
        let count = world.count();
        for (index, event) in events.iter().enumerate() {
            let node = if event.node == PRIMARY {
                PRIMARY
            } else {
                event.node % count
            };
            world.events.push(Event { node, ..*event });
            world.queue.push(event.at, Thing::Event(index));
        }
    }

    /// The hosts come up, and clients come.
    pub(crate) fn bring_up(&mut self) {
        let mut world = self.world.borrow_mut();
        for host in 0..world.count() {
            world.tell(Input::HostUp(node(host)));
            world.after(Duration::from_secs(1), Thing::Client(host));
            let spread = world.some_millis(0, 100);
            world.after(spread, Thing::Check(host));
        }
        world.tell_connectivity();
        world.after(PULSE, Thing::Pulse);
        world.daemons_ask();
    }

    /// Lets everything happen until a moment.
    pub(crate) fn until(&mut self, end: Duration) {
        loop {
            self.begin_what_is_wanted();
            let mut world = self.world.borrow_mut();
            if world.queue.next().is_none_or(|next| next > end) {
                world.now = end;
                return;
            }
            let Some((now, thing)) = world.queue.pop() else {
                return;
            };
            world.now = now;
            self.things += 1;
            match thing {
                Thing::KillAction(which) => {
                    drop(world);
                    self.kill_one(which);
                }
                Thing::Resume(id) => {
                    drop(world);
                    self.go_on(id);
                }
                Thing::Keeper(turn) => {
                    let agent = self.acting_on(turn.node);
                    world.keeper_goes_on(*turn, agent);
                }
                other @ (Thing::Timer
                | Thing::Fenced(_, _)
                | Thing::Boot(_)
                | Thing::Event(_)
                | Thing::Later(_)
                | Thing::Server { .. }
                | Thing::Send(_)
                | Thing::Word { .. }
                | Thing::Pulse
                | Thing::Client(_)
                | Thing::Check(_)
                | Thing::Answer { .. }
                | Thing::DaemonsAsk
                | Thing::Program(_)) => world.happen(&other),
            }
        }
    }
}

#[cfg(test)]
mod tests;
