//! Finds a service, the settings of a connection under a name, in the text of a service file. Knows the paths of such
//! files, and opens none.
//!
//! PostgreSQL manual, "The Connection Service File"; where that is silent, `parseServiceInfo` and `parseServiceFile` in
//! `src/interfaces/libpq/fe-connect.c`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::environment::{Environment, ServiceFile};
use super::error::{ServiceFlaw, TargetError};
use super::given::Given;
use super::keyword::{Keyword, Secrecy};

/// The user's service file, below the home directory.
const OF_THE_USER: &str = ".pg_service.conf";

/// The system's service file, in the folder of `PGSYSCONFDIR`, or in those of libpq's packages: Debian's, and those of
/// postgresql.org for Red Hat.
const OF_THE_SYSTEM: &str = "pg_service.conf";
const FOLDERS: [&str; 2] = ["/etc/postgresql-common", "/etc/sysconfig/pgsql"];
const FOLDER_VARIABLE: &str = "PGSYSCONFDIR";

/// Bytes of the longest line, including its newline. libpq reads lines into 1024 bytes, the last of them NUL, and
/// takes a full buffer for a line that is cut.
const LONGEST_LINE: usize = 1022;

/// The service that describes a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The file that has it.
    pub file: PathBuf,
    /// Whether the service has a password.
    pub password: ServicePassword,
}

/// Whether a service has a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServicePassword {
    /// It has a password or another secret.
    Present,
    /// It has no secret.
    Absent,
}

/// The settings of a service, and the file that has them.
pub(super) struct FoundService {
    pub(super) values: BTreeMap<Keyword, String>,
    pub(super) file: PathBuf,
}

impl FoundService {
    pub(super) fn service(&self) -> Service {
        let is_secret = |keyword: &Keyword| keyword.secrecy() == Secrecy::Secret;
        Service {
            file: self.file.clone(),
            password: if self.values.keys().any(is_secret) {
                ServicePassword::Present
            } else {
                ServicePassword::Absent
            },
        }
    }
}

/// Returns the service that the connection string or else `PGSERVICE` names; `None` if neither does.
pub(super) fn find(
    given: &Given,
    environment: &Environment<'_>,
) -> Result<Option<FoundService>, TargetError> {
    let variable = environment.variable;
    let named = |keyword: Keyword| {
        let written = given.get(keyword).map(str::to_owned);
        written.or_else(|| variable(keyword.variable()?))
    };
    let Some(name) = named(Keyword::Service) else {
        return Ok(None);
    };
    let mut looked_in = Vec::new();
    let own = match named(Keyword::ServiceFile) {
        Some(path) => Some((PathBuf::from(path), FileNaming::Yes)),
        None => environment
            .home
            .as_ref()
            .map(|home| (home.join(OF_THE_USER), FileNaming::No)),
    };
    let folders = match variable(FOLDER_VARIABLE) {
        Some(folder) => vec![folder],
        None => FOLDERS.map(str::to_owned).into(),
    };
    let systems = folders
        .iter()
        .map(|folder| (Path::new(folder).join(OF_THE_SYSTEM), FileNaming::No));
    for (path, named) in own.into_iter().chain(systems) {
        let text = match ((environment.service_file)(&path), named) {
            (ServiceFile::Text(text), _) => text,
            (ServiceFile::Missing, FileNaming::No) => {
                looked_in.push(path);
                continue;
            }
            (ServiceFile::Missing, FileNaming::Yes) => {
                return Err(TargetError::NoServiceFile { path });
            }
            (ServiceFile::Unreadable(why), _) => {
                return Err(TargetError::UnreadableServiceFile { path, why });
            }
        };
        match read(&text, &name) {
            Ok(Some(values)) => return Ok(Some(FoundService { values, file: path })),
            Ok(None) => looked_in.push(path),
            Err((line, flaw)) => return Err(TargetError::ServiceFile { path, line, flaw }),
        }
    }
    Err(TargetError::NoService { name, looked_in })
}

/// Whether the settings name the file.
#[derive(Clone, Copy)]
enum FileNaming {
    Yes,
    No,
}

/// Returns the settings of a service in the text of a service file; `None` if the text does not have the service.
///
/// A line `[NAME]` begins a service, and the next such line ends it. The first line of a keyword counts. The text after
/// the service is not read.
///
/// # Errors
///
/// The number of a line that cannot be used, counted from 1, and why.
pub fn read(
    text: &[u8],
    name: &str,
) -> Result<Option<BTreeMap<Keyword, String>>, (usize, ServiceFlaw)> {
    let mut found: Option<BTreeMap<Keyword, String>> = None;
    for (index, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let failed = |flaw| (index.saturating_add(1), flaw);
        if line.len() > LONGEST_LINE {
            return Err(failed(ServiceFlaw::TooLong));
        }
        if line.contains(&0) {
            return Err(failed(ServiceFlaw::Nul));
        }
        let line = trimmed(line);
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        match (line.strip_prefix(b"["), &mut found) {
            (Some(_), Some(_)) => break,
            (Some(begun), None) => {
                let rest = begun.strip_prefix(name.as_bytes());
                if rest.is_some_and(|rest| rest.starts_with(b"]")) {
                    found = Some(BTreeMap::new());
                }
            }
            (None, None) => {}
            (None, Some(values)) => {
                let (keyword, value) = setting(line).map_err(failed)?;
                values.entry(keyword).or_insert(value);
            }
        }
    }
    Ok(found)
}

/// Removes blanks at both ends, and nowhere else.
fn trimmed(line: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
    let begin = line
        .iter()
        .position(|byte| !is_space(byte))
        .unwrap_or(line.len());
    let end = line
        .iter()
        .rposition(|byte| !is_space(byte))
        .map_or(begin, |last| last.saturating_add(1));
    line.get(begin..end).unwrap_or_default()
}

fn setting(line: &[u8]) -> Result<(Keyword, String), ServiceFlaw> {
    if line.starts_with(b"ldap") {
        return Err(ServiceFlaw::Ldap);
    }
    let line = str::from_utf8(line).map_err(|_| ServiceFlaw::NotUtf8)?;
    let (name, value) = line.split_once('=').ok_or(ServiceFlaw::MissingEquals)?;
    match Keyword::named(name) {
        Some(Keyword::Service | Keyword::ServiceFile) => Err(ServiceFlaw::Nested),
        Some(keyword) => Ok((keyword, value.to_owned())),
        None => Err(ServiceFlaw::UnknownKeyword(Keyword::nearest(name.trim()))),
    }
}

impl fmt::Display for ServiceFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "is longer than the {LONGEST_LINE} bytes that libpq takes; shorten it"),
            Self::MissingEquals => f.write_str("has no \"=\"; write keyword=value"),
            Self::UnknownKeyword(nearest) => {
                f.write_str("does not begin with a keyword of libpq directly followed by \"=\"")?;
                nearest.map_or(Ok(()), |nearest| write!(f, "; perhaps you meant \"{}\"", nearest.name()))
            }
            Self::Nested => f.write_str("names another service, which libpq does not follow; write the settings of that service there"),
            Self::Ldap => f.write_str("names an LDAP directory, which the daemon does not query; write the settings there"),
            Self::NotUtf8 => f.write_str("is not UTF-8; encode the file as UTF-8"),
            Self::Nul => f.write_str("contains a NUL character; remove it"),
        }
    }
}

#[cfg(test)]
mod tests;
