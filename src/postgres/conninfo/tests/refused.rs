//! What is refused, and with which message.

use super::{error, resolve_in};

#[test]
fn a_setting_that_cannot_be_honoured_is_refused_with_the_reason() {
    for (conninfo, sentence) in [
        (
            "host=a,b",
            "host in the connection string lists several servers",
        ),
        (
            "hostaddr=::1,::2",
            "hostaddr in the connection string lists several servers",
        ),
        (
            "port=1,2",
            "port in the connection string lists several servers",
        ),
        ("replication=database", "ordinary questions"),
        ("target_session_attrs=primary", "determines itself"),
        ("gssencmode=require", "GSSAPI encryption is not available"),
        ("sslkeylogfile=/d", "never written"),
        ("sslcertmode=require", "cannot tell"),
        ("min_protocol_version=3.2", "version 3.0"),
        ("oauth_issuer=x", "logs in by"),
        (
            "sslmode=prefer sslrootcert=system",
            "use it with sslmode=verify-full",
        ),
        ("sslnegotiation=direct", "fall back to no encryption"),
        (
            "ssl_min_protocol_version=TLSv1.3 ssl_max_protocol_version=TLSv1.2",
            "below",
        ),
        (
            "hostaddr=::1 sslmode=verify-full",
            "needs the server's name",
        ),
        ("user=a\0b", "NUL"),
    ] {
        assert!(
            error(conninfo).contains(sentence),
            "{conninfo}: {}",
            error(conninfo)
        );
    }
}

#[test]
fn the_error_about_an_invalid_value_says_what_is_valid() {
    for (conninfo, sentence) in [
        (
            "port=0",
            r#"port in the connection string is "0"; it must be a port number from 1 to 65535"#,
        ),
        ("port=70000", "a port number"),
        ("port=postgres", "a port number"),
        ("hostaddr=db1", r#"is "db1"; it must be an IP address"#),
        (
            "sslmode=on",
            "one of disable, allow, prefer, require, verify-ca, verify-full",
        ),
        ("sslmode=Require", "one of disable"),
        ("channel_binding=x", "one of disable, prefer, require"),
        (
            "ssl_max_protocol_version=SSLv3",
            "one of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3",
        ),
    ] {
        assert!(
            error(conninfo).contains(sentence),
            "{conninfo}: {}",
            error(conninfo)
        );
    }
    let port = resolve_in("", &[("PGPORT", "x")])
        .expect_err("a port")
        .to_string();
    assert!(
        port.starts_with(r#"the environment variable PGPORT is "x""#),
        "{port}"
    );
}

#[test]
fn an_unknown_keyword_is_shown_unless_it_may_belong_to_a_password() {
    assert_eq!(
        error("prot=1"),
        r#""prot" in the connection string is not a keyword of libpq; perhaps you meant "port""#
    );
    assert_eq!(
        error("password=correct horse=battery"),
        "a setting in the connection string is not a keyword of libpq"
    );
}
