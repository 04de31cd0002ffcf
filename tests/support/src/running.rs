//! A program that the harness started and that stays: its signals, its log, its end; knows not which
//! program.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::scratch::Scratch;
use crate::trouble::Trouble;
use crate::wait::until_ok;

/// A started program. Dropping it kills it and nothing else: what it started in turn works in the
/// same [`Scratch`] and ends with that.
#[derive(Debug)]
pub struct Running {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Running {
    /// Starts a command; what it writes goes to `NAME.log` in `scratch`, after what stands there.
    pub fn start(scratch: &Scratch, name: &str, mut command: Command) -> Result<Self, Trouble> {
        let log = log_path(scratch, name);
        let open = || File::options().append(true).create(true).open(&log);
        let output = open().map_err(Trouble::io(format!("write {}", log.display())))?;
        let errors = open().map_err(Trouble::io(format!("write {}", log.display())))?;
        let child = command
            .stdout(output)
            .stderr(errors)
            .spawn()
            .map_err(Trouble::io(format!("start {name}")))?;
        Ok(Self {
            name: name.into(),
            child,
            log,
        })
    }

    /// Its process number.
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Everything it wrote, and its predecessors of the same name in the same directory.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The same of a program that may have ended.
    pub fn log_of(scratch: &Scratch, name: &str) -> String {
        fs::read_to_string(log_path(scratch, name)).unwrap_or_default()
    }

    /// Sends a signal; an error if the program has ended.
    pub fn signal(&mut self, signal: Signal) -> Result<(), Trouble> {
        if let Some(status) = self.ended()? {
            return Err(Trouble::Unfit(format!(
                "{} has ended ({status}) and takes no signal: {}",
                self.name,
                self.log()
            )));
        }
        kill_process(self.pid(), signal)
            .map_err(|errno| Trouble::io(format!("signal {}", self.name))(errno.into()))
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>, Trouble> {
        let doing = format!("look after {}", self.name);
        self.child.try_wait().map_err(Trouble::io(doing))
    }

    /// Waits for its end.
    pub fn end_within(&mut self, deadline: Duration) -> Result<ExitStatus, Trouble> {
        let what = format!("the end of {}", self.name);
        until_ok(deadline, &what, || match self.ended() {
            Ok(Some(status)) => Ok(status),
            Ok(None) => Err("it still runs".to_owned()),
            Err(trouble) => Err(format!("{trouble:?}")),
        })
    }

    /// Waits until `attempt` succeeds, and gives up at once if the program ends meanwhile.
    pub fn ready_within<T>(
        &mut self,
        deadline: Duration,
        mut attempt: impl FnMut() -> Result<T, String>,
    ) -> Result<T, Trouble> {
        let what = format!("{} to be ready", self.name);
        let ready = until_ok(deadline, &what, || match (attempt(), self.ended()) {
            (Ok(value), _) => Ok(Ok(value)),
            (Err(_), Ok(Some(status))) => Ok(Err(status)),
            (Err(seen), Ok(None) | Err(_)) => Err(format!("{seen}; its log: {}", self.log())),
        })?;
        ready.map_err(|status| {
            Trouble::Unfit(format!(
                "{} ended at its start ({status}): {}",
                self.name,
                self.log()
            ))
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A child not yet waited for keeps its number, so no untrusted client can be hit.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn log_path(scratch: &Scratch, name: &str) -> PathBuf {
    scratch.path().join(format!("{name}.log"))
}

/// Runs a command to its end and returns what it wrote to standard output.
pub fn run(mut command: Command) -> Result<String, Trouble> {
    let said = format!("{command:?}");
    let output = command
        .output()
        .map_err(Trouble::io(format!("run {said}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(Trouble::Program {
        command: said,
        status: output.status,
        output: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(scratch: &Scratch, text: &str) -> Command {
        let mut command = scratch.command("/bin/sh");
        command.args(["-c", text]);
        command
    }

    #[test]
    fn a_program_that_dies_at_its_start_is_not_waited_for() {
        let scratch = Scratch::new().unwrap();
        let command = shell(&scratch, "echo no such option >&2; exit 3");
        let mut running = Running::start(&scratch, "patient", command).unwrap();
        let said = running
            .ready_within(Duration::from_mins(1), || Err::<(), _>("silent".into()))
            .unwrap_err()
            .to_string();
        assert!(said.contains("patient ended at its start"), "{said}");
        assert!(said.contains("no such option"), "{said}");
        assert!(running.signal(Signal::HUP).is_err());
    }

    #[test]
    fn a_failed_command_says_what_it_wrote() {
        let scratch = Scratch::new().unwrap();
        assert_eq!(
            run(shell(&scratch, "pwd")).unwrap().trim_end(),
            scratch.path().to_str().unwrap()
        );
        let said = run(shell(&scratch, "echo broken >&2; false")).unwrap_err();
        assert!(said.to_string().contains("broken"), "{said}");
    }
}
