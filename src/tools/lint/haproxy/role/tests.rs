use super::*;

#[test]
fn a_name_tells_whom_a_section_is_for() {
    for name in [
        "prod",
        "pg_rw",
        "pg-primary",
        "master_direct",
        "ReadWrite",
        "primary_postgres_write",
        "haproxy_5433_rw",
    ] {
        assert_eq!(of_name(name), SessionOrigin::Writers, "{name}");
    }
    for name in [
        "stdby",
        "pg_ro",
        "replicas_sync",
        "ReadOnly",
        "postgres-read-pool",
        "standby_postgres_read",
    ] {
        assert_eq!(of_name(name), SessionOrigin::Readers, "{name}");
    }
    for name in [
        "postgres",
        "",
        "replication",
        "pg_primary_read",
        "bread",
        "product",
    ] {
        assert_eq!(of_name(name), SessionOrigin::Unknown, "{name}");
    }
}

#[test]
fn a_path_tells_which_role_is_asked_for() {
    for (path, expected) in [
        ("primary", SessionOrigin::Writers),
        ("Master", SessionOrigin::Writers),
        ("read-write", SessionOrigin::Writers),
        ("replica", SessionOrigin::Readers),
        ("async", SessionOrigin::Readers),
        ("read-only-sync", SessionOrigin::Readers),
        ("health", SessionOrigin::Unknown),
        ("", SessionOrigin::Unknown),
    ] {
        assert_eq!(of_path(path), expected, "{path}");
    }
}
