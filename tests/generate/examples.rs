//! The files in `tests/fixtures/generate/` and `pg_hba/`: pieces for three servers, held as they are for whoever reads a
//! change. `GOLDEN=write` writes them anew.

use support::Trouble;

use crate::golden::are_kept;
use crate::{Program, repository};

const NODES: &str = "[cluster]\nnodes = [ { name = \"srv1\", address = \"10.20.30.51\" }, \
                     { name = \"srv2\", address = \"10.20.30.52\" }, \
                     { name = \"srv3\", address = \"10.20.30.53\" } ]\n\
                     [admission]\ntrusted = [\"@haproxy\"]\n";

/// Each file, and the arguments that make it.
const FILES: [(&str, &str); 11] = [
    (
        "keepalived-lvs.conf",
        "keepalived lvs --virtual 10.20.30.60 --max-lag 16MB",
    ),
    (
        "keepalived-lvs-plugin.conf",
        "keepalived lvs --virtual 10.20.30.60 --check plugin",
    ),
    (
        "keepalived-vrrp.conf",
        "keepalived vrrp --virtual 10.20.30.60 --on srv1 --interface eth0",
    ),
    (
        "pacemaker.pcs",
        "pacemaker --bindir /usr/lib/postgresql/15/bin --pgdata /var/lib/postgresql/15/main",
    ),
    (
        "pacemaker.crm",
        "pacemaker --tool crm --bindir /usr/lib/postgresql/15/bin --pgdata /var/lib/postgresql/15/main",
    ),
    ("corosync.conf", "corosync"),
    (
        "corosync-fast.conf",
        "corosync --profile fast --second-link srv1=10.20.31.51 --second-link srv2=10.20.31.52 --second-link srv3=10.20.31.53",
    ),
    ("consul.json", "consul --max-lag 16MB"),
    ("consul-script.json", "consul --check script --on srv1"),
    ("kubernetes-outside.yaml", "kubernetes outside"),
    ("kubernetes-inside.yaml", "kubernetes inside --max-lag 16MB"),
];

#[test]
fn the_files_are_what_is_generated() -> Result<(), Trouble> {
    let program = Program::new(NODES)?;
    let files = FILES.map(|(name, line)| {
        let words: Vec<&str> = line.split(' ').collect();
        let path = repository(&format!("tests/fixtures/generate/{name}"));
        let text = program.generate(words[0], &words[1..]);
        // Checks that run the program read the configuration that was given here.
        let text = text.replace(&program.config, "/etc/pgsql-state/cluster.toml");
        (path, text)
    });
    are_kept(&files);
    Ok(())
}

#[test]
fn the_rules_of_each_node_are_what_is_generated() -> Result<(), Trouble> {
    let program = Program::new(NODES)?;
    let mut files = Vec::new();
    for method in ["scram-sha-256", "md5", "trust"] {
        for node in ["srv1", "srv2", "srv3"] {
            let path = repository(&format!("pg_hba/{method}/{node}.conf"));
            let arguments = ["--node", node, "--method", method];
            files.push((path, program.generate("pg-hba", &arguments)));
        }
    }
    are_kept(&files);
    Ok(())
}
