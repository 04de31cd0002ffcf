//! The phases of a rewind and of a copy. Decides nothing.

use super::{Executor, RejoinWork, TO_STOP};
use crate::agent::decide::rejoin_record::{KeptFacts, RejoinPhase};
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;
use crate::postgres::wal::History;
use crate::rejoin::error::RejoinError;
use crate::rejoin::facts::{CommonCheckpoint, Earlier, WalArchive};
use crate::rejoin::plan::{Method, Preparation};
use crate::rejoin::programs::{self, Tell};
use crate::rejoin::{keep, phases, primary};

impl Executor<'_> {
    pub(super) fn rewind(&mut self, work: &RejoinWork<'_>) -> Result<(), RejoinError> {
        let RejoinWork {
            beside,
            gathered,
            planned,
            lock,
        } = *work;
        let facts = &gathered.facts;
        let Some(found) = &gathered.primary else {
            return Err(RejoinError::changed(planned));
        };
        let mut from = self.recorded()?;
        if facts.local.earlier != Earlier::Rewinding {
            self.archive(work)?;
            if planned.before.contains(&Preparation::Recover) {
                self.begin(beside, RejoinPhase::Recover, None)?;
                let recovered = self
                    .node
                    .instance
                    .as_owner(|owner| phases::recover(owner, lock));
                recovered?;
            }
            self.begin(beside, RejoinPhase::Save, None)?;
            let kept = self.save(work)?;
            from = Some((RejoinPhase::Rewind, kept));
        }
        let Some((phase, kept)) = from else {
            return Err(RejoinError::changed(planned));
        };
        if phase == RejoinPhase::Rewind {
            if planned.before.contains(&Preparation::Checkpoint) {
                primary::checkpoint(&found.server)?;
            }
            let again = facts.local.earlier == Earlier::Rewinding;
            self.begin(beside, RejoinPhase::Rewind, kept.clone())?;
            let with_archive = facts.local.archive == WalArchive::Configured;
            let watcher = &mut *self.watcher;
            self.node.instance.as_owner(|owner| {
                if again {
                    keep::put_wal_back(beside, owner.datadir())?;
                }
                let tell: Tell<'_> = &mut |line| watcher.says(line);
                programs::rewind(owner, lock, &found.server, with_archive, tell)
            })?;
        }
        self.begin(beside, RejoinPhase::Restore, kept.clone())?;
        self.node.instance.as_owner(|owner| {
            keep::put_files_back(beside, owner.datadir())?;
            phases::tidy_archive_status(owner.datadir())
        })?;
        self.begin(beside, RejoinPhase::Start, kept)
    }

    pub(super) fn copy(&mut self, work: &RejoinWork<'_>) -> Result<(), RejoinError> {
        let RejoinWork {
            beside,
            gathered,
            planned,
            lock,
        } = *work;
        let Some(found) = &gathered.primary else {
            return Err(RejoinError::changed(planned));
        };
        let kept = if gathered.facts.local.earlier == Earlier::Rewinding {
            self.recorded()?.and_then(|(_, kept)| kept)
        } else {
            self.archive(work)?;
            self.begin(beside, RejoinPhase::Save, None)?;
            let kept = self.save(work)?;
            self.begin(beside, RejoinPhase::Copy, kept.clone())?;
            kept
        };
        let watcher = &mut *self.watcher;
        self.node.instance.as_owner(|owner| {
            let new = beside.anew("new")?;
            let tell: Tell<'_> = &mut |line| watcher.says(line);
            programs::copy(owner, lock, &found.server, &new, tell)?;
            keep::put_files_back(beside, &new)
        })?;
        self.begin(beside, RejoinPhase::Swap, kept.clone())?;
        let swapped = self
            .node
            .instance
            .as_owner(|owner| phases::swap(owner.datadir(), beside));
        swapped?;
        self.node.instance = self.node.instance.anew();
        self.begin(beside, RejoinPhase::Start, kept)
    }

    fn archive(&mut self, work: &RejoinWork<'_>) -> Result<(), RejoinError> {
        self.begin(work.beside, RejoinPhase::Archive, None)?;
        let watcher = &mut *self.watcher;
        let archived = self.node.instance.as_owner(|owner| {
            let tell: Tell<'_> = &mut |line| watcher.says(line);
            phases::archive(owner, work.lock, tell)
        });
        Ok(archived?)
    }

    /// Copies the configuration and the WAL beside the data directory, and returns what is to be remembered.
    fn save(&mut self, work: &RejoinWork<'_>) -> Result<Option<KeptFacts>, RejoinError> {
        let RejoinWork {
            beside,
            gathered,
            planned,
            lock: _,
        } = *work;
        let facts = &gathered.facts;
        let chosen = planned.methods.iter();
        let mut chosen = chosen.filter(|one| Some(one.method) == planned.decision);
        let loss = chosen.next().and_then(|one| one.loss.as_ref());
        let redo = match &facts.common_checkpoint {
            CommonCheckpoint::Found { redo } => Some(*redo),
            CommonCheckpoint::NotNeeded | CommonCheckpoint::Missing(_) => None,
        };
        let from = match planned.decision {
            Some(Method::Rewind) => redo.or(loss.map(|loss| loss.from)),
            Some(Method::AsIs | Method::Copy) | None => loss.map(|loss| loss.from),
        };
        let saved = self.node.instance.as_owner(|owner| {
            keep::keep_files(owner.datadir(), beside)?;
            let Some(from) = from else {
                return Ok(None);
            };
            // The recovery before has made the WAL longer.
            let control = owner.control()?;
            let end = owner.end_of_wal(&control, Deadline::after(TO_STOP));
            let end = end.or(facts.local.end);
            keep::keep_wal(owner.datadir(), beside, from.lsn, control.geometry)?;
            Ok(end.map(|end| KeptFacts {
                end: end.to_string(),
                history: text(&facts.local.history),
                redo: redo.map(|redo| redo.to_string()),
            }))
        });
        Ok(saved?)
    }
}

/// Returns the text of a history, as PostgreSQL writes it.
fn text(history: &History) -> String {
    let line = |(timeline, lsn)| format!("{timeline}\t{lsn}\tkept\n");
    history.past().map(line).collect()
}
