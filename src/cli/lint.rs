//! `pgsql-state lint`: reports mistakes in other programs' configuration, each with its line and a remedy.
//!
//! - `output`: the report, for people and for programs.

mod output;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Subcommand;
use tokio::{net, time};

use super::exit::{Exit, complete, print};
use crate::base::regular_file;
use crate::base::terminal::shown;
use crate::tools::lint::haproxy::{
    Configuration, Resolved, SourceFile, explain, findings, led_to, names, not_evaluated,
    sections_judged,
};
use crate::tools::release::Release;

/// Longest wait for the resolution of a name: a longer one would prevent `HAProxy` from starting too.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Largest size of all files of a configuration together, in bytes; a larger file was given by mistake.
pub(super) const MOST_BYTES: u64 = 16 << 20;

/// Arguments of `lint`.
#[derive(Debug, clap::Args)]
pub(super) struct Lint {
    #[command(subcommand)]
    piece: LintCommand,
}

#[derive(Debug, Subcommand)]
enum LintCommand {
    /// Checks HAProxy's configuration: only the sections that lead to PostgreSQL
    Haproxy(LintHaproxyArguments),
}

/// Arguments of `lint haproxy`.
#[derive(Debug, clap::Args)]
struct LintHaproxyArguments {
    /// Files, or folders of *.cfg, in the order in which HAProxy reads them; - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print a JSON object instead of lines
    #[arg(long)]
    json: bool,
    /// Print, instead of mistakes, how SECTION treats servers in each state, and their sessions
    #[arg(long, value_name = "SECTION", conflicts_with = "json")]
    explain: Option<String>,
    /// The version of HAProxy that reads them, as printed by `haproxy -v` (3.0.11): known bugs of it are reported too
    #[arg(
        long = "haproxy-version",
        value_name = "VERSION",
        conflicts_with = "explain"
    )]
    reader: Option<Release>,
    /// Do not check whether servers' names resolve on this host
    #[arg(long)]
    no_resolve: bool,
}

pub(super) fn run(lint: &Lint) -> Exit {
    let outcome = match &lint.piece {
        LintCommand::Haproxy(arguments) => haproxy(arguments),
    };
    match outcome {
        Ok(exit) | Err(exit) => exit,
    }
}

fn haproxy(arguments: &LintHaproxyArguments) -> Result<Exit, Exit> {
    let sources = read(&arguments.files)?;
    let configuration = Configuration::read(&sources);
    let configuration =
        configuration.map_err(|error| Exit::Config.saying(&shown(&error.to_string())))?;
    if let Some(section) = &arguments.explain {
        let tables = explain(&configuration, section);
        let tables = tables.ok_or_else(|| not_explained(&configuration, section))?;
        print(&tables)?;
        return Ok(Exit::Success);
    }
    let resolved = if arguments.no_resolve {
        Resolved::Unasked
    } else {
        Resolved::AllBut(complete(lost(names(&configuration)))?)
    };
    let found = findings(&configuration, &resolved, arguments.reader);
    let judged = sections_judged(&configuration);
    let unknown = not_evaluated(&configuration);
    print(&if arguments.json {
        output::document(&found, &judged, &unknown)
    } else {
        output::lines(&found, &judged, &unknown)
    })?;
    Ok(if found.is_empty() && unknown.is_empty() {
        Exit::Success
    } else {
        Exit::Failure
    })
}

/// The error for a section that has no table.
fn not_explained(configuration: &Configuration, section: &str) -> Exit {
    let behind = led_to(configuration, section);
    Exit::Config.saying(&if behind.is_empty() {
        format!("pgsql-state: no section {section:?} leads to PostgreSQL")
    } else {
        let behind: Vec<String> = behind.iter().map(|name| shown(name)).collect();
        format!(
            "pgsql-state: section {section:?} has no servers of PostgreSQL itself; explain what it leads to: {}",
            behind.join(", ")
        )
    })
}

fn read(paths: &[PathBuf]) -> Result<Vec<SourceFile>, Exit> {
    let failed = |path: &Path, error: &io::Error| {
        let path = shown(&path.display().to_string());
        Exit::Config.saying(&format!("pgsql-state: cannot read {path}: {error}"))
    };
    let mut sources = Vec::new();
    let mut left = MOST_BYTES;
    for path in paths {
        for file in files(path).map_err(|error| failed(path, &error))? {
            let bytes = contents(&file, left).map_err(|error| failed(&file, &error))?;
            let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            left = left.saturating_sub(length);
            sources.push(SourceFile {
                name: file.display().to_string(),
                text: String::from_utf8_lossy(&bytes).into_owned(),
            });
        }
    }
    Ok(sources)
}

/// Reads a file, or a pipe such as a shell's `<(...)`.
fn contents(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let too_large = || {
        let most = MOST_BYTES >> 20;
        let what = format!("all files of a configuration together must not exceed {most} MB");
        io::Error::new(ErrorKind::FileTooLarge, what)
    };
    let read = regular_file::contents(&File::open(path)?, most);
    read.map_err(|error| {
        if error.kind() == ErrorKind::FileTooLarge {
            too_large()
        } else {
            error
        }
    })
}

/// A file, or the files that `HAProxy` reads from a folder: names that end in `.cfg` and are not hidden, sorted
/// (Management Guide, "Starting HAProxy").
fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if path == Path::new("-") {
        return Ok(vec!["/dev/stdin".into()]);
    }
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path)? {
        let file = entry?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if !name.starts_with('.') && name.ends_with(".cfg") && file.is_file() {
            files.push(file);
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// Returns the names that do not resolve; looks up all at the same time.
pub(super) async fn lost(names: BTreeSet<String>) -> BTreeSet<String> {
    let asked = names.into_iter().map(|name| {
        tokio::spawn(async move {
            let found = time::timeout(TIMEOUT, net::lookup_host((name.as_str(), 0))).await;
            let leads_somewhere = found
                .is_ok_and(|found| found.is_ok_and(|mut addresses| addresses.next().is_some()));
            (!leads_somewhere).then_some(name)
        })
    });
    let asked: Vec<_> = asked.collect();
    let mut lost = BTreeSet::new();
    for task in asked {
        lost.extend(task.await.ok().flatten());
    }
    lost
}
