//! The rules for `pg_hba.conf`, as a real server reads and applies them.

use std::fs;

use support::postgres::{SUPERUSER, TRUST};
use support::{Postgres, Trouble, ports, until};

use crate::{Program, SECONDS};

/// The rules of the file, and what is wrong with each.
const AS_READ: &str = "\
SELECT type, array_to_string(database, ','), array_to_string(user_name, ','),
       concat_ws('/', address, netmask), auth_method, error
  FROM pg_hba_file_rules ORDER BY line_number";

#[test]
fn the_server_reads_them_as_they_are_meant() -> Result<(), Trouble> {
    let program = Program::new(
        "[cluster]\nnodes = [ { name = \"srv1\", address = \"10.20.30.51\" }, \
         { name = \"srv2\", address = \"2001:db8::52\" } ]\n",
    )?;
    let rules = program.generate("pg-hba", &["--node", "srv2", "--replication-role", "repl"]);
    let server = Postgres::primary().hba(&(rules + TRUST)).start()?;
    let read = server.query(AS_READ)?;
    let own: Vec<&str> = read.lines().take(9).collect();
    let full = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
    assert_eq!(
        own,
        [
            "local|replication|all||reject|",
            &format!("host|replication|all|2001:db8::52/{full}|reject|"),
            "host|replication|all|127.0.0.0/255.0.0.0|reject|",
            &format!("host|replication|all|::1/{full}|reject|"),
            "host|replication|all|samehost|reject|",
            "host|replication|repl|10.20.30.51/255.255.255.255|scram-sha-256|",
            "host|replication|all|srv2|reject|",
            "local|postgres|pgsql-state||peer|",
            "local|all|all||trust|",
        ]
    );
    Ok(())
}

#[test]
fn they_are_put_into_a_file_and_taken_out_again() -> Result<(), Trouble> {
    let program = Program::new("")?;
    let file = program.scratch.path().join("pg_hba.conf");
    let old = format!("# Of the package.\n\n# Do not disable!\n{TRUST}");
    fs::write(&file, &old).map_err(Trouble::io("write a file"))?;
    let path = file.to_str().unwrap();
    let install = [
        "--node",
        "srv1",
        "--member",
        "srv1=10.20.30.51",
        "--install",
        path,
    ];
    let read = || fs::read_to_string(&file).unwrap();

    let said = program.generate("pg-hba", &install);
    assert!(
        said.starts_with(&format!("{path}: changed; what it was is in {path}.")),
        "{said}"
    );
    let rules = program.generate("pg-hba", &install[..4]);
    assert_eq!(
        read(),
        format!("# Of the package.\n\n{rules}# Do not disable!\n{TRUST}")
    );
    let kept = file.with_file_name("pg_hba.conf.before-pgsql-state");
    assert_eq!(fs::read_to_string(&kept).unwrap(), old);
    let installed = read();
    let server = Postgres::primary().hba(&installed).start()?;
    assert_eq!(
        server.query("SELECT count(error) FROM pg_hba_file_rules")?,
        "0"
    );

    assert_eq!(
        program.generate("pg-hba", &install),
        format!("{path}: nothing to change\n")
    );
    assert_eq!(read(), installed);
    program.generate("pg-hba", &["--remove", path]);
    assert_eq!(read(), old);

    fs::write(&file, "locals all all peer\n").map_err(Trouble::io("write a file"))?;
    let output = program.run("pg-hba", &install);
    assert_eq!(output.status.code(), Some(78));
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        said,
        format!("pgsql-state: {path}: line 1: \"locals\" begins no rule\n")
    );
    assert_eq!(read(), "locals all all peer\n");
    Ok(())
}

#[test]
fn a_server_does_not_replicate_from_itself() -> Result<(), Trouble> {
    let own = ports::free()?;
    let member = format!("srv1={}", own.ip());
    let rules = Program::new("")?.generate("pg-hba", &["--node", "srv1", "--member", &member]);
    let rules = rules + TRUST;
    let primary = Postgres::primary().tcp(ports::free()?).start()?;
    // As HAProxy would lead it, where it takes this server for the primary.
    let itself = primary
        .backup()
        .streaming_from(own)
        .setup()
        .tcp(own)
        .hba(&rules)
        .start()?;
    until(SECONDS, "the refusal", || {
        itself
            .log()
            .contains("pg_hba.conf rejects replication connection")
    })?;
    assert_eq!(
        itself.query("SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming'")?,
        "0"
    );

    let on_socket = itself.conninfo(SUPERUSER);
    let over_tcp = itself.tcp_conninfo(SUPERUSER);
    for conninfo in [on_socket, over_tcp] {
        let scratch = support::scratch::Scratch::new()?;
        let mut psql = scratch.command(Postgres::program("psql")?);
        psql.args(["--no-psqlrc", "--command", "IDENTIFY_SYSTEM"]);
        psql.args(["--dbname", &format!("{conninfo} replication=true")]);
        let output = psql.output().map_err(Trouble::io("run psql"))?;
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            said.contains("pg_hba.conf rejects replication connection"),
            "{said}"
        );
    }
    Ok(())
}
