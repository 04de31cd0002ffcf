//! The log of the keeper, in which the same line does not follow itself: what is wrong is often found wrong again in each turn.
//! Knows no line.

use tracing::warn;

/// What a line is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Topic {
    /// Pacemaker and the resource.
    Cluster,
    /// Which process is the postmaster.
    Postmaster,
    /// Why it is not seen whether the postmaster answers.
    Entry,
    /// Why nothing is told of a server that hangs.
    Trouble,
    /// A command for Pacemaker.
    Command,
}

/// The last line of each topic.
#[derive(Debug, Default)]
pub(super) struct KeeperJournal {
    cluster: String,
    postmaster: String,
    entry: String,
    trouble: String,
    command: String,
}

impl KeeperJournal {
    /// Logs a line, unless it is the last one of its topic. An empty one means that nothing is wrong any more.
    pub(super) fn log(&mut self, topic: Topic, line: String) {
        let last = match topic {
            Topic::Cluster => &mut self.cluster,
            Topic::Postmaster => &mut self.postmaster,
            Topic::Entry => &mut self.entry,
            Topic::Trouble => &mut self.trouble,
            Topic::Command => &mut self.command,
        };
        if *last == line {
            return;
        }
        if !line.is_empty() {
            warn!("{line}");
        }
        *last = line;
    }
}
