//! Patroni's REST interface, with its own etcd and a PostgreSQL that it manages.

use std::path::Path;
use std::process::Command;

use super::{Contender, Name, Running, version_of};
use crate::client::{End, Endpoint};
use crate::error::Error;
use crate::host::packages::{Needed, for_postgres, of_postgres};
use crate::host::{Enclosure, Host, ports};
use crate::postgres::Postgres;

/// Patroni and etcd of Debian.
pub(crate) struct Patroni;

impl Contender for Patroni {
    fn name(&self) -> Name {
        Name::Patroni
    }

    fn needs(&self) -> Vec<Needed> {
        let own = [
            Needed::new("/usr/bin/patroni", "patroni"),
            Needed::new("/usr/bin/etcd", "etcd-server"),
            Needed::new(
                "/usr/lib/python3/dist-packages/etcd/__init__.py",
                "python3-etcd",
            ),
        ];
        for_postgres().into_iter().chain(own).collect()
    }

    fn version(&self) -> Result<String, Error> {
        let patroni = version_of("patroni")?;
        let etcd = version_of("etcd")?;
        let etcd = etcd
            .lines()
            .next()
            .unwrap_or_default()
            .replace("etcd Version: ", "etcd ");
        Ok(format!("{patroni} with {etcd}"))
    }

    fn start(&self, host: &Host) -> Result<Running, Error> {
        let tag = self.name().tag();
        let folder = host.folder.for_postgres(tag)?;
        let mut enclosure = Enclosure::new(host, tag);
        let client_url = format!("http://{}", ports::free()?);
        let peer_url = format!("http://{}", ports::free()?);
        enclosure.spawn(&etcd(&folder.join("etcd"), &client_url, &peer_url))?;
        let rest = ports::free()?;
        let postgres = ports::free()?;
        let config = config(
            &folder,
            &client_url,
            &rest.to_string(),
            &postgres.to_string(),
        );
        let config = host.folder.write("patroni.yml", &config)?;
        enclosure.spawn(Command::new("patroni").arg(config))?;
        let endpoint = Endpoint {
            address: rest,
            request: b"GET /primary HTTP/1.0\r\n\r\n",
            expected: b"HTTP/1.0 200 ",
            end: End::Close,
        };
        let running = Running {
            name: self.name(),
            endpoint,
            enclosure,
            postgres: None,
        };
        let mut running = running.ready(host)?;
        running.postgres = Some(Postgres::attach(host, &folder, postgres.port())?);
        Ok(running)
    }
}

fn etcd(data: &Path, client_url: &str, peer_url: &str) -> Command {
    let mut etcd = Command::new("etcd");
    etcd.arg("--data-dir").arg(data).args(["--name", "bench"]);
    for option in ["--listen-client-urls", "--advertise-client-urls"] {
        etcd.args([option, client_url]);
    }
    for option in ["--listen-peer-urls", "--initial-advertise-peer-urls"] {
        etcd.args([option, peer_url]);
    }
    etcd.args(["--initial-cluster", &format!("bench={peer_url}")]);
    etcd
}

/// YAML is written as JSON, of which it is a superset.
fn config(folder: &Path, etcd_url: &str, rest: &str, postgres: &str) -> String {
    let folder = folder.display();
    let etcd = etcd_url.trim_start_matches("http://");
    let programs = of_postgres("bin");
    format!(
        r#"{{
  "scope": "bench", "name": "bench",
  "restapi": {{ "listen": "{rest}", "connect_address": "{rest}" }},
  "etcd3": {{ "host": "{etcd}" }},
  "bootstrap": {{
    "dcs": {{}},
    "initdb": ["no-locale", "no-sync", {{ "auth": "peer" }}, {{ "encoding": "UTF8" }}]
  }},
  "postgresql": {{
    "listen": "{postgres}", "connect_address": "{postgres}", "use_unix_socket": true,
    "data_dir": "{folder}/data", "bin_dir": "{programs}",
    "authentication": {{
      "superuser": {{ "username": "postgres" }}, "replication": {{ "username": "postgres" }}
    }},
    "pg_hba": ["local all all peer"],
    "parameters": {{
      "unix_socket_directories": "{folder}", "dynamic_shared_memory_type": "sysv"
    }}
  }}
}}
"#
    )
}
