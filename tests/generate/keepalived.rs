//! keepalived's configuration, as keepalived reads it.

use std::fs;

use support::Trouble;

use crate::{PROGRAM, Program};

const KEEPALIVED: &str = "/usr/sbin/keepalived";

const NODES: [&str; 4] = ["--node", "srv1=10.20.30.51", "--node", "srv2=10.20.30.52"];

/// What keepalived has against a text.
fn complaint(program: &Program, text: &str) -> Option<String> {
    let path = program.scratch.path().join("keepalived.conf");
    fs::write(&path, text).unwrap();
    let mut command = program.scratch.command(KEEPALIVED);
    let output = command.arg("-t").arg("-f").arg(&path).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (!output.status.success() || !said.is_empty()).then_some(said)
}

/// An interface of this machine: keepalived refuses one that is not there.
fn interface() -> String {
    let names = fs::read_dir("/sys/class/net").unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names = names.filter(|name| name != "lo");
    names.next().unwrap()
}

#[test]
fn keepalived_takes_every_director() -> Result<(), Trouble> {
    let program = Program::new("")?;
    let of_one_port = [
        "--postgres-port",
        "5432",
        "--read-only-port",
        "5432",
        "--read-only-virtual",
        "10.20.30.61",
    ];
    let (plugin, path) = (
        ["--check", "plugin", "--script-user"],
        ["--program", PROGRAM],
    );
    for args in [
        vec![],
        vec!["--max-lag", "16MB", "--http-port", "80"],
        [&plugin[..], &["root"], &path].concat(),
        [&of_one_port[..], &["--forward", "dr"]].concat(),
        [&of_one_port[..], &["--forward", "tun"]].concat(),
    ] {
        let args = [&["lvs", "--virtual", "10.20.30.60"], &NODES[..], &args].concat();
        let text = program.generate("keepalived", &args);
        assert_eq!(complaint(&program, &text), None, "{text}");
    }
    let six = [
        "lvs",
        "--virtual",
        "2001:db8::60",
        "--node",
        "a=2001:db8::51",
    ];
    let text = program.generate("keepalived", &six);
    assert_eq!(complaint(&program, &text), None, "{text}");
    // That it would find something.
    let mistaken = text.replace("status_code", "statuscode");
    assert!(
        complaint(&program, &mistaken)
            .unwrap()
            .contains("statuscode")
    );
    let mistaken = text.replace("2001:db8::51", "2001:db8::51z");
    assert!(complaint(&program, &mistaken).unwrap().contains("51z"));
    Ok(())
}

#[test]
fn keepalived_takes_a_virtual_ip_that_follows_the_primary() -> Result<(), Trouble> {
    let program = Program::new("")?;
    let interface = interface();
    let host = [
        "--interface",
        &interface,
        "--program",
        PROGRAM,
        "--script-user",
        "root",
    ];
    for (nodes, address) in [
        (&NODES[..], "10.20.30.60"),
        (
            &["--node", "srv1=2001:db8::51", "--node", "srv2=2001:db8::52"],
            "2001:db8::60",
        ),
    ] {
        let args = ["vrrp", "--on", "srv2", "--virtual", address];
        let text = program.generate("keepalived", &[&args[..], &host, nodes].concat());
        assert_eq!(complaint(&program, &text), None, "{text}");
        let address = |node: &str| node.split_once('=').unwrap().1.to_owned();
        let (own, peer) = (address(nodes[3]), address(nodes[1]));
        assert!(
            text.contains(&format!("\n    unicast_src_ip {own}\n")),
            "{text}"
        );
        assert!(text.contains(&format!("\n        {peer}\n")), "{text}");
    }
    Ok(())
}

/// Nobody is a server before it was asked, and it is the role that is asked for.
#[test]
fn no_server_is_up_for_accepting_connections() -> Result<(), Trouble> {
    let program = Program::new("[listen]\nhttp = [\"[::]:8009\"]\n")?;
    let args = ["lvs", "--virtual", "10.20.30.60", "--max-lag", "1MB"];
    let text = program.generate("keepalived", &[&args[..], &NODES].concat());
    let lines = |line: &str| text.lines().filter(|found| found.trim() == line).count();
    assert_eq!(lines("alpha"), 2);
    assert_eq!(lines("HTTP_GET {"), 4);
    assert_eq!(lines("connect_port 8009"), 4);
    assert_eq!(lines("path /primary"), 2);
    assert_eq!(lines("path /replica?lag=1048576"), 2);
    assert!(!text.contains("TCP_CHECK {"), "{text}");
    Ok(())
}
