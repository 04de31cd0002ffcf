//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::campaign::Campaign;
use crate::figures::Figures;
use crate::guide::Guide;
use crate::host::Host;
use crate::packages::Packages;
use crate::plan::Plan;
use crate::record::Record;
use crate::scenario::Selection;

/// Runs the cluster that pgsql-state is made for on this machine: three servers and a client, each with
/// a systemd of its own.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Options {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What the lab can be asked for.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Look whether this machine can have a lab, and say why not
    Check,
    /// Start the hosts and make them a cluster
    Up {
        /// What kind of cluster.
        #[command(flatten)]
        plan: Plan,
        /// If it fails, leave the hosts running for a look
        #[arg(long, env = "KEEP_FAILED")]
        keep_failed: bool,
    },
    /// End the hosts and remove all but the cached base
    Down,
    /// What each host is, and what the others think of it
    Status,
    /// A shell on a host
    Shell {
        /// Which.
        host: Host,
    },
    /// A command on a host, with this terminal; its exit status is this one's
    Run {
        /// Which.
        host: Host,
        /// The command and its arguments.
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
    /// Break the cluster in every way that is known, and tell what came of it
    Test {
        /// Which, and how.
        #[command(flatten)]
        selection: Selection,
    },
    /// Do faults at random, in pairs, while clients write and read with synchronous replication, and hold what they saw
    /// against what can be
    Campaign(Campaign),
    /// Record what Pacemaker asks of the resource agent while something is done to the cluster
    Record(Record),
    /// What the resource agents cost, and how long writers wait with them, side by side
    Figures(Figures),
    /// Install, upgrade, remove and purge Debian packages on a host that is made for it
    Packages(Packages),
    /// Follow the guide on empty hosts, command by command, and tell how long it took
    Guide(Guide),
    /// The process that the hosts are children of; `up` starts it.
    #[command(hide = true)]
    Supervise {
        /// The root that all hosts share.
        base: PathBuf,
        /// Those that have power from the beginning.
        hosts: Vec<Host>,
    },
}
