//! The checks that `evaluated` has HAProxy make.

/// A check, and whether it is asked by HTTP. An agent is asked where the lines of the server say so.
pub(crate) const CHECKS: &[(&str, Port, &str)] = &[
    ("option httpchk GET /primary", Port::Http, ""),
    ("option httpchk GET /replica", Port::Http, ""),
    ("option httpchk GET /read-only", Port::Http, ""),
    ("option httpchk GET /health", Port::Http, ""),
    (
        "option httpchk GET /primary\n http-check expect status 200,503",
        Port::Http,
        "",
    ),
    (
        "option httpchk GET /primary\n http-check expect status 200-299,404",
        Port::Http,
        "",
    ),
    (
        "option httpchk GET /primary\n http-check expect ! status 503",
        Port::Http,
        "",
    ),
    (
        "option httpchk GET /primray\n http-check expect ! status 503",
        Port::Http,
        "",
    ),
    (
        "option httpchk GET /primary\n http-check expect rstatus 200|503",
        Port::Http,
        "",
    ),
    (
        "option httpchk GET /primary\n http-check expect ! rstatus ^5",
        Port::Http,
        "",
    ),
    (
        "option httpchk GET /replica\n http-check expect ! status 200",
        Port::Http,
        "",
    ),
    (
        "option httpchk GET /primary\n http-check expect status 200 error-status L7OKC",
        Port::Http,
        "",
    ),
    (
        "option httpchk GET /primary\n http-check disable-on-404",
        Port::Http,
        "",
    ),
    (
        "option httpchk\n http-check send meth GET uri /replica\n http-check expect status 200",
        Port::Http,
        "",
    ),
    (
        "option tcp-check\n tcp-check expect rstring ^production",
        Port::State,
        "",
    ),
    (
        "option tcp-check\n tcp-check expect rstring ^production$",
        Port::State,
        "",
    ),
    (
        "option tcp-check\n tcp-check expect string standby",
        Port::State,
        "",
    ),
    (
        "option tcp-check\n tcp-check expect rstring ^(production|standby)",
        Port::State,
        "",
    ),
    (
        "option tcp-check\n tcp-check expect ! rstring ^(standby|lagging|down)",
        Port::State,
        "",
    ),
    (
        "option tcp-check\n tcp-check expect ! string down",
        Port::State,
        "",
    ),
    (
        "option tcp-check\n tcp-check expect rstring ^(standby|lagging)\n tcp-check expect !rstring ^lagging error-status L7OKC",
        Port::State,
        "",
    ),
    // The path of `http-check send` prevails, and behind it that of `option httpchk`.
    (
        "option httpchk GET /primary\n http-check send uri /replica",
        Port::Http,
        "",
    ),
    (
        "http-check send hdr X-Path /health uri /replica\n option httpchk GET /primary",
        Port::Http,
        "",
    ),
    (
        "option httpchk GET /primary\n http-check connect",
        Port::Http,
        "",
    ),
    // Several requests, all of which have to pass.
    (
        "option httpchk\n http-check connect\n http-check send uri /health\n http-check expect status 200\n http-check \
         connect\n http-check send uri /replica\n http-check expect status 200 error-status L7OKC",
        Port::Http,
        "",
    ),
    (
        "option httpchk\n http-check connect\n http-check send uri /health\n http-check expect status 200 ok-status L7OKC\n http-check connect\n http-check \
         send uri /primary\n http-check expect status 200 error-status L7STS",
        Port::Http,
        "",
    ),
    (
        "option httpchk GET /read-only\n http-check expect status 200 ok-status L7OKC",
        Port::Http,
        "",
    ),
    (
        "option httpchk\n http-check connect\n http-check send uri /nowhere\n http-check disable-on-404\n http-check expect status 200\n http-check connect\n \
         http-check send uri /primary\n http-check expect status 200",
        Port::Http,
        "",
    ),
    // A request by hand.
    (
        "option tcp-check\n tcp-check connect\n tcp-check send \"GET /replica HTTP/1.1\\r\\n\\r\\n\"\n tcp-check expect \
         rstring \"^HTTP/1.. 200\"",
        Port::Http,
        "",
    ),
    // A token, which the stub does not need.
    (
        "option tcp-check\n tcp-check connect\n tcp-check send-binary 303132333435363738396162636465660a\n tcp-check \
         expect rstring ^(production|standby)",
        Port::State,
        "",
    ),
    (
        "option tcp-check\n tcp-check connect\n tcp-check expect rstring ^(production|standby)\n tcp-check connect\n tcp-check expect \
         rstring ^standby ok-status L7OKC",
        Port::State,
        "",
    ),
    (
        "option tcp-check\n tcp-check expect rstring ^production error-status l7okc",
        Port::State,
        "",
    ),
    (
        "option tcp-check\n tcp-check expect rstring ^(production|standby|lagging)",
        Port::State,
        "agent-check agent-inter 200ms agent-send \"0123456789abcdef\\nrw\\n\"",
    ),
    ("option tcp-check", Port::State, ""),
    ("", Port::State, ""),
    (
        "option tcp-check\n tcp-check expect rstring ^(production|standby|lagging)",
        Port::State,
        "agent-check agent-inter 200ms agent-send \"ro\\n\"",
    ),
    (
        "option tcp-check\n tcp-check expect rstring ^(production|standby|lagging)",
        Port::State,
        "agent-check agent-inter 200ms agent-send \"rw\\n\"",
    ),
];

/// Where a check is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Port {
    Http,
    State,
}
