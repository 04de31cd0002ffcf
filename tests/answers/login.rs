//! Passwords, and roles and databases that do not exist; their names reach no client, even where they
//! are words that a load balancer looks for.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use support::postgres::{ORDINARY, SUPERUSER};
use support::scratch::Scratch;
use support::{Postgres, Trouble, ports};

use crate::{FOR_A_WHILE, TIMEOUT, answer, asking, keep_saying};

/// The superuser is the test's own; everybody else has to know a password.
const PASSWORDS: &str = "\
local all postgres              trust
local all all                   scram-sha-256
host  all all      127.0.0.0/8  scram-sha-256
";

const RIGHT: &str = "opens-sesame";
const WRONG: &str = "shuts-sesame";

#[test]
fn a_password_opens_the_door_from_wherever_libpq_takes_it() -> Result<(), Trouble> {
    let server = guarded()?;
    let files = Scratch::new()?;
    for conninfo in ways_in(&server) {
        let written = asking(&format!("{conninfo} password={RIGHT}"))?.start()?;
        assert_eq!(answer(&written)?, "production", "{conninfo}");

        let variable = asking(&conninfo)?.env("PGPASSWORD", RIGHT).start()?;
        assert_eq!(answer(&variable)?, "production", "{conninfo}");

        let file = password_file(&files, RIGHT)?;
        let beside = asking(&conninfo)?.env("PGPASSFILE", &file).start()?;
        assert_eq!(answer(&beside)?, "production", "{conninfo}");

        let named = format!("{conninfo} passfile={}", file.display());
        assert_eq!(answer(&asking(&named)?.start()?)?, "production", "{named}");
    }
    Ok(())
}

#[test]
fn a_wrong_password_is_down_and_told_to_nobody() -> Result<(), Trouble> {
    let server = guarded()?;
    let files = Scratch::new()?;
    let file = password_file(&files, WRONG)?;
    for conninfo in ways_in(&server) {
        let daemons = [
            asking(&format!("{conninfo} password={WRONG}"))?.start()?,
            asking(&conninfo)?.env("PGPASSFILE", &file).start()?,
            asking(&conninfo)?.start()?,
        ];
        for daemon in &daemons {
            assert_eq!(answer(daemon)?, "down auth", "{conninfo}");
        }
        keep_saying("down auth", FOR_A_WHILE, &daemons)?;
        for daemon in &daemons {
            assert!(!daemon.log().contains(WRONG), "{}", daemon.log());
        }
    }
    Ok(())
}

#[test]
fn a_missing_database_called_production_is_no_database() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let conninfo = server
        .conninfo(ORDINARY)
        .replace("dbname=postgres", "dbname=production");
    let daemon = asking(&conninfo)?.start()?;
    assert_eq!(answer(&daemon)?, "down no-database");
    keep_saying("down no-database", FOR_A_WHILE, [&daemon])?;
    server.query("CREATE DATABASE production")?;
    daemon.wait_for(2 * TIMEOUT, "production")
}

#[test]
fn a_database_that_lets_nobody_connect_is_closed() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    server.query("CREATE DATABASE shut ALLOW_CONNECTIONS false")?;
    let conninfo = server
        .conninfo(ORDINARY)
        .replace("dbname=postgres", "dbname=shut");
    let daemon = asking(&conninfo)?.start()?;
    keep_saying("down database-closed", FOR_A_WHILE, [&daemon])?;
    server.query("ALTER DATABASE shut ALLOW_CONNECTIONS true")?;
    daemon.wait_for(2 * TIMEOUT, "production")
}

#[test]
fn a_library_that_sessions_load_and_that_is_gone_is_a_missing_file() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    server.query("ALTER ROLE ordinary SET session_preload_libraries = 'gone'")?;
    let daemon = asking(&server.conninfo(ORDINARY))?.start()?;
    keep_saying("down missing-file", FOR_A_WHILE, [&daemon])?;
    server.query("ALTER ROLE ordinary RESET session_preload_libraries")?;
    daemon.wait_for(2 * TIMEOUT, "production")
}

#[test]
fn a_missing_role_called_standby_is_not_let_in() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let daemon = asking(&server.conninfo("standby"))?.start()?;
    assert_eq!(answer(&daemon)?, "down auth");
    keep_saying("down auth", FOR_A_WHILE, [&daemon])?;
    server.query("CREATE ROLE standby LOGIN")?;
    daemon.wait_for(2 * TIMEOUT, "production")
}

/// What one new connection is refused does not speak against what an old one proves: the server does
/// let clients in.
#[test]
fn a_role_that_is_shut_out_later_goes_on_asking() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let daemon = asking(&server.conninfo(ORDINARY))?.start()?;
    assert_eq!(answer(&daemon)?, "production");
    server.set_hba("local all ordinary reject\nlocal all all trust\n")?;
    keep_saying("production", FOR_A_WHILE, [&daemon])?;
    let said = "a new connection is refused while the existing session is answered";
    assert_eq!(daemon.log().matches(said).count(), 1, "{}", daemon.log());
    Ok(())
}

fn guarded() -> Result<Postgres, Trouble> {
    // The default up to PostgreSQL 13 is another.
    let server = Postgres::primary()
        .tcp(ports::free()?)
        .setting("password_encryption", "scram-sha-256")
        .hba(PASSWORDS)
        .start()?;
    server.query(&format!("ALTER ROLE {ORDINARY} PASSWORD '{RIGHT}'"))?;
    assert!(server.connect(SUPERUSER).is_ok());
    assert!(server.connect(ORDINARY).is_err());
    Ok(server)
}

fn ways_in(server: &Postgres) -> [String; 2] {
    [server.conninfo(ORDINARY), server.tcp_conninfo(ORDINARY)]
}

/// A password file, which libpq reads only if nobody else may (manual, "The Password File").
fn password_file(files: &Scratch, password: &str) -> Result<PathBuf, Trouble> {
    let path = files.path().join("pgpass");
    let line =
        format!("# for tests\nelsewhere:*:*:*:{WRONG}\n*:*:postgres:{ORDINARY}:{password}\n");
    fs::write(&path, line)
        .and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(0o600)))
        .map_err(Trouble::io(format!("write {}", path.display())))?;
    Ok(path)
}
