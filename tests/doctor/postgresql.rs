//! The server's settings, its `pg_hba.conf` and its address, and whether the commands that are told mend them.

use std::fs;
use std::process::Output;

use support::Trouble;
use support::postgres::{SUPERUSER, TRUST};

use crate::hosts::{Hosts, found, said};

#[test]
fn what_mends_it_does() -> Result<(), Trouble> {
    let mut hosts = Hosts::start("standby", &[("wal_keep_size", "0")], TRUST)?;
    let output = hosts.doctor(3, SUPERUSER, &["--node", "srv2", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&said(&output)).unwrap();
    let findings = document["findings"].as_array().unwrap();
    for id in ["wal-keep", "application-name"] {
        let finding = findings.iter().find(|finding| finding["id"] == id).unwrap();
        let mut shell = hosts.scratch.command("/bin/sh");
        shell
            .env("PGUSER", SUPERUSER)
            .args(["-euc", finding["remedy"].as_str().unwrap()]);
        let mended = shell.output().unwrap();
        assert!(mended.status.success(), "{finding}: {mended:?}");
    }
    hosts.standby.reload()?;
    let again = hosts.doctor(3, SUPERUSER, &["--node", "srv2"]);
    let left = found(&again);
    assert!(!left.contains(&"wal-keep".to_owned()), "{left:?}");
    assert!(!left.contains(&"application-name".to_owned()), "{left:?}");
    assert!(left.contains(&"daemon-unreachable".to_owned()), "{left:?}");
    Ok(())
}

#[test]
fn a_quoted_keyword_in_the_rules_is_a_name() -> Result<(), Trouble> {
    let rules = include_str!("../fixtures/hba-quoted-keywords.conf");
    let rules = format!("local all all trust\n{rules}");
    let hosts = Hosts::start("srv2", &[], &rules)?;
    let found_of = |output: &Output| found(output).contains(&"hba-self".to_owned());
    assert!(found_of(&hosts.doctor(3, SUPERUSER, &["--node", "srv2"])));
    let mut hosts = hosts;
    hosts
        .standby
        .set_hba("local \"replication\" all trust\nlocal all all trust\n")?;
    assert!(!found_of(&hosts.doctor(3, SUPERUSER, &["--node", "srv2"])));
    Ok(())
}

#[test]
fn the_rules_of_a_long_file_are_looked_at() -> Result<(), Trouble> {
    let comment =
        "# A line that says for whom the rules below are meant, and who asked for them.\n";
    let rule = "host orders clerks 10.20.30.40/32 scram-sha-256\n";
    let rules = format!(
        "local all all trust\n{}{}local replication all trust\n",
        comment.repeat(2000),
        rule.repeat(1500)
    );
    let hosts = Hosts::start("srv2", &[], &rules)?;
    let output = hosts.doctor(3, SUPERUSER, &["--node", "srv2"]);
    let said = said(&output);
    assert!(!said.contains("not looked at: pg_hba.conf"), "{said}");
    assert!(!said.contains("the quotes in pg_hba.conf"), "{said}");
    assert!(found(&output).contains(&"hba-self".to_owned()), "{said}");
    Ok(())
}

#[test]
fn an_address_that_leads_to_another_server_is_found() -> Result<(), Trouble> {
    let hosts = Hosts::start("srv2", &[], TRUST)?;
    let server = hosts.standby.tcp_conninfo(SUPERUSER);
    let asking = || hosts.doctor(0, SUPERUSER, &["--server", &server]);
    assert!(!found(&asking()).contains(&"other-server".to_owned()));
    let file = hosts.standby.data_dir().join("postmaster.pid");
    let text = fs::read_to_string(&file).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines[2] = "1500000000";
    fs::write(&file, lines.join("\n") + "\n").unwrap();
    let output = asking();
    fs::write(&file, &text).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(found(&output).contains(&"other-server".to_owned()));
    assert!(said(&output).contains("another server answers"));
    Ok(())
}
