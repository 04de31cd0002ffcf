//! `pgsql-state quorum`: asks Pacemaker in a separate process, because the daemon, which answers untrusted clients, must
//! not have access to Pacemaker.

use std::path::PathBuf;

use tracing::level_filters::LevelFilter;

use super::exit::Exit;
use super::invocation;
use crate::daemon::quorum;
use crate::daemon::systemd::{log, notify};

/// Arguments of `quorum`.
#[derive(Debug, clap::Args)]
pub(super) struct QuorumArguments {
    /// File to write the answer to; the daemon reads `guard.quorum_file`
    #[arg(long, value_name = "FILE", default_value = quorum::FILE)]
    file: PathBuf,
}

pub(super) fn run(quorum: &QuorumArguments) -> Exit {
    log::start(
        LevelFilter::INFO,
        invocation::variable("JOURNAL_STREAM").as_deref(),
    );
    let mut notify_systemd: fn() = notify::ready;
    quorum::write_notes(&quorum.file, || {
        notify_systemd();
        notify_systemd = notify::alive;
    })
}
