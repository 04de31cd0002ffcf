//! PostgreSQL's port in each piece: the one that the configuration names, unless an option names another.

use support::Trouble;

use crate::Program;

const CLUSTER: &str = "[cluster]\nnodes = [ { name = \"srv1\", address = \"10.20.30.51\" }, \
                       { name = \"srv2\", address = \"10.20.30.52\" } ]\n[admission]\ntrusted = [\"@haproxy\"]\n";

/// Each piece with PostgreSQL's port in it, and what precedes the port.
const PIECES: [(&str, &[&str], &str); 5] = [
    ("haproxy", &[], " srv1 10.20.30.51:"),
    ("postgresql", &["--node", "srv1"], "port = "),
    (
        "pacemaker",
        &[
            "--bindir",
            "/usr/lib/postgresql/15/bin",
            "--pgdata",
            "/srv/data",
        ],
        "pgport=",
    ),
    ("consul", &["--on", "srv1"], "\"port\": "),
    ("kubernetes", &["inside"], "      port: "),
];

#[test]
fn the_port_of_the_connection_string_is_the_servers() -> Result<(), Trouble> {
    let named = format!(
        "[postgres]\nconninfo = \"host=/run/postgresql port=5433 dbname=postgres\"\n{CLUSTER}"
    );
    let unnamed = format!("[postgres]\nconninfo = \"host=/run/postgresql\"\n{CLUSTER}");
    let (named, unnamed) = (Program::new(&named)?, Program::new(&unnamed)?);
    for (piece, args, before) in PIECES {
        let usual = if piece == "kubernetes" { 5432 } else { 5434 };
        let other = [
            args,
            &["--postgres-port", "5444", "--read-only-port", "5445"],
        ]
        .concat();
        let other = match piece {
            "haproxy" | "postgresql" => other,
            _ => other[..other.len() - 2].to_vec(),
        };
        // The port of the block for readers is 5433 otherwise.
        let args = match piece {
            "haproxy" | "postgresql" => [args, &["--read-only-port", "5445"]].concat(),
            _ => args.to_vec(),
        };
        for (text, port) in [
            (named.generate(piece, &args), 5433),
            (unnamed.generate(piece, &args), usual),
            (named.generate(piece, &other), 5444),
        ] {
            let expected = format!("{before}{port}");
            assert!(text.contains(&expected), "{piece}: {expected}: {text}");
        }
    }
    Ok(())
}
