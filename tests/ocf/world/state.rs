//! Each state that a server may be in when the agent is called, and how it comes to be in it.

use std::fs;
use std::path::PathBuf;

use postgres::Client;
use support::Trouble;
use support::kept::copy_all;
use support::postgres::SUPERUSER;

use super::World;
use super::server::Server;
use super::template::BACKUP;

/// A server's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// A primary.
    RunningPrimary,
    /// A standby.
    RunningStandby,
    /// A primary that was stopped.
    StoppedPrimary,
    /// A standby that was stopped.
    StoppedStandby,
    /// A primary whose processes were killed.
    CrashedPrimary,
    /// A standby whose processes were killed.
    CrashedStandby,
    /// A base backup that was never started.
    Unborn,
    /// A primary that was killed while it shut down.
    KilledInShutdown,
    /// A primary that was killed while it recovered from a crash.
    KilledInRecovery,
    /// A primary whose processes stand still.
    Frozen,
    /// A primary without a free connection slot, not even a superuser's.
    Full,
}

/// The states that a control file can tell (`DBState` in `src/include/catalog/pg_control.h`).
const SHUTTING_DOWN: u32 = 3;
const IN_CRASH_RECOVERY: u32 = 4;

/// Where the state stands in a control file, of each version so far: behind the system identifier and two
/// version numbers.
const STATE_AT: usize = 16;

/// What keeps a server in its state.
#[must_use = "the state ends with it"]
pub(crate) struct Held {
    /// The sessions that fill it.
    sessions: Vec<Client>,
}

impl Held {
    /// Lets go.
    pub(crate) fn release(self) {
        drop(self.sessions);
    }
}

impl State {
    /// The node whose server is put into it.
    pub(crate) fn node(self) -> &'static str {
        match self {
            Self::RunningStandby | Self::StoppedStandby | Self::CrashedStandby | Self::Unborn => {
                "srv2"
            }
            Self::RunningPrimary
            | Self::StoppedPrimary
            | Self::CrashedPrimary
            | Self::KilledInShutdown
            | Self::KilledInRecovery
            | Self::Frozen
            | Self::Full => "srv1",
        }
    }
}

impl World {
    /// Puts the server of a state's node into that state, whatever it was; the other two are stopped.
    pub(crate) fn put(&self, state: State) -> Result<Held, Trouble> {
        let node = state.node();
        let server = self.server(node);
        server.replace(&self.beginning(state)?, &self.scratch)?;
        let mut held = Held {
            sessions: Vec::new(),
        };
        match state {
            State::RunningPrimary | State::RunningStandby => self.start(node)?,
            State::Frozen => {
                self.start(node)?;
                server.freeze()?;
            }
            State::Full => {
                self.start(node)?;
                held.sessions = fill(server)?;
            }
            State::StoppedPrimary
            | State::StoppedStandby
            | State::CrashedPrimary
            | State::CrashedStandby
            | State::Unborn
            | State::KilledInShutdown
            | State::KilledInRecovery => {}
        }
        Ok(held)
    }

    /// What a server's data directory is before the state begins. That of a crash is made once.
    fn beginning(&self, state: State) -> Result<PathBuf, Trouble> {
        let stopped = self.template.join(state.node());
        let controlled = match state {
            State::RunningPrimary
            | State::RunningStandby
            | State::StoppedPrimary
            | State::StoppedStandby
            | State::Frozen
            | State::Full => return Ok(stopped),
            State::Unborn => return Ok(self.template.join(BACKUP)),
            State::CrashedPrimary | State::CrashedStandby => None,
            State::KilledInShutdown => Some(SHUTTING_DOWN),
            State::KilledInRecovery => Some(IN_CRASH_RECOVERY),
        };
        let crashed = self.scratch.path().join(format!("{state:?}"));
        if !crashed.exists() {
            let server = self.server(state.node());
            server.replace(&stopped, &self.scratch)?;
            self.start(state.node())?;
            server.crash()?;
            if let Some(value) = controlled {
                set_state(server, value)?;
            }
            copy_all(&server.data(), &crashed, &self.scratch)?;
        }
        Ok(crashed)
    }
}

/// Sessions of the superuser until there is room for none.
fn fill(server: &Server) -> Result<Vec<Client>, Trouble> {
    let mut sessions = Vec::new();
    while let Ok(session) = server.postgres().connect(SUPERUSER) {
        sessions.push(session);
    }
    if sessions.is_empty() {
        return Err(Trouble::Unfit("the server lets nobody in".into()));
    }
    Ok(sessions)
}

/// Has a dead server's control file tell another state, as if it had been killed in that.
fn set_state(server: &Server, value: u32) -> Result<(), Trouble> {
    let path = server.control_file();
    let doing = format!("change {}", path.display());
    let mut bytes = fs::read(&path).map_err(Trouble::io(&*doing))?;
    let number = |bytes: &[u8], at: usize| {
        let four = bytes.get(at..at + 4)?;
        Some(u32::from_le_bytes(four.try_into().ok()?))
    };
    // The checksum of all that stands before it.
    let checksum_at = (STATE_AT + 4..bytes.len())
        .step_by(4)
        .find(|at| bytes.get(..*at).map(crc32c::crc32c) == number(&bytes, *at));
    let Some(checksum_at) = checksum_at else {
        return Err(Trouble::Unfit(format!("could not {doing}: no checksum")));
    };
    let mut put = |at: usize, value: u32| {
        for (byte, new) in bytes.iter_mut().skip(at).zip(value.to_le_bytes()) {
            *byte = new;
        }
        crc32c::crc32c(bytes.get(..checksum_at).unwrap_or_default())
    };
    let checksum = put(STATE_AT, value);
    put(checksum_at, checksum);
    fs::write(&path, bytes).map_err(Trouble::io(doing))
}
