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
        assert_eq!(of_name(name), Role::Writers, "{name}");
    }
    for name in [
        "stdby",
        "pg_ro",
        "replicas_sync",
        "ReadOnly",
        "postgres-read-pool",
        "standby_postgres_read",
    ] {
        assert_eq!(of_name(name), Role::Readers, "{name}");
    }
    for name in [
        "postgres",
        "",
        "replication",
        "pg_primary_read",
        "bread",
        "product",
    ] {
        assert_eq!(of_name(name), Role::Unknown, "{name}");
    }
}

#[test]
fn a_path_tells_which_role_is_asked_for() {
    for (request, expected) in [
        ("OPTIONS /primary", Role::Writers),
        ("OPTIONS/master", Role::Writers),
        ("GET /read-write", Role::Writers),
        ("meth HEAD uri /replica?lag=1MB", Role::Readers),
        ("/async", Role::Readers),
        ("/read-only-sync", Role::Readers),
        ("GET /health", Role::Unknown),
        ("GET /", Role::Unknown),
        ("", Role::Unknown),
    ] {
        assert_eq!(of_path(request), expected, "{request}");
    }
}
