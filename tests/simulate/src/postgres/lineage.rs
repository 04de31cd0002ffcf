//! The histories of database clusters: which records were ever written, by whom, and who has them. What servers have
//! on their disks as bytes is written beside it. Knows no server.

use wal_writer::{Layout, Mark, Stream, Written};

use crate::disk::segment::{PAGE, SEGMENT};

/// What one server has written since it began to: a timeline, or a part of one that two servers wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct BranchId(pub(crate) usize);

/// A row that a client has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row(pub(crate) usize);

/// Where a row is: the record that commits it ends there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) branch: BranchId,
    pub(crate) end: u64,
}

/// How much of a history a server has: everything of a branch, and of those before it, up to positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) branch: BranchId,
    /// What it has written into its files.
    pub(crate) written: u64,
    /// What power loss leaves of that.
    pub(crate) flushed: u64,
    /// What it has replayed; of a primary, all.
    pub(crate) replayed: u64,
}

/// A record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    pub(crate) begin: u64,
    pub(crate) end: u64,
    pub(crate) checkpoint: Option<Redo>,
}

/// What a primary writes down of its open transactions, for standbys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Snapshot {
    /// All of them.
    Complete,
    /// One has too many subtransactions.
    Overflowed,
}

/// Where a recovery from a checkpoint begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Redo(pub(crate) u64);

/// A branch.
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    /// The database cluster.
    pub(crate) system: u64,
    pub(crate) timeline: u32,
    /// What it came from, and where.
    pub(crate) parent: Option<(BranchId, u64)>,
    /// In their order.
    records: Vec<Record>,
    /// Which of them are checkpoints.
    checkpoints: Vec<Record>,
    /// Those that tell of all open transactions.
    snapshots: Vec<Record>,
    stream: Stream,
}

/// All branches.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lineage {
    branches: Vec<Branch>,
}

/// `XLOG_PAGE_MAGIC` of PostgreSQL 15.
const MAGIC: u16 = 0xD110;

/// The most that a record holds.
pub(crate) const LONGEST: usize = 100_000;

/// What records hold: bytes that mean nothing.
static CONTENT: [u8; LONGEST + 256] = {
    let mut content = [0; LONGEST + 256];
    let mut index = 0;
    while index < content.len() {
        content[index] = (index % 256) as u8;
        index += 1;
    }
    content
};

impl Lineage {
    /// The first branch of a new database cluster, which begins at a position.
    pub(crate) fn found(&mut self, system: u64, at: u64) -> BranchId {
        let layout = Layout {
            magic: MAGIC,
            system,
            segment: SEGMENT,
            page: PAGE as u64,
        };
        self.branches.push(Branch {
            system,
            timeline: 1,
            parent: None,
            records: Vec::new(),
            checkpoints: Vec::new(),
            snapshots: Vec::new(),
            stream: Stream::new(layout, at),
        });
        BranchId(self.branches.len() - 1)
    }

    pub(crate) fn branch(&self, id: BranchId) -> &Branch {
        &self.branches[id.0]
    }

    /// A branch that begins on another one at a position, which is the end of a record.
    pub(crate) fn fork(&mut self, from: BranchId, at: u64, timeline: u32) -> BranchId {
        let parent = self.branch(from);
        let mut stream = parent.stream.clone();
        stream.at = at;
        stream.timeline = timeline;
        stream.previous = self
            .last_before(from, at)
            .map_or(0x28, |record| record.begin);
        let branch = Branch {
            system: parent.system,
            timeline,
            parent: Some((from, at)),
            records: Vec::new(),
            checkpoints: Vec::new(),
            snapshots: Vec::new(),
            stream,
        };
        self.branches.push(branch);
        BranchId(self.branches.len() - 1)
    }

    /// The last record that ends at a position or before it.
    pub(crate) fn last_before(&self, branch: BranchId, at: u64) -> Option<Record> {
        let one = self.branch(branch);
        let count = one.records.partition_point(|record| record.end <= at);
        if let Some(record) = count
            .checked_sub(1)
            .and_then(|index| one.records.get(index))
        {
            return Some(*record);
        }
        let (parent, fork) = one.parent?;
        self.last_before(parent, fork.min(at))
    }

    /// The last checkpoint that was written before a position.
    pub(crate) fn checkpoint_before(
        &self,
        branch: BranchId,
        at: u64,
    ) -> Option<(BranchId, Record)> {
        let one = self.branch(branch);
        let count = one.checkpoints.partition_point(|record| record.end <= at);
        if let Some(record) = one.checkpoints[..count].last() {
            return Some((branch, *record));
        }
        let (parent, fork) = one.parent?;
        self.checkpoint_before(parent, fork.min(at))
    }

    /// The last record of a branch tells of its open transactions.
    pub(crate) fn tell_snapshot(&mut self, branch: BranchId, snapshot: Snapshot) {
        let one = &mut self.branches[branch.0];
        if let (Snapshot::Complete, Some(last)) = (snapshot, one.records.last()) {
            one.snapshots.push(*last);
        }
    }

    /// Whether a record between two positions tells of all transactions that were open.
    pub(crate) fn has_complete_snapshot(&self, branch: BranchId, from: u64, upto: u64) -> bool {
        self.ancestry(branch).any(|(one, end)| {
            let snapshots = &self.branch(one).snapshots;
            let count = snapshots.partition_point(|record| record.end <= upto.min(end));
            let last = snapshots[..count].last();
            last.is_some_and(|record| record.begin >= from)
        })
    }

    /// The checkpoint that begins at a position of a branch or of one that it came from, and the timeline of that.
    pub(crate) fn checkpoint_at(&self, branch: BranchId, at: u64) -> Option<(u32, Redo)> {
        self.ancestry(branch).find_map(|(one, _)| {
            let one = self.branch(one);
            let found = one
                .checkpoints
                .binary_search_by_key(&at, |record| record.begin);
            let record = one.checkpoints.get(found.ok()?)?;
            Some((one.timeline, record.checkpoint?))
        })
    }

    /// Where the branch's next record would be written.
    pub(crate) fn end(&self, branch: BranchId) -> u64 {
        self.branch(branch).stream.at
    }

    /// Cuts off what nobody has any more.
    pub(crate) fn cut(&mut self, branch: BranchId, at: u64) {
        let previous = self
            .last_before(branch, at)
            .map_or(0x28, |record| record.begin);
        let one = &mut self.branches[branch.0];
        one.records.retain(|record| record.end <= at);
        one.checkpoints.retain(|record| record.end <= at);
        one.snapshots.retain(|record| record.end <= at);
        one.stream.at = at;
        one.stream.previous = previous;
    }

    /// Writes a record of so many bytes that commits something.
    pub(crate) fn write(&mut self, branch: BranchId, length: usize) -> Written {
        let one = &mut self.branches[branch.0];
        // What another place's has not.
        let first = (one.stream.at / 8 % 251) as usize;
        let content = &CONTENT[first..first + length];
        let written = one.stream.record(10, 0, content);
        one.records.push(Record {
            begin: written.record.start,
            end: written.record.end,
            checkpoint: None,
        });
        written
    }

    /// Writes a record of the log itself.
    pub(crate) fn mark(&mut self, branch: BranchId, mark: Mark) -> Written {
        let previous = match (mark, self.branch(branch).parent) {
            (Mark::EndOfRecovery(_), Some((parent, _))) => self.branch(parent).timeline,
            (Mark::EndOfRecovery(_) | Mark::ShutdownCheckpoint | Mark::OnlineCheckpoint, _) => {
                self.branch(branch).timeline
            }
        };
        let one = &mut self.branches[branch.0];
        let written = one.stream.mark(mark, previous);
        let checkpoint = match mark {
            Mark::EndOfRecovery(_) => None,
            Mark::ShutdownCheckpoint | Mark::OnlineCheckpoint => Some(Redo(written.record.start)),
        };
        let record = Record {
            begin: written.record.start,
            end: written.record.end,
            checkpoint,
        };
        one.records.push(record);
        if checkpoint.is_some() {
            one.checkpoints.push(record);
        }
        written
    }

    /// The ends of what branches a branch came from, itself first: which of each it has.
    pub(crate) fn ancestry(&self, branch: BranchId) -> impl Iterator<Item = (BranchId, u64)> + '_ {
        let mut next = Some((branch, u64::MAX));
        std::iter::from_fn(move || {
            let (one, end) = next?;
            next = self
                .branch(one)
                .parent
                .map(|(parent, fork)| (parent, fork.min(end)));
            Some((one, end))
        })
    }

    /// Whether a branch up to a position has a spot.
    pub(crate) fn has(&self, branch: BranchId, upto: u64, spot: Spot) -> bool {
        spot.end <= upto
            && self
                .ancestry(branch)
                .any(|(one, end)| one == spot.branch && spot.end <= end)
    }

    /// Whether what a server has up to a position is a part of a branch, so that it can follow it.
    pub(crate) fn leads_to(&self, branch: BranchId, upto: u64, target: BranchId) -> bool {
        self.ancestry(target)
            .any(|(one, end)| one == branch && upto <= end)
    }

    /// The timelines of a branch, newest first.
    pub(crate) fn timelines(&self, branch: BranchId) -> Vec<u32> {
        let all = self.ancestry(branch);
        all.map(|(one, _)| self.branch(one).timeline).collect()
    }

    /// The text of the history file of a branch's timeline; none of the first.
    pub(crate) fn history(&self, branch: BranchId) -> String {
        let mut lines: Vec<String> = Vec::new();
        let mut next = Some(branch);
        while let Some(one) = next {
            let Some((parent, fork)) = self.branch(one).parent else {
                break;
            };
            let timeline = self.branch(parent).timeline;
            if timeline != self.branch(one).timeline {
                let (high, low) = (fork >> 32, fork & 0xFFFF_FFFF);
                lines.push(format!(
                    "{timeline}\t{high:X}/{low:X}\tno recovery target specified\n"
                ));
            }
            next = Some(parent);
        }
        lines.into_iter().rev().collect()
    }
}
