//! Hosts as somebody types them, and answers as a terminal shows them.

use super::*;

#[test]
fn the_port_is_5431_unless_given() {
    for (text, host, port) in [
        ("srv1", "srv1", 5431),
        ("srv1:15431", "srv1", 15431),
        ("10.20.30.51:7", "10.20.30.51", 7),
        ("::1", "::1", 5431),
        ("[::1]", "::1", 5431),
        ("[::1]:7", "::1", 7),
    ] {
        assert_eq!(address(text), Ok((host.to_owned(), port)), "{text}");
    }
    for wrong in [
        "srv1:xx",
        "srv1:",
        "srv1:0",
        "srv1:65536",
        "[::1]:x",
        ":5431",
        "",
    ] {
        assert!(address(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn characters_that_control_a_terminal_are_escaped() {
    for (bytes, text) in [
        (&b"production\n"[..], "production"),
        (b"down two-primaries\nmore", "down two-primaries"),
        (b"\x1b[2Jproduction", "\\u{1b}[2Jproduction"),
        (b"prod\0uction", "prod\\0uction"),
        (b"\rproduction\n", "\\rproduction"),
        ("\u{9b}2J\u{202e}é".as_bytes(), "\\u{9b}2J\\u{202e}é"),
    ] {
        assert_eq!(shown(bytes), text);
    }
    let other = Ok(shown(b"prod\0uction"));
    assert!(!is_as(&other, Some("production")));
}

#[test]
fn an_answer_is_compared_by_its_first_word() {
    let answer = |text: &str| Ok(text.to_owned());
    assert!(is_as(&answer("standby"), Some("standby")));
    assert!(!is_as(&answer("standby2"), Some("standby")));
    assert!(is_as(&answer("down auth"), Some("down")));
    assert!(is_as(&answer("down auth"), None));
    assert!(!is_as(&Err("refused".into()), None));
}
