use super::*;
use crate::tools::lint::haproxy::pools::Pools;
use crate::tools::lint::haproxy::{Configuration, SourceFile};

/// The first server's state in each case, one character each: up, draining, down, unknown.
fn fate(text: &str) -> String {
    let source = SourceFile {
        name: "x".to_owned(),
        text: text.to_owned(),
    };
    let read = Configuration::read(&[source]).unwrap();
    let pools = Pools::of(&read.readings[0]);
    let pool = &pools.tcp[0];
    let table = pool.fate(&pool.proxy.servers[0]);
    let letters = table.rows().map(|(_, outcome)| match outcome {
        ServerOutcome::Up => 'u',
        ServerOutcome::Draining => 'd',
        ServerOutcome::Down => '-',
        ServerOutcome::Unknown(_) => '?',
    });
    letters.collect()
}

fn http(lines: &str) -> String {
    fate(&format!(
        "listen pg\n option httpchk {lines}\n server a h:5432 check port 8008\n"
    ))
}

fn tcp(lines: &str) -> String {
    fate(&format!(
        "listen pg\n option tcp-check\n tcp-check connect port 5431\n {lines}\n server a h:5432 check\n"
    ))
}

#[test]
fn each_path_is_met_by_its_own_servers() {
    // primary, standby, lagging, down, maintenance, no daemon, 404
    for (request, expected) in [
        ("GET /primary", "u------"),
        ("OPTIONS/master", "???????"),
        ("replica", "???????"),
        ("POST /primary", "???????"),
        ("GET /primary/", "???????"),
        ("", "u------"),
        ("GET /replica?lag=1MB", "-u-----"),
        ("GET /read-only", "uu-----"),
        ("GET /health", "uuu----"),
        ("GET /liveness", "uuuuu--"),
        ("GET /primray", "???????"),
    ] {
        assert_eq!(http(request), expected, "{request}");
    }
}

#[test]
fn statuses_are_expected_in_every_form() {
    for (expect, expected) in [
        ("status 200", "u------"),
        ("status 200,503", "uuuuu--"),
        ("status 200-299", "u------"),
        ("status 200-299,404", "u-----u"),
        ("! status 503", "u-----u"),
        ("!status 200", "-uuuu-u"),
        ("rstatus ^2", "u------"),
        ("rstatus 200|503", "uuuuu--"),
        ("! rstatus ^5", "u-----u"),
        ("rstatus (?<=2)00", "?????-?"),
        ("string primary", "?????-?"),
        ("status 200 error-status L7OKC", "udddd-d"),
    ] {
        assert_eq!(
            http(&format!("GET /primary\n http-check expect {expect}")),
            expected,
            "{expect}"
        );
    }
    assert_eq!(http("GET /primary\n http-check disable-on-404"), "u-----d");
    assert_eq!(
        http("GET /primray\n http-check expect ! status 503"),
        "uuuuu-u"
    );
    assert_eq!(
        http("\n http-check send meth GET uri /replica\n http-check expect ! status 200"),
        "u-uuu-u"
    );
}

#[test]
fn lines_are_expected_in_every_form() {
    for (expect, expected) in [
        ("tcp-check expect rstring ^production", "u------"),
        ("tcp-check expect rstring ^production$", "u------"),
        ("tcp-check expect string standby", "-u-----"),
        ("tcp-check expect rstring ^(production|standby)", "uu-----"),
        (
            "tcp-check expect ! rstring ^(standby|lagging|down)",
            "u-----u",
        ),
        (
            "tcp-check expect rstring ^(production|down.shutting-down)",
            "u------",
        ),
        ("tcp-check expect string MASTER", "???????"),
        ("tcp-check expect binary 66", "?????-?"),
        (
            "tcp-check send x\n tcp-check expect string production",
            "?????-?",
        ),
        (
            "tcp-check expect rstring ^(standby|lagging)\n tcp-check expect !rstring ^lagging error-status L7OKC",
            "-ud----",
        ),
        (
            "tcp-check send \"GET /replica HTTP/1.1\\r\\n\\r\\n\"\n tcp-check expect rstring \"^HTTP/1.. 200\"",
            "-u-----",
        ),
        (
            "tcp-check send \"GET /primary HTTP/1.0\\r\\n\\r\\n\"\n tcp-check expect ! string \"HTTP/1.0 503\"",
            "u????-u",
        ),
        (
            "tcp-check send \"GET /primary HTTP/1.0\\r\\n\\r\\n\"\n tcp-check expect string primary",
            "?????-?",
        ),
        ("", "uuuuu-u"),
        (
            "tcp-check expect rstring ^(production|standby) ok-status l7okc",
            "dd-----",
        ),
        (
            "tcp-check expect rstring ^production ok-status L7OKC\n tcp-check send x",
            "?????-?",
        ),
    ] {
        assert_eq!(tcp(expect), expected, "{expect}");
    }
}

#[test]
fn checks_of_postgres_itself_tell_no_role() {
    let pool = |check: &str| fate(&format!("listen pg\n {check}\n server a h:5432 check\n"));
    assert_eq!(pool("option pgsql-check user u"), "uuu-uuu");
    assert_eq!(pool("option pgsql-check user primary_check"), "???????");
    assert_eq!(pool(""), "uuu?uuu");
    assert_eq!(pool("option external-check"), "???????");
}

#[test]
fn inherited_settings_and_tracked_servers_count() {
    let defaults = "defaults\n option httpchk GET /primary\n http-check expect status 200\n \
                    default-server check port 8008\n";
    assert_eq!(
        fate(&format!("{defaults}listen pg\n server a h:5432\n")),
        "u------"
    );
    // The request of the `defaults` is not merged with a section's own rules, so nothing is asked.
    let own = "listen pg\n http-check expect ! status 503\n server a h:5432\n";
    assert_eq!(fate(&format!("{defaults}{own}")), "?????-?");
    let own = "listen pg\n option httpchk GET /primary\n server a h:5432\n";
    let any = defaults.replace("status 200", "! status 503");
    assert_eq!(fate(&format!("{any}{own}")), "u------");
    let tracks = "listen pg\n server a h:5432 track other/b\nbackend other\n server b h:5432\n";
    assert_eq!(fate(&format!("{defaults}{tracks}")), "u------");
    assert_eq!(fate("listen pg\n server a h:5432 track no/b\n"), "???????");
    assert_eq!(fate("listen pg\n server a h:5432 track a\n"), "???????");
}

#[test]
fn an_agent_decides_by_its_view() {
    let pool = |agent: &str| {
        fate(&format!(
            "listen pg\n option tcp-check\n tcp-check connect port 5431\n tcp-check expect rstring \
             ^(production|standby|lagging)\n server a h:5432 check agent-check {agent}\n"
        ))
    };
    assert_eq!(pool("agent-port 5430 agent-send \"ro\\n\""), "dud----");
    assert_eq!(pool("agent-port 5430 agent-send \"rw\\n\""), "udd----");
    assert_eq!(pool("agent-port 5430 agent-send \"nope\\n\""), "-------");
    assert_eq!(pool("agent-port 5555"), "???----");
}

/// The token `0123456789abcdef` and a newline, as `generate haproxy` writes it.
const TOKEN: &str = "tcp-check send-binary 303132333435363738396162636465660a";

#[test]
fn a_token_counts_as_the_right_one() {
    for (expect, expected) in [
        ("^production", "u------"),
        ("^(production|standby)", "uu-----"),
    ] {
        let rule = format!("{TOKEN}\n tcp-check expect rstring {expect}");
        assert_eq!(tcp(&rule), expected, "{expect}");
    }
    assert_eq!(
        http("\n http-check send meth HEAD uri /primary hdr Authorization \"Bearer 0123/replica\""),
        "u------"
    );
    assert_eq!(
        http("HEAD /primary HTTP/1.0\\r\\nAuthorization:\\ Bearer\\ 0123/replica"),
        "u------"
    );
    let agent = |sent: &str| {
        fate(&format!(
            "listen pg\n option tcp-check\n tcp-check connect port 5431\n tcp-check expect rstring \
             ^(production|standby|lagging)\n server a h:5432 check agent-check agent-port 5430 agent-send \"{sent}\"\n"
        ))
    };
    assert_eq!(agent("0123456789abcdef\\nro\\n"), "dud----");
    assert_eq!(agent("0123456789abcdef\\n"), "???----");
}

#[test]
fn each_request_goes_where_its_connection_does() {
    let readers = "\n http-check connect port 8008\n http-check send meth HEAD uri /health\n http-check expect status \
                   200\n http-check connect port 8008\n http-check send meth HEAD uri /replica\n http-check expect \
                   status 200";
    assert_eq!(http(readers), "-u-----");
    assert_eq!(http(&format!("{readers} error-status L7OKC")), "dud----");
    // The path of `http-check send` prevails, and headers are no paths.
    assert_eq!(
        http("GET /primary\n http-check send uri /replica"),
        "-u-----"
    );
    assert_eq!(
        http("\n http-check send hdr X-Path /primary meth GET uri /replica"),
        "-u-----"
    );
    assert_eq!(
        tcp(
            "tcp-check expect rstring ^(production|standby)\n tcp-check connect port 5431\n tcp-check expect rstring ^production"
        ),
        "u------"
    );
    // What one connection cannot tell another one can.
    assert_eq!(
        http(
            "\n http-check send uri /primary\n http-check expect string ok\n http-check connect\n http-check send uri \
             /primary\n http-check expect status 200"
        ),
        "?------"
    );
    assert_eq!(
        tcp("tcp-check connect addr 10.0.0.9\n tcp-check expect rstring ^production"),
        "?????-?"
    );
    assert_eq!(
        tcp("tcp-check connect addr h port 5431\n tcp-check expect rstring ^production"),
        "u------"
    );
    assert_eq!(http("\n http-check send uri-lf /%[var(x)]"), "?????-?");
}
