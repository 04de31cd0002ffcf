//! How the servers are reached that a standby gets its WAL from: connection strings for the server's user, from what the
//! standby reports. Asks nobody.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::agent::actions::server::Whom;
use crate::agent::local::server_address::AgentLogin;
use crate::postgres::conninfo::{self, Environment, Keyword, ServiceFile, Target, servers};

/// The agent's `application_name` there. A standby's own name would create a row for that standby.
const APPLICATION_NAME: &str = "pgsqlms";

/// Where a standby gets its WAL from, as its server reports it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct UpstreamReport {
    /// The connection string that its WAL receiver uses, with asterisks for a password; `None` if there is no WAL
    /// receiver.
    pub(super) used: Option<String>,
    /// Which of several servers the receiver has reached.
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    /// The setting.
    pub(super) configured: Option<String>,
}

impl UpstreamReport {
    /// Returns how to connect there as the server's user, including the options of a service that the setting names.
    pub(super) fn targets(
        &self,
        whom: Whom,
        user: &AgentLogin,
        service_file: &dyn Fn(&Path) -> ServiceFile,
    ) -> Result<Vec<Target>, String> {
        let configured = || self.configured(user, service_file);
        let mut given = match (&self.used, whom) {
            (Some(conninfo), Whom::Sender | Whom::Configured) => {
                conninfo::given(conninfo).map_err(|error| error.to_string())?
            }
            (None, Whom::Configured) => configured()?,
            (None, Whom::Sender) => return Ok(Vec::new()),
        };
        // Without a connection string there is no WAL receiver, whatever libpq would make of an empty one.
        if given.is_empty() {
            return Ok(Vec::new());
        }
        let is_hidden = |password: &String| password.chars().all(|c| c == '*');
        if given.get(&Keyword::Password).is_some_and(is_hidden) {
            given.remove(&Keyword::Password);
            let password = configured()?.remove(&Keyword::Password);
            given.extend(password.map(|password| (Keyword::Password, password)));
        }
        if let (Some(host), Some(port)) = (&self.host, self.port) {
            if given.get(&Keyword::Host) != Some(host) {
                given.remove(&Keyword::HostAddr);
            }
            given.insert(Keyword::Host, host.clone());
            given.insert(Keyword::Port, port.to_string());
        }
        as_agent(&mut given);
        servers::each(&given)
            .iter()
            .map(|given| resolve(given, user))
            .collect()
    }

    /// Returns how to connect to the server at this port of another host, as the setting connects.
    pub(super) fn target_on(
        &self,
        host: &str,
        port: u16,
        user: &AgentLogin,
        service_file: &dyn Fn(&Path) -> ServiceFile,
    ) -> Result<Target, String> {
        let mut given = self.configured(user, service_file)?;
        given.remove(&Keyword::HostAddr);
        given.insert(Keyword::Host, host.into());
        given.insert(Keyword::Port, port.to_string());
        as_agent(&mut given);
        resolve(&given, user)
    }

    /// Returns what the setting and its service give.
    fn configured(
        &self,
        user: &AgentLogin,
        service_file: &dyn Fn(&Path) -> ServiceFile,
    ) -> Result<BTreeMap<Keyword, String>, String> {
        let configured = self.configured.as_deref().unwrap_or_default();
        conninfo::given_with_service(configured, &environment(user, service_file))
            .map_err(|error| error.to_string())
    }
}

/// Leaves out the options of the WAL receiver itself, of the choice between servers, each of which is asked, and of what
/// was looked up.
fn as_agent(given: &mut BTreeMap<Keyword, String>) {
    for keyword in [
        Keyword::Service,
        Keyword::ServiceFile,
        Keyword::DbName,
        Keyword::FallbackApplicationName,
        Keyword::Replication,
        Keyword::TargetSessionAttrs,
    ] {
        given.remove(&keyword);
    }
    given.insert(Keyword::ApplicationName, APPLICATION_NAME.into());
}

fn resolve(given: &BTreeMap<Keyword, String>, user: &AgentLogin) -> Result<Target, String> {
    let environment = environment(user, &|_| ServiceFile::Missing);
    Target::resolve(&servers::text(given), &environment).map_err(|error| error.to_string())
}

/// Returns the environment of a server that the agent has started: it has none of libpq's variables.
fn environment<'a>(
    user: &AgentLogin,
    service_file: &'a dyn Fn(&Path) -> ServiceFile,
) -> Environment<'a> {
    Environment {
        variable: &|_| None,
        service_file,
        user: Some(user.role.clone()),
        home: user.home.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::conninfo::Endpoint;

    fn used(conninfo: &str) -> UpstreamReport {
        UpstreamReport {
            used: Some(conninfo.into()),
            ..UpstreamReport::default()
        }
    }

    fn none(_: &Path) -> ServiceFile {
        ServiceFile::Missing
    }

    fn user() -> AgentLogin {
        AgentLogin {
            role: "postgres".into(),
            home: None,
        }
    }

    fn endpoints(told: &UpstreamReport, whom: Whom) -> Vec<(String, u16)> {
        let targets = told.targets(whom, &user(), &none).unwrap().into_iter();
        let endpoint = |target: Target| match target.endpoint {
            Endpoint::Tcp { host, port, .. } => (host, port),
            Endpoint::Unix { directory, port } => (directory.display().to_string(), port),
        };
        targets.map(endpoint).collect()
    }

    /// A connection string as PostgreSQL 15 shows it.
    const SHOWN: &str = "user=replicator password=******** channel_binding=prefer dbname=replication \
                         host=srv1,srv3 port=5432,5433 application_name=srv2 \
                         fallback_application_name=walreceiver sslmode=prefer sslcompression=0 sslsni=1 \
                         ssl_min_protocol_version=TLSv1.2 gssencmode=prefer krbsrvname=postgres \
                         target_session_attrs=read-write";

    #[test]
    fn of_several_servers_the_one_that_the_receiver_reached_is_asked() {
        let reached = UpstreamReport {
            host: Some("srv3".into()),
            port: Some(5433),
            configured: Some(r"host=srv1,srv3 password='it\'s secret'".into()),
            ..used(SHOWN)
        };
        for whom in [Whom::Sender, Whom::Configured] {
            assert_eq!(endpoints(&reached, whom), [("srv3".into(), 5433)]);
        }
        let target = &reached.targets(Whom::Sender, &user(), &none).unwrap()[0];
        assert_eq!(target.application_name, "pgsqlms");
        assert_eq!(target.user, "replicator");
        let password = target.password.as_ref().unwrap();
        assert_eq!(password.expose(), b"it's secret");
    }

    #[test]
    fn without_a_receiver_all_configured_servers_are_asked_or_none() {
        let told = UpstreamReport {
            configured: Some(
                "host=srv1,srv3 port=5433 user=a target_session_attrs=read-write".into(),
            ),
            ..UpstreamReport::default()
        };
        let all = [("srv1".into(), 5433), ("srv3".into(), 5433)];
        assert_eq!(endpoints(&told, Whom::Configured), all);
        assert_eq!(endpoints(&told, Whom::Sender), []);
        let nobody = UpstreamReport {
            configured: Some(String::new()),
            ..UpstreamReport::default()
        };
        assert_eq!(endpoints(&nobody, Whom::Configured), []);
    }

    #[test]
    fn without_a_user_the_servers_user_connects() {
        let target = &used("host=srv1")
            .targets(Whom::Sender, &user(), &none)
            .unwrap()[0];
        assert_eq!(target.user, "postgres");
    }

    #[test]
    fn a_password_that_is_not_shown_is_looked_up_in_the_password_file() {
        let shown =
            "user=replicator password=******** passfile=/var/lib/postgresql/.pgpass host=srv1";
        let target = &used(shown).targets(Whom::Sender, &user(), &none).unwrap()[0];
        assert!(target.password.is_none());
        assert!(target.passfile.is_some());
    }

    #[test]
    fn a_service_completes_the_setting_but_not_what_a_receiver_uses() {
        let at_home = AgentLogin {
            home: Some("/home/pg".into()),
            ..user()
        };
        let services = |path: &Path| {
            if path.starts_with("/home/pg") {
                ServiceFile::Text(b"[up]\nhost=srv1,srv3\nport=5433\npassword=p\n".to_vec())
            } else {
                ServiceFile::Missing
            }
        };
        let told = UpstreamReport {
            configured: Some("service=up user=a".into()),
            ..UpstreamReport::default()
        };
        let targets = told.targets(Whom::Configured, &at_home, &services).unwrap();
        let shown: Vec<String> = targets.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "srv1 port 5433, role a, database a",
                "srv3 port 5433, role a, database a"
            ]
        );
        assert_eq!(targets[0].password.as_ref().unwrap().expose(), b"p");
        // No other server is asked in place of one that is not known.
        assert!(told.targets(Whom::Configured, &at_home, &none).is_err());
        let receiver = UpstreamReport {
            configured: told.configured.clone(),
            ..used("user=a password=* service=up host=srv3 port=5434")
        };
        let target = &receiver.targets(Whom::Sender, &at_home, &services).unwrap()[0];
        assert_eq!(target.to_string(), "srv3 port 5434, role a, database a");
        assert_eq!(target.password.as_ref().unwrap().expose(), b"p");
    }

    #[test]
    fn another_host_is_asked_as_the_setting_connects() {
        let told = UpstreamReport {
            configured: Some(
                "host=10.0.0.1,haproxy port=5001,5002 user=a password=p sslmode=require".into(),
            ),
            ..used(SHOWN)
        };
        let target = told.target_on("srv3", 5433, &user(), &none).unwrap();
        assert_eq!(target.to_string(), "srv3 port 5433, role a, database a");
        assert_eq!(target.application_name, "pgsqlms");
        assert_eq!(target.password.as_ref().unwrap().expose(), b"p");
        // A standby that follows nobody yet connects as the server's user.
        let target = UpstreamReport::default().target_on("srv3", 5432, &user(), &none);
        assert_eq!(
            target.unwrap().to_string(),
            "srv3 port 5432, role postgres, database postgres"
        );
    }

    #[test]
    fn an_unsupported_option_prevents_asking() {
        let told = used("host=srv1 gssencmode=require user=a");
        assert!(told.targets(Whom::Sender, &user(), &none).is_err());
    }
}
