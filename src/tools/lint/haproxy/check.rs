//! Parses how a section checks its servers: the kind of check and its steps; judges nothing.

use super::anchor::anchored;
use super::sections::Line;
use crate::tools::lint::FileLine;

/// The kind of check that `option` selects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum CheckKind {
    /// A connection alone.
    #[default]
    Connect,
    /// The steps of `tcp-check`.
    Tcp,
    /// An HTTP request, with the arguments of `option httpchk`.
    Http(String),
    /// `PostgreSQL`'s startup message with this user.
    Postgres(String),
    /// An external program.
    External,
    /// The protocol of another kind of server.
    Foreign,
}

/// A line of `tcp-check` or `http-check`.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Opens a connection, possibly to another port than the server's.
    Connect(Option<u16>),
    /// Sends data, here as it is written.
    Send(String),
    Expect(Expect),
    /// A comment, a variable or the like.
    Other,
}

/// What an answer must match.
#[derive(Clone, Debug)]
pub(super) struct Expect {
    pub(super) negated: bool,
    pub(super) matching: Matching,
    pub(super) pattern: String,
    pub(super) place: FileLine,
    /// The status of the check if the answer does not match (`error-status`), for example `L7OKC`.
    pub(super) error_status: Option<String>,
    /// The status of the check if the answer matches (`ok-status`).
    pub(super) ok_status: Option<String>,
}

/// How the pattern is matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Matching {
    /// A text, anywhere in the answer.
    Text,
    /// A regular expression.
    Expression,
    /// Bytes, in hexadecimal.
    Bytes,
    /// HTTP statuses, with commas and ranges.
    Status,
    /// A regular expression for the HTTP status.
    StatusExpression,
    /// A header, or an unknown kind.
    Other,
}

impl CheckKind {
    /// Parses the words after `option`; `None` if the option does not select a check.
    pub(super) fn read(words: &[&str]) -> Option<Self> {
        match words {
            ["tcp-check", ..] => Some(Self::Tcp),
            ["httpchk", request @ ..] => Some(Self::Http(request.join(" "))),
            ["pgsql-check", "user", user, ..] => Some(Self::Postgres((*user).to_owned())),
            ["pgsql-check", ..] => Some(Self::Postgres(String::new())),
            ["external-check", ..] => Some(Self::External),
            [
                "mysql-check" | "redis-check" | "ldap-check" | "smtpchk" | "spop-check"
                | "ssl-hello-chk",
                ..,
            ] => Some(Self::Foreign),
            _ => None,
        }
    }
}

impl Step {
    /// Parses a whole `tcp-check` or `http-check` line.
    pub(super) fn read(line: &Line) -> Self {
        let words: Vec<&str> = line.words.iter().map(String::as_str).collect();
        match words.get(1..).unwrap_or_default() {
            ["connect", rest @ ..] => Self::Connect(port(rest)),
            [send, rest @ ..] if send.starts_with("send") => Self::Send(rest.join(" ")),
            ["expect", rest @ ..] => match Expect::read(rest, &line.place) {
                Some(expect) => Self::Expect(expect),
                None => Self::Other,
            },
            _ => Self::Other,
        }
    }
}

fn port(words: &[&str]) -> Option<u16> {
    let mut words = words.iter();
    words.find(|word| **word == "port")?;
    words.next()?.parse().ok()
}

impl Expect {
    fn read(all: &[&str], place: &FileLine) -> Option<Self> {
        let mut words = all.iter().copied();
        let mut negated = false;
        let option = |name: &str| {
            let at = all.iter().position(|word| *word == name)?;
            all.get(at.saturating_add(1))
                .map(|value| (*value).to_owned())
        };
        loop {
            let mut word = words.next()?;
            if matches!(
                word,
                "min-recv"
                    | "comment"
                    | "ok-status"
                    | "error-status"
                    | "tout-status"
                    | "on-success"
                    | "on-error"
                    | "status-code"
            ) {
                words.next();
                continue;
            }
            if let Some(rest) = word.strip_prefix('!') {
                negated = !negated;
                word = rest;
            }
            let matching = match word {
                "" => continue,
                "string" | "string-lf" => Matching::Text,
                "rstring" => Matching::Expression,
                "binary" | "rbinary" | "binary-lf" => Matching::Bytes,
                "status" => Matching::Status,
                "rstatus" => Matching::StatusExpression,
                _ => Matching::Other,
            };
            return Some(Self {
                negated,
                matching,
                pattern: words.next()?.to_owned(),
                place: place.clone(),
                error_status: option("error-status"),
                ok_status: option("ok-status"),
            });
        }
    }

    /// Whether the pattern matches a word inside another text.
    pub(super) fn is_found_anywhere(&self) -> bool {
        match self.matching {
            Matching::Text => true,
            Matching::Expression => !anchored(&self.pattern),
            Matching::Bytes | Matching::Status | Matching::StatusExpression | Matching::Other => {
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(line: &str) -> Step {
        let place = FileLine {
            file: "a".into(),
            line: 1,
        };
        let words = super::super::words::words(line).unwrap();
        Step::read(&Line { place, words })
    }

    fn expect(line: &str) -> Expect {
        match step(line) {
            Step::Expect(expect) => expect,
            other @ (Step::Connect(_) | Step::Send(_) | Step::Other) => {
                panic!("{line}: {other:?}")
            }
        }
    }

    #[test]
    fn an_expectation_is_read_wherever_its_options_stand() {
        let read =
            expect(r#"tcp-check expect min-recv 3 comment "string x" ! rstring ^a on-error "b c""#);
        assert!(read.negated);
        assert_eq!(read.matching, Matching::Expression);
        assert_eq!(read.pattern, "^a");
        let read = expect(r"tcp-check expect string master\ is\ running");
        assert_eq!(read.pattern, "master is running");
        assert!(read.is_found_anywhere() && !read.negated);
        assert!(expect("tcp-check expect !string lagging error-status L7OKC").negated);
        assert!(!expect("http-check expect status 200").is_found_anywhere());
        assert!(!expect("tcp-check expect binary 66").is_found_anywhere());
    }

    #[test]
    fn steps_are_told_apart() {
        assert!(matches!(
            step("tcp-check connect port 5431 send-proxy"),
            Step::Connect(Some(5431))
        ));
        assert!(matches!(step("tcp-check connect"), Step::Connect(None)));
        assert!(
            matches!(step("http-check send meth GET uri /replica"), Step::Send(text) if text.contains("/replica"))
        );
        assert!(matches!(step("tcp-check send-binary 00"), Step::Send(_)));
        assert!(matches!(step("tcp-check comment x"), Step::Other));
        assert!(matches!(step("tcp-check expect"), Step::Other));
        assert!(matches!(step("tcp-check"), Step::Other));
    }

    #[test]
    fn the_kind_is_what_the_option_says() {
        assert_eq!(
            CheckKind::read(&["httpchk", "HEAD", "/x"]),
            Some(CheckKind::Http("HEAD /x".into()))
        );
        assert_eq!(
            CheckKind::read(&["pgsql-check", "user", "u"]),
            Some(CheckKind::Postgres("u".into()))
        );
        assert_eq!(CheckKind::read(&["redis-check"]), Some(CheckKind::Foreign));
        assert_eq!(CheckKind::read(&["tcplog"]), None);
    }
}
