//! The faults of the HAProxy that runs, by its release and its file.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixListener;
use std::thread;

use support::Trouble;
use support::postgres::{SUPERUSER, TRUST};

use crate::hosts::{Hosts, said};

#[test]
fn the_faults_of_the_haproxy_that_runs_are_looked_for_in_its_file() -> Result<(), Trouble> {
    let hosts = Hosts::start("srv2", &[], TRUST)?;
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/haproxy/2.6/safe.cfg");
    for (version, line) in [("3.0.11-1+deb13u5", Some(61)), ("2.6.12-1+deb12u4", None)] {
        let socket = hosts.scratch.path().join(version);
        let listener = UnixListener::bind(&socket).unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut command = String::new();
                BufReader::new(&stream).read_line(&mut command).unwrap();
                if command == "show info\n" {
                    let said = format!("Name: HAProxy\nVersion: {version}\n");
                    stream.write_all(said.as_bytes()).unwrap();
                }
            }
        });
        let socket = socket.to_str().unwrap();
        let asked = [
            "--node",
            "srv2",
            "--haproxy-config",
            file,
            "--haproxy-socket",
            socket,
        ];
        let output = hosts.doctor(2, SUPERUSER, &asked);
        let said = said(&output);
        let expected = format!(
            "haproxy-file: {file}:{}: ended-sessions-stay: ",
            line.unwrap_or_default()
        );
        assert_eq!(said.contains(&expected), line.is_some(), "{said}");
        assert_eq!(
            said.matches("ended-sessions-stay").count(),
            2 * usize::from(line.is_some()),
            "{said}"
        );
    }
    // Nobody knows which one reads it.
    let asked = [
        "--node",
        "srv2",
        "--haproxy-config",
        file,
        "--haproxy-socket",
        "nowhere",
    ];
    let said = said(&hosts.doctor(2, SUPERUSER, &asked));
    let told = "not looked at: the faults of HAProxy's release: nowhere: No such file or directory";
    assert!(said.contains(told), "{said}");
    // What `lint haproxy` cannot evaluate is not looked at.
    let file = hosts.scratch.path().join("external.cfg");
    let text = "listen prod\n option external-check\n server a 127.0.0.1:5432 check\n";
    fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let asked = ["--node", "srv2", "--haproxy-config", file];
    let said = self::said(&hosts.doctor(2, SUPERUSER, &asked));
    let told = "not looked at: HAProxy's section prod: an external program decides";
    assert!(said.contains(told), "{said}");
    Ok(())
}
