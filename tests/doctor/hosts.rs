//! Three nodes as `doctor` sees them from one, and the names of what it finds there.

use std::fs::{self, Permissions};
use std::net::SocketAddrV4;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;
use std::time::Duration;

use support::postgres::MONITOR;
use support::scratch::Scratch;
use support::{Daemon, Haproxy, Postgres, Trouble, ports};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");

/// Longest wait for what has no deadline of its own.
pub(crate) const SECONDS: Duration = Duration::from_secs(30);

/// Three nodes: a primary, the standby that is looked at, and one that is not there.
pub(crate) struct Hosts {
    /// Where the daemons answer, all on one port.
    pub(crate) state: Vec<SocketAddrV4>,
    /// Where they would answer HTTP, and do not.
    pub(crate) http_port: u16,
    primary: Postgres,
    pub(crate) standby: Postgres,
    daemons: Vec<Daemon>,
    pub(crate) scratch: Scratch,
}

impl Hosts {
    /// The standby with these settings more, and this `pg_hba.conf`.
    pub(crate) fn start(name: &str, settings: &[(&str, &str)], hba: &str) -> Result<Self, Trouble> {
        let primary = Postgres::primary().tcp(ports::free()?).start()?;
        let standby = primary.standby().name(name).tcp(ports::free()?).hba(hba);
        let standby = settings.iter().fold(standby, |standby, (name, value)| {
            standby.setting(name, value)
        });
        let hosts = Self {
            state: ports::alike(3)?,
            http_port: ports::free()?.port(),
            standby: standby.start()?,
            primary,
            daemons: Vec::new(),
            scratch: Scratch::new()?,
        };
        fs::create_dir(hosts.scratch.path().join("tools")).unwrap();
        Ok(hosts)
    }

    /// Starts the daemons beside the first servers.
    pub(crate) fn daemons(mut self, count: usize) -> Result<Self, Trouble> {
        let servers = [(&self.primary, "production"), (&self.standby, "standby")];
        for ((server, answer), state) in servers.into_iter().zip(&self.state).take(count) {
            let daemon = Daemon::binding(PROGRAM, *state)
                .asking(&server.conninfo(MONITOR))
                .start()?;
            daemon.wait_for(SECONDS, answer)?;
            self.daemons.push(daemon);
        }
        Ok(self)
    }

    /// A tool of the host that prints this and ends so.
    pub(crate) fn tool(&self, name: &str, prints: &str, status: u8) {
        let path = self.scratch.path().join("tools").join(name);
        let script = format!("#!/bin/sh\n/bin/cat <<'END'\n{prints}\nEND\nexit {status}\n");
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    }

    /// Looks at the standby, which is the second node.
    pub(crate) fn doctor(&self, nodes: usize, role: &str, more: &[&str]) -> Output {
        let named = (1..).zip(&self.state).take(nodes);
        let named = named.map(|(number, state)| {
            format!(
                "{{ name = \"srv{number}\", address = \"{}\" }},",
                state.ip()
            )
        });
        let config = format!(
            "[postgres]\nconninfo = \"{}\"\n[listen]\nstate = [\"[::]:{}\"]\n[cluster]\nhttp_port = {}\nnodes = [{}]\n{}",
            self.standby.conninfo(role),
            self.state[0].port(),
            self.http_port,
            named.collect::<String>(),
            if nodes == 0 {
                ""
            } else {
                "[admission]\ntrusted = [\"@haproxy\"]\n"
            }
        );
        let path = self.scratch.path().join("pgsql-state.toml");
        fs::write(&path, config).unwrap();
        let mut command = self.scratch.command(PROGRAM);
        command
            .env("PATH", self.scratch.path().join("tools"))
            .args(["doctor", "--config", path.to_str().unwrap()])
            .args(more);
        command.output().unwrap()
    }

    /// A HAProxy before the first two servers, with lines more for each, and its own socket.
    pub(crate) fn haproxy(&self, block: &str, server: &str) -> Result<(Haproxy, String), Trouble> {
        let mut socket = String::new();
        let bind = ports::free()?;
        let addresses = self.state.iter().map(SocketAddrV4::ip).take(2);
        let servers = (1_u8..).zip(addresses);
        let servers = servers.fold(String::new(), |text, (number, address)| {
            text + &format!("    server srv{number} {address}:5432 {server}\n")
        });
        let haproxy = Haproxy::start_whole(|admin| {
            admin.to_str().unwrap().clone_into(&mut socket);
            format!(
                "global\n    log stdout format raw local0 notice\n    stats socket {socket} level admin\n\
                 defaults\n    mode tcp\n    timeout connect 2s\n    timeout client 1m\n    timeout server 1m\n\
                 listen prod\n    bind {bind}\n{block}{servers}"
            )
        })?;
        Ok((haproxy, socket))
    }
}

pub(crate) fn said(output: &Output) -> String {
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The names of the findings, each at the beginning of a line.
pub(crate) fn found(output: &Output) -> Vec<String> {
    let said = said(output);
    let lines = said.lines().filter_map(|line| line.split_once(": "));
    let ids = lines.map(|(id, _)| id);
    let ids = ids.filter(|id| !id.starts_with(' ') && *id != "not looked at");
    ids.map(str::to_owned).collect()
}
