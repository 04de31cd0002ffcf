//! Reads the configuration file and the secrets that it names; the only module of `config` that reads
//! files.
//!
//! - `certificates`: the TLS files.
//! - `permissions`: what the configuration's mode lets others do.

mod certificates;
mod permissions;

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::keys::{KEY_FILE, Key, TOKEN_FILE};
use super::model::Settings;
use super::modes::for_group;
use super::parse::{Parsed, parse, parse_bytes};
use super::problem::{Problem, ProblemReport, ProblemSeverity, Wrong};
use super::secrets;
use crate::admit::{ClusterKeys, Token};
use crate::base::regular_file;
use permissions::{OTHERS_READ, chmod, readable, writable};

/// The path of the file unless another is named.
pub const DEFAULT_PATH: &str = "/etc/pgsql-state/pgsql-state.toml";

/// No configuration is larger: a larger file was named by mistake.
const MOST_BYTES: u64 = 64 * 1024;

/// Settings with their warnings.
#[derive(Clone, Debug)]
pub struct Loaded<T> {
    /// The settings.
    pub settings: Settings<T>,
    /// What is legal but hardly intended; often empty.
    pub warnings: ProblemReport,
}

/// The source of settings.
#[derive(Debug)]
enum SettingsSource {
    /// This file.
    File(PathBuf),
    /// There is no file at [`DEFAULT_PATH`].
    Defaults,
}

/// Why the settings could not be loaded.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The named file does not exist.
    #[error("the configuration {} does not exist; create it, or name another file", .0.display())]
    Missing(PathBuf),
    /// This user may not read the file.
    #[error(
        "this user may not read the configuration {}, or not enter its folder; run this as root or as a member of its group \
         (pgsql-state in a package; runuser -u USER -g USER -G pgsql-state makes a user one), or name another file",
        .0.display()
    )]
    Denied(PathBuf),
    /// The file exists but cannot be read.
    #[error("cannot read the configuration {}; it must be a regular file that this user may read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why it cannot be read.
        source: io::Error,
    },
    /// The file is too large to be a configuration.
    #[error("the configuration {} is larger than {} KiB; name another file", .0.display(), MOST_BYTES / 1024)]
    TooLarge(PathBuf),
    /// The file was read and has errors.
    #[error("{0}")]
    Invalid(ProblemReport),
}

/// Reads the file at `path`, or the one at [`DEFAULT_PATH`]; if that does not exist, the defaults hold.
/// `parse_conninfo` as in [`parse`].
pub fn load<T, E: Error>(
    path: Option<&Path>,
    parse_conninfo: impl Fn(&str) -> Result<T, E>,
) -> Result<Loaded<T>, LoadError> {
    match path {
        Some(path) => named(path, parse_conninfo),
        None => default(Path::new(DEFAULT_PATH), parse_conninfo),
    }
}

fn default<T, E: Error>(
    path: &Path,
    parse_conninfo: impl Fn(&str) -> Result<T, E>,
) -> Result<Loaded<T>, LoadError> {
    match named(path, &parse_conninfo) {
        Err(LoadError::Missing(_)) => {
            let parsed = parse("", parse_conninfo);
            loaded(&SettingsSource::Defaults, parsed, [None, None])
        }
        result => result,
    }
}

fn named<T, E: Error>(
    path: &Path,
    parse_conninfo: impl Fn(&str) -> Result<T, E>,
) -> Result<Loaded<T>, LoadError> {
    let failed = |source: io::Error| {
        let path = path.to_owned();
        if source.kind() == ErrorKind::NotFound {
            LoadError::Missing(path)
        } else if source.kind() == ErrorKind::PermissionDenied {
            LoadError::Denied(path)
        } else {
            LoadError::Unreadable { path, source }
        }
    };
    let file = regular_file::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    let read = regular_file::contents(&file, MOST_BYTES);
    let bytes = read.map_err(|source| {
        if source.kind() == ErrorKind::FileTooLarge {
            LoadError::TooLarge(path.into())
        } else {
            failed(source)
        }
    })?;
    let parsed = parse_bytes(&bytes, parse_conninfo).and_then(with_secrets);
    let mode = metadata.mode();
    let of_the_file = [writable(path, mode), readable(path, mode, &bytes)];
    loaded(&SettingsSource::File(path.into()), parsed, of_the_file)
}

/// Adds the content of the files that hold secrets.
fn with_secrets<T>(mut parsed: Parsed<T>) -> Result<Parsed<T>, Vec<Problem>> {
    let Settings {
        admission,
        cluster,
        https,
        ..
    } = &mut parsed.settings;
    let mut problems = Vec::new();
    admission.token = admission.token_file.as_deref().and_then(|path| {
        let read = read_secret(path, Token::new, for_group);
        noted(read, TOKEN_FILE, &mut problems)
    });
    cluster.keys = cluster.key_file.as_deref().and_then(|path| {
        let read = read_secret(path, ClusterKeys::new, for_group);
        noted(read, KEY_FILE, &mut problems)
    });
    certificates::read(https.as_mut(), cluster, &mut problems);
    let failed = problems
        .iter()
        .any(|problem| problem.severity == ProblemSeverity::Error);
    parsed.warnings.extend(problems);
    if failed {
        return Err(parsed.warnings);
    }
    Ok(parsed)
}

/// Returns the secret, if it could be read; notes what is wrong or strange about its file.
fn noted<V>(
    read: Result<(V, Option<Wrong>), Wrong>,
    key: Key,
    problems: &mut Vec<Problem>,
) -> Option<V> {
    let (secret, wrong) = match read {
        Ok((secret, warning)) => (Some(secret), warning),
        Err(wrong) => (None, Some(wrong)),
    };
    problems.extend(wrong.map(|wrong| Problem::from(wrong).key(key)));
    secret
}

/// Reads the token in a file that is not named in a configuration, with a warning in one sentence; an error is one sentence.
pub fn token(path: &Path) -> Result<(Token, Option<String>), String> {
    let sentence = |wrong: Wrong| Problem::from(wrong).sentence("");
    match read_secret(path, Token::new, |path| chmod("o-r", path)) {
        Ok((token, warning)) => Ok((token, warning.map(sentence))),
        // The hint is for the daemon's user.
        Err(wrong) => Err(Problem::from(wrong).message),
    }
}

/// What stands in documents for a secret that the reader has to choose, or is left of it where only a part was replaced.
const PLACEHOLDERS: [&str; 2] = ["change-me", "openssl-rand"];

/// Whether a secret contains a part of the documents, so that it can be guessed.
fn has_placeholder(secret: &[u8]) -> bool {
    let secret = secret.to_ascii_lowercase();
    let has = |part: &str| {
        secret
            .windows(part.len())
            .any(|found| found == part.as_bytes())
    };
    PLACEHOLDERS.into_iter().any(has)
}

/// Reads a secret, and warns if everyone on the host may read its file, with the command of `remedy`.
fn read_secret<V, E: fmt::Display>(
    path: &Path,
    parse: impl FnOnce(&[u8]) -> Result<V, E>,
    remedy: impl FnOnce(&Path) -> String,
) -> Result<(V, Option<Wrong>), Wrong> {
    let shown = path.display();
    let read = || {
        let file = regular_file::open(path)?;
        let mode = file.metadata()?.mode();
        let bytes = regular_file::contents(&file, MOST_BYTES)?;
        Ok::<_, io::Error>((bytes, mode))
    };
    let (bytes, mode) = read().map_err(|error| unreadable(path, &error))?;
    let secret = parse(&bytes).map_err(|error| Wrong::new(format!("{shown}: {error}"), ""))?;
    if has_placeholder(&bytes) {
        let message = format!(
            "{shown} holds the placeholder of the documents, or a part of it, which everyone knows"
        );
        let hint = "create a secret with: openssl rand -hex 32";
        return Err(Wrong::new(message, hint));
    }
    let warning = (mode & OTHERS_READ != 0).then(|| {
        let hint = format!("take that away with: {}", remedy(path));
        Wrong::warning(format!("everyone on this host may read {shown}"), hint)
    });
    Ok((secret, warning))
}

/// Says why a file with a secret cannot be read. What is not a path may be the secret itself, and is not shown.
fn unreadable(path: &Path, error: &io::Error) -> Wrong {
    let shown = path.to_string_lossy();
    let (what, hint) = if !secrets::is_known_path(&shown) {
        let hint = "write the absolute path of a file that the daemon's user may read, and not what the file would hold";
        ("the file", hint.to_owned())
    } else if error.kind() == ErrorKind::PermissionDenied {
        let remedy = for_group(path);
        (
            &*shown,
            format!("let the daemon's user read it with: {remedy}"),
        )
    } else {
        let hint = "name a file that the daemon's user may read";
        (&*shown, hint.to_owned())
    };
    Wrong::new(format!("cannot read {what}: {error}"), hint)
}

fn loaded<T>(
    source: &SettingsSource,
    parsed: Result<Parsed<T>, Vec<Problem>>,
    of_the_file: [Option<Problem>; 2],
) -> Result<Loaded<T>, LoadError> {
    let report = |problems: Vec<Problem>| {
        let of_the_file = of_the_file.into_iter().flatten();
        let all = problems.into_iter().chain(of_the_file).collect();
        ProblemReport::new(source.to_string(), all)
    };
    match parsed {
        Ok(parsed) => Ok(Loaded {
            settings: parsed.settings,
            warnings: report(parsed.warnings),
        }),
        Err(problems) => Err(LoadError::Invalid(report(problems))),
    }
}

impl fmt::Display for SettingsSource {
    /// Writes the path, or nothing for the defaults.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Defaults => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
