//! Where the server listens: sockets and hosts.

use super::super::endpoint::DEFAULT_DIRECTORY;
use super::{error, resolve, tcp, unix};

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
