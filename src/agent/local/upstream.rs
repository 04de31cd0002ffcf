//! Asks whether a primary answers where a standby gets its WAL from. Knows nothing of what depends on the answer.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::conversation::{Conversation, NoAnswer};
use super::instance::AsServerUser;
use super::place::AgentLogin;
use super::{asking, files, problem, processes};
use crate::agent::actions::ServerError;
use crate::agent::actions::server::{Source, Whom};
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;
use crate::health::Failure;
use crate::postgres::conninfo::{self, Environment, Keyword, ServiceFile, Target};
use crate::postgres::{self, Inspection, Session, Upstream, service_file};

/// The question, for a sentence.
const QUESTION: &str = "where it gets its WAL from";

/// The agent's `application_name` there. A standby's own name would create a row for that standby.
const APPLICATION_NAME: &str = "pgsqlms";

/// How many servers of a list are asked.
const MOST: usize = 16;

/// Where a standby gets its WAL from, as its server reports it.
#[derive(Debug, Default, Deserialize)]
struct UpstreamReport {
    /// The connection string that its WAL receiver uses, with asterisks for a password; `None` if there is no WAL
    /// receiver.
    used: Option<String>,
    /// Which of several servers the receiver has reached.
    host: Option<String>,
    port: Option<u16>,
    /// The setting.
    configured: Option<String>,
}

/// Asks the server that the WAL receiver is connected to or, if there is none, the servers that it would connect to. Of
/// several, the primary counts, and one that does not tell its role before those that are no primary.
pub(super) fn ask(
    inside: &mut AsServerUser<'_>,
    whom: Whom,
    deadline: Deadline,
) -> Result<Source, ServerError> {
    let told = match told(inside, deadline) {
        Ok(told) => told,
        // A standby without a free connection slot can still be promoted.
        Err(error @ ServerError::Question { .. }) if whom == Whom::Configured => {
            tracing::warn!("{error}; reading its configuration files instead");
            let (parameters, account) = (inside.parameters, inside.account);
            let name = "primary_conninfo";
            UpstreamReport {
                configured: Some(problem::configured(parameters, account, name, deadline)?),
                ..UpstreamReport::default()
            }
        }
        Err(error) => return Err(error),
    };
    let AsServerUser {
        parameters,
        conversation,
        ..
    } = inside;
    let login = conversation.login(parameters);
    let targets = told.targets(whom, &login, &service_file::read);
    let targets = targets.map_err(unanswered)?;
    let own = files::control(&parameters.datadir)?.system_identifier;
    let mut found = Source::NoPrimary;
    let count = targets.len();
    for (target, still) in targets.iter().zip((1..=count).rev()) {
        // One that says nothing leaves the others their part of the time.
        let share = deadline.left() / u32::try_from(still).unwrap_or(u32::MAX);
        match source(target, own, deadline.within(share)) {
            Source::Primary => return Ok(Source::Primary),
            Source::Undetermined => found = Source::Undetermined,
            Source::NoPrimary => {}
        }
    }
    Ok(found)
}

/// Asks one server.
fn source(target: &Target, own: u64, deadline: Deadline) -> Source {
    // Part of the time is left to see whether somebody is there at all.
    let to_answer = deadline.within(deadline.left() * 3 / 4);
    let upstream = Conversation::beside(to_answer, async {
        let mut session = postgres::replicating(target, to_answer.left()).await?;
        session.upstream().await
    });
    let cause = match upstream {
        Ok(Upstream::Primary { system_identifier }) if system_identifier == own => {
            return Source::Primary;
        }
        Ok(Upstream::Primary { .. } | Upstream::Standby) => return Source::NoPrimary,
        Err(cause) => cause,
    };
    tracing::debug!("{}: {cause}", target.endpoint);
    match cause {
        NoAnswer::Refused(refusal) if refusal.failure == Failure::Full => Source::Undetermined,
        NoAnswer::Refused(refusal) if refusal.failure != Failure::TimedOut => Source::NoPrimary,
        NoAnswer::Refused(_) | NoAnswer::Late | NoAnswer::NoRuntime(_) => {
            let accepting = postgres::accepts_connections(&target.endpoint);
            match Conversation::beside(deadline, async { Ok(accepting.await) }) {
                Ok(true) => Source::Undetermined,
                Ok(false) | Err(_) => Source::NoPrimary,
            }
        }
    }
}

/// Asks the standby itself for its upstream.
fn told(inside: &mut AsServerUser<'_>, deadline: Deadline) -> Result<UpstreamReport, ServerError> {
    let postmaster = processes::postmaster(&inside.parameters.datadir);
    let postmaster = postmaster.ok_or_else(|| unanswered("it does not run".into()))?;
    let asked = inside.conversation.ask(
        inside.parameters,
        &postmaster.file,
        deadline.within(deadline.left() / 2),
        &async |session: &mut Session| session.inspect(Inspection::Upstream).await,
    );
    let rows = asked.map_err(|cause| asking::unanswered(QUESTION, &cause))?;
    let told = rows.first().and_then(|row| serde_json::from_str(row).ok());
    told.ok_or_else(|| unanswered("its answer cannot be parsed".into()))
}

fn unanswered(cause: String) -> ServerError {
    ServerError::Question {
        question: QUESTION,
        cause,
    }
}

impl UpstreamReport {
    /// Returns how to connect there as the server's user, including the options of a service that the setting names.
    fn targets(
        &self,
        whom: Whom,
        user: &AgentLogin,
        service_file: &dyn Fn(&Path) -> ServiceFile,
    ) -> Result<Vec<Target>, String> {
        let configured = || {
            let configured = self.configured.as_deref().unwrap_or_default();
            let surroundings = surroundings(user, service_file);
            conninfo::given_with_service(configured, &surroundings)
                .map_err(|error| error.to_string())
        };
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
        // Options of the WAL receiver itself, of the choice between servers, each of which is asked, and of what was
        // looked up.
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
        each(&given)
            .iter()
            .map(|given| resolve(given, user))
            .collect()
    }
}

/// Splits a connection string into one for each server: a list of hosts may have one port for all (manual,
/// "Specifying Multiple Hosts").
fn each(given: &BTreeMap<Keyword, String>) -> Vec<BTreeMap<Keyword, String>> {
    const LISTS: [Keyword; 3] = [Keyword::Host, Keyword::HostAddr, Keyword::Port];
    let parts = |keyword| -> Vec<&str> {
        let list = given.get(&keyword).map_or("", String::as_str);
        list.split(',').collect()
    };
    let count = parts(Keyword::Host)
        .len()
        .max(parts(Keyword::HostAddr).len());
    let one = |index: usize| {
        let mut one = given.clone();
        for keyword in LISTS {
            let parts = parts(keyword);
            let part = parts.get(index).or(parts.first()).copied();
            if let Some(part) = part.filter(|_| given.contains_key(&keyword)) {
                one.insert(keyword, part.into());
            }
        }
        one
    };
    (0..count.min(MOST)).map(one).collect()
}

fn resolve(given: &BTreeMap<Keyword, String>, user: &AgentLogin) -> Result<Target, String> {
    let written = |value: &str| value.replace('\\', r"\\").replace('\'', r"\'");
    let pairs = given
        .iter()
        .map(|(keyword, value)| format!("{}='{}'", keyword.name(), written(value)));
    let surroundings = surroundings(user, &|_| ServiceFile::Missing);
    Target::resolve(&pairs.collect::<Vec<_>>().join(" "), &surroundings)
        .map_err(|error| error.to_string())
}

/// Returns the environment of a server that the agent has started: it has none of libpq's variables.
fn surroundings<'a>(
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
    fn an_unsupported_option_prevents_asking() {
        let told = used("host=srv1 gssencmode=require user=a");
        assert!(told.targets(Whom::Sender, &user(), &none).is_err());
    }
}
