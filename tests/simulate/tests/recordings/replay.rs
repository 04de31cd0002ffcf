//! Has the model live through a recording: operators, power and the results of calls are as recorded. Knows nothing of
//! what should come of it.
//!
//! - `setup`: how the recorded cluster is configured; `script`: what was done to it; `answers`: how calls end that were not
//!   recorded

mod answers;
mod script;
mod setup;

use std::collections::{BTreeMap, BTreeSet};

use simulate::pacemaker::{
    Action, ActionId, Command, Input, Lifetime, Node, Output, Pacemaker, SimTime,
};

use crate::recording::{Call, Recording, what};

/// When a recording begins, for the model: it has come to where the recording begins before that.
const BASE: u64 = 200_000;
const NAMES: [&str; 3] = ["srv1", "srv2", "srv3"];

/// A call that the model has asked for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub at: u64,
    pub ends: u64,
    pub on: String,
    pub what: String,
    pub meta: BTreeMap<String, String>,
    /// The recorded call that it is.
    pub recorded: Option<usize>,
    /// It is a monitor that recurs, not its first run.
    pub again: bool,
    /// And it was begun before the recording, with a number that is not known.
    pub before: bool,
}

/// What happened in the model.
#[derive(Clone, Debug, Default)]
pub(crate) struct Replay {
    pub asked: Vec<Asked>,
    pub notes: Vec<String>,
}

struct Replaying<'a> {
    recording: &'a Recording,
    model: Pacemaker,
    now: u64,
    inputs: BTreeMap<(u64, u64), Input>,
    serial: u64,
    used: BTreeSet<usize>,
    watched: BTreeMap<String, u64>,
    hooks: Vec<(String, String, Vec<Command>)>,
    replay: Replay,
    /// How the nodes' instances are, for answers before the recording begins.
    roles: BTreeMap<String, u8>,
}

pub(crate) fn node(name: &str) -> Node {
    let mut places = (0..).zip(NAMES).filter(|(_, known)| *known == name);
    Node(places.next().map_or(0, |(place, _)| place))
}

impl Replay {
    pub(crate) fn of(recording: &Recording) -> Self {
        let mut replaying = Replaying {
            recording,
            model: Pacemaker::new(setup::config(recording)),
            now: 0,
            inputs: BTreeMap::new(),
            serial: 0,
            used: BTreeSet::new(),
            watched: BTreeMap::new(),
            hooks: Vec::new(),
            replay: Self::default(),
            roles: BTreeMap::new(),
        };
        replaying.prepare();
        replaying.schedule();
        replaying.run();
        replaying.replay
    }
}

impl Replaying<'_> {
    fn at(&mut self, at: u64, input: Input) {
        self.serial += 1;
        self.inputs.insert((at, self.serial), input);
    }

    /// Brings the model to where the recording begins.
    fn prepare(&mut self) {
        let first = if self.recording.dc.is_empty() {
            BASE - 21_000
        } else {
            0
        };
        // The one that coordinates has run longest.
        let mut names = NAMES;
        names.sort_by_key(|name| *name != self.recording.dc);
        for (place, name) in (0..).zip(names) {
            self.at(first + place, Input::HostUp(node(name)));
        }
        let said = self.recording.said.iter();
        let calculated = said
            .filter(|(_, said)| said.starts_with("Calculated"))
            .map(|(at, _)| *at)
            .next()
            .unwrap_or(0);
        for name in NAMES {
            // It is still being refreshed, by what put the cluster in order after the recording before.
            if !self.recording.dc.is_empty() && !self.recording.roles.contains_key(name) {
                let command = Command::Refresh(Some(node(name)));
                let on = node(&self.recording.dc);
                self.at(BASE + calculated - 1_010, Input::Operator { on, command });
            }
        }
    }

    fn schedule(&mut self) {
        for (at, did) in &self.recording.did.clone() {
            self.did(BASE + at, did);
        }
        for change in &self.recording.changes.clone() {
            let private = change.name.starts_with('.')
                || change.name.starts_with("fail-count")
                || change.name.starts_with("last-failure")
                || change.name == "standby";
            if change.name == ".feature-set" && self.boots(&change.node, change.at) {
                self.at(BASE + change.at - 800, Input::HostUp(node(&change.node)));
            }
            if private || self.call_during(change.at, &change.node).is_some() {
                continue;
            }
            let input = set(&change.node, &change.name, change.value.as_deref());
            self.at(BASE + change.at, input);
        }
    }

    /// Whether a node has been off, and is back.
    fn boots(&self, name: &str, at: u64) -> bool {
        let off = |(when, said): &(u64, String)| {
            *when < at && said.starts_with(&format!("Operation 'reboot' targeting {name} "))
        };
        self.recording.said.iter().any(off)
    }

    /// The recorded call that set something: the one on that node, or else any.
    fn call_during(&self, at: u64, name: &str) -> Option<usize> {
        let calls = self.recording.calls.iter().enumerate();
        let during: Vec<usize> = calls
            .filter(|(_, call)| call.at <= at && at <= call.ends() + 5)
            .map(|(place, _)| place)
            .collect();
        let calls = &self.recording.calls;
        let own = during.iter().find(|place| calls[**place].on == name);
        own.or(during.first()).copied()
    }

    fn run(&mut self) {
        let calls = self.recording.calls.iter().map(Call::ends);
        let did = self.recording.did.iter().map(|(at, _)| *at);
        let end = BASE + calls.chain(did).max().unwrap_or(0) + 1_500;
        loop {
            let timer = self.model.next_timer().map(millis);
            let input = self.inputs.keys().next().copied();
            let next = [timer, input.map(|(at, _)| at)].into_iter().flatten().min();
            let Some(next) = next.filter(|next| *next <= end) else {
                return;
            };
            self.now = next.max(self.now);
            let due = input.filter(|(at, _)| *at <= next);
            let input = due.and_then(|key| self.inputs.remove(&key));
            let outputs = self.model.handle(
                SimTime::from_millis(self.now),
                input.unwrap_or(Input::Timer),
            );
            for output in outputs {
                self.output(output);
            }
        }
    }

    fn output(&mut self, output: Output) {
        match output {
            Output::Run {
                id,
                node,
                action,
                variables,
                timeout: _,
            } => self.asked(id, node, action, &variables),
            Output::Kill { id } => {
                let done =
                    |input: &Input| matches!(input, Input::Done { id: other, .. } if *other == id);
                self.inputs.retain(|_, input| !done(input));
            }
            Output::Fence { node } => {
                let name = NAMES[usize::from(node.0)];
                self.replay.notes.push(format!("{} fence {name}", self.now));
                let said = self.recording.said.iter();
                let ended = format!("Operation 'reboot' targeting {name} ");
                let mut ends = said.filter(|(_, said)| said.starts_with(&ended));
                if let Some((at, _)) = ends.next() {
                    let at = (BASE + at).max(self.now + 10);
                    self.at(at, Input::HostDown(node));
                    self.at(at, Input::Fenced { node, ok: true });
                }
            }
            Output::Note(text) => self.replay.notes.push(text),
        }
    }

    fn asked(
        &mut self,
        id: ActionId,
        on: Node,
        action: Action,
        variables: &BTreeMap<String, String>,
    ) {
        let name = NAMES[usize::from(on.0)].to_owned();
        let meta: BTreeMap<String, String> = variables
            .iter()
            .filter_map(|(name, value)| {
                let name = name.strip_prefix("OCF_RESKEY_CRM_meta_")?;
                let value = value.trim();
                (!value.is_empty()).then(|| (name.to_owned(), value.to_owned()))
            })
            .collect();
        let what = what(action.name(), |name| meta.get(name).map(String::as_str));
        let began = if meta.contains_key("interval") {
            let began = self.watched.entry(format!("{name} {what}"));
            Some(*began.or_insert(self.now))
        } else {
            None
        };
        let again = began.is_some_and(|began| began != self.now);
        if matches!(
            action,
            Action::Start | Action::Stop | Action::Promote | Action::Demote
        ) {
            self.watched
                .retain(|watched, _| !watched.starts_with(&format!("{name} monitor ")));
        }
        let recorded = self.recorded(&name, &what, again);
        let (took, status) = match recorded {
            Some(place) => {
                let call = &self.recording.calls[place];
                (call.took, call.status)
            }
            None => (
                Some(self.before(&name, &meta)),
                self.status(&name, action, &meta),
            ),
        };
        self.note_role(&name, action, status);
        let ends = took.map_or(u64::MAX, |took| self.now + took);
        if let Some(place) = recorded {
            self.used.insert(place);
            self.set_during(place);
            self.run_hook(&name, action, &meta);
        }
        if self.now >= BASE - 1_000 || self.recording.dc.is_empty() {
            self.replay.asked.push(Asked {
                at: self.now.saturating_sub(BASE),
                ends: ends.saturating_sub(BASE),
                on: name,
                what,
                meta,
                recorded,
                again,
                before: began.is_some_and(|began| began < BASE - 1_000),
            });
        }
        if took.is_some() {
            self.at(
                ends,
                Input::Done {
                    id,
                    code: status,
                    reason: None,
                },
            );
        }
    }

    /// The recorded call that this one is.
    fn recorded(&self, name: &str, what: &str, again: bool) -> Option<usize> {
        if self.now < BASE - 1_000 && !self.recording.dc.is_empty() {
            return None;
        }
        let now = self.now.saturating_sub(BASE);
        let calls = self.recording.calls.iter().enumerate();
        let mut fits = calls.filter(|(place, call)| {
            call.on == name
                && call.what() == what
                && !self.used.contains(place)
                && (!again || call.at.abs_diff(now) < 3_000)
        });
        fits.next().map(|(place, _)| place)
    }

    /// What a recorded call set is set as long after its beginning.
    fn set_during(&mut self, place: usize) {
        let call = &self.recording.calls[place];
        for change in &self.recording.changes {
            if change.name.starts_with('.')
                || change.name.starts_with("fail-count")
                || change.name.starts_with("last-failure")
                || change.name == "standby"
                || self.call_during(change.at, &change.node) != Some(place)
            {
                continue;
            }
            let after = (change.at - call.at).min(call.took.unwrap_or(0));
            self.serial += 1;
            self.inputs.insert(
                (self.now + after, self.serial),
                set(&change.node, &change.name, change.value.as_deref()),
            );
        }
    }
}

fn millis(time: SimTime) -> u64 {
    let nanos = time.0.as_nanos();
    u64::try_from(nanos.div_ceil(1_000_000)).expect("a time")
}

fn set(name: &str, attribute: &str, value: Option<&str>) -> Input {
    Input::SetAttribute {
        from: node(name),
        node: node(name),
        name: attribute.to_owned(),
        value: value.map(str::to_owned),
        lifetime: Lifetime::Permanent,
    }
}
