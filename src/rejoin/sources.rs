//! Where the primary may be, by a connection string: how to connect to it, and how PostgreSQL's programs
//! are told. Asks nobody.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::postgres::conninfo::{self, Environment, Keyword, ServiceFile, Target, servers};

/// The name in the primary's views. The node's own name would create a row for that standby.
const APPLICATION_NAME: &str = "pgsql-state rejoin";

/// The database that is connected to.
const DATABASE: &str = "postgres";

/// A server that may be the primary.
#[derive(Clone, Debug)]
pub struct SourceServer {
    /// How to connect to it, as a WAL receiver or as a client.
    pub target: Target,
    /// The connection string for PostgreSQL's programs, without a password.
    pub conninfo: String,
    /// The password, for their environment.
    pub password: Option<String>,
}

/// Who connects.
#[derive(Clone, Debug)]
pub struct Connector {
    /// The owner of the data directory.
    pub user: String,
    /// The owner's home directory.
    pub home: Option<PathBuf>,
}

/// What a standby's connection string says.
#[derive(Clone, Debug)]
pub struct SourceServers {
    /// The servers, in their order.
    pub servers: Vec<SourceServer>,
    /// The name that the standby has on its primary, if the string gives one.
    pub application_name: Option<String>,
}

/// Reads a connection string as the server's owner would use it.
pub fn read(
    conninfo: &str,
    connector: &Connector,
    service_file: &dyn Fn(&Path) -> ServiceFile,
) -> Result<SourceServers, String> {
    let environment = |service_file| Environment {
        variable: &|_| None,
        service_file,
        user: Some(connector.user.clone()),
        home: connector.home.clone(),
    };
    let mut given = conninfo::given_with_service(conninfo, &environment(service_file))
        .map_err(|error| error.to_string())?;
    if given.is_empty() {
        return Err("it is empty".into());
    }
    for keyword in [
        Keyword::Service,
        Keyword::ServiceFile,
        Keyword::FallbackApplicationName,
        Keyword::Replication,
        Keyword::TargetSessionAttrs,
    ] {
        given.remove(&keyword);
    }
    let name = given.insert(Keyword::ApplicationName, APPLICATION_NAME.into());
    let none: &dyn Fn(&Path) -> ServiceFile = &|_| ServiceFile::Missing;
    let resolve = |given: &BTreeMap<Keyword, String>| {
        Target::resolve(&servers::text(given), &environment(none))
            .map_err(|error| error.to_string())
    };
    let server = |mut given: BTreeMap<Keyword, String>| {
        given.insert(Keyword::DbName, DATABASE.into());
        let target = resolve(&given)?;
        let password = given.remove(&Keyword::Password);
        let conninfo = servers::text(&given);
        Ok(SourceServer {
            target,
            conninfo,
            password,
        })
    };
    let servers: Result<Vec<_>, String> = servers::each(&given).into_iter().map(server).collect();
    Ok(SourceServers {
        servers: servers?,
        application_name: name.filter(|name| !name.is_empty()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(conninfo: &str) -> Result<SourceServers, String> {
        let connector = Connector {
            user: "postgres".into(),
            home: None,
        };
        super::read(conninfo, &connector, &|_| ServiceFile::Missing)
    }

    #[test]
    fn each_server_of_a_list_is_one_and_no_password_is_in_a_command_line() {
        let read = read(
            "host=srv2,srv3 port=5433 user=repl password='a b' application_name=srv1 target_session_attrs=read-write",
        );
        let read = read.unwrap();
        assert_eq!(read.application_name.as_deref(), Some("srv1"));
        let [one, other] = &read.servers[..] else {
            panic!("{read:?}");
        };
        assert_eq!(
            one.target.to_string(),
            "srv2 port 5433, role repl, database postgres"
        );
        assert!(other.conninfo.contains("host='srv3'"), "{}", other.conninfo);
        assert!(!one.conninfo.contains("a b"), "{}", one.conninfo);
        assert_eq!(one.password.as_deref(), Some("a b"));
        assert_eq!(one.target.password.as_ref().unwrap().expose(), b"a b");
    }

    #[test]
    fn without_a_connection_string_nobody_is_asked() {
        assert!(read("").is_err());
        assert!(read("host").is_err());
    }
}
