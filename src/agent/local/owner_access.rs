//! What other rooms may do with the server's files and programs, as the user who owns them. Knows nothing of why.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::instance::Instance;
use super::pg_wal::PgWal;
use super::privileges::Account;
use super::{files, histories, position, problem, processes, programs, rejoin_mark};
use crate::agent::actions::ServerError;
use crate::agent::decide::rejoin_record::{self, RejoinRecord};
use crate::agent::decide::wal_extent::{self, CheckpointBefore};
use crate::agent::ocf::parameters::Parameters;
use crate::base::Deadline;
use crate::base::program::{Ended, RunningProgram};
use crate::base::system_clock::OnSystemClock;
use crate::health::Lsn;
use crate::postgres::control::Control;
use crate::postgres::position::Position;
use crate::postgres::timeline::Timeline;
use crate::postgres::wal::{History, Magic, Segment, Segments};

/// How long a setting may take to be read.
const TO_TELL: Duration = Duration::from_secs(20);

/// The server's files and programs, while this thread acts as their owner.
pub struct Owner<'a> {
    parameters: &'a Parameters,
    account: &'a Account,
}

impl Instance {
    /// Returns the parameters.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Returns the same server, for a data directory that has been replaced by another one.
    #[must_use]
    pub fn anew(&self) -> Self {
        let new = Self::new(self.parameters.clone(), &self.resource);
        match &self.node {
            Some(node) => new.on(node),
            None => new,
        }
    }

    /// Reads what an earlier `rejoin` has written down; `None` if there is nothing.
    pub fn rejoin_record(&mut self) -> Result<Option<RejoinRecord>, ServerError> {
        self.inside(|inside| rejoin_mark::read(&inside.parameters.datadir))
    }

    /// Runs an operation as the user who owns the data directory.
    pub fn as_owner<T: Send>(
        &mut self,
        work: impl FnOnce(&Owner<'_>) -> Result<T, ServerError> + Send,
    ) -> Result<T, ServerError> {
        self.inside(|inside| {
            inside.account.learn_groups();
            work(&Owner {
                parameters: inside.parameters,
                account: inside.account,
            })
        })
    }
}

impl Owner<'_> {
    /// Returns the data directory.
    #[must_use]
    pub fn datadir(&self) -> &Path {
        &self.parameters.datadir
    }

    /// Returns the parameters.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        self.parameters
    }

    /// Returns the owner's name, as which the server's programs connect.
    #[must_use]
    pub fn name(&self) -> String {
        self.account.name().to_owned()
    }

    /// Returns the owner's home directory.
    #[must_use]
    pub fn home(&self) -> Option<PathBuf> {
        self.account.home().map(Path::to_owned)
    }

    /// Returns the value of a setting, as the files of the configuration have it.
    pub fn setting(&self, name: &str) -> Result<String, ServerError> {
        let deadline = Deadline::after(TO_TELL);
        let mut parameters = self.parameters.clone();
        if let Some(kept) = self.kept_configuration() {
            parameters.pgdata = kept;
        }
        problem::configured(&parameters, self.account, name, deadline)
    }

    /// Returns where this node's own configuration is kept while its data directory may have that of another node.
    fn kept_configuration(&self) -> Option<PathBuf> {
        if self.parameters.pgdata != self.parameters.datadir {
            return None;
        }
        let record = self.rejoin_record().ok()??;
        let folder = rejoin_record::beside(self.datadir()).join(rejoin_record::CONFIGURATION);
        (!record.phase.may_be_started() && folder.is_dir()).then_some(folder)
    }

    /// Reads what an earlier `rejoin` has written down; `None` if there is nothing.
    pub fn rejoin_record(&self) -> Result<Option<RejoinRecord>, ServerError> {
        rejoin_mark::read(self.datadir())
    }

    /// Reads the control file.
    pub fn control(&self) -> Result<Control, ServerError> {
        files::control(self.datadir())
    }

    /// Returns the major version of the data directory.
    pub fn major(&self) -> Result<u32, ServerError> {
        files::major(self.datadir())
    }

    /// Returns whether the directory has a file of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        files::exists(&self.datadir().join(name)).unwrap_or(false)
    }

    /// Returns the end of the WAL on the disk, if nothing casts doubt on it.
    #[must_use]
    pub fn end_of_wal(&self, control: &Control, deadline: Deadline) -> Option<Position> {
        position::certain(self.parameters, control, deadline)
    }

    /// Returns the history of a timeline, if its file can be parsed.
    #[must_use]
    pub fn history(&self, timeline: Timeline) -> Option<History> {
        histories::of(self.datadir(), timeline)
    }

    /// Returns the bytes of the page on which the WAL ends, up to its end, and where they begin.
    #[must_use]
    pub fn last_page(
        &self,
        control: &Control,
        end: Position,
        deadline: Deadline,
    ) -> Option<(Lsn, Vec<u8>)> {
        let page = u64::from(control.geometry.page());
        let begin = end.lsn.0.checked_sub(1)? / page * page;
        let length = usize::try_from(end.lsn.0.saturating_sub(begin)).ok()?;
        let segment = Segment::holding(Lsn(begin), end.timeline, control.geometry);
        let offset = begin % u64::from(control.geometry.segment());
        let mut bytes = vec![0; length];
        let mut pg_wal = PgWal::of(self.datadir(), deadline);
        let read = pg_wal.read(segment, offset, &mut bytes).ok()??;
        (read == length).then_some((Lsn(begin), bytes))
    }

    /// Looks for the last checkpoint before a position, along a history.
    pub fn checkpoint_before(
        &self,
        control: &Control,
        history: &History,
        fork: Position,
        deadline: Deadline,
    ) -> Result<Position, String> {
        let magic = self.major().ok().and_then(Magic::of);
        let magic = magic.ok_or("the version is not known")?;
        let format = control.wal_format(magic);
        let mut pg_wal = PgWal::of(self.datadir(), deadline);
        let found = wal_extent::checkpoint_before(&mut pg_wal, format, control, history, fork);
        match found.map_err(|error| error.to_string())? {
            CheckpointBefore::At(position) => Ok(position),
            CheckpointBefore::Unread(stop) => Err(stop.to_string()),
        }
    }

    /// Returns whether a process works in the data directory, also one that a dead server has left.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        !processes::all(self.datadir()).is_empty()
    }

    /// Returns whether the data directory is the root of a file system.
    #[must_use]
    pub fn is_mount_point(&self) -> bool {
        let device = |path: &Path| fs::metadata(path).map(|found| found.dev());
        let above = self.datadir().parent().unwrap_or(Path::new("/"));
        match (device(self.datadir()), device(above)) {
            (Ok(own), Ok(above)) => own != above,
            (Err(_), _) | (_, Err(_)) => false,
        }
    }

    /// Returns the command of one of the server's programs.
    #[must_use]
    pub fn program(&self, name: &str) -> Command {
        programs::program(&self.parameters.bindir, name, self.account)
    }

    /// Returns the command of a shell, for commands of the configuration.
    #[must_use]
    pub fn shell(&self) -> Command {
        programs::program(Path::new("/bin"), "sh", self.account)
    }

    /// Starts a command in the background, with an empty file as its standard input, which is open for as long as the command
    /// or one that it has started runs; dropping the returned value kills it.
    pub fn begin(
        &self,
        command: Command,
        name: &'static str,
        input: File,
    ) -> Result<RunningProgram, ServerError> {
        programs::begin_with(command, name, input)
    }

    /// Waits for the end of a command in the background, or kills it at the deadline.
    pub fn end(
        &self,
        running: RunningProgram,
        name: &'static str,
        deadline: Deadline,
    ) -> Result<Ended, ServerError> {
        programs::end(running, name, deadline)
    }

    /// Returns what a command has printed, in one line.
    #[must_use]
    pub fn said(ended: &Ended) -> String {
        programs::said(ended)
    }
}
