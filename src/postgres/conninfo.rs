//! Finds the one server that a connection string and its environment describe, as libpq does; itself reads no
//! environment variable and no file, and uses no network.
//!
//! - [`keyword_value`], [`uri`]: the two forms of a connection string.
//! - [`keyword`]: the keywords, their variables, and how each is treated.
//! - [`mod@given`], [`values`]: what a connection string says; the values by their sources, and which source takes precedence.
//! - [`endpoint`]: the socket or port at which the server listens.
//! - [`host_address`]: an address as `hostaddr` has it.
//! - [`integer`], [`number`], [`encoding`]: values that have no effect here, but that libpq or a server would refuse.
//! - [`file_choice`]: a file that the connection may need, named or default.
//! - [`environment`]: what libpq would take from its process.
//! - [`service`]: settings under a name, in the text of a service file.
//! - [`require_auth`]: the authentication methods that a server may demand.
//! - [`tls`]: the settings of TLS.
//! - [`passfile`]: the password for a server, in the text of a `.pgpass`.
//! - [`secret`]: a password that is never printed.
//! - [`servers`]: one connection string for each of several servers.
//! - [`error`]: why a connection string does not describe one server.

pub mod encoding;
pub mod endpoint;
pub mod environment;
pub mod error;
pub mod file_choice;
mod given;
pub mod host_address;
mod integer;
pub mod keyword;
mod keyword_value;
mod number;
pub mod passfile;
pub mod require_auth;
pub mod secret;
pub mod servers;
pub mod service;
pub mod tls;
mod uri;
mod values;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

pub use endpoint::Endpoint;
pub use environment::{Environment, ServiceFile};
pub use error::{SettingPlace, TargetError, UriError};
pub use file_choice::FileChoice;
pub use host_address::HostAddress;
pub use keyword::Keyword;
pub use require_auth::{AuthMethod, RequireAuth};
pub use secret::Secret;
pub use service::Service;
pub use tls::{ClientCertificate, NameIndication, Negotiation, Roots, SslMode, Tls, Versions};

use given::Given;
use values::Values;

/// The name the daemon shows in `pg_stat_activity` unless the operator gives another.
pub const APPLICATION_NAME: &str = "pgsql-state";

/// Whether the password exchange is bound to the TLS session (`channel_binding`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelBinding {
    /// Never.
    Disable,
    /// If both sides support it.
    Prefer,
    /// Always; a server without channel binding is refused.
    Require,
}

const CHANNEL_BINDINGS: [(&str, ChannelBinding); 3] = [
    ("disable", ChannelBinding::Disable),
    ("prefer", ChannelBinding::Prefer),
    ("require", ChannelBinding::Require),
];

/// Returns the values of a connection string, in either form and for any number of servers, as another program
/// would read it: nothing is refused that libpq accepts, and no defaults are added.
///
/// # Errors
///
/// Text that is not a connection string.
pub fn given(conninfo: &str) -> Result<BTreeMap<Keyword, String>, TargetError> {
    Ok(parsed(conninfo)?.into_values())
}

/// Returns the values of a connection string, as [`given()`] does, and those of the service that the string or
/// `PGSERVICE` names.
///
/// # Errors
///
/// Text that is not a connection string, a service that does not exist, and one that cannot be read.
pub fn given_with_service(
    conninfo: &str,
    environment: &Environment<'_>,
) -> Result<BTreeMap<Keyword, String>, TargetError> {
    let given = parsed(conninfo)?;
    let service = service::find(&given, environment)?;
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

/// One PostgreSQL server, and how to log in to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The socket or port at which the server listens.
    pub endpoint: Endpoint,
    /// The role to log in as.
    pub user: String,
    /// The database to log in to.
    pub database: String,
    /// The password, if one is given with the other settings.
    pub password: Option<Secret>,
    /// The password file, for a target without `password`.
    pub passfile: Option<FileChoice>,
    /// The settings of TLS.
    pub tls: Tls,
    /// The authentication methods that the server may demand.
    pub require_auth: RequireAuth,
    /// The operating system's name of the user that must serve the Unix socket; `None` if any user may.
    pub require_peer: Option<String>,
    /// Whether the password exchange is bound to the TLS session.
    pub channel_binding: ChannelBinding,
    /// Command-line options for the server's process.
    pub options: Option<String>,
    /// The session's name in the server's views and log.
    pub application_name: String,
    /// The service that describes the server, if one does.
    pub service: Option<Service>,
}

impl Target {
    /// Returns the server to which `psql CONNINFO` would connect: values that the connection string does not give come
    /// from a service, then from the `PG*` variables, then from libpq's defaults.
    ///
    /// As with `PQconnectdb`, a `dbname` that looks like a connection string is the name of a
    /// database: libpq expands it only if the caller asks for that, as `psql -d` does. `PGDATESTYLE`,
    /// `PGTZ` and `PGGEQO` have no effect, because no question depends on them.
    ///
    /// # Errors
    ///
    /// Text that is not a connection string, invalid values, more than one server, and
    /// settings that cannot be honoured.
    pub fn resolve(conninfo: &str, environment: &Environment<'_>) -> Result<Self, TargetError> {
        if conninfo.contains('\0') {
            return Err(TargetError::Nul);
        }
        let values = Values::new(parsed(conninfo)?, environment)?;
        let text = |keyword| values.text(keyword).map(|value| value.text);
        let home = environment.home.as_deref();

        let endpoint = Endpoint::from_values(&values)?;
        number::check(&values, &endpoint)?;
        encoding::check(&values)?;
        let user = text(Keyword::User)
            .or_else(|| environment.user.clone())
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

/// Whether a character is a space to C's `isspace` in PostgreSQL's locales, which unlike [`char::is_ascii_whitespace`]
/// include the vertical tab.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r')
}

/// Writes the endpoint, the role and the database, for logs; never the password.
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
