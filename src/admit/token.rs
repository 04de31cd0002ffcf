//! The shared secret that a client of the state port must say first, where one is configured; knows
//! neither socket nor file.

use std::fmt;

use subtle::ConstantTimeEq;
use thiserror::Error;

/// Longest token; a line that is longer is wrong before its end.
const MOST: usize = 256;

/// Shortest token: 16 hexadecimal digits cannot be guessed through a limit on connections.
const LEAST: usize = 16;

/// Longest line that is waited for, with the end of a line as Windows and telnet write it.
pub const LONGEST_LINE: usize = MOST + 2;

/// A secret; never shown.
#[derive(Clone)]
pub struct Token {
    padded: [u8; MOST],
    length: u32,
}

/// Why a text is no token. Never quotes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
    /// Too short or too long.
    #[error(
        "the token must have {LEAST} to {MOST} characters; write one with: openssl rand -hex 32"
    )]
    Length,
    /// A character that a line of a load balancer's configuration cannot carry as it is.
    #[error(
        "the token may hold only visible ASCII characters, on one line; write one with: openssl rand -hex 32"
    )]
    Characters,
}

/// What the bytes that came so far are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenLine {
    /// No whole line yet.
    Incomplete,
    /// The token.
    Right,
    /// Another line, or one that is too long.
    Wrong,
}

impl Token {
    /// The token in the content of a file, whose last line may end.
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

    /// The secret itself, for the configuration of those who must say it.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        let length = usize::try_from(self.length).unwrap_or(MOST);
        self.padded.get(..length).unwrap_or_default()
    }

    /// Whether these bytes are the token. How long that takes does not depend on how much of it is right.
    #[must_use]
    pub fn is(&self, said: &[u8]) -> bool {
        if said.len() > MOST {
            return false;
        }
        let (padded, length) = pad(said);
        (self.padded.ct_eq(&padded) & self.length.ct_eq(&length)).into()
    }

    /// Looks for the token on the first line of `bytes`. How long that takes does not depend on how
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
            TokenLine::Right
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
    fn the_line_is_right_with_either_end_and_whatever_follows() {
        for line in [
            &b"0123456789abcdef\n"[..],
            b"0123456789abcdef\r\n",
            b"0123456789abcdef\nmore",
        ] {
            assert_eq!(token().read(line), TokenLine::Right, "{line:?}");
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
    fn a_line_without_an_end_is_waited_for_up_to_its_bound() {
        assert_eq!(token().read(b""), TokenLine::Incomplete);
        assert_eq!(token().read(SECRET), TokenLine::Incomplete);
        assert_eq!(token().read(&[b'x'; LONGEST_LINE]), TokenLine::Incomplete);
        assert_eq!(token().read(&[b'x'; LONGEST_LINE + 1]), TokenLine::Wrong);
    }

    #[test]
    fn a_token_is_one_line_of_some_length() {
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
    fn who_must_say_it_can_be_told() {
        assert_eq!(token().reveal(), SECRET);
    }

    proptest! {
        #[test]
        fn only_the_token_is_right(line in prop::collection::vec(any::<u8>(), 0..300)) {
            let is_token = line.strip_suffix(b"\n").is_some_and(|line| line == SECRET);
            let read = token().read(&line);
            prop_assert_eq!(read == TokenLine::Right, is_token);
        }
    }
}
