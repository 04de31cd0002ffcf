//! Where to ask, as libpq describes it: from a connection string and its surroundings to one server,
//! without reading the environment, a file or the network.
//!
//! - [`keyword_value`], [`uri`]: the two forms of a connection string.
//! - [`keyword`]: the keywords, their variables, and what becomes of each here.
//! - [`mod@given`]: what was written where, and what takes precedence.
//! - [`endpoint`]: where it listens.
//! - [`host_address`]: an address without a name.
//! - [`number`], [`encoding`]: what changes nothing here, and libpq or a server would refuse.
//! - [`file_choice`]: a file the connection may need, named or default.
//! - [`service`]: settings under a name, in the text of a service file.
//! - [`require_auth`]: the ways to authenticate that a server may demand.
//! - [`tls`]: encryption, and whom to trust.
//! - [`passfile`]: the password for a server, in the text of a `.pgpass`.
//! - [`secret`]: a password that does not show.
//! - [`error`]: why a connection string describes no server.

pub mod encoding;
pub mod endpoint;
pub mod error;
pub mod file_choice;
mod given;
pub mod host_address;
pub mod keyword;
mod keyword_value;
mod number;
pub mod passfile;
pub mod require_auth;
pub mod secret;
pub mod service;
pub mod tls;
mod uri;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

pub use endpoint::Endpoint;
pub use error::{TargetError, UriError, Written};
pub use file_choice::FileChoice;
pub use host_address::HostAddress;
pub use keyword::Keyword;
pub use require_auth::{AuthMethod, RequireAuth};
pub use secret::Secret;
pub use service::{Service, ServiceFile};
pub use tls::{ClientCertificate, NameIndication, Negotiation, Roots, SslMode, Tls, Versions};

use given::{Given, Values};

/// The name the daemon shows in `pg_stat_activity` unless the operator gives another.
pub const APPLICATION_NAME: &str = "pgsql-state";

/// Whether the password exchange is tied to the TLS session (`channel_binding`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelBinding {
    /// Never.
    Disable,
    /// Where both sides can.
    Prefer,
    /// Always; a server that cannot is refused.
    Require,
}

const CHANNEL_BINDINGS: [(&str, ChannelBinding); 3] = [
    ("disable", ChannelBinding::Disable),
    ("prefer", ChannelBinding::Prefer),
    ("require", ChannelBinding::Require),
];

/// What libpq would take from the process it runs in.
pub struct Environment<'a> {
    /// Looks up an environment variable.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// Reads a service file; asked only where a service is named.
    pub service_file: &'a dyn Fn(&Path) -> ServiceFile,
    /// The operating system's name for the user this runs as.
    pub user: Option<String>,
    /// The user's home directory.
    pub home: Option<PathBuf>,
}

/// What a connection string itself says, in either form and for any number of servers, as another program
/// would read it: nothing is refused that libpq takes, and nothing is filled in.
///
/// # Errors
///
/// Text that is no connection string.
pub fn given(conninfo: &str) -> Result<BTreeMap<Keyword, String>, TargetError> {
    Ok(parsed(conninfo)?.into_values())
}

/// The same, and what the service that it or `PGSERVICE` names adds to it.
///
/// # Errors
///
/// Text that is no connection string, a service that is not there, and one that cannot be read.
pub fn given_with_service(
    conninfo: &str,
    surroundings: &Environment<'_>,
) -> Result<BTreeMap<Keyword, String>, TargetError> {
    let given = parsed(conninfo)?;
    let service = service::find(&given, surroundings)?;
    let mut values = service.map(|found| found.values).unwrap_or_default();
    values.extend(given.into_values());
    Ok(values)
}

fn parsed(conninfo: &str) -> Result<Given, TargetError> {
    match uri::strip_scheme(conninfo) {
        Some(rest) => uri::parse(rest),
        None => keyword_value::parse(conninfo),
    }
}

/// Whether a connection string is a URI.
#[must_use]
pub fn is_uri(conninfo: &str) -> bool {
    uri::strip_scheme(conninfo).is_some()
}

/// One PostgreSQL server, and who asks it for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Where it listens.
    pub endpoint: Endpoint,
    /// The role to log in as.
    pub user: String,
    /// The database to log in to.
    pub database: String,
    /// The password, if one was written beside the rest.
    pub password: Option<Secret>,
    /// Where to look for the password if there is none above.
    pub passfile: Option<FileChoice>,
    /// Encryption.
    pub tls: Tls,
    /// The ways to authenticate that the server may demand.
    pub require_auth: RequireAuth,
    /// The operating system's name for the user who serves the Unix socket, where it must be that one.
    pub require_peer: Option<String>,
    /// Whether the password exchange is tied to it.
    pub channel_binding: ChannelBinding,
    /// Command-line options for the server's process.
    pub options: Option<String>,
    /// The session's name in the server's views and log.
    pub application_name: String,
    /// The service that described it, if one did.
    pub service: Option<Service>,
}

impl Target {
    /// The server that `psql CONNINFO` would connect to: what the connection string leaves open comes
    /// from a service, then from the `PG*` variables, then from libpq's defaults.
    ///
    /// As with `PQconnectdb`, a `dbname` that looks like a connection string is the name of a
    /// database: libpq expands it only where a caller asks for that, as `psql -d` does. `PGDATESTYLE`,
    /// `PGTZ` and `PGGEQO` have no effect, since nothing is asked that depends on them.
    ///
    /// # Errors
    ///
    /// Text that is no connection string, values that mean nothing, more than one server, and
    /// settings that cannot be honoured.
    pub fn resolve(conninfo: &str, surroundings: &Environment<'_>) -> Result<Self, TargetError> {
        if conninfo.contains('\0') {
            return Err(TargetError::Nul);
        }
        let values = Values::new(parsed(conninfo)?, surroundings)?;
        let text = |keyword| values.text(keyword).map(|value| value.text);
        let home = surroundings.home.as_deref();

        let endpoint = Endpoint::from_values(&values)?;
        number::check(&values, &endpoint)?;
        encoding::check(&values)?;
        let user = text(Keyword::User)
            .or_else(|| surroundings.user.clone())
            .ok_or(TargetError::NoUser)?;
        Ok(Self {
            tls: Tls::from_values(&values, home, &endpoint)?,
            endpoint,
            database: text(Keyword::DbName).unwrap_or_else(|| user.clone()),
            user,
            password: text(Keyword::Password).map(Secret::new),
            passfile: FileChoice::from_values(&values, Keyword::PassFile, home, ".pgpass"),
            require_auth: RequireAuth::from_values(&values)?,
            require_peer: text(Keyword::RequirePeer),
            channel_binding: match values.find(Keyword::ChannelBinding) {
                Some(value) => value.one_of(&CHANNEL_BINDINGS)?,
                None => ChannelBinding::Prefer,
            },
            options: text(Keyword::Options),
            application_name: text(Keyword::ApplicationName)
                .or_else(|| text(Keyword::FallbackApplicationName))
                .unwrap_or_else(|| APPLICATION_NAME.into()),
            service: values.service(),
        })
    }
}

/// C's `isspace` in the locales PostgreSQL runs in; unlike [`char::is_ascii_whitespace`] it counts the
/// vertical tab.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r')
}

/// For logs: where, as whom and what, without the rest.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            endpoint,
            user,
            database,
            ..
        } = self;
        write!(f, "{endpoint}, role {user}, database {database}")
    }
}
