//! What a real HAProxy makes of checks over TLS.

use std::net::SocketAddrV4;

use support::{Haproxy, Postgres, Status, Trouble, ports};

use crate::pki::{Authority, Identity};
use crate::{Place, SECONDS, Served};

/// A block with one server that is checked as `generate haproxy` has it.
fn block(name: &str, served: &Served, check: &str) -> Result<String, Trouble> {
    let (bind, at): (SocketAddrV4, _) = (ports::free()?, served.http);
    let (address, port) = (at.ip(), at.port());
    Ok(format!(
        "listen {name}\n    bind {bind}\n    option httpchk HEAD /primary\n    http-check expect status 200\n    \
         default-server inter 200ms fall 1 rise 1\n    \
         server srv1 {address}:1 check port {port} check-ssl verify required {check}\n"
    ))
}

/// Certificate and key in one file.
fn both(place: &Place, name: &str, own: &Identity) -> String {
    place
        .files
        .write(name, &format!("{}{}", own.certificate, own.key))
}

#[test]
fn a_server_is_up_for_the_authority_that_vouches_for_it_and_for_no_other() -> Result<(), Trouble> {
    let place = Place::choose()?;
    let primary = Postgres::primary().start()?;
    let served = place.serve(&primary, &place.identity())?;
    let ours = place.files.write("ca.pem", &place.ours.pem());
    let other = place
        .files
        .write("other.pem", &Authority::new("ours").pem());
    let text = block("good", &served, &format!("ca-file {ours}"))?
        + &block("bad", &served, &format!("ca-file {other}"))?;
    let haproxy = Haproxy::start_with(&text)?;
    haproxy.wait_for(SECONDS, ("bad", "srv1"), Status::Down)?;
    haproxy.wait_for(SECONDS, ("good", "srv1"), Status::Up)?;
    Ok(())
}

#[test]
fn where_a_client_certificate_is_required_a_check_that_shows_one_is_answered() -> Result<(), Trouble>
{
    let (place, clients) = (Place::choose()?, Authority::new("clients"));
    let primary = Postgres::primary().start()?;
    let served = place.serve(&primary, &place.wanting(&clients, "required"))?;
    let ours = place.files.write("ca.pem", &place.ours.pem());
    let own = both(&place, "own.pem", &clients.certify(&[]));
    let wrong = both(&place, "wrong.pem", &place.ours.certify(&[]));
    let text = block("good", &served, &format!("ca-file {ours} crt {own}"))?
        + &block("wrong", &served, &format!("ca-file {ours} crt {wrong}"))?
        + &block("none", &served, &format!("ca-file {ours}"))?;
    let haproxy = Haproxy::start_with(&text)?;
    haproxy.wait_for(SECONDS, ("wrong", "srv1"), Status::Down)?;
    haproxy.wait_for(SECONDS, ("none", "srv1"), Status::Down)?;
    haproxy.wait_for(SECONDS, ("good", "srv1"), Status::Up)?;
    Ok(())
}

#[test]
fn a_proxy_header_comes_before_the_handshake() -> Result<(), Trouble> {
    let place = Place::choose()?;
    let primary = Postgres::primary().start()?;
    let peers = format!(
        "proxy_protocol = {{ {} = [\"127.0.0.0/8\"] }}\n",
        place.http.port()
    );
    let served = place.admit(&primary, &place.identity(), &peers)?;
    let ours = place.files.write("ca.pem", &place.ours.pem());
    let text = block("with", &served, &format!("ca-file {ours} check-send-proxy"))?
        + &block("without", &served, &format!("ca-file {ours}"))?;
    let haproxy = Haproxy::start_with(&text)?;
    haproxy.wait_for(SECONDS, ("without", "srv1"), Status::Down)?;
    haproxy.wait_for(SECONDS, ("with", "srv1"), Status::Up)?;
    Ok(())
}

#[test]
fn the_configuration_that_is_generated_reaches_a_port_with_tls() -> Result<(), Trouble> {
    let (place, clients) = (Place::choose()?, Authority::new("clients"));
    let primary = Postgres::primary().start()?;
    let http = place.wanting(&clients, "required");
    let ours = place.files.write("ca.pem", &place.ours.pem());
    let config = format!("[http]\n{http}[cluster]\nca_file = \"{ours}\"\n");
    let served = crate::serve_at(place.http, &primary, &config, "")?;
    let own = both(&place, "own.pem", &clients.certify(&[]));
    let file = served.daemon.config_file().display().to_string();
    let node = format!("srv1={}", place.http.ip());
    let port = place.http.port().to_string();
    let ports = [(); 4].map(|()| ports::free().map(|free| free.port().to_string()));
    let [prod, stdby, replication, stats] = ports;
    let (prod, stdby, replication, stats) = (prod?, stdby?, replication?, stats?);
    let bind = place.http.ip().to_string();
    let haproxy = Haproxy::start_whole(|admin| {
        let admin = admin.display().to_string();
        let generate = |extra: &[&str]| {
            let mut command = place.files.command(crate::PROGRAM);
            command.args([
                "generate",
                "haproxy",
                "--check",
                "http",
                "--profile",
                "safe",
            ]);
            command.args(["--config", &file, "--node", &node, "--http-port", &port]);
            command.args(["--bind", &bind, "--admin-socket", &admin]);
            command.args(["--read-write-port", &prod, "--read-only-port", &stdby]);
            command.args(["--replication-port", &replication, "--stats-port", &stats]);
            command.args(extra).output().unwrap()
        };
        let without = generate(&[]);
        assert_eq!(without.status.code(), Some(64), "{without:?}");
        let said = String::from_utf8_lossy(&without.stderr).into_owned();
        assert!(said.contains("--check-crt"), "{said}");
        let made = generate(&["--check-crt", &own]);
        assert!(made.status.success(), "{made:?}");
        let text = String::from_utf8(made.stdout).unwrap();
        // Neither this user nor the log of a machine is this test's.
        let is_kept = |line: &&str| {
            let first = line.split_whitespace().next();
            !matches!(first, Some("user" | "group")) && !line.contains("/dev/log")
        };
        text.lines()
            .filter(is_kept)
            .flat_map(|line| [line, "\n"])
            .collect()
    })?;
    haproxy.wait_for(SECONDS, ("prod", "srv1"), Status::Up)?;
    // A primary is no standby within its limits: it is asked over TLS too, and gets no new sessions.
    haproxy.wait_for(SECONDS, ("stdby", "srv1"), Status::NoLb)?;
    Ok(())
}
