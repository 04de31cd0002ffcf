//! The server that is watched: finds it, remembers what Pacemaker was told of it, and has the plan made and carried out when
//! something has happened. Decides nothing itself.

use std::time::{Duration, Instant};

use tracing::{info, warn};

use super::cib::ResourceView;
use super::entry::{self, EntryQuestion, EntrySeen, TurnEnd};
use super::executor::execute;
use super::facts::{LocalFacts, PostmasterNow, Told, Trouble};
use super::gather::{Gatherer, NoView, TO_ANSWER};
use super::hang::{HangWatch, KeeperTurn};
use super::journal::{KeeperJournal, Topic};
use super::plan::{MarkMemory, PacemakerCommand, is_news, on_trouble, on_turn};
use super::postmaster::{self, WatchedPostmaster};
use super::{KeeperHost, text};
use crate::agent::ocf::node::Node;
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;

/// Time between two readings of the CIB while nothing happens: the resource or its parameters may have changed.
const TO_REREAD: Duration = Duration::from_secs(60);

/// The same while no resource is known, as before Pacemaker is started.
const TO_RETRY: Duration = Duration::from_secs(10);

pub(super) struct WatchedServer<'h> {
    host: &'h KeeperHost,
    gatherer: Gatherer,
    /// The last reading of the CIB that had the resource, and when the CIB was read last.
    known: Option<(Node, ResourceView)>,
    read_at: Option<Instant>,
    postmaster: Option<WatchedPostmaster>,
    question: EntryQuestion,
    told: Told,
    hang: HangWatch,
    mark: MarkMemory,
    journal: KeeperJournal,
}

impl<'h> WatchedServer<'h> {
    pub(super) fn new(host: &'h KeeperHost) -> Self {
        Self {
            host,
            gatherer: Gatherer::new(host),
            known: None,
            read_at: None,
            postmaster: None,
            question: EntryQuestion::default(),
            told: Told::NotYet,
            hang: HangWatch::default(),
            mark: MarkMemory::None,
            journal: KeeperJournal::default(),
        }
    }

    /// Does what is due before something happens: reads the CIB, takes a mark away, finds the postmaster.
    pub(super) async fn prepare(&mut self) {
        let pause = match (self.mark, &self.known) {
            (MarkMemory::Since(_), _) => Duration::ZERO,
            (MarkMemory::None, Some(_)) => TO_REREAD,
            (MarkMemory::None, None) => TO_RETRY,
        };
        if self.read_at.is_none_or(|read| read.elapsed() >= pause) {
            let has_read = self.read();
            let known = self.known.as_ref().filter(|_| has_read);
            let unmark = on_turn(
                self.mark,
                known.map(|(_, view)| &view.facts),
                Instant::now(),
                self.host.settings.give_back_after,
            );
            if let Some(unmark) = unmark {
                self.give(unmark);
            }
        }
        if self.postmaster.is_none() {
            self.find().await;
        }
    }

    /// Waits for a turn's time, or until the server ends. Asks it meanwhile.
    pub(super) async fn turn(&mut self, period: Duration) -> TurnEnd {
        let is_asked = self.host.settings.hung_after.is_some() && self.told == Told::NotYet;
        let question = is_asked.then_some(&mut self.question);
        entry::turn(self.postmaster.as_ref(), question, period).await
    }

    /// The postmaster that was watched has ended.
    pub(super) async fn ended(&mut self) {
        self.postmaster = None;
        let told = self.told;
        let now = self.find().await;
        self.act(Trouble::Died, told, now);
    }

    /// A turn has passed without that.
    pub(super) fn turned(&mut self, took: Duration, period: Duration, seen: EntrySeen) {
        let Some(limit) = self.host.settings.hung_after else {
            return;
        };
        let entry = match seen {
            EntrySeen::NotAsked => return,
            EntrySeen::Asked(Ok(entry)) => {
                self.journal.log(Topic::Entry, String::new());
                Some(entry)
            }
            EntrySeen::Asked(Err(problem)) => {
                self.journal.log(Topic::Entry, text::unseen(&problem));
                None
            }
        };
        let turn = KeeperTurn {
            took,
            period,
            entry,
        };
        if self.hang.has_hung(turn, limit) {
            self.act(Trouble::Hung, self.told, PostmasterNow::Watched);
        }
    }

    /// Takes away a mark that is still set, since nobody would do so later.
    pub(super) fn give_back(&mut self) {
        match self.mark {
            MarkMemory::None => {}
            MarkMemory::Since(_) => self.give(PacemakerCommand::Unmark),
        }
    }

    /// Reads the CIB; returns whether it had the resource.
    fn read(&mut self) -> bool {
        self.read_at = Some(Instant::now());
        match self.gatherer.view() {
            Ok((node, view)) => {
                let before = self.known.as_ref().map(|(_, view)| view);
                let is_same = before.is_some_and(|before| {
                    (&before.attributes, &before.parameters.datadir)
                        == (&view.attributes, &view.parameters.datadir)
                });
                if !is_same {
                    let (resource, datadir) =
                        (view.attributes.resource(), &view.parameters.datadir);
                    info!("watching the server of {resource} in {}", datadir.display());
                    self.postmaster = None;
                }
                self.known = Some((node, view));
                self.journal.log(Topic::Cluster, String::new());
                true
            }
            // What was read before is still the best that is known of the parameters.
            Err(error @ NoView::Cluster(_)) => {
                self.journal.log(Topic::Cluster, error.to_string());
                false
            }
            Err(error @ NoView::Resource(_)) => {
                self.known = None;
                self.postmaster = None;
                self.journal.log(Topic::Cluster, error.to_string());
                false
            }
        }
    }

    async fn find(&mut self) -> PostmasterNow {
        let Some((_, view)) = &self.known else {
            return PostmasterNow::Unclear;
        };
        match postmaster::find(&view.parameters.datadir).await {
            Ok(None) => {
                self.journal.log(Topic::Postmaster, String::new());
                PostmasterNow::None
            }
            Ok(Some(found)) => {
                info!("watching its postmaster, process {}", found.pid);
                self.postmaster = Some(found);
                self.told = Told::NotYet;
                (self.hang, self.question) = Default::default();
                self.journal.log(Topic::Postmaster, String::new());
                PostmasterNow::Another
            }
            Err(error) => {
                self.journal.log(Topic::Postmaster, error.to_string());
                PostmasterNow::Unclear
            }
        }
    }

    /// Has the plan made and carried out. Pacemaker is asked only if its answer matters: an ordinary stop costs nothing.
    fn act(&mut self, trouble: Trouble, told: Told, postmaster: PostmasterNow) {
        let Some((_, view)) = &self.known else {
            return;
        };
        let mut local = LocalFacts {
            trouble,
            told,
            agent: self.gatherer.agent(&view.attributes),
            postmaster,
        };
        let mut planned = is_news(&local).map(|()| Vec::new());
        if planned.is_ok() {
            let has_read = self.read();
            let known = self.known.as_ref().filter(|_| has_read);
            if let Some((_, view)) = known {
                // An action may have begun meanwhile.
                local.agent = self.gatherer.agent(&view.attributes);
            }
            planned = on_trouble(&local, known.map(|(_, view)| &view.facts));
        }
        let what = text::trouble(trouble);
        let commands = match planned {
            Ok(commands) => commands,
            Err(why) => {
                let line = format!("{what}; Pacemaker is not told: {why}");
                match trouble {
                    Trouble::Died => info!("{line}"),
                    // It is found again and again while it lasts.
                    Trouble::Hung => self.journal.log(Topic::Trouble, line),
                }
                return;
            }
        };
        warn!("{what}: telling Pacemaker");
        if trouble == Trouble::Hung {
            self.told = Told::Already;
        }
        for command in commands {
            self.give(command);
        }
        self.journal.log(Topic::Trouble, String::new());
    }

    fn give(&mut self, command: PacemakerCommand) {
        let Some((node, view)) = &self.known else {
            return;
        };
        let deadline = Deadline::after(TO_ANSWER);
        let shown = text::command(command, node, &view.attributes);
        let given = execute(
            command,
            &self.gatherer.pacemaker,
            node,
            &view.attributes,
            deadline,
        );
        self.mark = match (command, &given) {
            // A command that was given up may still have had its effect.
            (PacemakerCommand::Mark, Ok(()) | Err(_)) => MarkMemory::Since(Instant::now()),
            (PacemakerCommand::Unmark, Ok(())) => MarkMemory::None,
            (PacemakerCommand::Unmark, Err(_)) | (PacemakerCommand::ReportFailure, _) => self.mark,
        };
        match given {
            Ok(()) => {
                info!("done: {shown}");
                self.journal.log(Topic::Command, String::new());
            }
            Err(error) => self
                .journal
                .log(Topic::Command, format!("not done: {shown}: {error}")),
        }
    }
}
