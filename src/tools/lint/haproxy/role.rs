//! Whom a section is for, by the words that people use for roles; knows no rule.

use super::check::{CheckKind, Expect, Matching, Step};
use super::proxy::ProxySettings;

/// Whom sessions come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionOrigin {
    /// Those who need the primary, standbys among them.
    Writers,
    /// Those who are content with a standby.
    Readers,
    /// Nothing tells.
    Unknown,
}

/// What an answer or a path calls the one and the other.
const PRIMARY: &[&str] = &["production", "primary", "master", "leader", "read-write"];
const STANDBY: &[&str] = &["standby", "replica", "slave", "secondary", "read-only"];

/// What sections are called besides.
const WRITERS: &[&str] = &[
    "prod",
    "rw",
    "readwrite",
    "write",
    "writer",
    "writers",
    "writes",
    "writable",
    // As they are written without accents in French, German, Spanish, Portuguese, Italian, Polish and Russian.
    "ecriture",
    "ecrivain",
    "maitre",
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
    "esclavo",
    "secundario",
    "leitura",
    "leitores",
    "escravo",
    "lettura",
    "lettori",
    "secondario",
    "odczyt",
    "odczytu",
    "chtenie",
];

/// Paths of Patroni and its kin that only a standby meets, besides those of [`STANDBY`].
const STANDBY_PATHS: &[&str] = &["async", "asynchronous", "sync", "synchronous", "quorum"];

/// Paths that either role meets.
const BLIND_PATHS: &[&str] = &["health", "liveness", "readiness", "patroni"];

/// Where Patroni answers.
const PATRONI: u16 = 8008;

impl SessionOrigin {
    /// As it is said.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Writers => "writers",
            Self::Readers => "readers",
            Self::Unknown => "unknown",
        }
    }

    /// The one, where not both are named.
    fn of(writers: bool, readers: bool) -> Self {
        match (writers, readers) {
            (true, false) => Self::Writers,
            (false, true) => Self::Readers,
            (true, true) | (false, false) => Self::Unknown,
        }
    }

    pub(super) fn or(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Writers | Self::Readers => self,
            Self::Unknown => other(),
        }
    }
}

/// By which role a check lets servers in.
pub(super) fn of_check(check: &ProxySettings, port: Option<u16>) -> SessionOrigin {
    let mut roles = Vec::new();
    if let CheckKind::Postgres(user) = &check.check {
        roles.push(of_name(user));
    }
    roles.extend(requests(check).map(of_path));
    for step in check.steps() {
        if let Step::Expect(expect) = step {
            roles.push(of_expect(expect));
        }
    }
    let said = SessionOrigin::of(
        roles.contains(&SessionOrigin::Writers),
        roles.contains(&SessionOrigin::Readers),
    );
    let at_root = requests(check).all(|request| path(request).is_none_or(str::is_empty));
    let asks_patroni = matches!(check.check, CheckKind::Http(_)) && port == Some(PATRONI);
    if roles.iter().all(|role| *role == SessionOrigin::Unknown) && asks_patroni && at_root {
        return SessionOrigin::Writers;
    }
    said
}

/// Whether a check takes a standby for a primary, and the other way round.
pub(super) fn is_blind(check: &ProxySettings, port: Option<u16>) -> bool {
    if of_check(check, port) != SessionOrigin::Unknown {
        return false;
    }
    let expects = check
        .steps()
        .iter()
        .any(|step| matches!(step, Step::Expect(_)));
    match &check.check {
        CheckKind::Connect | CheckKind::Postgres(_) => true,
        CheckKind::Tcp => !expects,
        CheckKind::Http(_) => {
            let mut paths = requests(check).filter_map(path).peekable();
            paths.peek().is_some() && paths.all(|path| BLIND_PATHS.contains(&path))
        }
        CheckKind::External | CheckKind::Foreign => false,
    }
}

/// By what somebody called it; the words of either role in it cancel each other.
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

/// Whether a check asks for a role as Patroni is asked.
pub(super) fn asks_for_a_role(check: &ProxySettings) -> bool {
    requests(check).any(|request| of_path(request) != SessionOrigin::Unknown)
}

/// What is sent where HTTP is spoken.
pub(super) fn requests(check: &ProxySettings) -> impl Iterator<Item = &str> {
    let on_the_line = match &check.check {
        CheckKind::Http(request) => Some(request.as_str()),
        CheckKind::Connect
        | CheckKind::Tcp
        | CheckKind::Postgres(_)
        | CheckKind::External
        | CheckKind::Foreign => None,
    };
    let sent = check.steps().iter().filter_map(|step| match step {
        Step::Send(text) => Some(text.as_str()),
        Step::Connect(_) | Step::Expect(_) | Step::Other => None,
    });
    on_the_line.into_iter().chain(sent)
}

/// `read-only` of `HEAD /read-only?lag=1MB HTTP/1.0`.
pub(super) fn path(request: &str) -> Option<&str> {
    let (_, behind) = request.split_once('/')?;
    let end = behind.find(|c: char| c.is_whitespace() || matches!(c, '?' | '/'));
    behind.get(..end.unwrap_or(behind.len()))
}

fn of_path(request: &str) -> SessionOrigin {
    let path = path(request).unwrap_or_default().to_lowercase();
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
        // Bytes are the f and the t of pg_is_in_recovery(), the status is that of xinetd scripts.
        (Matching::Bytes, "66") => SessionOrigin::Writers,
        (Matching::Bytes, "74") | (Matching::Status, "206") => SessionOrigin::Readers,
        (Matching::Status | Matching::StatusExpression | Matching::Bytes | Matching::Other, _) => {
            SessionOrigin::Unknown
        }
    }
}

#[cfg(test)]
mod tests;
