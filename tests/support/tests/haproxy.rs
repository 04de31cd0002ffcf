//! The harness's HAProxy sees what state ports answer.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]

use std::io::Write;
use std::net::{SocketAddrV4, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use support::haproxy::{Backend, Pace};
use support::{Haproxy, Listen, Ports, Status, Trouble};

/// Enough on a machine that does everything at once.
const PATIENCE: Duration = Duration::from_secs(30);

/// A state port that answers whatever it is told to.
struct Answers(Arc<Mutex<&'static str>>);

impl Answers {
    fn at(address: SocketAddrV4, line: &'static str) -> Self {
        let shared = Arc::new(Mutex::new(line));
        let listener = TcpListener::bind(address).unwrap();
        let answers = Self(Arc::clone(&shared));
        thread::spawn(move || {
            for stream in listener.incoming() {
                // HAProxy closes as soon as it has read enough.
                stream
                    .unwrap()
                    .write_all(shared.lock().unwrap().as_bytes())
                    .ok();
            }
        });
        answers
    }

    fn become_(&self, line: &'static str) {
        *self.0.lock().unwrap() = line;
    }
}

#[test]
fn each_listen_block_follows_its_word() -> Result<(), Trouble> {
    let ports = Ports::choose()?;
    let (front, host) = (ports.address()?, ports.address()?);
    let at = SocketAddrV4::new;
    let answers = Answers::at(at(host, ports.state), "standby\n");
    let backends = vec![Backend {
        name: "srv1".into(),
        address: at(host, ports.postgres),
    }];
    let haproxy = Haproxy::start(
        &[
            Listen::production(at(front, ports.read_write), ports.state, backends.clone())
                .pace(Pace::brisk()),
            Listen::standby(at(front, ports.read_only), ports.state, backends).pace(Pace::brisk()),
        ],
        Some(at(front, ports.stats)),
    )?;

    let row = haproxy.wait_for(PATIENCE, ("prod", "srv1"), Status::Down)?;
    assert_eq!(row.check_status, "L7RSP");
    haproxy.wait_for(PATIENCE, ("stdby", "srv1"), Status::Up)?;

    answers.become_("production\n");
    haproxy.wait_for(PATIENCE, ("prod", "srv1"), Status::Up)?;
    haproxy.wait_for(PATIENCE, ("stdby", "srv1"), Status::Down)?;
    assert!(
        haproxy.log().contains("stdby/srv1 is DOWN"),
        "{}",
        haproxy.log()
    );
    assert!(TcpStream::connect(at(front, ports.stats)).is_ok());
    assert!(haproxy.row("prod", "srv2").is_err());
    Ok(())
}

#[test]
fn a_bad_configuration_is_told_in_haproxys_words() {
    let said = Haproxy::start_with("listen broken\n    bind nowhere\n").unwrap_err();
    assert!(said.to_string().contains("ended at its start"), "{said}");
    assert!(said.to_string().contains("nowhere"), "{said}");
}
