//! Where each setting comes from: the string, the variables, the defaults, or another setting.

use std::path::Path;

use super::super::endpoint::DEFAULT_DIRECTORY;
use super::super::*;
use super::{resolve, resolve_in, tcp, unix};

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
            revocation_folder: None,
            client: Some(ClientCertificate {
                certificate: default(".postgresql/postgresql.crt"),
                key: default(".postgresql/postgresql.key"),
                passphrase: None,
            }),
        },
        require_auth: RequireAuth::any(),
        require_peer: None,
        channel_binding: ChannelBinding::Prefer,
        options: None,
        application_name: "pgsql-state".into(),
        service: None,
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
        ("PGSSLCRLDIR", "/f"),
        ("PGREQUIREPEER", "pg"),
        ("PGREQUIREAUTH", "md5"),
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
                revocation_folder: Some("/f".into()),
                client: Some(ClientCertificate {
                    certificate: named("/c"),
                    key: named("/k"),
                    passphrase: None,
                }),
            },
            require_auth: resolve("require_auth=md5").require_auth,
            require_peer: Some("pg".into()),
            channel_binding: ChannelBinding::Require,
            options: Some("-c a=b".into()),
            application_name: "a".into(),
            service: None,
        }
    );
    let string = "host=/s port=1 user=v dbname=e password=q passfile=/q options=o application_name=b \
                  channel_binding=disable sslmode=require sslrootcert=/t sslcert=/d sslkey=/m sslcrl=/n \
                  sslcrldir=/g requirepeer=qg require_auth=none";
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
    ];
    assert_eq!(resolve_in("", &empty), Ok(resolve("")));
    assert!(resolve_in("", &[("PGSSLMODE", "")]).is_err(), "as in libpq");
}

#[test]
fn the_database_defaults_to_the_role_and_the_role_to_the_user() {
    assert_eq!(resolve("user=monitor").database, "monitor");
    assert_eq!(resolve("dbname=app").user, "postgres");
    let nobody = Environment {
        service_file: &|_| ServiceFile::Missing,
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
fn application_name_overrides_fallback_application_name() {
    assert_eq!(resolve("fallback_application_name=f").application_name, "f");
    assert_eq!(
        resolve("fallback_application_name=f application_name=a").application_name,
        "a"
    );
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
    assert_eq!(tls("sslcrldir=/d").revocations, None);
    let both = tls("sslcrldir=/d sslcrl=/f");
    assert_eq!(both.revocations, Some(FileChoice::Named("/f".into())));
    assert_eq!(both.revocation_folder, Some("/d".into()));
    let key = tls("sslpassword=hunter2").client.expect("a default");
    assert_eq!(key.passphrase, Some(Secret::new("hunter2")));
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
fn settings_without_effect_are_accepted() {
    for neutral in [
        "connect_timeout=10 client_encoding=latin1 keepalives=0 keepalives_idle=1",
        "keepalives_interval=1 keepalives_count=1 tcp_user_timeout=1",
        "replication=off",
        "replication=FALSE gssencmode=disable",
        "gssencmode=prefer sslcompression=1 krbsrvname=x gsslib=gssapi gssdelegation=1",
        "target_session_attrs=any load_balance_hosts=random servicefile=/s",
        "sslcrldir='' sslpassword=''",
        "min_protocol_version=3.0 max_protocol_version=latest require_auth='' requirepeer=''",
    ] {
        assert_eq!(resolve(neutral), resolve(""), "{neutral}");
    }
}
