//! Who is answered over TLS, and who is not.

use std::io::{self, Read, Write};
use std::net::{SocketAddrV4, TcpStream};
use std::process::Output;
use std::time::{Duration, Instant};

use rustls::version::{TLS12, TLS13};
use support::{Postgres, Trouble, until};

use crate::client::Manner;
use crate::pki::{Authority, Identity};
use crate::{HEAD, Place, SECONDS};

/// The first bytes of a `ClientHello`, whose record says that 512 will come.
const HALF_HELLO: &[u8] = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";

impl Place {
    /// Asks with curl.
    fn curl(&self, arguments: &[&str]) -> Output {
        let mut command = self.files.command("curl");
        command.args(["--silent", "--show-error", "--write-out", "%{http_code}"]);
        let url = format!("https://{}/primary", self.http);
        command.args(arguments).arg(url).output().unwrap()
    }

    /// The same with a client certificate.
    fn curl_showing(&self, trusted: &str, own: &Identity) -> Output {
        let certificate = self.files.write("client.pem", &own.certificate);
        let key = self.files.write("client.key", &own.key);
        self.curl(&["--cacert", trusted, "--cert", &certificate, "--key", &key])
    }
}

fn is_answered(output: &Output) -> bool {
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.ends_with("200") || said.ends_with("000"), "{output:?}");
    output.status.success() && said.ends_with("200")
}

#[test]
fn curl_is_answered_if_it_can_prove_the_daemon() -> Result<(), Trouble> {
    let place = Place::choose()?;
    let primary = Postgres::primary().start()?;
    let _served = place.serve(&primary, &place.identity())?;
    let trusted = place.files.write("ca.pem", &place.ours.pem());
    let untrusted = Authority::new("other").pem();
    let untrusted = place.files.write("other.pem", &untrusted);
    let good = place.curl(&["--cacert", &trusted]);
    assert!(is_answered(&good), "{good:?}");
    // "Peer certificate cannot be authenticated with known CA certificates" (curl(1)).
    let bad = place.curl(&["--cacert", &untrusted]);
    assert_eq!(bad.status.code(), Some(60), "{bad:?}");
    Ok(())
}

#[test]
fn a_client_whose_handshake_fails_is_logged() -> Result<(), Trouble> {
    let place = Place::choose()?;
    let primary = Postgres::primary().start()?;
    let clients = Authority::new("clients");
    let served = place.serve(&primary, &place.wanting(&clients, "required"))?;
    let trusted = place.files.write("ca.pem", &place.ours.pem());
    let refused = place.curl(&["--cacert", &trusted]);
    assert!(!is_answered(&refused), "{refused:?}");
    until(SECONDS, "a line about it", || {
        let log = served.daemon.log();
        let mut lines = log.lines();
        lines.any(|line| line.contains("INFO") && line.contains("a TLS handshake with 127."))
    })
}

#[test]
fn a_key_in_the_file_of_its_certificate_is_found_there() -> Result<(), Trouble> {
    let place = Place::choose()?;
    let primary = Postgres::primary().start()?;
    let own = place.certified_by(&place.ours);
    let both = place.files.write("both.pem", &(own.certificate + &own.key));
    let served = place.serve(&primary, &format!("certificate_file = \"{both}\"\n"))?;
    let status = Manner::trusting(&place.ours).status(served.http, "/primary");
    assert_eq!(status.ok(), Some(200));
    Ok(())
}

#[test]
fn where_a_client_certificate_is_required_nobody_is_answered_without_a_good_one()
-> Result<(), Trouble> {
    let (place, clients) = (Place::choose()?, Authority::new("clients"));
    let primary = Postgres::primary().start()?;
    let served = place.serve(&primary, &place.wanting(&clients, "required"))?;
    let trusted = place.files.write("ca.pem", &place.ours.pem());
    let good = place.curl_showing(&trusted, &clients.certify(&[]));
    assert!(is_answered(&good), "{good:?}");
    for bad in [
        place.curl(&["--cacert", &trusted]),
        place.curl_showing(&trusted, &Authority::new("clients").certify(&[])),
        place.curl_showing(&trusted, &place.ours.certify(&[])),
    ] {
        assert!(!is_answered(&bad), "{bad:?}");
    }
    for versions in [[&TLS12].as_slice(), &[&TLS13]] {
        let manner = Manner {
            versions,
            ..Manner::trusting(&place.ours)
        };
        assert!(manner.status(served.http, "/primary").is_err());
        let own = clients.certify(&[]);
        let manner = Manner {
            versions,
            ..Manner::showing(&place.ours, &own)
        };
        let status = manner.status(served.http, "/primary");
        assert_eq!(status.ok(), Some(200));
    }
    Ok(())
}

#[test]
fn where_it_is_optional_a_client_without_one_is_answered_and_one_with_a_bad_one_is_not()
-> Result<(), Trouble> {
    let (place, clients) = (Place::choose()?, Authority::new("clients"));
    let primary = Postgres::primary().start()?;
    let _served = place.serve(&primary, &place.wanting(&clients, "optional"))?;
    let trusted = place.files.write("ca.pem", &place.ours.pem());
    let without = place.curl(&["--cacert", &trusted]);
    assert!(is_answered(&without), "{without:?}");
    let good = place.curl_showing(&trusted, &clients.certify(&[]));
    assert!(is_answered(&good), "{good:?}");
    let bad = place.curl_showing(&trusted, &Authority::new("clients").certify(&[]));
    assert!(!is_answered(&bad), "{bad:?}");
    Ok(())
}

#[test]
fn an_older_version_than_the_oldest_is_refused() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    for (least, old_one) in [("", Some(200)), ("min_tls = \"1.3\"\n", None)] {
        let place = Place::choose()?;
        let served = place.serve(&primary, &(place.identity() + least))?;
        for (version, status) in [(&TLS12, old_one), (&TLS13, Some(200))] {
            let manner = Manner {
                versions: &[version],
                ..Manner::trusting(&place.ours)
            };
            let seen = manner.status(served.http, "/primary").ok();
            assert_eq!(seen, status, "{version:?} {least}");
        }
    }
    Ok(())
}

/// Connects, sends these bytes, and waits for the end.
fn end_of(http: SocketAddrV4, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(http)?;
    stream.set_read_timeout(Some(SECONDS))?;
    stream.write_all(bytes)?;
    let mut said = Vec::new();
    match stream.read_to_end(&mut said) {
        Err(error) if error.kind() != io::ErrorKind::ConnectionReset => Err(error),
        Ok(_) | Err(_) => Ok(said),
    }
}

/// How a client keeps a handshake waiting.
#[derive(Clone, Copy, Debug)]
enum Delay {
    /// It says nothing.
    Silent,
    /// It says half a `ClientHello`.
    Half,
    /// It goes on with it, byte by byte.
    Drips,
    /// It shakes hands, and asks nothing.
    Shaken,
}

/// Between two bytes; the record would last for two minutes.
const DRIP: Duration = Duration::from_millis(250);

/// How long such a client is heard.
fn wait_so(http: SocketAddrV4, delay: Delay, trusted: &Authority) -> io::Result<Duration> {
    let begun = Instant::now();
    let said = match delay {
        Delay::Silent => end_of(http, b"")?,
        Delay::Half => end_of(http, HALF_HELLO)?,
        Delay::Drips => {
            let mut stream = TcpStream::connect(http)?;
            stream.write_all(HALF_HELLO)?;
            stream.set_read_timeout(Some(DRIP))?;
            loop {
                match stream.read(&mut [0]) {
                    Ok(0) => break,
                    Err(error) if error.kind() == io::ErrorKind::ConnectionReset => break,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Ok(_) => return Err(io::Error::other("it said something")),
                    Err(error) => return Err(error),
                }
                if stream.write_all(b"x").is_err() {
                    break;
                }
            }
            Vec::new()
        }
        Delay::Shaken => {
            Manner::trusting(trusted).connect(http)?.ends()?;
            Vec::new()
        }
    };
    assert_eq!(said, b"", "{delay:?}");
    Ok(begun.elapsed())
}

#[test]
fn who_keeps_the_handshake_waiting_is_let_go_in_time_and_costs_others_nothing()
-> Result<(), Trouble> {
    let place = Place::choose()?;
    let primary = Postgres::primary().start()?;
    let served = place.serve(&primary, &place.identity())?;
    let http = served.http;
    let trusted = &place.ours;
    std::thread::scope(|scope| {
        let all = [Delay::Silent, Delay::Half, Delay::Drips, Delay::Shaken];
        let waiting = all.map(|delay| (delay, scope.spawn(move || wait_so(http, delay, trusted))));
        let begun = Instant::now();
        let status = Manner::trusting(trusted).status(http, "/primary");
        assert_eq!(status.ok(), Some(200));
        assert!(begun.elapsed() < HEAD, "{:?}", begun.elapsed());
        for (delay, end) in waiting {
            let lasted = end.join().unwrap().unwrap();
            assert!(
                lasted + HEAD / 5 > HEAD && lasted < HEAD * 2,
                "{delay:?} {lasted:?}"
            );
        }
    });
    Ok(())
}

#[test]
fn plain_http_is_no_handshake_and_ends_at_once_without_an_answer() -> Result<(), Trouble> {
    let place = Place::choose()?;
    let primary = Postgres::primary().start()?;
    let served = place.serve(&primary, &place.identity())?;
    let begun = Instant::now();
    let said = end_of(served.http, b"GET /primary HTTP/1.1\r\nHost: srv1\r\n\r\n");
    let said = said.map_err(Trouble::io("ask without TLS"))?;
    assert!(begun.elapsed() < HEAD, "{:?}", begun.elapsed());
    let text = String::from_utf8_lossy(&said);
    assert!(!text.contains("HTTP/"), "{text}");
    let counted = r#"pgsql_state_answers_total{protocol="http",outcome="refused",reason="tls"} 1"#;
    let metrics = Manner::trusting(&place.ours).connect(served.http);
    let metrics = metrics.and_then(|mut client| client.document("/metrics"));
    let metrics = metrics.map_err(Trouble::io("ask for the metrics"))?;
    assert!(metrics.lines().any(|line| line == counted), "{metrics}");
    Ok(())
}

#[test]
fn who_is_silent_before_the_handshake_gives_way_to_who_comes() -> Result<(), Trouble> {
    let place = Place::choose()?;
    let primary = Postgres::primary().start()?;
    let few = "max_connections = 4\nper_client = \"1000/s\"\nburst = 1000\n";
    let served = place.admit(&primary, &place.identity(), few)?;
    let silent: Vec<_> = (0..8)
        .map(|_| {
            let mut stream = TcpStream::connect(served.http)?;
            stream.write_all(HALF_HELLO)?;
            Ok(stream)
        })
        .collect::<io::Result<_>>()
        .map_err(Trouble::io("begin handshakes"))?;
    let begun = Instant::now();
    let status = Manner::trusting(&place.ours).status(served.http, "/primary");
    assert_eq!(status.ok(), Some(200));
    assert!(begun.elapsed() < HEAD / 2, "{:?}", begun.elapsed());
    drop(silent);
    Ok(())
}

#[test]
fn who_may_not_ask_is_refused_before_any_byte_of_tls() -> Result<(), Trouble> {
    let place = Place::choose()?;
    let primary = Postgres::primary().start()?;
    let deny = format!("deny = [\"127.0.0.1\", \"{}\"]\n", place.http.ip());
    // The state port, by which a start is waited for, refuses as well.
    let http = place.http;
    let daemon = support::Daemon::binding(crate::PROGRAM, support::ports::free()?)
        .config(&format!("http = [\"{http}\"]\n"))
        .asking(&primary.conninfo(support::postgres::MONITOR))
        .config(&format!("[http]\n{}", place.identity()))
        .admission(&deny)
        .start()?;
    let begun = Instant::now();
    let said = end_of(http, b"").map_err(Trouble::io("wait for the end"))?;
    assert_eq!(said, b"");
    assert!(begun.elapsed() < HEAD / 2, "{:?}", begun.elapsed());
    drop(daemon);
    Ok(())
}
