//! Sends log events to the journal, with their fields, if standard error is connected to the journal, and otherwise
//! to standard error as lines. Does not know what is logged.

use std::io;

use rustix::fs::fstat;
use rustix::stdio::stderr;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// Prefix of the names of fields in the journal: `PGSQL_STATE=standby`, `PGSQL_REASON=behind`.
const FIELDS: &str = "PGSQL";

/// Starts logging at `level`; `journal_stream` is the variable `JOURNAL_STREAM`, by which systemd
/// names the device and inode of the stream it connected to the journal (`systemd.exec(5)`).
pub fn start(level: LevelFilter, journal_stream: Option<&str>) {
    let journal = journal_stream
        .filter(|stream| is_standard_error(stream))
        .and_then(|_| tracing_journald::layer().ok());
    let lines = || {
        fmt::layer()
            .with_writer(io::stderr)
            .with_target(false)
            .without_time()
            .with_ansi(false)
    };
    let layer = match journal {
        Some(journal) => journal.with_field_prefix(Some(FIELDS.into())).boxed(),
        None => lines().boxed(),
    };
    // If logging has already been started, as by another test in the same process, that one stays.
    drop(
        tracing_subscriber::registry()
            .with(layer.with_filter(level))
            .try_init(),
    );
}

fn is_standard_error(stream: &str) -> bool {
    fstat(stderr()).is_ok_and(|stat| stream == format!("{}:{}", stat.st_dev, stat.st_ino))
}
