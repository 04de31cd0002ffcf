//! Servers that are listeners for readers, and servers that are not.

use crate::tools::lint::Rule;
use crate::tools::lint::haproxy::rules::tests::{fires, quiet};

fn relay(bind: &str, server: &str, listener: &str) -> String {
    format!(
        "listen pg_rw\n bind {bind}\n server x {server}\nlisten stdby\n bind {listener}\n option httpchk GET \
         /replica\n server a h:5432 check port 8008\n server b i:5432 check port 8008\n"
    )
}

#[test]
fn servers_that_are_a_listener_for_readers() {
    for (server, listener) in [
        ("127.0.0.1:5433", "127.0.0.1:5433"),
        ("localhost:5433", "*:5433"),
        ("127.0.0.1:5433", "[::]:5433 v4v6"),
        ("[::1]:5433", ":::5433"),
        ("ipv6@::1:5433", "ipv6@:5433"),
        ("0.0.0.0:5433", "*:5433"),
        ("0.0.0.0:5433", "10.0.0.9:5433"),
        ("*:+1", "*:5001"),
        ("127.0.0.1:5433", "*:5430-5440"),
        ("/run/pg.sock", "unix@/run/pg.sock"),
        ("unix@/run/pg.sock", "/var/run/pg.sock"),
        ("abns@pg", "abns@pg"),
        ("db:5433", "db:5433"),
    ] {
        let text = relay("*:5000", server, listener);
        fires(Rule::WritersToReaders, &text, &[3]);
    }
    // Another section listens on the address, so it is this host's.
    let text = relay("10.0.0.1:5000", "10.0.0.1:5433", "*:5433");
    fires(Rule::WritersToReaders, &text, &[3]);
}

#[test]
fn relays_behind_relays_are_followed() {
    let text = relay("*:5000", "127.0.0.1:5002", "127.0.0.1:5001");
    let between =
        |server: &str| format!("listen between\n bind 127.0.0.1:5002\n server x {server}\n");
    let front = "frontend front\n bind /run/x.sock\n default_backend behind\nbackend behind\n server x \
                 127.0.0.1:5001\n";
    fires(
        Rule::WritersToReaders,
        &(text.clone() + &between("127.0.0.1:5001")),
        &[3],
    );
    fires(
        Rule::WritersToReaders,
        &(text.clone() + &between("/run/x.sock") + front),
        &[3],
    );
    quiet(
        Rule::WritersToReaders,
        &(text.clone() + &between("127.0.0.1:5009")),
    );
    // A circle ends.
    quiet(Rule::WritersToReaders, &(text + &between("127.0.0.1:5002")));
}

#[test]
fn unix_sockets_are_bound_below_a_prefix() {
    let text = relay("*:5000", "/run/x/pg.sock", "/pg.sock");
    let global = "global\n unix-bind user x prefix /run/x\n";
    fires(Rule::WritersToReaders, &format!("{global}{text}"), &[5]);
    quiet(Rule::WritersToReaders, &text);
}

#[test]
fn servers_that_are_no_listener_for_readers() {
    for (server, listener) in [
        ("127.0.0.1:5434", "127.0.0.1:5433"),
        ("10.0.0.1:5433", "*:5433"),
        ("[::1]:5433", "*:5433"),
        ("127.0.0.1:5433", "[::]:5433 v6only"),
        ("127.0.0.1:5433", "*:5433 interface eth0"),
        ("*:+1", "*:5002"),
        ("/run/rw.sock", "/run/ro.sock"),
        ("/run/pg.sock", "abns@/run/pg.sock"),
    ] {
        let text = relay("*:5000", server, listener);
        quiet(Rule::WritersToReaders, &text);
    }
    let text = relay("10.0.0.1:5000", "0.0.0.0:5433", "10.0.0.2:5433");
    quiet(Rule::WritersToReaders, &text);
}
