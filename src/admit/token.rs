//! The shared secret that a client must send first, if one is configured; uses
//! neither sockets nor files.

use std::fmt;

use subtle::ConstantTimeEq;
use thiserror::Error;

/// Longest token, in characters; a longer line is wrong before its end arrives.
const MOST: usize = 256;

/// Shortest token, in characters: with a limit on connections, 16 hexadecimal digits cannot be guessed.
const LEAST: usize = 16;

/// Longest line that is read, in bytes, with the line end CR LF that Windows and telnet send.
pub const LONGEST_LINE: usize = MOST + 2;

/// A secret; never shown.
#[derive(Clone)]
pub struct Token {
    padded: [u8; MOST],
    length: u32,
}

/// The content of a token file is not valid. The message never quotes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
    /// The token is too short or too long.
    #[error(
        "the token must have {LEAST} to {MOST} characters; create one with: openssl rand -hex 32"
    )]
    Length,
    /// The token contains a character that a load balancer's configuration cannot contain literally.
    #[error(
        "the token may contain only visible ASCII characters, on one line; create one with: openssl rand -hex 32"
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
    /// Parses the content of a file: the token, with or without a line end.
    pub fn new(content: &[u8]) -> Result<Self, TokenError> {
        let text = without_end(content);
        if !(LEAST..=MOST).contains(&text.len()) {
            return Err(TokenError::Length);
        }
        if !text.iter().all(u8::is_ascii_graphic) {
            return Err(TokenError::Characters);
        }
        let (padded, length) = pad(text);
        Ok(Self { padded, length })
    }

    /// The secret itself, for requests and for generated configuration of clients that must send it.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        let length = usize::try_from(self.length).unwrap_or(MOST);
        self.padded.get(..length).unwrap_or_default()
    }

    /// Whether these bytes are the token. The time does not depend on how much of it is right.
    #[must_use]
    pub fn is(&self, bytes: &[u8]) -> bool {
        if bytes.len() > MOST {
            return false;
        }
        let (padded, length) = pad(bytes);
        (self.padded.ct_eq(&padded) & self.length.ct_eq(&length)).into()
    }

    /// Compares the first line of `bytes` with the token. The time does not depend on how
    /// much of it is right.
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

fn pad(text: &[u8]) -> ([u8; MOST], u32) {
    let mut padded = [0; MOST];
    for (place, byte) in padded.iter_mut().zip(text) {
        *place = *byte;
    }
    (padded, u32::try_from(text.len()).unwrap_or(u32::MAX))
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        (self.padded.ct_eq(&other.padded) & self.length.ct_eq(&other.length)).into()
    }
}

impl Eq for Token {}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(\"…\")")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &[u8] = b"0123456789abcdef";

    fn token() -> Token {
        Token::new(SECRET).unwrap()
    }

    #[test]
    fn the_line_is_right_with_either_line_end_and_any_bytes_after_it() {
        for (line, length) in [
            (&b"0123456789abcdef\n"[..], 17),
            (b"0123456789abcdef\r\n", 18),
            (b"0123456789abcdef\nmore", 17),
        ] {
            assert_eq!(token().read(line), TokenLine::Right { length }, "{line:?}");
        }
    }

    #[test]
    fn another_line_is_wrong() {
        for line in [
            &b"\n"[..],
            b"0123456789abcde\n",
            b"0123456789abcdeF\n",
            b"0123456789abcdef0\n",
            b"0123456789abcdef\0\n",
            b" 0123456789abcdef\n",
            b"\n0123456789abcdef\n",
        ] {
            assert_eq!(token().read(line), TokenLine::Wrong, "{line:?}");
        }
    }

    #[test]
    fn a_line_without_an_end_is_incomplete_up_to_the_limit() {
        assert_eq!(token().read(b""), TokenLine::Incomplete);
        assert_eq!(token().read(SECRET), TokenLine::Incomplete);
        assert_eq!(token().read(&[b'x'; LONGEST_LINE]), TokenLine::Incomplete);
        assert_eq!(token().read(&[b'x'; LONGEST_LINE + 1]), TokenLine::Wrong);
    }

    #[test]
    fn a_token_file_has_one_line_of_valid_length() {
        assert_eq!(Token::new(b"0123456789abcdef\r\n"), Ok(token()));
        assert_eq!(Token::new(b"0123456789abcde\n"), Err(TokenError::Length));
        assert_eq!(Token::new(&[b'x'; 257]), Err(TokenError::Length));
        for wrong in [
            "0123456789abcdef\n\n",
            "0123456789 abcdef",
            "0123456789abcdéf",
        ] {
            let error = Token::new(wrong.as_bytes()).unwrap_err();
            assert_eq!(error, TokenError::Characters, "{wrong:?}");
        }
    }

    #[test]
    fn a_token_is_not_shown() {
        assert_eq!(format!("{:?}", token()), "Token(\"…\")");
    }

    #[test]
    fn the_secret_can_be_read_for_clients() {
        assert_eq!(token().reveal(), SECRET);
    }

    proptest! {
        #[test]
        fn only_the_token_is_right(line in prop::collection::vec(any::<u8>(), 0..300)) {
            let is_token = line.strip_suffix(b"\n").is_some_and(|line| line == SECRET);
            let read = token().read(&line);
            prop_assert_eq!(matches!(read, TokenLine::Right { .. }), is_token);
        }
    }
}
