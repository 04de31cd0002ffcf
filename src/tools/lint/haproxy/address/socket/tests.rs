//! Which addresses are one, and which are two.

use super::*;

fn bound(line: &str) -> Socket {
    let mut words = line.split(' ');
    let socket = Socket::read(words.next().unwrap()).unwrap();
    socket.bound(words)
}

#[test]
fn addresses_on_which_both_would_listen() {
    for (one, other) in [
        ("*:5000", "0.0.0.0:5000"),
        ("*:5000", "[::]:5000 v4v6"),
        ("*:5000", ":::5000"),
        ("*:5000", "ipv6@:4990-5010"),
        (":::5000", "[::]:5000 v6only"),
        ("tcp4@*:5000", "ip@:5000"),
        ("stream+ipv4@10.1:5000", "mptcp4@10.0.0.1:5000"),
        ("::1:5000", "tcp6@[0::1]:5000"),
        ("*:${PORT}", "*:${PORT}"),
        ("${HOST}:5000", "${HOST}:5000"),
        ("/run/pg.sock", "unix@/run/pg.sock"),
        ("/var/run//pg.sock", "uxst@/run/./x/../pg.sock"),
        ("abns@pg", "stream+abns@pg"),
        ("fd@5", "fd@5"),
    ] {
        assert!(bound(one).is_shared_with(&bound(other)), "{one} {other}");
        assert!(bound(other).is_shared_with(&bound(one)), "{other} {one}");
    }
}

#[test]
fn addresses_on_which_one_would_listen() {
    for (one, other) in [
        ("*:5000", "*:5001"),
        ("*:5000", "[::]:5000 v6only"),
        ("*:5000", ":::5000 v4v6 v6only"),
        ("*:5000", "10.0.0.1:5000"),
        ("::1:5000", "127.0.0.1:5000"),
        ("*:${A}", "*:${B}"),
        ("abns@pg", "abnsz@pg"),
        ("abns@pg", "/pg"),
        ("/run/pg", "/run/pg2"),
        ("fd@5", "fd@6"),
    ] {
        assert!(!bound(one).is_shared_with(&bound(other)), "{one} {other}");
    }
    for none in [
        "quic4@:443",
        "udp@:514",
        "dgram+unix@/run/log",
        "${ADDR}@x",
        "a/b",
    ] {
        assert_eq!(Socket::read(none), None, "{none}");
    }
}

#[test]
fn unix_sockets_are_bound_below_a_prefix() {
    let below = |written: &str| bound(written).below("/run/");
    assert_eq!(below("unix@/pg.sock"), bound("/run/pg.sock"));
    assert_eq!(below("abns@pg"), bound("abns@pg"));
    assert_eq!(bound("/pg.sock").below(""), bound("/pg.sock"));
}

#[test]
fn a_server_without_a_port_has_the_clients() {
    let offset = |written: &str| match Socket::read(written) {
        Some(Socket::Tcp {
            host: _,
            ports: SocketPorts::Offset(offset),
        }) => Some(offset),
        _ => None,
    };
    assert_eq!(offset("*"), Some(0));
    assert_eq!(offset("10.0.0.1:+1"), Some(1));
    assert_eq!(offset("10.0.0.1:-1"), Some(-1));
    assert_eq!(offset("10.0.0.1:1"), None);
}
