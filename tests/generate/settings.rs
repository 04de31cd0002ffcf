//! A server's settings: a real server takes each of them.

use support::{Postgres, Trouble, ports};

use crate::Program;

const CLUSTER: [&str; 8] = [
    "--node",
    "srv2",
    "--member",
    "srv1=10.20.30.51",
    "--member",
    "srv2=10.20.30.52",
    "--member",
    "srv3=10.20.30.53",
];

/// The settings of a file, and what the server says against each.
const READ: &str = "SELECT name, coalesce(error, '') FROM pg_file_settings
 WHERE sourcefile LIKE '%/generated.conf' ORDER BY seqno";

#[test]
fn a_server_takes_every_setting_whichever_way_it_follows() -> Result<(), Trouble> {
    let program = Program::new("")?;
    for way in ["own", "prod", "direct"] {
        let role = ["--replication-role", "a role's"];
        let refused = program.run("postgresql", &[&CLUSTER[..], &role].concat());
        assert_eq!(refused.status.code(), Some(64));
        // It is to listen everywhere, so that the port alone is its own.
        let place = ports::free()?;
        let port = place.port().to_string();
        let more = ["--replication", way, "--replication-role", "a role"];
        let args = [&CLUSTER[..], &more, &["--postgres-port", &port]].concat();
        let text = program.generate("postgresql", &args);
        let server = Postgres::primary()
            .tcp(place)
            .file("generated.conf", &text)
            .setting("include", "generated.conf")
            .start()?;
        assert_eq!(
            server.query(READ)?,
            "listen_addresses|\nport|\ncluster_name|\nprimary_conninfo|\nrecovery_target_timeline|\n\
             wal_retrieve_retry_interval|\nhot_standby|\nwal_keep_size|\nwal_log_hints|\nrestart_after_crash|",
            "{way}"
        );
        let conninfo = server.query("SHOW primary_conninfo")?;
        assert!(conninfo.contains("application_name=srv2"), "{conninfo}");
        assert!(conninfo.ends_with("user='a role'"), "{conninfo}");
        assert!(!conninfo.contains("10.20.30.52"), "{conninfo}");
    }
    Ok(())
}
