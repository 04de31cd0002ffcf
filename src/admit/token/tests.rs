//! Lines and files that are a token, and those that are none.

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
    assert_eq!(Token::new(b"0123456789abcdef\n\n"), Ok(token()));
    assert_eq!(Token::new(b"\r\n\n"), Err(TokenError::Count));
    assert_eq!(Token::new(b"0123456789abcde\n"), Err(TokenError::Length));
    assert_eq!(Token::new(&[b'x'; 257]), Err(TokenError::Length));
    for wrong in ["0123456789 abcdef", "0123456789abcdéf"] {
        let error = Token::new(wrong.as_bytes()).unwrap_err();
        assert_eq!(error, TokenError::Characters, "{wrong:?}");
    }
}

#[test]
fn during_an_exchange_either_of_two_lines_is_right_and_the_first_is_sent() {
    let both = Token::new(b"0123456789abcdef\r\nfedcba9876543210\n").unwrap();
    for right in [SECRET, b"fedcba9876543210"] {
        assert!(both.is(right));
        let line = [right, b"\n"].concat();
        assert_eq!(both.read(&line), TokenLine::Right { length: 17 });
    }
    for wrong in [
        &b"0123456789abcdef\nfedcba9876543210"[..],
        b"0123456789abcdeffedcba9876543210",
        b"fedcba987654321",
        b"",
    ] {
        assert!(!both.is(wrong), "{wrong:?}");
    }
    assert_eq!(both.reveal(), SECRET);
    assert_ne!(both, token());
    let short = Token::new(b"0123456789abcdef\nfedcba987654321\n");
    assert_eq!(short, Err(TokenError::Length));
    let three = Token::new(b"0123456789abcdef\nfedcba9876543210\n0123456789abcdef\n");
    assert_eq!(three, Err(TokenError::Count));
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
