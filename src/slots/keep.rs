//! Keeps the slots of this node's server: asks for facts every few seconds, has the plan made, and carries it out. Decides
//! nothing itself.

use std::time::{Duration, Instant};

use thiserror::Error;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tracing::{info, warn};

use super::cluster::{SlotCluster, SlotReport};
use super::memory::SlotMemory;
use super::plan::{SlotPolicy, SlotStep, plan};
use crate::postgres::conninfo::Target;
use crate::postgres::{Refusal, Session, connect};

/// Time between the beginnings of two turns.
const PERIOD: Duration = Duration::from_secs(5);

/// Longest that a connection or a statement may take. A slot that is made or dropped is written to disk.
const TO_ANSWER: Duration = Duration::from_secs(5);

/// Longest that a turn may take: a server that hangs ends no statement itself.
const LONGEST: Duration = Duration::from_secs(60);

/// What has to be known of a host to keep its slots.
#[derive(Clone, Debug)]
pub struct SlotHost {
    /// The server, and the role that may make, advance and drop slots.
    pub target: Target,
    /// How long slots hold WAL.
    pub policy: SlotPolicy,
    /// The slots of the cluster.
    pub cluster: SlotCluster,
}

/// Where a host learns of itself and of the other nodes.
pub trait SlotSources {
    /// Returns the name of this node, or a sentence that says why it is not known.
    fn own(&self) -> Result<String, String>;

    /// Returns what is known of each node, or a sentence that says why nobody could be asked.
    fn reports(&self) -> impl Future<Output = Result<Vec<SlotReport>, String>>;
}

/// Why slots are not kept now.
#[derive(Debug, Error)]
pub enum SlotTrouble {
    /// The name of this node is not known.
    #[error("the name of this node is not known: {0}")]
    Own(String),
    /// The node is not in the list.
    #[error(
        "this node, \"{0}\", is not in cluster.nodes; list it there under its name in Pacemaker"
    )]
    Stranger(String),
    /// PostgreSQL refuses.
    #[error("{doing}: {refusal}")]
    Refused {
        /// What was to be done.
        doing: String,
        /// Why it was not.
        refusal: Refusal,
    },
}

/// The slots of a server, while they are kept.
#[derive(Debug)]
pub struct SlotKeeper<'h> {
    host: &'h SlotHost,
    session: Option<Session>,
    memory: SlotMemory,
    /// The last line about each thing that may be wrong, so that it is not repeated in every turn.
    logged: [String; 3],
}

/// What a line of the log is about.
#[derive(Clone, Copy)]
enum SlotTopic {
    Turn,
    Nodes,
    Alarm,
}

/// Keeps the slots without end.
pub async fn keep(host: &SlotHost, sources: &impl SlotSources) {
    let mut keeper = SlotKeeper::new(host, Instant::now());
    let mut turns = interval(PERIOD);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        let line = match timeout(LONGEST, keeper.turn(sources)).await {
            Ok(Ok(())) => String::new(),
            Ok(Err(trouble)) => format!("replication slots are not kept: {trouble}"),
            Err(_) => {
                // The answer of the server is still on the way.
                keeper.session = None;
                "replication slots are not kept: PostgreSQL does not answer".into()
            }
        };
        keeper.log(SlotTopic::Turn, line);
    }
}

impl<'h> SlotKeeper<'h> {
    /// Begins with a server of which nothing is known.
    #[must_use]
    pub fn new(host: &'h SlotHost, now: Instant) -> Self {
        Self {
            host,
            session: None,
            memory: SlotMemory::new(now),
            logged: Default::default(),
        }
    }

    /// Has a plan made.
    pub async fn look(&mut self, sources: &impl SlotSources) -> Result<Vec<SlotStep>, SlotTrouble> {
        let own = sources.own().map_err(SlotTrouble::Own)?;
        if !self.host.cluster.has(&own) {
            return Err(SlotTrouble::Stranger(own));
        }
        let reports = match sources.reports().await {
            Ok(reports) => {
                self.memory.asked(Instant::now());
                self.log(SlotTopic::Nodes, String::new());
                reports
            }
            Err(why) => {
                self.log(
                    SlotTopic::Nodes,
                    format!("the other nodes are not heard: {why}"),
                );
                Vec::new()
            }
        };
        let asked = self.session().await?.slots().await;
        let seen =
            asked.map_err(|refusal| self.refused("ask for the replication slots", refusal))?;
        let cluster = &self.host.cluster;
        let facts = cluster.facts(&own, seen, &reports, &mut self.memory);
        Ok(plan(&facts, &self.host.policy))
    }

    /// Has a plan made, and carries it out as far as the server allows it.
    pub async fn turn(&mut self, sources: &impl SlotSources) -> Result<(), SlotTrouble> {
        let steps = self.look(sources).await?;
        let alarms = steps
            .iter()
            .filter(|step| matches!(step, SlotStep::Alarm(_)));
        let alarms: Vec<String> = alarms.map(ToString::to_string).collect();
        self.log(SlotTopic::Alarm, alarms.join("; "));
        let mut first = None;
        for step in &steps {
            if let Err(trouble) = self.step(step, &steps).await {
                first.get_or_insert(trouble);
            }
        }
        first.map_or(Ok(()), Err)
    }

    async fn step(&mut self, step: &SlotStep, steps: &[SlotStep]) -> Result<(), SlotTrouble> {
        let session = self.session().await?;
        let done = match step {
            SlotStep::Drop(slot, _) => session.drop_slot(slot).await,
            SlotStep::Create(slot) => session.create_slot(slot).await,
            SlotStep::Advance(slot, to) => session.advance_slot(slot, *to).await,
            SlotStep::Leave(..) | SlotStep::Alarm(_) => return Ok(()),
        };
        match (step, done) {
            (_, Err(refusal)) => return Err(self.refused(&step.to_string(), refusal)),
            (SlotStep::Drop(slot, why), Ok(true)) => {
                info!("done: {step}");
                if !steps.contains(&SlotStep::Create(slot.clone())) {
                    self.memory.dropped(slot, *why);
                }
            }
            (SlotStep::Create(_), Ok(true)) => info!("done: {step}"),
            // If nothing was done, somebody was faster, or streams from it by now: the next turn sees that.
            (
                SlotStep::Drop(..)
                | SlotStep::Create(_)
                | SlotStep::Advance(..)
                | SlotStep::Leave(..)
                | SlotStep::Alarm(_),
                Ok(_),
            ) => {}
        }
        Ok(())
    }

    async fn session(&mut self) -> Result<&mut Session, SlotTrouble> {
        let session = if let Some(session) = self.session.take() {
            session
        } else {
            let opened = connect(&self.host.target, TO_ANSWER).await;
            let (session, _) = opened.map_err(|refusal| {
                let target = &self.host.target;
                self.refused(&format!("connect to {target}"), refusal)
            })?;
            session
        };
        Ok(self.session.insert(session))
    }

    /// What the session says after a refusal is not trusted: the next statement opens another one.
    fn refused(&mut self, doing: &str, refusal: Refusal) -> SlotTrouble {
        self.session = None;
        SlotTrouble::Refused {
            doing: format!("cannot {doing}"),
            refusal,
        }
    }

    fn log(&mut self, topic: SlotTopic, line: String) {
        let [turn, nodes, alarm] = &mut self.logged;
        let last = match topic {
            SlotTopic::Turn => turn,
            SlotTopic::Nodes => nodes,
            SlotTopic::Alarm => alarm,
        };
        if *last != line {
            if !line.is_empty() {
                warn!("{line}");
            }
            *last = line;
        }
    }
}
