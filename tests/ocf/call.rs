//! One call of the agent, or of another program that leaves servers behind, as Pacemaker's executor makes it:
//! in an environment of its own, killed at its timeout.
//!
//! - [`reaper`]: who inherits what it leaves.

mod reaper;

use std::fmt;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use support::Trouble;
use support::scratch::Scratch;

/// Between two looks at whether a call is to be killed.
const LOOK: Duration = Duration::from_millis(2);

/// How long whatever is not judged by its duration may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// By itself, with this status.
    Status(i32),
    /// It was killed when its time was over, as Pacemaker does.
    Overdue,
    /// It was killed before.
    Killed,
}

/// A call that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// How.
    pub(crate) end: End,
    /// After how long.
    pub(crate) took: Duration,
    /// All that it wrote.
    pub(crate) said: String,
}

impl Ended {
    /// The texts that Pacemaker shows to people, one a line.
    pub(crate) fn exit_reason(&self) -> String {
        let reasons = self
            .said
            .lines()
            .filter_map(|line| line.strip_prefix("ocf-exit-reason:"));
        reasons.collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} after {:.1?}, saying: {}",
            self.end,
            self.took,
            self.said.trim_end()
        )
    }
}

/// A call under way. Dropping it leaves it to the end of its folder.
#[derive(Debug)]
pub(crate) struct Call {
    reaper: Child,
    program: Pid,
    events: Receiver<End>,
    begin: Instant,
    output: PathBuf,
}

impl Call {
    /// Calls a program in a folder, with these variables beside those that [`Scratch::command`] sets. What it
    /// writes goes to a file of this name.
    pub(crate) fn start(
        scratch: &Scratch,
        name: &str,
        words: &[String],
        variables: &[(String, String)],
    ) -> Result<Self, Trouble> {
        let doing = format!("call {}", words.join(" "));
        let output = scratch.path().join(name);
        let file = File::create(&output).map_err(Trouble::io(&*doing))?;
        let suite = std::env::current_exe().map_err(Trouble::io(&*doing))?;
        let mut command: Command = scratch.command(suite);
        command
            .args(reaper::ARGUMENTS)
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(file);
        let begin = Instant::now();
        let mut child = command.spawn().map_err(Trouble::io(&*doing))?;
        if let Some(mut stdin) = child.stdin.take() {
            let written = stdin.write_all(words.join("\0").as_bytes());
            written.map_err(Trouble::io(&*doing))?;
        }
        let Some(stdout) = child.stdout.take() else {
            return Err(Trouble::Unfit(format!("could not {doing}")));
        };
        let mut lines = BufReader::new(stdout)
            .lines()
            .map_while(Result::ok)
            .filter_map(|line| line.strip_prefix(reaper::PREFIX).map(str::to_owned));
        let pid = lines
            .next()
            .and_then(|line| line.strip_prefix("pid ")?.parse().ok());
        let Some(program) = pid.and_then(Pid::from_raw) else {
            let said = fs::read_to_string(&output).unwrap_or_default();
            return Err(Trouble::Unfit(format!("could not {doing}: {said}")));
        };
        let (sender, events) = sync_channel(1);
        thread::spawn(move || {
            if let Some(line) = lines.next() {
                let status = line
                    .strip_prefix("exit ")
                    .and_then(|word| word.parse().ok());
                sender.send(status.map_or(End::Killed, End::Status)).ok();
            }
            // It is a test to its own program, and says so at its end.
            lines.for_each(drop);
        });
        Ok(Self {
            reaper: child,
            program,
            events,
            begin,
            output,
        })
    }

    /// Waits for its end, and kills it with all that it still waits for when its time is over.
    pub(crate) fn within(self, timeout: Duration) -> Result<Ended, Trouble> {
        match self
            .events
            .recv_timeout(timeout.saturating_sub(self.begin.elapsed()))
        {
            Ok(end) => Ok(self.ended(end)),
            Err(RecvTimeoutError::Timeout) => {
                kill_process_group(self.program, Signal::KILL).ok();
                self.events.recv_timeout(PATIENCE).ok();
                Ok(self.ended(End::Overdue))
            }
            Err(RecvTimeoutError::Disconnected) => Err(self.lost()),
        }
    }

    /// Waits until it ends, or kills it, and nothing that it started, as soon as `moment` has come.
    pub(crate) fn killed_when(
        self,
        timeout: Duration,
        mut moment: impl FnMut() -> bool,
    ) -> Result<Ended, Trouble> {
        while self.begin.elapsed() < timeout {
            match self.events.recv_timeout(LOOK) {
                Ok(end) => return Ok(self.ended(end)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(self.lost()),
            }
            if moment() {
                kill_process(self.program, Signal::KILL).ok();
                let end = self.events.recv_timeout(PATIENCE).unwrap_or(End::Killed);
                return Ok(self.ended(end));
            }
        }
        self.within(timeout)
    }

    fn ended(self, end: End) -> Ended {
        let took = self.begin.elapsed();
        let said = fs::read_to_string(&self.output).unwrap_or_default();
        Ended { end, took, said }
    }

    fn lost(&self) -> Trouble {
        let said = fs::read_to_string(&self.output).unwrap_or_default();
        Trouble::Unfit(format!("the reaper {} is gone: {said}", self.reaper.id()))
    }
}
