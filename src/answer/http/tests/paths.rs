//! The status of each path and of its parameters, for each server.

use super::*;

#[test]
fn each_path_has_its_status_for_each_server() {
    hold(
        STRICT,
        "
/                                                  | 200 503 503 503 503
/primary                                           | 200 503 503 503 503
/read-write                                        | 200 503 503 503 503
/master                                            | 200 503 503 503 503
/leader                                            | 200 503 503 503 503
/standby-leader                                    | 503 503 503 503 503
/standby_leader                                    | 503 503 503 503 503
/replica                                           | 503 200 503 200 503
/read-only                                         | 200 200 503 200 503
/sync                                              | 503 503 503 503 503
/synchronous                                       | 503 503 503 503 503
/async                                             | 503 503 503 503 503
/asynchronous                                      | 503 503 503 503 503
/quorum                                            | 503 503 503 503 503
/read-only-sync                                    | 200 503 503 503 503
/read-only-synchronous                             | 200 503 503 503 503
/read-only-quorum                                  | 200 503 503 503 503
/health                                            | 200 200 200 200 503
/liveness                                          | 200 200 200 200 200
/readiness                                         | 200 200 503 503 503
/patroni                                           | 200 200 200 200 200
/state                                             | 200 200 200 200 200
/metrics                                           | 200 200 200 200 200
",
    );
}

#[test]
fn parameters_narrow_what_a_standby_may_be() {
    hold(
        STRICT,
        "
/replica?lag=5000                                  | 503 200 503 503 503
/replica?lag=4999                                  | 503 503 503 503 503
/replica?lag=5kB                                   | 503 200 503 503 503
/replica?lag=4kB                                   | 503 503 503 503 503
/replica?lag=1%20MB                                | 503 200 503 503 503
/replica?lag=                                      | 503 200 503 200 503
/replica?other=1                                   | 503 200 503 200 503
/read-only?lag=4999                                | 200 503 503 503 503
/primary?lag=0                                     | 200 503 503 503 503
/replica?replication_state=streaming               | 503 200 503 503 503
/replica?replication_state=in+archive+recovery     | 503 503 503 200 503
/replica?replication_state=dreaming                | 503 503 503 503 503
/replica?lag=1MB&replication_state=streaming       | 503 200 503 503 503
/readiness?lag=4999                                | 200 503 503 503 503
/readiness?lag=4999&mode=write                     | 200 200 503 503 503
/readiness?lag=4999&mode=apply                     | 200 503 503 503 503
/replica?tag_dc=a                                  | 503 503 503 503 503
/read-only?tag_dc=a                                | 503 503 503 503 503
/health?tag_dc=a                                   | 503 503 503 503 503
/primary?tag_dc=a                                  | 200 503 503 503 503
",
    );
}

#[test]
fn invalid_requests_get_a_status_4xx() {
    hold(
        STRICT,
        "
/replica?lag=many                                  | 400 400 400 400 400
/replica?lag=-1                                    | 400 400 400 400 400
/replica?lag=5%20kb                                | 400 400 400 400 400
/replica?lag=99999999999999999999                  | 400 400 400 400 400
/replicas                                          | 404 404 404 404 404
/replica/                                          | 404 404 404 404 404
//primary                                          | 404 404 404 404 404
/PRIMARY                                           | 404 404 404 404 404
/config                                            | 404 404 404 404 404
/cluster                                           | 404 404 404 404 404
/healthz                                           | 404 404 404 404 404
",
    );
    for method in ["POST", "PUT", "PATCH", "DELETE", "TRACE", "get"] {
        let request = format!("{method} /restart");
        let reply = ask(&request, STRICT, Verdict::Production, &columns()[0].1);
        assert_eq!(reply.status, 405, "{method}");
    }
}
