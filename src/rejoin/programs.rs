//! Runs PostgreSQL's own programs on a data directory: its recovery, `pg_rewind`, `pg_basebackup`, and the command that
//! archives. Each has the file that is locked as its standard input, which is empty. Knows no phase.

use std::fs::File;
use std::process::Command;
use std::time::Duration;

use super::sources::SourceServer;
use crate::agent::actions::ServerError;
use crate::agent::local::Owner;
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;

/// The longest time that a program may take: a rewind or a copy of a large server takes hours.
const LONGEST: Duration = Duration::from_secs(14 * 24 * 3600);

/// How often the progress is told.
const PACE: Duration = Duration::from_millis(100);

/// How much of what a program has printed is looked through for its last line.
const LAST: u16 = 512;

/// Where progress is told.
pub(super) type Tell<'a> = &'a mut (dyn FnMut(&str) + Send);

/// The WAL that a recovery leaves alone, more than any server has: the checkpoint at its end would remove what `pg_rewind`
/// reads.
const KEEP_ALL: &str = "wal_keep_size=1000000GB";
const KEEP_ALL_12: &str = "wal_keep_segments=2147483647";

/// Has the server recover from its crash without clients (PostgreSQL manual, "postgres", single-user mode).
pub(super) fn recover(owner: &Owner<'_>, lock: &File) -> Result<(), ServerError> {
    let keep = if owner.major()? < 13 {
        KEEP_ALL_12
    } else {
        KEEP_ALL
    };
    let mut command = owner.program("postgres");
    command
        .args(["--single", "-D"])
        .arg(&owner.parameters().pgdata);
    command.args(["-c", keep, "template1"]);
    well(owner, lock, command, "postgres --single", &mut |_| {})
}

/// Runs `pg_rewind`. The server was shut down, if need be by [`recover`].
pub(super) fn rewind(
    owner: &Owner<'_>,
    lock: &File,
    source: &SourceServer,
    with_archive: bool,
    tell: Tell<'_>,
) -> Result<(), ServerError> {
    let major = owner.major()?;
    let mut command = owner.program("pg_rewind");
    command
        .args(["--progress", "--target-pgdata"])
        .arg(owner.datadir());
    command.args(["--source-server", &source.conninfo]);
    if major >= 13 {
        command.arg("--no-ensure-shutdown");
        if with_archive {
            command.arg("--restore-target-wal");
        }
    }
    if major >= 15 && with_archive && owner.parameters().pgdata != owner.datadir() {
        let file = owner.parameters().pgdata.join("postgresql.conf");
        command.arg("--config-file").arg(file);
    }
    with_password(&mut command, source);
    well(owner, lock, command, "pg_rewind", tell)
}

/// Makes a copy of the primary in an empty directory.
pub(super) fn copy(
    owner: &Owner<'_>,
    lock: &File,
    source: &SourceServer,
    to: &std::path::Path,
    tell: Tell<'_>,
) -> Result<(), ServerError> {
    let mut command = owner.program("pg_basebackup");
    command.args(["--progress", "--checkpoint=fast", "--wal-method=stream"]);
    command
        .args(["--dbname", &source.conninfo, "--pgdata"])
        .arg(to);
    with_password(&mut command, source);
    well(owner, lock, command, "pg_basebackup", tell)
}

/// Runs `archive_command` for a file, as the archiver does (PostgreSQL manual, "`archive_command`").
pub(super) fn archive(
    owner: &Owner<'_>,
    lock: &File,
    command: &str,
    name: &str,
) -> Result<(), ServerError> {
    let mut text = String::new();
    let mut letters = command.chars();
    while let Some(letter) = letters.next() {
        match (letter, letters.clone().next()) {
            ('%', Some('p')) => text.extend(["pg_wal/", name]),
            ('%', Some('f')) => text.push_str(name),
            ('%', Some('%')) => text.push('%'),
            (other, _) => {
                text.push(other);
                continue;
            }
        }
        letters.next();
    }
    let mut shell = owner.shell();
    shell.current_dir(owner.datadir()).args(["-c", &text]);
    well(owner, lock, shell, "archive_command", &mut |_| {})
}

fn with_password(command: &mut Command, source: &SourceServer) {
    if let Some(password) = &source.password {
        command.env("PGPASSWORD", password);
    }
}

/// Runs a program to its end, and tells its last line from time to time.
fn well(
    owner: &Owner<'_>,
    lock: &File,
    command: Command,
    name: &'static str,
    tell: Tell<'_>,
) -> Result<(), ServerError> {
    let deadline = Deadline::after(LONGEST);
    let input = lock.try_clone().map_err(|error| ServerError::Program {
        program: name.into(),
        said: error.to_string(),
    })?;
    let mut running = owner.begin(command, name, input)?;
    let mut told = String::new();
    while !running.has_ended() {
        let words = running.last_words(LAST);
        let mut lines = words.split(['\r', '\n']).map(str::trim);
        if let Some(line) = lines.rfind(|line| !line.is_empty())
            && line != told
        {
            line.clone_into(&mut told);
            tell(line);
        }
        Deadline::after(PACE).pause(PACE);
    }
    let ended = owner.end(running, name, deadline)?;
    if ended.status.success() {
        return Ok(());
    }
    Err(ServerError::Program {
        program: name.into(),
        said: Owner::said(&ended),
    })
}
