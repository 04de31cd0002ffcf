//! What `lint haproxy` says of sections that it cannot evaluate and of those that nobody can use, what it explains, and
//! how it shows names of files that would change what a terminal shows.

use support::Trouble;

use crate::program::{GOOD, Program};

#[test]
fn what_cannot_be_evaluated_is_never_good() -> Result<(), Trouble> {
    let program = Program::new()?;
    let external = GOOD.replace(
        "    option tcp-check\n    tcp-check connect port 5431\n    tcp-check expect rstring ^standby\n",
        "    option external-check\n",
    );
    program.file("a.cfg", &external);
    assert_eq!(
        program.said(&["a.cfg"], 1),
        "not evaluated: stdby (an external program decides); leads to PostgreSQL: stdby (readers)\n"
    );
    let said = program.said(&["--json", "a.cfg"], 1);
    for part in [
        r#""findings": []"#,
        r#""section": "stdby""#,
        r#""why": "an external program decides""#,
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let both = external.replace("timeout client 1d", "timeout client 1m");
    program.file("a.cfg", &both);
    let said = program.said(&["a.cfg"], 1);
    let last = said.lines().last().unwrap();
    assert!(
        last.starts_with("1 found; not evaluated: stdby (an external program decides); leads to"),
        "{said}"
    );
    Ok(())
}

#[test]
fn a_criterion_or_an_action_that_is_not_known_is_named() -> Result<(), Trouble> {
    let program = Program::new()?;
    let writers = GOOD
        .replace("stdby", "prod")
        .replace("^standby", "^production")
        .replace(
            "    server a",
            "    default-server on-marked-down shutdown-sessions\n    server a",
        );
    for (line, why) in [
        (
            "tcp-request connection reject if { srv_is_up(prod/a) } { srv_is_up(prod/b) }",
            "the criterion `srv_is_up(prod/a)` is not evaluated",
        ),
        (
            "tcp-request connection reject if { nbsrv gt 1 }\n    tcp-request content lua.choose",
            "`tcp-request content lua.choose` is not known",
        ),
        (
            "mode \"${MODE}\"\n    tcp-request connection reject if { nbsrv gt 1 }",
            "the variable in `mode ${MODE}` decides",
        ),
        (
            "use_backend \"#77\" if { nbsrv gt 1 }",
            "it is not known to which section `#77` leads",
        ),
    ] {
        program.file(
            "a.cfg",
            &writers.replace("    server a", &format!("    {line}\n    server a")),
        );
        assert_eq!(
            program.said(&["a.cfg"], 1),
            format!("not evaluated: prod ({why}); leads to PostgreSQL: prod (writers)\n")
        );
    }
    Ok(())
}

#[test]
fn more_rules_than_are_evaluated_are_never_good() -> Result<(), Trouble> {
    let program = Program::new()?;
    let acls = "    acl x src 10.0.0.1\n".repeat(4000);
    let rules = "    tcp-request connection reject if x\n".repeat(2000);
    program.file(
        "a.cfg",
        &GOOD.replace("    server a", &format!("{acls}{rules}    server a")),
    );
    let why =
        "with the rules, servers and sections before it, it takes more steps than are evaluated";
    assert_eq!(
        program.said(&["a.cfg"], 1),
        format!("not evaluated: stdby ({why}); leads to PostgreSQL: stdby (readers)\n")
    );
    let said = program.said(&["--json", "a.cfg"], 1);
    assert!(said.contains(&format!("\"why\": \"{why}\"")), "{said}");
    assert_eq!(
        program.said(&["--explain", "stdby", "a.cfg"], 0),
        "stdby (for readers)\n\nIt takes more steps than are evaluated.\n"
    );
    Ok(())
}

#[test]
fn the_tables_of_a_section_are_printed_for_the_asking() -> Result<(), Trouble> {
    let program = Program::new()?;
    program.file("a.cfg", GOOD);
    let said = program.said(&["--explain", "stdby", "a.cfg"], 0);
    assert!(said.starts_with("stdby (for readers)\n\na, b\n"), "{said}");
    for line in [
        "    primary          down",
        "    standby          up",
        "    2                sessions reach both",
    ] {
        assert!(said.lines().any(|other| other == line), "{line}: {said}");
    }
    assert_eq!(
        program.complaint(&["--explain", "other", "a.cfg"]),
        "pgsql-state: no section \"other\" leads to PostgreSQL\n"
    );
    let front = "frontend clients\n bind :5440\n mode tcp\n default_backend stdby\n";
    program.file("b.cfg", front);
    assert_eq!(
        program.complaint(&["--explain", "clients", "a.cfg", "b.cfg"]),
        "pgsql-state: section \"clients\" has no servers of PostgreSQL itself; explain what it leads to: stdby\n"
    );
    assert_eq!(
        program.said(&["--no-resolve", "--explain", "stdby", "a.cfg"], 0),
        said
    );
    Ok(())
}

fn good_in_mode_http() -> String {
    GOOD.replace("mode tcp", "mode http")
        .replace(":5434", ":5432")
}

#[test]
fn http_in_front_of_postgres_is_a_mistake_and_not_nothing() -> Result<(), Trouble> {
    let program = Program::new()?;
    program.file("a.cfg", &good_in_mode_http());
    let said = program.said(&["a.cfg"], 1);
    assert!(said.starts_with("a.cfg:6: mode-http: "), "{said}");
    assert!(
        said.ends_with("1 found; leads to PostgreSQL: stdby (readers)\n"),
        "{said}"
    );
    Ok(())
}

#[test]
fn the_tables_of_each_branch_are_printed() -> Result<(), Trouble> {
    let program = Program::new()?;
    let guard = "    tcp-request connection reject if { nbsrv gt 1 }\n";
    program.file(
        "a.cfg",
        &GOOD.replace(
            "    server a",
            &format!("    .if defined(X)\n{guard}    .endif\n    server a"),
        ),
    );
    let said = program.said(&["--explain", "stdby", "a.cfg"], 0);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "with not defined(X):", "{said}");
    assert!(lines.contains(&"with defined(X):"), "{said}");
    for last in [
        "    2                sessions reach both",
        "    2                no session is accepted",
    ] {
        assert!(lines.contains(&last), "{last}: {said}");
    }
    Ok(())
}

#[test]
fn a_section_in_front_of_postgres_that_speaks_http_is_explained() -> Result<(), Trouble> {
    let program = Program::new()?;
    program.file("a.cfg", &good_in_mode_http());
    assert_eq!(
        program.said(&["--explain", "stdby", "a.cfg"], 0),
        "stdby (for readers)\n\nHAProxy refuses every client of PostgreSQL in `mode http`.\n"
    );
    Ok(())
}

#[test]
fn the_readers_of_a_generated_file_with_two_requests_are_explained() -> Result<(), Trouble> {
    let program = Program::new()?;
    let file = crate::repository("haproxy/2.6/safe-http.cfg");
    let said = program.said(&["--explain", "stdby", file.to_str().unwrap()], 0);
    for line in [
        "    primary          draining",
        "    standby          up",
        "    lagging standby  draining",
        "    down             down",
    ] {
        assert!(said.lines().any(|other| other == line), "{line}: {said}");
    }
    Ok(())
}

#[test]
fn the_name_of_a_file_moves_no_cursor() -> Result<(), Trouble> {
    let program = Program::new()?;
    let name = "\u{1b}[2Ja.cfg";
    let absent = program.complaint(&[name]);
    assert!(
        absent.starts_with("pgsql-state: cannot read \\u{1b}[2Ja.cfg: "),
        "{absent}"
    );
    program.file(name, "global\n  log \"x\n");
    assert_eq!(
        program.complaint(&[name]),
        "\\u{1b}[2Ja.cfg:2: a quote is not closed\n"
    );
    program.file(name, &GOOD.replace("rstring ^standby", "string standby"));
    let said = program.said(&[name], 1);
    assert!(said.starts_with("\\u{1b}[2Ja.cfg:9: "), "{said}");
    Ok(())
}
