//! Texts with one mistake, and the message about it.

use std::io;

use super::super::*;
use super::{one_line_each, sentences};

/// Holds each line `TEXT => SENTENCE`; `\n` in a text begins a new line.
fn hold(table: &str) {
    for line in table.lines().filter(|line| !line.is_empty()) {
        let (text, expected) = line.split_once(" => ").unwrap();
        assert_eq!(sentences(&text.replace("\\n", "\n")), [expected], "{text}");
    }
}

#[test]
fn the_message_about_a_wrong_value_says_what_would_be_right() {
    hold(
        r#"
postgres.timeout = 5 => 1:20: postgres.timeout: this must be a string in quotes, not a number; write a number and a unit, as in "500ms" or "2s"
postgres.timeout = 0.5 => 1:20: postgres.timeout: this must be a string in quotes, not a number with a decimal point; write a number and a unit, as in "500ms" or "2s"
postgres.timeout = "soon" => 1:20: postgres.timeout: "soon" is not a duration; write a number and a unit, as in "500ms" or "2s"
postgres.timeout = "0s" => 1:20: postgres.timeout: "0s" is too short; write at least "1ms"
postgres.timeout = "11s" => 1:20: postgres.timeout: "11s" is too long; write at most "10s"
answer.max_age = "2min" => 1:18: answer.max_age: "2min" is too long; write at most "1m"
service.grace = "1h" => 1:17: service.grace: "1h" is too long; write at most "1m"
standby.max_delay = 1979-05-27 => 1:21: standby.max_delay: this must be a string in quotes, not a date or time; write a number and a unit, as in "500ms" or "2s"
standby.max_lag = "16" => 1:19: standby.max_lag: "16" is not a size; write a whole number and a unit of B, kB, MB, GB or TB, as in "16MB"
standby.max_lag = "18446744073709551615kB" => 1:19: standby.max_lag: "18446744073709551615kB" is not a size; write a whole number and a unit of B, kB, MB, GB or TB, as in "16MB"
standby.require_streaming = "true" => 1:29: standby.require_streaming: this must be true or false, not a string; write true or false, without quotes
standby.enter_lag = "1MB" => 1:21: standby.enter_lag: there is no limit above which a standby lags; set max_lag too, or leave this out
standby.max_lag = "1MB"\nstandby.enter_lag = "2MB" => 2:21: standby.enter_lag: this exceeds 1MB, above which a standby lags; write at most the value of max_lag
standby.max_delay = "5s"\nstandby.enter_delay = "6s" => 2:23: standby.enter_delay: this exceeds 5s, above which a standby lags; write at most the value of max_delay
standby.hold = "2h" => 1:16: standby.hold: "2h" is too long; write at most "1h"
guard.maintenance_file = "maintenance" => 1:26: guard.maintenance_file: "maintenance" is not the path of a file; write the absolute path, as in "/run/pgsql-state/maintenance"
guard.maintenance_file = "/" => 1:26: guard.maintenance_file: "/" is not the path of a file; write the absolute path, as in "/run/pgsql-state/maintenance"
keeper.hung_after = "never" => 1:21: keeper.hung_after: "never" is not a duration; write a number and a unit, as in "500ms" or "2s"
keeper.hung_after = "1ms" => 1:21: keeper.hung_after: "1ms" is too short; write at least "1s"
keeper.give_back_after = "2h" => 1:26: keeper.give_back_after: "2h" is too long; write at most "1h"
keeper.resource = "" => 1:19: keeper.resource: "" is not the name of a resource; write the name of the primitive, as in "pgsqld"
keeper.resource = "pgsqld:0" => 1:19: keeper.resource: "pgsqld:0" is not the name of a resource; write the name of the primitive, as in "pgsqld"
answer.when_full = "Keep" => 1:20: answer.when_full: "Keep" is not one of the allowed words; write "keep" or "down"
answer.when_full = true => 1:20: answer.when_full: this must be a string in quotes, not true or false; write "keep" or "down"
answer.when_read_only = "yes" => 1:25: answer.when_read_only: "yes" is not one of the allowed words; write "keep" or "down"
answer.production = "two words" => 1:21: answer.production: "two words" is not a word; write 1 to 32 letters, digits, "-" or "_"
answer.standby = "a\u001bb" => 1:18: answer.standby: "a\u{1b}b" is not a word; write 1 to 32 letters, digits, "-" or "_"
answer.standby = {} => 1:18: answer.standby: this must be a string in quotes, not a table; write a word in quotes, as in "MASTER"
admission.max_connections = 0 => 1:29: admission.max_connections: 0 is out of range; write a whole number from 1 to 65536, without quotes
admission.max_connections = -1 => 1:29: admission.max_connections: -1 is out of range; write a whole number from 1 to 65536, without quotes
admission.max_connections = 65537 => 1:29: admission.max_connections: 65537 is out of range; write a whole number from 1 to 65536, without quotes
admission.max_connections = 99999999999999999999 => 1:29: admission.max_connections: 99999999999999999999 is out of range; write a whole number from 1 to 65536, without quotes
admission.max_connections = "10" => 1:29: admission.max_connections: this must be a whole number, not a string; write a whole number from 1 to 65536, without quotes
listen.state = "[::]:5431" => 1:16: listen.state: this must be an array, not a string; put it in brackets, as in ["..."]
listen.state = [5431] => 1:17: listen.state: this must be a string in quotes, not a number; write an IP address and a port, as in "0.0.0.0:5431" or "[::]:5431"
listen.state = ["0.0.0.0:5431"]\nlisten.agent_check = ["127.0.0.1:5431"] => 2:23: listen.agent_check: "0.0.0.0:5431" and "127.0.0.1:5431" cannot both be bound; keep one of the two; [::] takes IPv4 too
http.dialect = "consul" => 1:16: http.dialect: "consul" is not one of the allowed words; write "patroni", "xinetd" or "cnpg"
http.key_file = "/k" => 1:17: http.key_file: without http.certificate_file, HTTP is served without TLS and this setting has no effect; name the certificate too: certificate_file = "/etc/pgsql-state/http.pem"
http.client_ca_file = "/k" => 1:23: http.client_ca_file: without http.certificate_file, HTTP is served without TLS and this setting has no effect; name the certificate too: certificate_file = "/etc/pgsql-state/http.pem"
http.client_certificate = "optional" => 1:27: http.client_certificate: without http.certificate_file, HTTP is served without TLS and this setting has no effect; name the certificate too: certificate_file = "/etc/pgsql-state/http.pem"
http.min_tls = "1.3" => 1:16: http.min_tls: without http.certificate_file, HTTP is served without TLS and this setting has no effect; name the certificate too: certificate_file = "/etc/pgsql-state/http.pem"
http.certificate_file = "/c"\nhttp.client_certificate = "required" => 2:27: http.client_certificate: no certificate authority is named for the certificates of clients; name the authorities: client_ca_file = "/etc/pgsql-state/clients-ca.pem"
http.certificate_file = "/c"\nhttp.min_tls = "1.1" => 2:16: http.min_tls: "1.1" is not one of the allowed words; write "1.2" or "1.3"
http.certificate_file = "c" => 1:25: http.certificate_file: this is not an absolute path; write the absolute path of a file that contains it, as in "/etc/pgsql-state/http.pem"
cluster.ca_file = "/c" => 1:19: warning: cluster.ca_file: this daemon asks the other nodes over TLS but answers without TLS, so nodes with the same configuration do not answer one another; name its certificate: http.certificate_file = "/etc/pgsql-state/http.pem"
http.certificate_file = "/c"\ncluster.nodes = [{ name = "srv1", address = "10.20.30.51" }]\nadmission.trusted = ["10.20.30.51"] => warning: cluster.ca_file: this daemon answers over TLS but asks the other nodes without TLS, so nodes with the same configuration do not answer it; name the certificate authorities of the nodes: cluster.ca_file = "/etc/pgsql-state/cluster-ca.pem"
agent_check.view = "any" => 1:20: agent_check.view: "any" is not one of the allowed words; write "rw", "ro" or "ro-sync"
listen.state = ["/run/state"] => 1:17: listen.state: "/run/state" is the path of a Unix socket, but checks come over TCP; write an IP address and a port, as in "0.0.0.0:5431" or "[::]:5431"
listen.http = ["unix:/run/state"] => 1:16: listen.http: "unix:/run/state" is the path of a Unix socket, but checks come over TCP; write an IP address and a port, as in "0.0.0.0:5431" or "[::]:5431"
listen.state = ["[fe80::1%eth0]:5431"] => 1:17: listen.state: "[fe80::1%eth0]:5431" has a zone that is not a number; write the number of the interface (ip link shows it), as in "[fe80::1%2]:5431", or have systemd bind the socket
listen.state = [":5431"] => 1:17: listen.state: ":5431" is not a socket address; write an IP address and a port, as in "0.0.0.0:5431" or "[::]:5431"
"#,
    );
}

#[test]
fn the_message_about_a_wrong_list_limit_or_node_says_what_would_be_right() {
    hold(
        r#"
admission.allow = "::/0" => 1:19: admission.allow: this must be an array, not a string; put it in brackets, as in ["..."]
admission.allow = ["srv1"] => 1:20: admission.allow: "srv1" is neither an address nor a network; write an address or a network, as in "10.20.30.51" or "10.20.30.0/24"
admission.deny = ["10.20.30.51/24"] => 1:19: admission.deny: "10.20.30.51/24" has host bits set; write "10.20.30.0/24" for the network, or "10.20.30.51" for the one address
admission.trusted = ["2001:db8::1/32"] => 1:22: admission.trusted: "2001:db8::1/32" has host bits set; write "2001:db8::/32" for the network, or "2001:db8::1" for the one address
admission.trusted = ["@haproxy"] => 1:22: admission.trusted: "@haproxy" stands for the nodes of [cluster], which has none; list them: nodes = [ { name = "srv1", address = "10.20.30.51" } ]
admission.per_client = 50 => 1:24: admission.per_client: this must be a string in quotes, not a number; write a whole number above zero a second, as in "50/s"
admission.per_client = "0/s" => 1:24: admission.per_client: "0/s" is not a rate; write a whole number above zero a second, as in "50/s"
admission.total = "50/min" => 1:19: admission.total: "50/min" is not a rate; write a whole number above zero a second, as in "50/s"
admission.burst = 0 => 1:19: admission.burst: 0 is out of range; write a whole number from 1 to 1000000, without quotes
admission.max_connections_per_client = 0 => 1:40: admission.max_connections_per_client: 0 is out of range; write a whole number from 1 to 65536, without quotes
admission.refuse = "tarpit" => 1:20: admission.refuse: "tarpit" is not one of the allowed words; write "close", "reset" or "drop"
admission.proxy_protocol = { state = [] } => 1:30: admission.proxy_protocol: "state" is not a port; write the port of a socket before each list, as in { 5431 = ["10.20.30.51"] }
admission.proxy_protocol = { 5431 = ["x"] } => 1:37: admission.proxy_protocol: "x" is neither an address nor a network; write an address or a network, as in "10.20.30.51" or "10.20.30.0/24"
admission.token_file = "token" => 1:24: admission.token_file: this is not an absolute path; write the absolute path of a file that contains it, as in "/etc/pgsql-state/token"
cluster.nodes = ["srv1"] => 1:18: cluster.nodes: this must be a table, not a string; write each as { name = "srv1", address = "10.20.30.51" }
cluster.nodes = [{ name = "srv1" }] => 1:18: cluster.nodes: this node has no address; write each as { name = "srv1", address = "10.20.30.51" }
cluster.nodes = [{ name = "srv1", address = "srv1" }] => 1:18: cluster.nodes: "srv1" is not an IP address; write an address: names are not resolved here
cluster.nodes = [{ name = "s v", address = "::1" }] => 1:18: cluster.nodes: "s v" is not a host name; write letters, digits, "-", "_" or "."
cluster.nodes = [{ name = "srv1", address = "::1", port = 1 }] => 1:18: cluster.nodes: a node has no key "port"; write each as { name = "srv1", address = "10.20.30.51" }
cluster.nodes = [{ name = "srv1", address = "::1" }, { name = "srv2", address = "::1" }]\nadmission.trusted = ["::1"] => 1:54: cluster.nodes: "srv1" and "srv2" have the same name or the same address; keep one of the two
cluster.http_port = 0 => 1:21: cluster.http_port: 0 is out of range; write a whole number from 1 to 65535, without quotes
cluster.http_port = 65536 => 1:21: cluster.http_port: 65536 is out of range; write a whole number from 1 to 65535, without quotes
"#,
    );
}

#[test]
fn a_guard_without_what_it_needs_is_refused() {
    hold(
        r#"
guard.quorum = "corosync" => 1:16: guard.quorum: "corosync" is not one of the allowed words; write "off" or "pacemaker"
guard.two_primaries = "fence" => 1:23: guard.two_primaries: "fence" is not one of the allowed words; write "report" or "yield"
guard.two_primaries = "yield" => 1:23: guard.two_primaries: there is no server to compare with: [cluster] has no nodes; list them: nodes = [ { name = "srv1", address = "10.20.30.51" } ]
"#,
    );
}

#[test]
fn slots_that_nobody_could_advance_or_that_two_would_share_are_refused() {
    hold(
        r#"
slots.mode = "on" => 1:14: slots.mode: "on" is not one of the allowed words; write "off" or "nodes"
slots.mode = "nodes" => 1:14: slots.mode: there is no node to keep a slot for: [cluster] has no nodes; list them: nodes = [ { name = "srv1", address = "10.20.30.51" } ]
cluster.nodes = [{ name = "srv1", address = "::1" }]\nadmission.trusted = ["::1"]\nslots.mode = "nodes" => 3:14: slots.mode: the nodes do not authenticate themselves, so nobody knows what they have; name a key that all nodes share: cluster.key_file = "/etc/pgsql-state/cluster.key"
cluster.key_file = "/k"\ncluster.nodes = [{ name = "srv-1", address = "::1" }, { name = "SRV.1", address = "::2" }]\nadmission.trusted = ["::1", "::2"]\nslots.mode = "nodes" => 4:14: slots.mode: "srv-1" and "SRV.1" would have the same slot, pgsql_state_srv_1; rename a node, or shorten slots.prefix
slots.prefix = "" => 1:16: slots.prefix: "" cannot begin the name of a slot; write lower-case letters, digits and underscores, as in "pgsql_state_"
slots.prefix = "Srv-" => 1:16: slots.prefix: "Srv-" cannot begin the name of a slot; write lower-case letters, digits and underscores, as in "pgsql_state_"
slots.also = ["Barman"] => 1:15: slots.also: "Barman" is not the name of a replication slot; write the name of a replication slot, as in "barman"
slots.also = ["a", "a"] => 1:20: slots.also: the slot "a" is named twice; leave it out, or rename it
slots.also = ["pgsql_state_x"] => 1:15: slots.also: the slot "pgsql_state_x" begins with slots.prefix, as those of nodes do; leave it out, or rename it
slots.keep_absent = "59s" => 1:21: slots.keep_absent: "59s" is too short; write at least "1m"
slots.cap = "0B" => 1:13: slots.cap: a slot that may hold nothing is none; write how much WAL a slot may hold, as in "16GB"
slots.role = "" => 1:14: slots.role: "" is not the name of a role; write the name of a role with REPLICATION, as in "hacluster"
slots.daemon_user = "" => 1:21: slots.daemon_user: "" is not the name of a user; write the user as which the daemon runs, as in "pgsql-state"
"#,
    );
}

#[test]
fn the_message_about_an_unknown_name_suggests_the_intended_one() {
    hold(
        r#"
[postgres]\ntimeot = 1 => 2:1: postgres.timeot: there is no such setting; perhaps you meant "timeout"
[answer]\nMax-Age = 1 => 2:1: answer.Max-Age: there is no such setting; perhaps you meant "max_age"
[postgres]\nmax_lag = 1 => 2:1: postgres.max_lag: there is no such setting; it belongs below [standby]
[postgres]\ncolour = 1 => 2:1: postgres.colour: there is no such setting; [postgres] takes conninfo, timeout
[postgress]\ntimeout = 1 => 1:2: postgress: there is no such table; perhaps you meant [postgres]
[web] => 1:2: web: there is no such table; the tables are postgres, listen, answer, standby, http, metrics, agent_check, admission, cluster, guard, keeper, slots, service
timeout = "1s" => 1:1: timeout: this stands outside its table; it belongs below [postgres]
postgres = "port=1" => 1:1: postgres: this must be a table; write [postgres], and its settings on the lines below
[[postgres]]\ntimeout = "1s" => 1:3: postgres: this must be a table; write [postgres], and its settings on the lines below
["a\u001b"] => 1:2: a\u{1b}: there is no such table; the tables are postgres, listen, answer, standby, http, metrics, agent_check, admission, cluster, guard, keeper, slots, service
"#,
    );
}

#[test]
fn the_wrong_word_of_the_two_is_reported() {
    hold(
        r#"
answer.standby = "production" => 1:18: answer.standby: "production" is contained in the answer "production", so a check for the word would match that answer; choose a word that no other answer contains, as in "MASTER"
answer.production = "standby" => 1:21: answer.production: "standby" contains "standby", which names the other role; choose a word that does not contain a usual name of the other role
answer.production = "rw"\nanswer.standby = "rwx" => 2:18: answer.standby: "rw" is contained in the answer "rwx", so a check for the word would match that answer; choose a word that no other answer contains, as in "MASTER"
answer.production = "rw"\nanswer.standby = "RW" => 2:18: answer.standby: "rw" is contained in the answer "RW", so a check for the word would match that answer; choose a word that no other answer contains, as in "MASTER"
"#,
    );
}

#[test]
fn two_wrong_words_are_both_reported() {
    let problems = sentences("answer.production = \"down\"\nanswer.standby = \"lagging\"");
    assert_eq!(problems.len(), 2, "{problems:?}");
    let one = "1:21: answer.production: \"down\" is contained in the answer \"down starting\"";
    assert!(problems[0].starts_with(one), "{problems:?}");
    let other = "2:18: answer.standby: \"lagging\" is contained in the answer \"lagging ";
    assert!(problems[1].starts_with(other), "{problems:?}");
}

#[test]
fn a_word_is_not_compared_with_a_default_that_was_replaced() {
    let text = "answer.production = \"MASTER\"\nanswer.standby = \"product\"";
    assert_eq!(sentences(text), [""; 0]);
}

#[test]
fn a_word_is_not_compared_with_a_default_that_was_replaced_by_a_wrong_word() {
    let text = "answer.production = \"two words\"\nanswer.standby = \"product\"";
    let problems = sentences(text);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(
        problems[0].starts_with("1:21: answer.production: "),
        "{problems:?}"
    );
}

#[test]
fn addresses_that_cannot_both_be_bound_are_refused() {
    for (one, other) in [
        ("127.0.0.1:5431", "127.0.0.1:5431"),
        ("[::]:5431", "0.0.0.0:5431"),
        ("127.0.0.1:5431", "[::]:5431"),
        ("0.0.0.0:5431", "127.0.0.1:5431"),
        ("[::ffff:127.0.0.1]:5431", "127.0.0.1:5431"),
    ] {
        let problems = sentences(&format!("listen.state = [\"{one}\", \"{other}\"]"));
        let column = 21 + one.len();
        let expected = format!(
            "1:{column}: listen.state: \"{one}\" and \"{other}\" cannot both be bound; keep one of the two; [::] \
             takes IPv4 too"
        );
        assert_eq!(problems, [expected]);
    }
}

#[test]
fn the_error_of_the_conninfo_is_reported_with_its_causes_at_its_place() {
    #[derive(Debug, thiserror::Error)]
    #[error("cannot read the password file")]
    struct Unreadable(#[source] io::Error);

    let refuse = |_: &str| Err::<(), _>(Unreadable(io::Error::other("not\nallowed")));
    let error = "postgres.conninfo: cannot read the password file: not\\nallowed";
    for (text, place) in [
        ("", ""),
        ("[postgres]", ""),
        ("[postgres]\nconninfo = \"\"", "2:12: "),
        ("[postgres]\nconninfo = \"port=5434\"", "2:12: "),
    ] {
        let problems = parse(text, refuse).unwrap_err();
        assert_eq!(
            one_line_each(problems),
            [format!("{place}{error}")],
            "{text}"
        );
    }
}

#[test]
fn a_conninfo_that_is_no_text_is_not_parsed() {
    assert_eq!(
        sentences("postgres.conninfo = 5"),
        [
            "1:21: postgres.conninfo: this must be a string in quotes, not a number; write it as libpq \
             reads it, as in \"host=/var/run/postgresql port=5432\""
        ]
    );
}

#[test]
fn a_long_value_is_not_quoted_whole() {
    let value = "x".repeat(10_000);
    let problems = sentences(&format!("[postgres]\ntimeout = \"{value}\"\n"));
    assert!(problems[0].contains(&format!("\"{}\u{2026}\" is not a duration", "x".repeat(60))));
    assert!(problems[0].len() < 200, "{problems:?}");
}
