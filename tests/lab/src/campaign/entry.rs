//! Plays one entry of a plan: clients go, each fault is done at its moment and taken back at its own, the cluster
//! becomes whole, and what came of it is gathered. Judges nothing.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use pgsql_state_traffic::history::{Final, History, Silence};

use super::clients::{Clients, left};
use super::fault::Fault;
use super::gap::{self, Moment};
use super::inject::{heal, inject};
use super::plan::Entry;
use super::settle::{Settled, settle};
use super::targets::Targets;
use crate::cluster::Cluster;
use crate::error::Error;
use crate::host::Host;
use crate::lab::{Lab, wait_for};
use crate::say::say;
use crate::scenario::{Phases, Span, phases, time_of_day};

/// Longest until everything can be taken back: the host to which it was done may just be starting.
const HEALING: Duration = Duration::from_secs(150);

/// A fault as it was done.
#[derive(Clone, Debug)]
pub(super) struct Done {
    pub(super) fault: Fault,
    /// To these hosts.
    pub(super) hosts: Vec<Host>,
    /// Why it could not be done, as where a host was dead already.
    pub(super) refused: Option<String>,
}

/// What came of an entry.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    /// Its faults.
    pub(super) done: Vec<Done>,
    /// How the cluster became whole.
    pub(super) settled: Settled,
    /// What clients asked and were told.
    pub(super) history: History,
    /// What was left on the primary, and which that was; nothing where there is none.
    pub(super) end: Option<(Host, Final)>,
    /// Hosts that were fenced, each as often as that was asked for.
    pub(super) fenced: Vec<Host>,
    /// What should be gone.
    pub(super) left_behind: Vec<String>,
    /// Where the longest time without a primary went.
    pub(super) phases: Phases,
    /// What happened when, by this program's doing.
    pub(super) moments: Vec<Moment>,
    /// When it began, since 1970.
    pub(super) began: Duration,
    /// Where the clients' files are.
    pub(super) folder: PathBuf,
}

/// What is still to be done in an entry: faults by their place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Inject(usize),
    Heal(usize),
}

/// Plays an entry on a whole cluster.
pub(super) fn play(lab: &Lab, entry: &Entry) -> Result<Outcome, Error> {
    let cluster = Cluster::new(lab);
    let primary = cluster.primary()?;
    let began = time_of_day();
    let run = format!("campaign-{}-{}", entry.number, began.as_secs());
    let fenced_before = lab.fenced()?.len();
    let mut targets = Targets::of(lab, primary);
    let clients = Clients::begin(lab, primary, &run)?;
    let mut timeline = Timeline::default();
    timeline.play(&mut targets, entry);
    let healed = timeline.heal_the_rest(&targets);
    let mut settled = settle(lab);
    if let Err(error) = healed {
        settled.troubles.push(error.in_full());
    }
    if settled.primary.is_some() {
        clients.go_on().ok();
    }
    let folder = clients.folder();
    let history = clients.end()?;
    let silence = gap::without_a_primary(&history);
    let end = match settled.primary {
        Some(primary) => Some((primary, left(lab, primary, &run)?)),
        None => None,
    };
    let left_behind = match settled.primary {
        Some(_) => cluster.left_behind()?,
        None => Vec::new(),
    };
    let fenced = lab.fenced()?.split_off(fenced_before);
    Ok(Outcome {
        phases: why(lab, &history, silence)?,
        done: timeline.done,
        settled,
        history,
        end,
        fenced: fenced
            .iter()
            .filter_map(|asked| fenced_host(asked))
            .collect(),
        left_behind,
        moments: timeline.moments,
        began,
        folder,
    })
}

fn why(lab: &Lab, history: &History, silence: Silence) -> Result<Phases, Error> {
    let begin = history.time_of_day(silence.begin);
    let end = begin + silence.length;
    Ok(phases(&lab.journal_since(begin)?, Span { begin, end }))
}

/// The host of a request of the fence agent that ended one.
fn fenced_host(asked: &str) -> Option<Host> {
    let (verb, host) = asked.split_once(' ')?;
    let ends = matches!(verb, "off" | "reboot");
    ends.then(|| host.trim().parse().ok())?
}

/// An entry while it is played.
#[derive(Debug, Default)]
struct Timeline {
    done: Vec<Done>,
    /// Faults that have not been taken back, by their place in `done`.
    open: BTreeSet<usize>,
    moments: Vec<Moment>,
}

impl Timeline {
    #[expect(
        clippy::disallowed_methods,
        reason = "a fault has a moment of its own, whatever the cluster does until then"
    )]
    /// Does each fault at its moment, and takes it back at its own, if that is possible then.
    fn play(&mut self, targets: &mut Targets<'_>, entry: &Entry) {
        let mut steps = Vec::new();
        for (place, (begin, fault)) in entry.faults.iter().enumerate() {
            steps.push((*begin, Step::Inject(place)));
            steps.push((*begin + fault.hold, Step::Heal(place)));
        }
        steps.sort_by_key(|(at, _)| *at);
        let begin = Instant::now();
        let mut places = vec![None; entry.faults.len()];
        for (at, step) in steps {
            sleep(at.saturating_sub(begin.elapsed()));
            match step {
                Step::Inject(place) => {
                    if let Some((_, fault)) = entry.faults.get(place)
                        && let Some(done) = places.get_mut(place)
                    {
                        *done = Some(self.inject(targets, *fault));
                    }
                }
                Step::Heal(place) => {
                    if let Some(Some(done)) = places.get(place) {
                        self.heal(targets, *done).ok();
                    }
                }
            }
        }
    }

    fn inject(&mut self, targets: &mut Targets<'_>, fault: Fault) -> usize {
        targets.look();
        let hosts = targets.hosts(fault.to);
        let names = hosts.iter().map(|host| host.name());
        let names = names.collect::<Vec<_>>().join(", ");
        let refused = inject(targets, &fault, &hosts).err();
        let refused = refused.map(|error| error.in_full());
        self.tell(match &refused {
            None => format!("{fault} ({names})"),
            Some(why) => format!("{fault} ({names}) could not be done: {why}"),
        });
        let place = self.done.len();
        self.done.push(Done {
            fault,
            hosts,
            refused,
        });
        self.open.insert(place);
        place
    }

    fn heal(&mut self, targets: &Targets<'_>, place: usize) -> Result<(), Error> {
        let Some(done) = self.done.get(place) else {
            return Ok(());
        };
        let fault = done.fault;
        heal(targets, &fault, &done.hosts)?;
        self.open.remove(&place);
        if !fault.hold.is_zero() {
            self.tell(format!("{fault} taken back"));
        }
        Ok(())
    }

    /// Takes back what could not be taken back at its moment.
    fn heal_the_rest(&mut self, targets: &Targets<'_>) -> Result<(), Error> {
        for place in self.open.clone() {
            wait_for("a fault to be taken back", HEALING, || {
                self.heal(targets, place)
            })?;
        }
        Ok(())
    }

    fn tell(&mut self, what: String) {
        say(&format!("     {what}"));
        let at = time_of_day();
        self.moments.push(Moment { at, what });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_fenced_when_its_power_is_cut_and_not_when_it_is_given_back() {
        assert_eq!(fenced_host("reboot srv2"), Some(Host::Srv2));
        assert_eq!(fenced_host("off srv3"), Some(Host::Srv3));
        assert_eq!(fenced_host("on srv3"), None);
        assert_eq!(fenced_host("off nobody"), None);
    }
}
