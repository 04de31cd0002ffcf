//! Where the lab keeps its files: all below `target/lab` of this checkout, so that nothing is left
//! anywhere else.

use std::fs;
use std::path::{Path, PathBuf};

use support::suites::Suite;

use crate::error::Error;
use crate::host::Host;

/// The folders of one checkout's lab.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    lab: PathBuf,
    checkout: PathBuf,
}

impl Places {
    /// Those of the checkout this program was built from.
    pub(crate) fn of_this_checkout() -> Result<Self, Error> {
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let checkout = checkout
            .canonicalize()
            .map_err(Error::io(format!("find {}", checkout.display())))?;
        Ok(Self {
            lab: checkout.join("target/lab"),
            checkout,
        })
    }

    /// The checkout.
    pub(crate) fn checkout(&self) -> &Path {
        &self.checkout
    }

    /// The folder of it all; locked while a command starts or ends the lab.
    pub(crate) fn lab(&self) -> &Path {
        &self.lab
    }

    /// A cached root that all hosts share, read-only.
    pub(crate) fn base(&self, kind: &str, key: &str) -> PathBuf {
        self.lab.join(format!("{kind}-{key}"))
    }

    /// What one run leaves behind when it is killed; locked by the supervisor while it lives.
    pub(crate) fn run(&self) -> PathBuf {
        self.lab.join("run")
    }

    /// The name of the suite that the hosts of the run are of.
    pub(crate) fn suite(&self) -> PathBuf {
        self.run().join("suite")
    }

    /// The suite itself.
    pub(crate) fn suite_of_the_run(&self) -> Result<Suite, Error> {
        let file = self.suite();
        let name =
            fs::read_to_string(&file).map_err(Error::io(format!("read {}", file.display())))?;
        Ok(name.trim_end().parse()?)
    }

    /// The root of a host, as it is mounted in the supervisor's namespace.
    pub(crate) fn root(&self, host: Host) -> PathBuf {
        self.run().join("root").join(host.name())
    }

    /// What a host has written, over the base.
    pub(crate) fn upper(&self, host: Host) -> PathBuf {
        self.run().join("upper").join(host.name())
    }

    /// The folder that overlayfs needs beside it.
    pub(crate) fn work(&self, host: Host) -> PathBuf {
        self.run().join("work").join(host.name())
    }

    /// What a host printed on its console.
    pub(crate) fn console(&self, host: Host) -> PathBuf {
        self.run().join("console").join(host.name())
    }

    /// The journals of all hosts, a folder each by machine ID.
    pub(crate) fn journals(&self) -> PathBuf {
        self.run().join("journal")
    }

    /// What every host sees read-only as `/lab`.
    pub(crate) fn share(&self) -> PathBuf {
        self.run().join("share")
    }

    /// What every host sees as `/lab/results` and may write: what its clients noted.
    pub(crate) fn results(&self) -> PathBuf {
        self.run().join("results")
    }

    /// A server's disk for data, as a file.
    pub(crate) fn disk(&self, host: Host) -> PathBuf {
        self.run().join("disk").join(host.name())
    }

    /// Where that disk is mounted in the supervisor's namespace.
    pub(crate) fn data(&self, host: Host) -> PathBuf {
        self.run().join("data").join(host.name())
    }

    /// What servers see as `/lab/power`: the socket of their power switch.
    pub(crate) fn power(&self) -> PathBuf {
        self.run().join("power")
    }

    /// The socket on which this program talks to the supervisor.
    pub(crate) fn control(&self) -> PathBuf {
        self.run().join("control")
    }

    /// The control groups that the supervisor made, one a line.
    pub(crate) fn cgroups(&self) -> PathBuf {
        self.run().join("cgroups")
    }

    /// What the supervisor printed.
    pub(crate) fn log(&self) -> PathBuf {
        self.run().join("log")
    }

    /// The scripts that make hosts of the cluster.
    pub(crate) fn provision(&self) -> PathBuf {
        self.checkout.join("tests/lab/provision")
    }

    /// What campaigns keep of what went wrong, which outlives the lab.
    pub(crate) fn campaign(&self) -> PathBuf {
        self.checkout.join("target/campaign")
    }

    /// The project's units.
    pub(crate) fn units(&self) -> PathBuf {
        self.checkout.join("systemd")
    }
}
