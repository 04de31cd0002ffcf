//! The other ways to ask a server, and what a check must say before it is answered.

use std::fs;

use support::Trouble;

use crate::{Cluster, Program, SECONDS, led_to, wait_for_view};

const BY_LINE: [&str; 4] = [
    "prod/srv1 Up L7OK",
    "prod/srv2 Down L7RSP",
    "stdby/srv1 Down L7RSP",
    "stdby/srv2 Up L7OK",
];

#[test]
fn http_tells_the_primary_from_the_standby() -> Result<(), Trouble> {
    let cluster = Cluster::start(1, "")?;
    for profile in ["classic", "fast"] {
        let haproxy = cluster
            .places
            .haproxy(&["--check", "http", "--profile", profile])?;
        let primary_reads = match profile {
            "classic" => "stdby/srv1 Down L7STS",
            _ => "stdby/srv1 NoLb L7OKC",
        };
        let seen = [
            "prod/srv1 Up L7OK",
            "prod/srv2 Down L7STS",
            "stdby/srv2 Up L7OK",
            primary_reads,
        ];
        wait_for_view(&haproxy, &seen)?;
        let hosts = cluster.places.hosts;
        assert_eq!(
            led_to(cluster.places.writers()),
            Some(format!("{} primary", hosts[0]))
        );
        assert_eq!(
            led_to(cluster.places.readers()),
            Some(format!("{} standby", hosts[1]))
        );
    }
    Ok(())
}

#[test]
fn an_agent_leaves_the_talks_view_as_it_is() -> Result<(), Trouble> {
    let cluster = Cluster::start(1, "")?;
    let haproxy = cluster.places.haproxy(&["--check", "agent"])?;
    wait_for_view(&haproxy, &BY_LINE)?;
    let hosts = cluster.places.hosts;
    assert_eq!(
        led_to(cluster.places.readers()),
        Some(format!("{} standby", hosts[1]))
    );
    Ok(())
}

#[test]
fn a_secret_and_a_header_are_sent_where_the_configuration_has_them() -> Result<(), Trouble> {
    let cluster = Cluster::start(1, "")?;
    let first = Program::new("")?;
    let token = first.scratch.path().join("token");
    fs::write(&token, "\"#'\\${x}56789abc\n").map_err(Trouble::io("write a secret"))?;
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(&token, mode).map_err(Trouble::io("hide a secret"))?;
    let admission = format!(
        "trusted = [\"127.0.0.0/8\"]\nproxy_protocol = [\"127.0.0.0/8\"]\ntoken_file = \"{}\"\n",
        token.display()
    );
    let Cluster {
        places,
        primary,
        standbys,
        daemons,
    } = cluster;
    drop(daemons);
    let _daemons = [
        places.daemon_admitting(0, &primary, "", &admission)?,
        places.daemon_admitting(1, &standbys[0], "", &admission)?,
    ];
    // Without them nobody is answered.
    let haproxy = places.haproxy(&["--profile", "fast"])?;
    wait_for_view(&haproxy, &["prod/srv1 Down L7TOUT"])?;
    drop(haproxy);

    let program = Program::new(&format!("[admission]\n{admission}"))?;
    let haproxy = places.haproxy_of(&program, &["--profile", "fast"])?;
    wait_for_view(&haproxy, &BY_LINE)?;
    drop(haproxy);
    // HTTP knows no secret.
    let haproxy = places.haproxy_of(&program, &["--profile", "fast", "--check", "http"])?;
    let seen = [
        "prod/srv1 Up L7OK",
        "prod/srv2 Down L7STS",
        "stdby/srv2 Up L7OK",
    ];
    wait_for_view(&haproxy, &seen)
}

#[test]
fn renamed_words_are_found() -> Result<(), Trouble> {
    let renamed = "[answer]\nproduction = \"MASTER\"\nstandby = \"SLAVE\"\n";
    let places = crate::Places::choose()?;
    let primary = support::Postgres::primary()
        .tcp(places.postgres(0))
        .start()?;
    let daemon = places.daemon(0, &primary, renamed)?;
    daemon.wait_for(SECONDS, "MASTER")?;
    let haproxy = places.haproxy_of(&Program::new(renamed)?, &["--profile", "fast"])?;
    wait_for_view(&haproxy, &["prod/srv1 Up L7OK", "stdby/srv1 Down L7RSP"])
}
