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
    /// `None` is `OPTIONS`, unless another line says which.
    pub(super) method: Option<String>,
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
        let (method, uri) = match words {
            [] => (None, None),
            [uri] => (None, Some(uri)),
            [method, uri, ..] => (Some(method), Some(uri)),
        };
        Self {
            method: method.map(|method| (*method).to_owned()),
            uri: uri.map(|uri| Uri::Written((*uri).to_owned())),
            from_option: true,
        }
    }

    /// Parses the words after `http-check send`.
    fn of_send(words: &[&str]) -> Self {
        let mut words = words.iter().copied();
        let (mut method, mut uri) = (None, None);
        while let Some(word) = words.next() {
            match word {
                "meth" => method = words.next().map(str::to_owned),
                "uri" => uri = words.next().map(|uri| Uri::Written(uri.to_owned())),
                "uri-lf" => {
                    words.next();
                    uri = Some(Uri::Computed);
                }
                "hdr" => drop(words.by_ref().take(2).count()),
                // A version, a body or a comment.
                _ => drop(words.next()),
            }
        }
        Self {
            method,
            uri,
            from_option: false,
        }
    }

    /// The same with what another line says of what this one does not.
    pub(super) fn or(self, other: &Self) -> Self {
        Self {
            method: self.method.or_else(|| other.method.clone()),
            uri: self.uri.or_else(|| other.uri.clone()),
            from_option: false,
        }
    }

    pub(in crate::tools::lint::haproxy) fn method(&self) -> &str {
        self.method.as_deref().unwrap_or("OPTIONS")
    }

    /// The target of the request as it is sent; `None` if it is computed.
    pub(in crate::tools::lint::haproxy) fn target(&self) -> Option<&str> {
        match &self.uri {
            None => Some("/"),
            Some(Uri::Computed) => None,
            // What follows a blank is read as the version.
            Some(Uri::Written(uri)) => uri.split(char::is_whitespace).next(),
        }
    }

    /// The first part of its path, without the slash: `read-only` of `/read-only?lag=1MB`. `None` if it is computed.
    pub(in crate::tools::lint::haproxy) fn path(&self) -> Option<&str> {
        let target = self.target()?;
        let path = match target.split_once("://") {
            Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
            None => target.strip_prefix('/').unwrap_or(target),
        };
        path.split(['?', '/', '#']).next()
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
            (&["replica"], "replica"),
            (&["GET", "http://x/health"], "health"),
            (&["GET", "http://x"], ""),
            (&[], ""),
        ] {
            assert_eq!(Request::of_option(words).path(), Some(expected));
        }
    }

    #[test]
    fn the_method_and_the_target_are_those_that_are_sent() {
        for (words, method, target) in [
            (&[][..], "OPTIONS", "/"),
            (&["/primary"], "OPTIONS", "/primary"),
            (&["POST", "/primary"], "POST", "/primary"),
            (
                &["GET", "/health HTTP/1.0\r\nX: /primary"],
                "GET",
                "/health",
            ),
        ] {
            let request = Request::of_option(words);
            assert_eq!((request.method(), request.target()), (method, Some(target)));
        }
        let sent = Request::of_send(&["uri", "/replica"]).or(&Request::of_option(&["GET", "/x"]));
        assert_eq!((sent.method(), sent.target()), ("GET", Some("/replica")));
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
