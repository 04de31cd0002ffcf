//! How the commands of the lab start the supervisor, find it, ask it, and end it.

use std::fs::File;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::sockopt::socket_peercred;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use support::until_ok_every;

use super::serve::KEEP;
use crate::error::Error;
use crate::host::Host;
use crate::places::Places;

/// Longest that the supervisor may take to answer; a power cut waits for the host's end.
const PATIENCE: Duration = Duration::from_secs(30);

/// Longest that it may take from its start to all hosts' start.
const START: Duration = Duration::from_secs(60);

/// A supervisor that answers.
#[derive(Clone, Debug)]
pub(crate) struct Supervisor {
    places: Places,
    pid: Pid,
}

/// A supervisor that ends, with all hosts, when this is dropped; until it is told to stay.
#[derive(Debug)]
pub(crate) struct Starting {
    /// For talking to it.
    pub(crate) supervisor: Supervisor,
    child: Child,
}

impl Starting {
    /// Starts a supervisor in namespaces of its own, and waits until it has started these hosts.
    pub(crate) fn begin(places: &Places, base: &Path, hosts: &[Host]) -> Result<Self, Error> {
        let log = places.log();
        let open = || File::options().append(true).create(true).open(&log);
        let output = open().map_err(Error::io(format!("write {}", log.display())))?;
        let errors = open().map_err(Error::io(format!("write {}", log.display())))?;
        let this = std::env::current_exe().map_err(Error::io("find this program"))?;
        // Its own session: Ctrl-C is for the command that starts it.
        let mut child = Command::new("setsid")
            .args(["unshare", "--fork", "--kill-child", "--pid", "--mount-proc"])
            .args(["--mount", "--propagation=private", "--net", "--"])
            .arg(this)
            .arg("supervise")
            .arg(base)
            .args(hosts.iter().map(|host| host.name()))
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .map_err(Error::io("start the supervisor"))?;
        let found = until_ok_every(
            Duration::from_millis(20),
            START,
            "the supervisor to start the hosts",
            || match (Supervisor::find(places), child.try_wait()) {
                (Ok(supervisor), _) => Ok(Ok(supervisor)),
                (Err(_), Ok(Some(_))) => Ok(Err(Error::Supervisor(last_line(&log)))),
                (Err(error), _) => Err(error.to_string()),
            },
        )?;
        Ok(Self {
            supervisor: found?,
            child,
        })
    }

    /// Has it stay after this command has ended.
    pub(crate) fn stay(mut self) -> Result<Supervisor, Error> {
        if let Some(mut pipe) = self.child.stdin.take() {
            pipe.write_all(KEEP.as_bytes())
                .map_err(Error::io("tell the supervisor to stay"))?;
        }
        Ok(self.supervisor.clone())
    }
}

fn last_line(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    text.lines()
        .last()
        .unwrap_or("it ended without a word")
        .to_owned()
}

impl Supervisor {
    /// The one of this checkout.
    pub(crate) fn find(places: &Places) -> Result<Self, Error> {
        let stream = UnixStream::connect(places.control()).map_err(|_| Error::NotUp)?;
        // The number of whoever listens; nobody listens on a socket that a dead process left.
        let peer = socket_peercred(&stream).map_err(Error::io("see who supervises"))?;
        Ok(Self {
            places: places.clone(),
            pid: peer.pid,
        })
    }

    /// Where its files are.
    pub(crate) fn places(&self) -> &Places {
        &self.places
    }

    /// Its number, for entering its namespaces.
    pub(crate) fn pid(&self) -> Pid {
        self.pid
    }

    /// Asks it, and returns its answer.
    pub(crate) fn ask(&self, request: &str) -> Result<String, Error> {
        let exchange = || -> std::io::Result<String> {
            let mut stream = UnixStream::connect(self.places.control())?;
            stream.set_read_timeout(Some(PATIENCE))?;
            writeln!(stream, "{request}")?;
            stream.shutdown(Shutdown::Write)?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer.trim_end().to_owned())
        };
        let answer = exchange().map_err(Error::io(format!("ask the supervisor to {request}")))?;
        match answer.strip_prefix("error ") {
            Some(why) => Err(Error::Supervisor(why.to_owned())),
            None => Ok(answer),
        }
    }

    /// Ends it and all hosts, and waits until it is gone.
    pub(crate) fn end(&self) -> Result<(), Error> {
        let handle = match pidfd_open(self.pid, PidfdFlags::empty()) {
            Ok(handle) => handle,
            Err(Errno::SRCH) => return Ok(()),
            Err(error) => return Err(Error::io("get hold of the supervisor")(error)),
        };
        let still = Self::find(&self.places);
        if !still.is_ok_and(|found| found.pid == self.pid) {
            return Ok(());
        }
        // A supervisor that does not answer is killed; the kernel ends the rest.
        let asked = self.ask("end");
        if asked.is_err() || !ends_within(&handle, PATIENCE)? {
            pidfd_send_signal(&handle, Signal::KILL).map_err(Error::io("end the supervisor"))?;
            ends_within(&handle, PATIENCE)?;
        }
        Ok(())
    }
}

/// Waits until a process is gone.
fn ends_within(process: &impl std::os::fd::AsFd, limit: Duration) -> Result<bool, Error> {
    let limit =
        Timespec::try_from(limit).map_err(|_| Error::Unfit("a limit is too long".into()))?;
    let mut waits = [PollFd::new(process, PollFlags::IN)];
    let ready = poll(&mut waits, Some(&limit)).map_err(Error::io("wait for the supervisor"))?;
    Ok(ready > 0)
}
