//! What our reader makes of a connection string.

use std::net::{SocketAddr, ToSocketAddrs};

use pgsql_state::postgres::conninfo::{Endpoint, Environment, SslMode, Target};
use pgsql_state::postgres::service_file;

use crate::listener::{Listener, socket};
use crate::{Effective, Encryption, Login, Outcome};

pub(crate) fn outcome(listener: &Listener, text: &str) -> Outcome {
    let variables = listener.variables();
    let user = uzers::get_current_username()
        .unwrap()
        .into_string()
        .unwrap();
    let environment = Environment {
        variable: &|name| variables.get(name).cloned(),
        service_file: &service_file::read,
        user: Some(user.clone()),
        home: Some(listener.home().into()),
    };
    let target = match Target::resolve(text, &environment) {
        Ok(target) => target,
        Err(error) => return Outcome::Refused(error.to_string()),
    };
    // We serve the socket; the kernel says so at a connection.
    if let (Endpoint::Unix { .. }, Some(peer)) = (&target.endpoint, &target.require_peer)
        && *peer != user
    {
        return Outcome::Refused(format!("{peer} does not serve the socket"));
    }
    // An address has the name of an interface, which only the system knows: seen at a connection.
    if let Endpoint::Tcp {
        address: Some(address),
        port,
        ..
    } = &target.endpoint
        && (address.to_string(), *port).to_socket_addrs().is_err()
    {
        return Outcome::Refused(format!("{address} is of no interface"));
    }
    let place = match place(listener, &target.endpoint) {
        Ok(place) => place,
        Err(elsewhere) => return Outcome::Elsewhere(elsewhere),
    };
    let encryption = encryption(&target);
    let is_named = target.application_name != "pgsql-state"
        && (!text.contains("fallback_") || text.contains(" application_name"));
    let password = target.password.as_ref();
    let login = Login {
        user: target.user,
        database: target.database,
        options: target.options,
        password: password.map(|secret| String::from_utf8(secret.expose().into()).unwrap()),
        application_name: is_named.then_some(target.application_name),
    };
    Outcome::Taken(Effective {
        place,
        encryption,
        login: (encryption != Encryption::Always).then_some(login),
    })
}

fn encryption(target: &Target) -> Encryption {
    match (&target.endpoint, target.tls.mode) {
        (Endpoint::Unix { .. }, _) | (_, SslMode::Disable) => Encryption::Never,
        (_, SslMode::Allow) => Encryption::Second,
        (_, SslMode::Prefer) => Encryption::First,
        (_, SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull) => Encryption::Always,
    }
}

/// The place of the listener that it leads to, or how `psql` would call the one where nobody listens.
fn place(listener: &Listener, endpoint: &Endpoint) -> Result<String, String> {
    let (host, address, port) = match endpoint {
        Endpoint::Unix { directory, port } => {
            let place = socket(&directory.join(format!(".s.PGSQL.{port}")));
            let found = listener.places().into_iter().find(|known| *known == place);
            return found.ok_or(place);
        }
        Endpoint::Tcp {
            host,
            address,
            port,
        } => (host, address, port),
    };
    let written = address
        .as_ref()
        .map_or_else(|| host.clone(), ToString::to_string);
    let Ok(addresses) = (written.as_str(), *port).to_socket_addrs() else {
        return Err(format!("name {host}"));
    };
    let known = listener.places();
    let mut places = addresses.map(|address| {
        let ip = address.ip().to_canonical();
        format!("tcp {}", SocketAddr::new(ip, *port))
    });
    places
        .find(|place| known.contains(place))
        .ok_or_else(|| format!("tcp {written} {port}"))
}
