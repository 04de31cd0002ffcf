//! Parses what a check sends: an HTTP request, or data as it is; judges nothing.

use crate::admit::Token;

/// What a `send` line sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tools::lint::haproxy) enum Sent {
    /// The request of `option httpchk` and `http-check send`.
    Request(Request),
    /// The data of `tcp-check send`.
    Text(String),
    /// The data of `tcp-check send-binary`, in hexadecimal.
    Bytes(String),
    /// Data that is computed for each check.
    Computed,
}

/// An HTTP request, as far as it decides about the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::tools::lint::haproxy) struct Request {
    /// `None` is `/`, unless another line says which.
    pub(in crate::tools::lint::haproxy) uri: Option<Uri>,
    /// It is that of `option httpchk`, with which the first `http-check send` is merged.
    pub(super) from_option: bool,
}

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tools::lint::haproxy) enum Uri {
    Written(String),
    /// `uri-lf`: it is computed for each check.
    Computed,
}

impl Request {
    /// Parses the arguments of `option httpchk`: a URI, or a method and a URI, and then a version.
    pub(super) fn of_option(words: &[&str]) -> Self {
        let uri = match words {
            [] => None,
            [uri] | [_, uri, ..] => Some(Uri::Written((*uri).to_owned())),
        };
        Self {
            uri,
            from_option: true,
        }
    }

    /// Parses the words after `http-check send`.
    fn of_send(words: &[&str]) -> Self {
        let mut words = words.iter().copied();
        let mut uri = None;
        while let Some(word) = words.next() {
            match word {
                "uri" => uri = words.next().map(|uri| Uri::Written(uri.to_owned())),
                "uri-lf" => {
                    words.next();
                    uri = Some(Uri::Computed);
                }
                "hdr" => drop(words.by_ref().take(2).count()),
                // A method, a version, a body or a comment.
                _ => drop(words.next()),
            }
        }
        Self {
            uri,
            from_option: false,
        }
    }

    /// The first part of its path, without the slash: `read-only` of `/read-only?lag=1MB`. `None` if it is computed.
    pub(in crate::tools::lint::haproxy) fn path(&self) -> Option<&str> {
        let written = match &self.uri {
            None => return Some(""),
            Some(Uri::Computed) => return None,
            Some(Uri::Written(uri)) => uri,
        };
        let (_, behind) = written.split_once('/').unwrap_or_default();
        let end = behind.find(|c: char| c.is_whitespace() || matches!(c, '?' | '/'));
        behind.get(..end.unwrap_or(behind.len()))
    }
}

impl Sent {
    /// Parses a `send` line of `tcp-check` or `http-check`; `keyword` is its second word.
    pub(super) fn read(protocol: &str, keyword: &str, rest: &[&str]) -> Self {
        let data = || rest.first().copied().unwrap_or_default().to_owned();
        match (protocol, keyword) {
            ("http-check", _) => Self::Request(Request::of_send(rest)),
            (_, "send") => Self::Text(data()),
            (_, "send-binary") => Self::Bytes(data()),
            _ => Self::Computed,
        }
    }

    /// Whether it can be the line with the token that this project's daemon waits for (`admission.token_file`).
    pub(in crate::tools::lint::haproxy) fn is_token(&self) -> bool {
        let is_token = |line: &[u8]| {
            let line = line.strip_suffix(b"\n");
            line.is_some_and(|line| Token::new(line).is_ok())
        };
        match self {
            Self::Text(text) => is_token(text.as_bytes()),
            Self::Bytes(digits) => bytes(digits).is_some_and(|bytes| is_token(&bytes)),
            Self::Request(_) | Self::Computed => false,
        }
    }
}

fn bytes(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
    pairs.map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(words: &str) -> Option<String> {
        let words: Vec<&str> = words.split(' ').collect();
        Request::of_send(&words).path().map(str::to_owned)
    }

    #[test]
    fn the_path_is_the_uris_wherever_it_stands() {
        for (words, expected) in [
            ("meth GET uri /replica?lag=1MB", Some("replica")),
            (
                "hdr Host a/b hdr uri /x uri /primary ver HTTP/1.1",
                Some("primary"),
            ),
            ("meth OPTIONS ver HTTP/1.0", Some("")),
            ("body uri uri /read-only/x", Some("read-only")),
            ("uri-lf /%[var(x)]", None),
        ] {
            assert_eq!(path(words).as_deref(), expected, "{words}");
        }
        for (words, expected) in [
            (&["/health"][..], "health"),
            (&["GET", "/primary", "HTTP/1.0\r\nX: /x"], "primary"),
            (&["OPTIONS/master"], "master"),
            (&[], ""),
        ] {
            assert_eq!(Request::of_option(words).path(), Some(expected));
        }
    }

    #[test]
    fn a_token_is_one_line_of_visible_characters() {
        let token = "0123456789abcdef";
        let hex = "30313233343536373839616263646566".to_owned();
        assert!(Sent::Bytes(format!("{hex}0a")).is_token());
        assert!(Sent::Text(format!("{token}\n")).is_token());
        for other in [
            Sent::Bytes(hex),
            Sent::Bytes("00030000".to_owned()),
            Sent::Bytes("0x".to_owned()),
            Sent::Text("x\n".to_owned()),
            Sent::Text("info replication\r\n".to_owned()),
            Sent::Computed,
        ] {
            assert!(!other.is_token(), "{other:?}");
        }
    }
}
