use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;

use super::endpoint::DEFAULT_DIRECTORY;
use super::*;

fn resolve_in(conninfo: &str, variables: &[(&str, &str)]) -> Result<Target, TargetError> {
    let variables: BTreeMap<_, _> = variables.iter().copied().collect();
    Target::resolve(
        conninfo,
        &Surroundings {
            variable: &|name| variables.get(name).map(ToString::to_string),
            user: Some("postgres".into()),
            home: Some("/home/pg".into()),
        },
    )
}

fn resolve(conninfo: &str) -> Target {
    resolve_in(conninfo, &[]).expect(conninfo)
}

fn error(conninfo: &str) -> String {
    resolve_in(conninfo, &[]).expect_err(conninfo).to_string()
}

fn unix(directory: &str, port: u16) -> Endpoint {
    Endpoint::Unix {
        directory: directory.into(),
        port,
    }
}

fn tcp(host: &str, address: Option<&str>, port: u16) -> Endpoint {
    let address = address.map(|address| address.parse().expect("an address"));
    Endpoint::Tcp {
        host: host.into(),
        address,
        port,
    }
}

#[test]
fn an_empty_string_means_what_psql_alone_means() {
    let default = |name: &str| FileChoice::Default(Path::new("/home/pg").join(name));
    let expected = Target {
        endpoint: unix("/var/run/postgresql", 5432),
        user: "postgres".into(),
        database: "postgres".into(),
        password: None,
        passfile: Some(default(".pgpass")),
        tls: Tls {
            mode: SslMode::Prefer,
            negotiation: Negotiation::Postgres,
            versions: Versions::Both,
            name_indication: NameIndication::Sent,
            roots: Roots::File(default(".postgresql/root.crt")),
            revocations: Some(default(".postgresql/root.crl")),
            client: Some(ClientCertificate {
                certificate: default(".postgresql/postgresql.crt"),
                key: "/home/pg/.postgresql/postgresql.key".into(),
            }),
        },
        channel_binding: ChannelBinding::Prefer,
        options: None,
        application_name: "pgsql-state".into(),
    };
    assert_eq!(resolve(""), expected);
    assert_eq!(resolve("postgresql://"), expected);
}

#[test]
fn the_string_comes_before_the_variables_and_these_before_the_defaults() {
    let all = [
        ("PGHOST", "db1"),
        ("PGPORT", "5433"),
        ("PGUSER", "u"),
        ("PGDATABASE", "d"),
        ("PGPASSWORD", "p"),
        ("PGPASSFILE", "/p"),
        ("PGOPTIONS", "-c a=b"),
        ("PGAPPNAME", "a"),
        ("PGCHANNELBINDING", "require"),
        ("PGSSLMODE", "verify-ca"),
        ("PGSSLROOTCERT", "/r"),
        ("PGSSLCERT", "/c"),
        ("PGSSLKEY", "/k"),
        ("PGSSLCRL", "/l"),
        ("PGCONNECT_TIMEOUT", "10"),
    ];
    let named = |name: &str| FileChoice::Named(name.into());
    let from_variables = resolve_in("", &all).expect("variables");
    assert_eq!(
        from_variables,
        Target {
            endpoint: tcp("db1", None, 5433),
            user: "u".into(),
            database: "d".into(),
            password: Some(Secret::new("p")),
            passfile: Some(named("/p")),
            tls: Tls {
                mode: SslMode::VerifyCa,
                negotiation: Negotiation::Postgres,
                versions: Versions::Both,
                name_indication: NameIndication::Sent,
                roots: Roots::File(named("/r")),
                revocations: Some(named("/l")),
                client: Some(ClientCertificate {
                    certificate: named("/c"),
                    key: "/k".into()
                }),
            },
            channel_binding: ChannelBinding::Require,
            options: Some("-c a=b".into()),
            application_name: "a".into(),
        }
    );
    let string = "host=/s port=1 user=v dbname=e password=q passfile=/q options=o application_name=b \
                  channel_binding=disable sslmode=require sslrootcert=/t sslcert=/d sslkey=/m sslcrl=/n";
    assert_eq!(resolve_in(string, &all), Ok(resolve(string)));
    let target = resolve(string);
    assert_eq!(target.endpoint, unix("/s", 1));
    assert_eq!(target.password, Some(Secret::new("q")));
    assert_eq!(target.application_name, "b");
    assert_eq!(target.tls.roots, Roots::File(named("/t")));
}

#[test]
fn an_empty_setting_hides_the_variable_and_means_the_default() {
    let variables = [
        ("PGHOST", "db1"),
        ("PGPORT", "1"),
        ("PGUSER", "u"),
        ("PGPASSWORD", "p"),
    ];
    let target = resolve_in("host='' port='' user='' password=''", &variables).expect("defaults");
    assert_eq!(target, resolve(""));
    let empty = [
        ("PGHOST", ""),
        ("PGPORT", ""),
        ("PGUSER", ""),
        ("PGPASSFILE", ""),
        ("PGSERVICE", ""),
    ];
    assert_eq!(resolve_in("", &empty), Ok(resolve("")));
    assert!(resolve_in("", &[("PGSSLMODE", "")]).is_err(), "as in libpq");
}

#[test]
fn the_database_is_the_role_and_the_role_the_user_unless_told_otherwise() {
    assert_eq!(resolve("user=monitor").database, "monitor");
    assert_eq!(resolve("dbname=app").user, "postgres");
    let nobody = Surroundings {
        variable: &|_| None,
        user: None,
        home: None,
    };
    assert_eq!(Target::resolve("", &nobody), Err(TargetError::NoUser));
    assert_eq!(
        Target::resolve("user=u", &nobody).map(|t| t.passfile),
        Ok(None)
    );
}

#[test]
fn a_database_named_like_a_connection_string_stays_a_name() {
    assert_eq!(
        resolve(r"dbname='host=other user=x'").database,
        "host=other user=x"
    );
    assert_eq!(
        resolve("dbname=postgres://other/db").endpoint,
        unix(DEFAULT_DIRECTORY, 5432)
    );
}

#[test]
fn a_fallback_name_gives_way_to_a_name() {
    assert_eq!(resolve("fallback_application_name=f").application_name, "f");
    assert_eq!(
        resolve("fallback_application_name=f application_name=a").application_name,
        "a"
    );
}

#[test]
fn the_host_decides_between_socket_and_network() {
    for (conninfo, endpoint, shown) in [
        ("host=/tmp port=5434", unix("/tmp", 5434), "/tmp port 5434"),
        ("host=@pg", unix("@pg", 5432), "@pg port 5432"),
        ("host=db1", tcp("db1", None, 5432), "db1 port 5432"),
        ("host=::1", tcp("::1", None, 5432), "::1 port 5432"),
        (
            "host=db1 hostaddr=::1",
            tcp("db1", Some("::1"), 5432),
            "db1 (::1) port 5432",
        ),
        (
            "hostaddr=10.0.0.5",
            tcp("10.0.0.5", Some("10.0.0.5"), 5432),
            "10.0.0.5 port 5432",
        ),
        (
            "host=/tmp hostaddr=::1",
            tcp("/tmp", Some("::1"), 5432),
            "/tmp (::1) port 5432",
        ),
        (
            "port=' 5434 '",
            unix(DEFAULT_DIRECTORY, 5434),
            "/var/run/postgresql port 5434",
        ),
    ] {
        let target = resolve(conninfo);
        assert_eq!(target.endpoint, endpoint, "{conninfo}");
        assert_eq!(
            target.to_string(),
            format!("{shown}, role postgres, database postgres"),
            "{conninfo}"
        );
    }
}

#[test]
fn a_socket_path_ends_in_the_port_and_is_abstract_behind_a_nul() {
    assert_eq!(
        unix("/var/run/postgresql", 5434).socket_path(),
        Some("/var/run/postgresql/.s.PGSQL.5434".into())
    );
    assert_eq!(unix("@pg", 1).socket_path(), Some("\0pg/.s.PGSQL.1".into()));
    assert_eq!(tcp("h", None, 1).socket_path(), None);
}

#[test]
fn a_socket_path_is_as_long_as_the_kernel_takes() {
    let longest = format!("/{}", "x".repeat(107 - "//.s.PGSQL.5432".len()));
    assert_eq!(
        resolve(&format!("host={longest}")).endpoint,
        unix(&longest, 5432)
    );
    assert!(error(&format!("host={longest}x")).contains("longer than the 107 bytes"));
}

#[test]
fn tls_settings_follow_from_each_other_as_in_libpq() {
    let tls = |conninfo: &str| resolve(conninfo).tls;
    assert_eq!(tls("sslrootcert=system").mode, SslMode::VerifyFull);
    assert_eq!(tls("sslrootcert=system").roots, Roots::System);
    assert_eq!(tls("sslrootcert=./system").mode, SslMode::Prefer);
    assert_eq!(
        tls("sslmode=require sslnegotiation=direct").negotiation,
        Negotiation::Direct
    );
    assert_eq!(tls("sslsni=0").name_indication, NameIndication::Withheld);
    assert_eq!(tls("sslcertmode=disable sslcert=/c").client, None);
    assert_eq!(
        tls("ssl_min_protocol_version=TLSv1.1").versions,
        Versions::Both
    );
    assert_eq!(
        tls("ssl_min_protocol_version=TLSv1.3").versions,
        Versions::Only13
    );
    assert_eq!(
        tls("ssl_max_protocol_version=TLSv1.2").versions,
        Versions::Only12
    );
    let mode = |variables: &[(&str, &str)]| resolve_in("", variables).map(|target| target.tls.mode);
    assert_eq!(mode(&[("PGREQUIRESSL", "1")]), Ok(SslMode::Require));
    assert_eq!(mode(&[("PGREQUIRESSL", "0")]), Ok(SslMode::Prefer));
    assert_eq!(
        mode(&[("PGREQUIRESSL", "1"), ("PGSSLMODE", "allow")]),
        Ok(SslMode::Allow)
    );
}

#[test]
fn what_has_no_effect_is_accepted() {
    for neutral in [
        "connect_timeout=10 client_encoding=latin1 keepalives=0 keepalives_idle=1",
        "keepalives_interval=1 keepalives_count=1 tcp_user_timeout=1",
        "replication=off",
        "replication=FALSE gssencmode=disable",
        "gssencmode=prefer sslcompression=1 krbsrvname=x gsslib=gssapi gssdelegation=1",
        "target_session_attrs=any load_balance_hosts=random servicefile=/s service=''",
        "min_protocol_version=3.0 max_protocol_version=latest require_auth='' requirepeer=''",
    ] {
        assert_eq!(resolve(neutral), resolve(""), "{neutral}");
    }
}

#[test]
fn what_cannot_be_honoured_is_refused_with_its_reason() {
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
        ("service=x", "exactly one server"),
        ("replication=database", "ordinary questions"),
        ("target_session_attrs=primary", "finds out itself"),
        ("gssencmode=require", "GSSAPI encryption is not available"),
        ("require_auth=scram-sha-256", "cannot insist"),
        ("requirepeer=postgres", "does not check who serves"),
        ("sslcrldir=/d", "sslcrl"),
        ("sslkeylogfile=/d", "never written"),
        ("sslpassword=x", "without one"),
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
    let service = resolve_in("", &[("PGSERVICE", "x")])
        .expect_err("a service")
        .to_string();
    assert!(
        service.starts_with("the environment variable PGSERVICE cannot be used"),
        "{service}"
    );
}

#[test]
fn a_value_that_means_nothing_is_told_with_what_would() {
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
            "ssl_max_protocol_version=TLSv1.1",
            "one of TLSv1.2, TLSv1.3",
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
fn an_unknown_keyword_is_told_unless_it_may_belong_to_a_password() {
    assert_eq!(
        error("prot=1"),
        r#""prot" in the connection string is no keyword of libpq; did you mean "port"?"#
    );
    assert_eq!(
        error("password=correct horse=battery"),
        "a setting in the connection string is no keyword of libpq"
    );
}

#[test]
fn debug_and_display_keep_the_password() {
    let target = resolve("postgres://u:hunter2@h/d");
    assert!(!format!("{target:?} {target}").contains("hunter2"));
    assert_eq!(target.password, Some(Secret::new("hunter2")));
}

proptest! {
    #[test]
    fn any_text_is_a_target_or_an_error(
        text in "(postgres(ql)?://)?(\\PC|[a-z=' \\\\@:/?&%\\[\\],.0-9\0])*",
        variable in "\\PC*",
    ) {
        let surroundings =
            Surroundings { variable: &|_| Some(variable.clone()), user: None, home: None };
        if let Err(error) = Target::resolve(&text, &surroundings) {
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn no_error_contains_a_password_however_it_is_mangled(
        before in "(postgres://u:|postgres://|password=|user=u password='|postgres:///?password=)",
        glue in "[ @/:?&=%'\\\\#,\\[\\]a-z1]{0,3}",
        after in "(@h|@h/d|'| host=h| sslmode=x|&sslmode=x|@h:port|:x|)",
    ) {
        let text = format!("{before}{glue}Zebra7{glue}Zebra7{after}");
        if let Err(error) = resolve_in(&text, &[]) {
            prop_assert!(!error.to_string().contains("Zebra"), "{}: {}", text, error);
            prop_assert!(!format!("{error:?}").contains("Zebra"), "{}: {:?}", text, error);
        }
    }
}
