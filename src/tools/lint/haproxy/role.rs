//! Decides whether a section is for writers or for readers, by the usual words for roles; knows no rule.

use super::check::{CheckKind, Expect, Matching, Sent, Step};
use super::settings::ProxySettings;

/// Whose sessions a section is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SessionOrigin {
    /// Clients that need the primary, including standbys.
    Writers,
    /// Clients that can use a standby.
    Readers,
    /// It cannot be determined.
    Unknown,
}

/// The words for each role in answers and paths.
const PRIMARY: &[&str] = &["production", "primary", "master", "leader", "read-write"];
const STANDBY: &[&str] = &["standby", "replica", "slave", "secondary", "read-only"];

/// More words for each role in names of sections.
const WRITERS: &[&str] = &[
    "prod",
    "rw",
    "readwrite",
    "write",
    "writer",
    "writers",
    "writes",
    "writable",
    // French, German, Spanish, Portuguese, Italian, Polish and Russian words, written without accents.
    "ecriture",
    "ecrivain",
    "maitre",
    "maitres",
    "principal",
    "principale",
    "primaire",
    "schreiben",
    "schreiber",
    "escritura",
    "escritores",
    "primario",
    "maestro",
    "escrita",
    "mestre",
    "scrittura",
    "zapis",
    "zapisu",
];
const READERS: &[&str] = &[
    "ro",
    "readonly",
    "read",
    "reader",
    "readers",
    "reads",
    "stdby",
    "replicas",
    "slaves",
    "standbys",
    "secondaries",
    "follower",
    "followers",
    "lecture",
    "lecteurs",
    "esclave",
    "esclaves",
    "secondaire",
    "replique",
    "lesen",
    "leser",
    "nurlesen",
    "lectura",
    "lectores",
    "sklave",
    "sklaven",
    "esclavo",
    "esclavos",
    "secundario",
    "leitura",
    "leitores",
    "escravo",
    "escravos",
    "lettura",
    "lettori",
    "secondario",
    "odczyt",
    "odczytu",
    "chtenie",
];

/// Paths of Patroni and similar programs that only a standby meets, besides the words of [`STANDBY`].
const STANDBY_PATHS: &[&str] = &["async", "asynchronous", "sync", "synchronous", "quorum"];

/// Paths that both roles meet.
const BLIND_PATHS: &[&str] = &["health", "liveness", "readiness", "patroni"];

/// Patroni's port.
const PATRONI: u16 = 8008;

impl SessionOrigin {
    /// The word for it in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Writers => "writers",
            Self::Readers => "readers",
            Self::Unknown => "unknown",
        }
    }

    /// The role that is named, unless both or neither are.
    fn of(writers: bool, readers: bool) -> Self {
        match (writers, readers) {
            (true, false) => Self::Writers,
            (false, true) => Self::Readers,
            (true, true) | (false, false) => Self::Unknown,
        }
    }

    /// The role that all have that are known.
    pub(super) fn agreed(roles: impl Iterator<Item = Self>) -> Self {
        let known: Vec<Self> = roles.filter(|role| *role != Self::Unknown).collect();
        Self::of(
            known.contains(&Self::Writers),
            known.contains(&Self::Readers),
        )
    }

    pub(super) fn or(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Writers | Self::Readers => self,
            Self::Unknown => other(),
        }
    }
}

/// The role that a check accepts, by the words in it.
pub(super) fn of_check(check: &ProxySettings, port: Option<u16>) -> SessionOrigin {
    let mut roles = Vec::new();
    if let CheckKind::Postgres(user) = &check.check {
        roles.push(of_name(user));
    }
    roles.extend(paths(check).into_iter().map(of_path));
    let steps = check.steps().into_iter().flat_map(|steps| &steps.list);
    for step in steps {
        if let Step::Expect(expect) = step {
            roles.push(of_expect(expect));
        }
    }
    let said = SessionOrigin::of(
        roles.contains(&SessionOrigin::Writers),
        roles.contains(&SessionOrigin::Readers),
    );
    let at_root = paths(check).into_iter().all(str::is_empty);
    let asks_patroni = check.check == CheckKind::Http && port == Some(PATRONI);
    if roles.iter().all(|role| *role == SessionOrigin::Unknown) && asks_patroni && at_root {
        return SessionOrigin::Writers;
    }
    said
}

/// Whether a check cannot tell a standby from a primary.
pub(super) fn is_blind(check: &ProxySettings, port: Option<u16>) -> bool {
    if of_check(check, port) != SessionOrigin::Unknown {
        return false;
    }
    match &check.check {
        CheckKind::Connect | CheckKind::Postgres(_) | CheckKind::Foreign => true,
        CheckKind::Tcp => !check.expects(),
        CheckKind::Http => {
            let mut paths = paths(check).into_iter().filter(|path| !path.is_empty());
            let first = paths.next();
            first
                .into_iter()
                .chain(paths)
                .all(|path| BLIND_PATHS.contains(&path))
                && first.is_some()
        }
        CheckKind::External => false,
    }
}

/// The role by a name; words of both roles cancel each other.
pub(super) fn of_name(name: &str) -> SessionOrigin {
    let name = name.to_lowercase();
    let joined = name.replace(|c: char| !c.is_alphanumeric(), "");
    if joined.contains("readwrite") {
        return SessionOrigin::Writers;
    }
    let words: Vec<&str> = name.split(|c: char| !c.is_ascii_lowercase()).collect();
    let has = |known: &[&str]| words.iter().any(|word| known.contains(word));
    let writers = has(PRIMARY) || has(WRITERS);
    let readers = has(STANDBY) || has(READERS) || joined.contains("readonly");
    SessionOrigin::of(writers, readers)
}

/// Whether a check asks for a role by a path, as Patroni is asked.
pub(super) fn asks_for_a_role(check: &ProxySettings) -> bool {
    let mut paths = paths(check).into_iter();
    paths.any(|path| of_path(path) != SessionOrigin::Unknown)
}

/// The paths that a check asks for, of HTTP requests and of data that resembles one.
fn paths(check: &ProxySettings) -> Vec<&str> {
    let steps = check.steps().into_iter().flat_map(|steps| &steps.list);
    let paths = steps.filter_map(|step| match step {
        Step::Send(Sent::Request(request)) => request.path(),
        Step::Send(Sent::Text(text)) => {
            let (_, behind) = text.split_once('/')?;
            let end = behind.find(|c: char| c.is_whitespace() || matches!(c, '?' | '/'));
            behind.get(..end.unwrap_or(behind.len()))
        }
        Step::Send(Sent::Bytes(_) | Sent::Computed)
        | Step::Connect(_)
        | Step::Expect(_)
        | Step::Other => None,
    });
    paths.collect()
}

/// The role that a path asks for.
fn of_path(path: &str) -> SessionOrigin {
    let path = path.to_lowercase();
    if path.starts_with("read-only") || STANDBY_PATHS.contains(&path.as_str()) {
        return SessionOrigin::Readers;
    }
    of_name(&path)
}

fn of_expect(expect: &Expect) -> SessionOrigin {
    if expect.negated {
        return SessionOrigin::Unknown;
    }
    let pattern = expect.pattern.to_lowercase();
    let names = |words: &[&str]| words.iter().any(|word| pattern.contains(word));
    match (expect.matching, pattern.as_str()) {
        (Matching::Text | Matching::Expression, _) => {
            SessionOrigin::of(names(PRIMARY), names(STANDBY))
        }
        // The bytes are `f` and `t` of pg_is_in_recovery(); the status is that of xinetd scripts.
        (Matching::Bytes, "66") => SessionOrigin::Writers,
        (Matching::Bytes, "74") | (Matching::Status, "206") => SessionOrigin::Readers,
        (Matching::Status | Matching::StatusExpression | Matching::Bytes | Matching::Other, _) => {
            SessionOrigin::Unknown
        }
    }
}

#[cfg(test)]
mod tests;
