//! Every `sslmode` against every kind of server, root certificate and name.

use crate::operator::{Client, Operator};
use crate::server::{AUTHORITY, STRANGER, Server, WITH_TLS, WITHOUT_TLS};

/// Let in without TLS.
const PLAIN: &str = "plain";
/// Let in with TLS.
const TLS_13: &str = "TLSv1.3";
/// No TLS to be had, or none that can be trusted.
const TLS: &str = "down tls";
/// Not let in.
const AUTH: &str = "down auth";

/// What comes of each mode. The columns: the root certificate of the server's authority, that of
/// another, none; each with the name in the server's certificate, and with another name.
type Table = [(&'static str, [&'static str; 6]); 6];

fn check(server: &Server, role: &str, table: &Table) {
    let operator = Operator::new();
    let right = operator.file("right.crt", &AUTHORITY.certificate(), 0o644);
    let wrong = operator.file("wrong.crt", &STRANGER.certificate(), 0o644);
    let roots = [
        format!("sslrootcert={}", right.display()),
        format!("sslrootcert={}", wrong.display()),
        String::new(),
    ];
    for (mode, ends) in table {
        let columns = roots
            .iter()
            .flat_map(|root| ["", "host=db2.example"].map(|name| format!("{root} {name}")));
        for (column, end) in columns.zip(ends) {
            let settings = format!("sslmode={mode} {column}");
            assert_eq!(server.meet(&operator, role, &settings), *end, "{settings}");
        }
    }
}

#[test]
fn a_server_with_tls_that_insists_on_nothing() {
    let table = [
        ("disable", [PLAIN; 6]),
        ("allow", [PLAIN; 6]),
        ("prefer", [TLS_13, TLS_13, PLAIN, PLAIN, TLS_13, TLS_13]),
        ("require", [TLS_13, TLS_13, TLS, TLS, TLS_13, TLS_13]),
        ("verify-ca", [TLS_13, TLS_13, TLS, TLS, TLS, TLS]),
        ("verify-full", [TLS_13, TLS, TLS, TLS, TLS, TLS]),
    ];
    check(&WITH_TLS, "either", &table);
}

#[test]
fn a_server_that_insists_on_tls() {
    let table = [
        ("disable", [AUTH; 6]),
        ("allow", [TLS_13, TLS_13, TLS, TLS, TLS_13, TLS_13]),
        ("prefer", [TLS_13, TLS_13, AUTH, AUTH, TLS_13, TLS_13]),
        ("require", [TLS_13, TLS_13, TLS, TLS, TLS_13, TLS_13]),
        ("verify-ca", [TLS_13, TLS_13, TLS, TLS, TLS, TLS]),
        ("verify-full", [TLS_13, TLS, TLS, TLS, TLS, TLS]),
    ];
    check(&WITH_TLS, "encrypted", &table);
}

#[test]
fn a_server_with_tls_that_lets_nobody_in_by_it() {
    let table = [
        ("disable", [PLAIN; 6]),
        ("allow", [PLAIN; 6]),
        ("prefer", [PLAIN; 6]),
        ("require", [AUTH, AUTH, TLS, TLS, AUTH, AUTH]),
        ("verify-ca", [AUTH, AUTH, TLS, TLS, TLS, TLS]),
        ("verify-full", [AUTH, TLS, TLS, TLS, TLS, TLS]),
    ];
    check(&WITH_TLS, "unencrypted", &table);
}

#[test]
fn a_server_without_tls() {
    let table = [
        ("disable", [PLAIN; 6]),
        ("allow", [PLAIN; 6]),
        ("prefer", [PLAIN; 6]),
        ("require", [TLS; 6]),
        ("verify-ca", [TLS; 6]),
        ("verify-full", [TLS; 6]),
    ];
    check(&WITHOUT_TLS, "either", &table);
}

#[test]
fn a_server_without_tls_that_insists_on_it() {
    let operator = Operator::new();
    for (mode, end) in [
        ("disable", AUTH),
        ("allow", AUTH),
        ("prefer", AUTH),
        ("require", TLS),
    ] {
        let settings = format!("sslmode={mode}");
        let met = WITHOUT_TLS.meet(&operator, "encrypted", &settings);
        assert_eq!(met, end, "{mode}");
    }
}

#[test]
fn a_refusal_costs_the_server_no_more_sessions_than_with_libpq() {
    let operator = Operator::new();
    for (server, modes) in [
        (&*WITH_TLS, [("allow", 2), ("prefer", 2), ("require", 1)]),
        (&*WITHOUT_TLS, [("allow", 1), ("prefer", 1), ("disable", 1)]),
    ] {
        for (mode, sessions) in modes {
            for client in [Client::Psql, Client::Probe] {
                let role = format!("{client:?}-{mode}");
                let conninfo = server.conninfo(&role, &format!("sslmode={mode}"));
                let output = operator.connect_alone(client, &conninfo);
                assert!(!output.status.success(), "{conninfo}");
                let refusals = server.refusals(&role);
                match client {
                    // Before 17 libpq asks a server without TLS the same twice.
                    Client::Psql => assert!(refusals >= sessions, "{conninfo}: {refusals}"),
                    Client::Probe => assert_eq!(refusals, sessions, "{conninfo}"),
                }
            }
        }
    }
}
