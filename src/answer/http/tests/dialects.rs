//! Requests as lenient Patroni, the scripts of xinetd and `CloudNativePG` answer them.

use super::*;

const LENIENT: HttpOptions = HttpOptions {
    dialect: Dialect::Patroni,
    strictness: Strictness::Lenient,
    documents: Documents::ForAll,
};

#[test]
fn in_lenient_mode_paths_are_searched_for_words_and_invalid_parameters_ignored() {
    hold(
        LENIENT,
        "
/primaryX                                          | 200 503 503 503 503
/my-leader                                         | 200 503 503 503 503
/replicas                                          | 503 200 503 200 503
/x/read-only/                                      | 200 200 503 200 503
/standby_leader?x                                  | 503 503 503 503 503
/healthz                                           | 200 200 200 200 503
/anything                                          | 503 503 503 503 503
/sync/                                             | 503 503 503 503 503
/read-only-sync                                    | 200 503 503 503 503
/replica?lag=many                                  | 503 200 503 200 503
/replica?lag=4999                                  | 503 503 503 200 503
",
    );
    let standby = streaming();
    for (request, expected) in [
        ("GET /liveness", 200),
        ("GET /readiness/x", 200),
        ("GET /patroni", 200),
        ("HEAD /liveness", 503),
        ("OPTIONS /readiness", 503),
        ("HEAD /patroni", 503),
    ] {
        let status = ask(request, LENIENT, Verdict::Standby, &standby).status;
        assert_eq!(status, expected, "{request}");
    }
}

#[test]
fn the_scripts_of_xinetd_have_a_status_for_each_role() {
    let xinetd = HttpOptions {
        dialect: Dialect::Xinetd,
        ..STRICT
    };
    hold(
        xinetd,
        "
/                                                  | 200 206 503 206 503
/replica                                           | 503 200 503 200 503
",
    );
    let reply = ask("GET /", xinetd, Verdict::Standby, &streaming());
    assert_eq!(reply.body, "standby\n");
}

#[test]
fn the_probes_of_cloudnativepg_pass_or_fail() {
    let cnpg = HttpOptions {
        dialect: Dialect::Cnpg,
        ..STRICT
    };
    hold(
        cnpg,
        "
/healthz                                           | 200 200 200 200 200
/readyz                                            | 200 200 500 200 500
/startupz                                          | 200 200 200 200 500
/primary                                           | 200 503 503 503 503
",
    );
    let ready = ask("GET /readyz", cnpg, Verdict::Production, &columns()[0].1);
    assert_eq!(ready.body, "OK");
}
