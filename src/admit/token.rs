//! The shared secret that a client must send first, if one is configured; uses
//! neither sockets nor files.

use std::fmt;

use subtle::{Choice, ConstantTimeEq};
use thiserror::Error;

/// Longest token, in characters; a longer line is wrong before its end arrives.
const MOST: usize = 256;

/// Shortest token, in characters: with a limit on connections, 16 hexadecimal digits cannot be guessed.
const LEAST: usize = 16;

/// Longest line that is read, in bytes, with the line end CR LF that Windows and telnet send.
pub const LONGEST_LINE: usize = MOST + 2;

/// What a client must send: one secret, or either of two while the old one is exchanged for a new one. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    first: Secret,
    second: Option<Secret>,
}

#[derive(Clone)]
struct Secret {
    padded: [u8; MOST],
    length: u32,
}

/// The content of a token file is not valid. The message never quotes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
    /// The file contains no token, or too many.
    #[error(
        "the file must contain one token, or two while tokens are exchanged, each on a separate line; create one with: openssl rand -hex 32"
    )]
    Count,
    /// The token is too short or too long.
    #[error(
        "a token must have {LEAST} to {MOST} characters; create one with: openssl rand -hex 32"
    )]
    Length,
    /// The token contains a character that a load balancer's configuration cannot contain literally.
    #[error(
        "a token may contain only visible ASCII characters; create one with: openssl rand -hex 32"
    )]
    Characters,
}

/// The state of the bytes received so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenLine {
    /// The line is not complete.
    Incomplete,
    /// The line is the token.
    Right {
        /// The length of the line with its end, in bytes.
        length: usize,
    },
    /// The line is something else, or too long.
    Wrong,
}

impl Token {
    /// Parses the content of a file: one token, or two, one per line. Empty lines do not count.
    pub fn new(content: &[u8]) -> Result<Self, TokenError> {
        let lines = content.split(|byte| *byte == b'\n').map(without_end);
        let mut lines = lines.filter(|line| !line.is_empty());
        let first = lines.next().ok_or(TokenError::Count)?;
        let second = lines.next();
        if lines.next().is_some() {
            return Err(TokenError::Count);
        }
        Ok(Self {
            first: Secret::new(first)?,
            second: second.map(Secret::new).transpose()?,
        })
    }

    /// The first secret itself, for requests and for generated configuration of clients that must send it.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        let length = usize::try_from(self.first.length).unwrap_or(MOST);
        self.first.padded.get(..length).unwrap_or_default()
    }

    /// Whether these bytes are the token, or one of two. The time does not depend on how much of either is right.
    #[must_use]
    pub fn is(&self, bytes: &[u8]) -> bool {
        if bytes.len() > MOST {
            return false;
        }
        let shown = Secret::padded(bytes);
        let is_first = self.first.ct_eq(&shown);
        let is_second = self.second.as_ref().map(|second| second.ct_eq(&shown));
        (is_first | is_second.unwrap_or(Choice::from(0))).into()
    }

    /// Compares the first line of `bytes` with the token, or with both. The time does not depend on how
    /// much of either is right.
    #[must_use]
    pub fn read(&self, bytes: &[u8]) -> TokenLine {
        let mut line = bytes.split_inclusive(|byte| *byte == b'\n');
        let line = line.next().unwrap_or_default();
        if line.len() > LONGEST_LINE {
            return TokenLine::Wrong;
        }
        if !line.ends_with(b"\n") {
            return TokenLine::Incomplete;
        }
        if self.is(without_end(line)) {
            TokenLine::Right { length: line.len() }
        } else {
            TokenLine::Wrong
        }
    }
}

fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

impl Secret {
    fn new(text: &[u8]) -> Result<Self, TokenError> {
        if !(LEAST..=MOST).contains(&text.len()) {
            return Err(TokenError::Length);
        }
        if !text.iter().all(u8::is_ascii_graphic) {
            return Err(TokenError::Characters);
        }
        Ok(Self::padded(text))
    }

    fn padded(text: &[u8]) -> Self {
        let mut padded = [0; MOST];
        for (place, byte) in padded.iter_mut().zip(text) {
            *place = *byte;
        }
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        Self { padded, length }
    }
}

impl ConstantTimeEq for Secret {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.padded.ct_eq(&other.padded) & self.length.ct_eq(&other.length)
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(\"…\")")
    }
}

#[cfg(test)]
mod tests;
