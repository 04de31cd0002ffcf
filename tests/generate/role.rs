//! The role that asks: made twice on a real server, and asked with.

use serde_json::Value;
use support::postgres::SUPERUSER;
use support::running::run;
use support::{Daemon, Postgres, Trouble, ports, until};

use crate::{PROGRAM, Program, SECONDS};

/// Runs a script as `psql` does, and returns what the server remarked.
fn apply(server: &Postgres, program: &Program, script: &str) -> Result<String, Trouble> {
    let path = program.scratch.path().join("role.sql");
    std::fs::write(&path, script).map_err(Trouble::io("write a script"))?;
    let mut psql = program.scratch.command(Postgres::program("psql")?);
    psql.args([
        "--no-psqlrc",
        "--quiet",
        "--set",
        "ON_ERROR_STOP=1",
        "--file",
    ])
    .arg(&path)
    .args(["--dbname", &server.conninfo(SUPERUSER)]);
    let output = psql.output().map_err(Trouble::io("run psql"))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    Ok(said)
}

/// Everything that a role is and may, but for its own number.
const ALL_OF_IT: &str = "\
SELECT rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolpassword,
       (SELECT string_agg(g.rolname, ' ' ORDER BY g.rolname) FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
         WHERE m.member = a.oid)
  FROM pg_authid a WHERE rolname = ";

#[test]
fn the_role_and_the_database_are_those_of_a_configuration() -> Result<(), Trouble> {
    let program = Program::new("[postgres]\nconninfo = \"host=/run/x user=monitor dbname=d\"\n")?;
    let usual = Program::new("[postgres]\nconninfo = \"host=/run/x\"\n")?;
    let of = |program: &Program, args: &[&str]| {
        let config = ["--config", &program.config];
        program.generate("role-sql", &[&config, args].concat())
    };
    let named = program.generate("role-sql", &["--role", "monitor", "--database", "d"]);
    assert_eq!(of(&program, &[]), named);
    let other = program.generate("role-sql", &["--role", "a", "--database", "d"]);
    assert_eq!(of(&program, &["--role", "a"]), other);
    assert_eq!(of(&usual, &[]), program.generate("role-sql", &[]));
    Ok(())
}

#[test]
fn the_role_is_made_once_and_the_daemon_asks_with_it() -> Result<(), Trouble> {
    let program = Program::new("")?;
    // With peer authentication the role is called as the user that asks.
    let user = run(program.scratch.command("/usr/bin/id"))?;
    let user = user.split(['(', ')']).nth(1).unwrap().to_owned();
    let role = ["--role", &user];
    let peer = format!(
        "local postgres {SUPERUSER} trust\nlocal postgres \"{user}\" peer\n\
         host replication all 127.0.0.0/8 trust\n"
    );
    // Nobody may connect who is not allowed to by name.
    let primary = Postgres::primary().tcp(ports::free()?).hba(&peer).start()?;
    primary.query("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC")?;
    let script = program.generate("role-sql", &role);
    let remarks = apply(&primary, &program, &script)?;
    assert_eq!(remarks, "");
    let made = primary.query(&format!("{ALL_OF_IT}'{user}'"))?;
    // The second grant is for those who have such a role: from 16 on.
    let reserved = primary.query("SELECT to_regrole('pg_use_reserved_connections')")?;
    let grants = ["pg_read_all_stats", &reserved].join(" ");
    assert_eq!(made, format!("t|f|f|f|f|f||{}", grants.trim_end()));
    let remarks = apply(&primary, &program, &script)?;
    assert!(!remarks.contains("WARNING"), "{remarks}");
    assert_eq!(primary.query(&format!("{ALL_OF_IT}'{user}'"))?, made);

    let standby = primary.standby().tcp(ports::free()?).hba(&peer).start()?;
    until(SECONDS, "the standby to stream", || {
        let senders = primary.query("SELECT state FROM pg_stat_replication");
        senders.is_ok_and(|state| state == "streaming")
    })?;
    let config =
        |server: &Postgres| format!("[postgres]\nconninfo = \"{}\"\n", server.conninfo(&user));
    let asking = Program::new(&config(&standby))?;
    let mut probe = asking.scratch.command(PROGRAM);
    let said = run({
        probe.args([
            "probe",
            "--json",
            "--expect",
            "standby",
            "--config",
            &asking.config,
        ]);
        probe
    })?;
    let said: Value = serde_json::from_str(&said).unwrap();
    // Without its grant it would be "hidden".
    assert_eq!(said["replication"]["receiver"], "streaming", "{said}");

    let daemon = Daemon::binding(PROGRAM, ports::free()?)
        .asking(&primary.conninfo(&user))
        .start()?;
    daemon.wait_for(SECONDS, "production")
}

#[test]
fn a_role_that_may_do_more_is_left_as_it_is_and_told() -> Result<(), Trouble> {
    let program = Program::new("")?;
    let primary = Postgres::primary().start()?;
    primary.query("CREATE ROLE \"pgsql-state\" SUPERUSER NOLOGIN PASSWORD 'x'")?;
    let script = program.generate("role-sql", &[]);
    let remarks = apply(&primary, &program, &script)?;
    assert!(
        remarks.contains("WARNING:  the role pgsql-state may do more"),
        "{remarks}"
    );
    let made = primary.query(
        "SELECT rolsuper, rolcanlogin, rolpassword IS NOT NULL FROM pg_authid \
                              WHERE rolname = 'pgsql-state'",
    )?;
    assert_eq!(made, "t|t|t");
    Ok(())
}
