//! What is asked of both. Left out are the paths of synchronous standbys, which Patroni answers from its store.

/// What load balancers check, in any way.
pub(crate) const CHECKS: &[&str] = &[
    "/",
    "/primary",
    "/read-write",
    "/master",
    "/leader",
    "/standby-leader",
    "/standby_leader",
    "/replica",
    "/replica?lag=16MB",
    "/replica?lag=1048576",
    "/replica?lag=",
    "/replica?tag_zone=a",
    "/read-only",
    "/read-only?lag=16MB",
    "/read-only?tag_zone=a",
    "/primary?tag_zone=a",
    "/health",
    "/health?tag_zone=a",
];

/// What Patroni knows to GET alone; to HEAD and OPTIONS these are words like any other.
pub(crate) const TO_GET: &[&str] = &["/liveness", "/readiness", "/patroni"];

/// What only Patroni would take so, and `http.strict = false`.
pub(crate) const AS_PATRONI_TAKES_THEM: &[&str] = &[
    "/replicas",
    "/my-primary/x",
    "/pgsql/master",
    "//read-only",
    "/healthz",
    "/standby_leader/primary",
    "/nowhere",
    "/replica?lag=many",
];
