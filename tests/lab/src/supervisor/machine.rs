//! One host as a machine with a power switch: systemd-nspawn, and the systemd in it.

use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, RawPid, Signal, kill_process};
use support::suites::Suite;
use support::until_ok;

use super::network;
use crate::cgroup::Cgroups;
use crate::error::Error;
use crate::host::Host;
use crate::places::Places;

/// Longest that the kernel may take to end all processes of a host.
const END: Duration = Duration::from_secs(10);

/// What firmware and boot loader of a real machine take at least. Without it a host would be back
/// before Corosync has missed it (8 s with its default token of 3 nodes), and would hear that it was
/// fenced while it is already a member again; then Pacemaker stops there for good.
const FIRMWARE: Duration = Duration::from_secs(10);

/// From this version on systemd knows no control groups of version 1 (its NEWS). Older ones take what this machine has.
const VERSION_2_ALONE: u32 = 258;

/// A host, with power or without.
#[derive(Debug)]
pub(super) struct Machine {
    host: Host,
    places: Places,
    suite: Suite,
    nspawn: Option<Child>,
    /// When its firmware will be done, if it has power but no system yet.
    firmware: Option<Instant>,
}

impl Machine {
    /// A host without power.
    pub(super) fn new(host: Host, places: &Places, suite: &Suite) -> Self {
        Self {
            host,
            places: places.clone(),
            suite: suite.clone(),
            nspawn: None,
            firmware: None,
        }
    }

    /// Which one.
    pub(super) fn host(&self) -> Host {
        self.host
    }

    /// Whether it has power: one that shut itself down has none.
    pub(super) fn has_power(&mut self) -> bool {
        self.firmware.is_some() || self.runs()
    }

    fn runs(&mut self) -> bool {
        let ended = self
            .nspawn
            .as_mut()
            .is_none_or(|child| !matches!(child.try_wait(), Ok(None)));
        if ended {
            self.nspawn = None;
        }
        !ended
    }

    /// Cuts its power and gives it back.
    pub(super) fn reboot(&mut self) -> Result<(), Error> {
        self.off()?;
        self.power_on();
        Ok(())
    }

    /// Gives it power, unless it has; its system starts when [`Machine::due`] has come.
    pub(super) fn power_on(&mut self) {
        if !self.has_power() {
            self.firmware = Some(Instant::now() + FIRMWARE);
        }
    }

    /// When its system is to be started, if it is in its firmware.
    pub(super) fn due(&self) -> Option<Instant> {
        self.firmware
    }

    /// Starts its system, unless it runs.
    pub(super) fn boot(&mut self, cgroups: &Cgroups) -> Result<(), Error> {
        self.firmware = None;
        if self.runs() {
            return Ok(());
        }
        // The kernel removes the cable of a dead host a little later than the host.
        network::unplug(self.host);
        let path = self.places.console(self.host);
        let open = || {
            File::options()
                .append(true)
                .create(true)
                .open(&path)
                .map_err(Error::io(format!("write {}", path.display())))
        };
        cgroups.enter(self.host.name())?;
        let child = self
            .command()
            .stdin(Stdio::null())
            .stdout(open()?)
            .stderr(open()?)
            .spawn()
            .map_err(Error::io(format!("start {}", self.host)));
        cgroups.enter("supervisor")?;
        self.nspawn = Some(child?);
        Ok(())
    }

    fn command(&self) -> Command {
        let host = self.host;
        let journals = self.places.journals();
        let share = self.places.share();
        let mut command = Command::new("systemd-nspawn");
        command
            .args(["--quiet", "--boot", "--register=no", "--keep-unit"])
            .args(["--console=pipe", "--resolv-conf=off", "--timezone=off"])
            .args(["--link-journal=no", "--kill-signal=SIGKILL"])
            // Corosync locks its memory.
            .arg("--capability=CAP_IPC_LOCK")
            .arg(format!("--directory={}", self.places.root(host).display()))
            .arg(format!("--machine={host}"))
            .arg(format!("--hostname={host}"))
            .arg(format!("--uuid={}", host.machine_id()))
            .arg(format!("--network-bridge={}", network::BRIDGE))
            .arg(format!("--bind-ro={}:/lab", share.display()))
            .arg(format!(
                "--bind={}:/lab/results",
                self.places.results().display()
            ));
        if self.suite.systemd >= VERSION_2_ALONE {
            command.env("SYSTEMD_NSPAWN_UNIFIED_HIERARCHY", "1");
        }
        if host.is_server() {
            let own = journals.join(host.machine_id());
            command
                .arg(format!(
                    "--bind={}:/lab/power",
                    self.places.power().display()
                ))
                .arg(format!(
                    "--bind={}:/var/lib/postgresql",
                    self.places.data(host).display()
                ))
                .arg(format!(
                    "--bind={}:/var/log/journal/{}",
                    own.display(),
                    host.machine_id()
                ));
        } else {
            // It reads the journals of all: `journalctl --merge`.
            command.arg(format!("--bind={}:/var/log/journal", journals.display()));
        }
        command
    }

    /// Ends it at once, as if somebody pulled the plug.
    pub(super) fn off(&mut self) -> Result<(), Error> {
        self.firmware = None;
        if let Some(leader) = self.leader() {
            kill_process(leader, Signal::KILL).ok();
        }
        let host = self.host;
        let Some(child) = self.nspawn.as_mut() else {
            return Ok(());
        };
        let gone = until_ok(END, &format!("the end of {host}"), || {
            match child.try_wait() {
                Ok(None) => Err("it still runs".to_owned()),
                Ok(Some(_)) => Ok(()),
                Err(error) => Err(error.to_string()),
            }
        });
        if gone.is_err() {
            child.kill().ok();
            child.wait().map_err(Error::io(format!("end {host}")))?;
        }
        self.nspawn = None;
        Ok(())
    }

    /// The PID 1 of the host, as it is numbered here.
    pub(super) fn leader(&mut self) -> Option<Pid> {
        if !self.runs() {
            return None;
        }
        let nspawn = self.nspawn.as_ref()?.id();
        let children = fs::read_to_string(format!("/proc/{nspawn}/task/{nspawn}/children")).ok()?;
        children
            .split_whitespace()
            .find(|child| {
                fs::read_to_string(format!("/proc/{child}/status")).is_ok_and(|text| is_init(&text))
            })
            .and_then(|child| child.parse::<RawPid>().ok())
            .and_then(Pid::from_raw)
    }
}

/// Whether `/proc/PID/status` is of the first process of a namespace below this one; pure.
fn is_init(status: &str) -> bool {
    status
        .lines()
        .find_map(|line| line.strip_prefix("NSpid:"))
        .is_some_and(|numbers| {
            let numbers: Vec<&str> = numbers.split_whitespace().collect();
            numbers.len() > 1 && numbers.last() == Some(&"1")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_process_of_a_namespace_below_is_a_leader() {
        assert!(is_init("Name:\tsystemd\nNSpid:\t42\t1\n"));
        assert!(!is_init("Name:\tsystemd-nspawn\nNSpid:\t1\n"));
        assert!(!is_init("Name:\tjournald\nNSpid:\t70\t24\n"));
        assert!(!is_init("Name:\tkthread\n"));
    }
}
