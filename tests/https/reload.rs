//! Another certificate, while connections are open and others come.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use support::{Postgres, Trouble, until};

use crate::client::Manner;
use crate::pki::Authority;
use crate::{Place, SECONDS, Served};

impl Served {
    /// Has it read the same configuration, and what this names, again.
    fn read_again(&mut self) -> Result<(), Trouble> {
        let text = fs::read_to_string(self.daemon.config_file());
        let text = text.map_err(Trouble::io("read the configuration"))?;
        self.daemon.reload(&text)
    }
}

#[test]
fn new_connections_get_the_new_certificate_and_those_that_are_open_go_on() -> Result<(), Trouble> {
    let (place, next) = (Place::choose()?, Authority::new("next"));
    let primary = Postgres::primary().start()?;
    let mut served = place.serve(&primary, &place.identity())?;
    let http = served.http;
    let mut kept = Manner::trusting(&place.ours).connect(http).unwrap();
    assert_eq!(kept.status("/primary").ok(), Some(200));

    // Somebody asks all the time, on a connection that he keeps.
    let (stop, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        let load = scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                assert_eq!(kept.status("/primary").unwrap(), 200);
                answered.fetch_add(1, Ordering::Relaxed);
            }
        });
        let mut reload = || {
            place.files.identity(&place.certified_by(&next));
            served.read_again()?;
            let before = answered.load(Ordering::Relaxed);
            until(SECONDS, "answers after the reload", || {
                answered.load(Ordering::Relaxed) > before + 10
            })
        };
        let outcome = reload();
        stop.store(true, Ordering::Relaxed);
        load.join().unwrap();
        outcome
    })?;
    assert!(
        Manner::trusting(&place.ours)
            .status(http, "/primary")
            .is_err()
    );
    let status = Manner::trusting(&next).status(http, "/primary");
    assert_eq!(status.ok(), Some(200));
    Ok(())
}

#[test]
fn a_bad_file_leaves_the_old_certificate_in_force_and_is_told_in_one_sentence()
-> Result<(), Trouble> {
    let place = Place::choose()?;
    let primary = Postgres::primary().start()?;
    let mut served = place.serve(&primary, &place.identity())?;
    let untrusted = place.certified_by(&place.ours);
    for (name, text, said) in [
        (
            "http.pem",
            "no certificate",
            "contains no valid certificate",
        ),
        (
            "http.key",
            &untrusted.key,
            "does not belong to the certificate",
        ),
    ] {
        let good = fs::read_to_string(place.files.path(name)).unwrap();
        place.files.write(name, text);
        served.read_again()?;
        let log = served.daemon.log();
        let lines: Vec<_> = log.lines().filter(|line| line.contains(said)).collect();
        assert!(
            matches!(lines[..], [line] if line.contains("the old configuration stays in force")),
            "{log}"
        );
        let status = Manner::trusting(&place.ours).status(served.http, "/primary");
        assert_eq!(status.ok(), Some(200), "{name}");
        place.files.write(name, &good);
    }
    Ok(())
}
