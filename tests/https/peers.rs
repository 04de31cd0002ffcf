//! Nodes that ask one another over TLS, and the plugin that asks one of them.

use std::net::SocketAddrV4;
use std::process::Output;

use serde_json::Value;
use support::{Postgres, Trouble, ports, until_ok};

use crate::client::Manner;
use crate::pki::{Authority, Files};
use crate::{Place, SECONDS, Served};

const TRUSTED: &str = "trusted = [\"127.0.0.0/8\"]\n";

/// Two nodes at one port.
struct Nodes {
    places: Vec<SocketAddrV4>,
    ours: Authority,
}

impl Nodes {
    fn new() -> Result<Self, Trouble> {
        Ok(Self {
            places: ports::alike(2)?,
            ours: Authority::new("ours"),
        })
    }

    /// The daemon of a node, which shows what `authority` certifies for these names, trusts ours, and is asked by who
    /// shows what ours certifies.
    fn serve(
        &self,
        index: usize,
        (files, authority): (&Files, &Authority),
        names: &[&str],
        server: &Postgres,
    ) -> Result<Served, Trouble> {
        let http = files.identity(&authority.certify(names));
        let ca = files.write("ca.pem", &self.ours.pem());
        let node = |(index, place): (usize, &SocketAddrV4)| {
            format!("{{ name = \"srv{index}\", address = \"{}\" }}", place.ip())
        };
        let nodes: Vec<_> = self.places.iter().enumerate().map(node).collect();
        let config = format!(
            "[http]\n{http}client_ca_file = \"{ca}\"\n[cluster]\nnodes = [{}]\nhttp_port = {}\nca_file = \"{ca}\"\n",
            nodes.join(", "),
            self.places[index].port()
        );
        crate::serve_at(self.places[index], server, &config, TRUSTED)
    }
}

fn peers(served: &Served, files: &Files) -> Result<Value, String> {
    let output = files
        .command("curl")
        .args(["--silent", "--insecure", "--cert"])
        .arg(files.path("http.pem"))
        .arg("--key")
        .arg(files.path("http.key"))
        .arg(format!("https://{}/state", served.http))
        .output();
    let output = output.map_err(|error| error.to_string())?;
    let state: Value = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    Ok(state["peers"].clone())
}

#[test]
fn nodes_prove_themselves_by_address_or_name_and_show_their_own_certificate() -> Result<(), Trouble>
{
    let primary = Postgres::primary().start()?;
    let nodes = Nodes::new()?;
    let (first, second) = (Files::new(), Files::new());
    let address = nodes.places[0].ip().to_string();
    let one = nodes.serve(0, (&first, &nodes.ours), &[&address], &primary)?;
    let two = nodes.serve(1, (&second, &nodes.ours), &["srv1"], &primary)?;
    for (served, files) in [(&one, &first), (&two, &second)] {
        until_ok(SECONDS, "the other node to answer", || {
            let peers = peers(served, files)?;
            let all = [true, true].map(Some);
            let seen = [0, 1].map(|index: usize| peers[index]["answers"].as_bool());
            (seen == all).then_some(()).ok_or(peers.to_string())
        })?;
    }
    Ok(())
}

#[test]
fn a_node_with_another_authority_or_another_name_is_not_heard() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    for (authority, name, said) in [
        (
            Some(Authority::new("ours")),
            "srv1",
            "the signature of a certificate of the peer is not",
        ),
        (None, "srv7", "is not valid for the name or the address"),
    ] {
        let nodes = Nodes::new()?;
        let (first, second) = (Files::new(), Files::new());
        let address = nodes.places[0].ip().to_string();
        let one = nodes.serve(0, (&first, &nodes.ours), &[&address], &primary)?;
        let authority = authority.as_ref().unwrap_or(&nodes.ours);
        let _two = nodes.serve(1, (&second, authority), &[name], &primary)?;
        until_ok(SECONDS, "a line about it", || {
            let log = one.daemon.log();
            let line = log.lines().find(|line| {
                line.contains("srv1 does not report its server") && line.contains(said)
            });
            line.map(|_| ()).ok_or(log.clone())
        })?;
        let peers = peers(&one, &first).map_err(Trouble::Unfit)?;
        assert_eq!(peers[1]["answers"], false, "{peers}");
    }
    Ok(())
}

fn plugin(place: &Place, arguments: &[&str]) -> Output {
    let mut command = place.files.command(crate::PROGRAM);
    command.args(["check", "role", "--expect", "production"]);
    command.args(arguments).output().unwrap()
}

#[test]
fn the_plugin_asks_over_tls() -> Result<(), Trouble> {
    let (place, clients) = (Place::choose()?, Authority::new("clients"));
    let primary = Postgres::primary().start()?;
    let served = place.serve(&primary, &place.wanting(&clients, "required"))?;
    let at = served.http.to_string();
    let ours = place.files.write("ca.pem", &place.ours.pem());
    let other = place
        .files
        .write("other.pem", &Authority::new("ours").pem());
    let own = clients.certify(&[]);
    let own = place.files.write("own.pem", &(own.certificate + &own.key));
    for (arguments, status) in [
        (
            ["--at", &at, "--ca-file", &ours, "--certificate-file", &own].as_slice(),
            0,
        ),
        (
            &["--at", &at, "--ca-file", &other, "--certificate-file", &own],
            3,
        ),
        (&["--at", &at, "--ca-file", &ours], 3),
        (&["--at", &at], 3),
    ] {
        let output = plugin(&place, arguments);
        assert_eq!(
            output.status.code(),
            Some(status),
            "{arguments:?} {output:?}"
        );
    }
    Ok(())
}

#[test]
fn the_plugin_knows_its_own_hosts_daemon_by_its_certificate() -> Result<(), Trouble> {
    let place = Place::choose()?;
    let primary = Postgres::primary().start()?;
    // A certificate for no name at all.
    let nobodys = place.files.identity(&place.ours.certify(&[]));
    let served = place.serve(&primary, &nobodys)?;
    let file = served.daemon.config_file().display().to_string();
    let good = plugin(
        &place,
        &["--config", &file, "--at", &served.http.to_string()],
    );
    assert_eq!(good.status.code(), Some(0), "{good:?}");
    // Another one than the daemon shows.
    place.files.identity(&place.certified_by(&place.ours));
    let bad = plugin(
        &place,
        &["--config", &file, "--at", &served.http.to_string()],
    );
    assert_eq!(bad.status.code(), Some(3), "{bad:?}");
    let said = String::from_utf8_lossy(&bad.stderr).into_owned();
    assert!(said.contains("http.certificate_file"), "{said}");
    assert!(Manner::trusting(&place.ours).connect(served.http).is_err());
    Ok(())
}
