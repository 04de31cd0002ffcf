//! Where the checks of a server and its agent-check go; judges nothing.

use std::net::IpAddr;

use super::{ServerLine, ServerParameters};
use crate::admit::Token;
use crate::health::View;
use crate::tools::lint::haproxy::address::{Address, comparable};
use crate::tools::lint::haproxy::check::{Connect, ConnectPort};

/// The agent-check port of this project's daemon.
const AGENT: u16 = 5430;

/// Where a connection of a check goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tools::lint::haproxy) struct CheckTarget {
    /// The address, in the form for comparisons.
    pub(in crate::tools::lint::haproxy) host: String,
    pub(in crate::tools::lint::haproxy) port: Option<u16>,
    /// Whether the check itself sends it to an address that is not the server's.
    pub(in crate::tools::lint::haproxy) is_elsewhere: bool,
}

impl ServerParameters {
    /// Whether the agent is this project's daemon: by its port, or by the view in `agent-send`.
    pub(in crate::tools::lint::haproxy) fn asks_our_agent(&self) -> bool {
        let port = self.agent_port.as_ref().and_then(|port| port.value);
        let view = self.view_line().and_then(View::parse);
        port == Some(AGENT) || view.is_some()
    }

    /// Whether its checks are encrypted where the check itself does not say so. `ssl` encrypts them at the server's own
    /// port alone.
    pub(in crate::tools::lint::haproxy) fn encrypts_check(&self) -> bool {
        let has_place = self.port.is_some() || self.addr.is_some();
        self.check_ssl.is_some() || (self.ssl.is_some() && !has_place)
    }

    /// The line of `agent-send` that names a view: the only one, or the one after the token that this project's daemon
    /// waits for. Empty if only the token is sent.
    pub(in crate::tools::lint::haproxy) fn view_line(&self) -> Option<&str> {
        let sent = self.agent_send.as_ref()?.value.as_str();
        let (first, rest) = sent.split_once('\n').unwrap_or((sent, ""));
        let is_token = Token::new(first.as_bytes()).is_ok() && sent.contains('\n');
        let line = if is_token { rest } else { sent };
        Some(line.trim())
    }
}

impl ServerLine {
    /// Where a connection of its check goes: what the check itself says, then `addr` and `port`, then its address.
    pub(in crate::tools::lint::haproxy) fn checked_at(
        &self,
        connect: Option<&Connect>,
    ) -> CheckTarget {
        let by_check = connect
            .and_then(|connect| connect.addr.as_deref())
            .map(split);
        let by_server = self.parameters.addr_written.as_ref();
        let by_server = by_server.map(|addr| split(&addr.value));
        let is_elsewhere = by_check
            .as_ref()
            .is_some_and(|(host, _)| *host != self.host);
        let inherited = || {
            let by_check = by_check.as_ref().and_then(|(_, port)| *port);
            let by_server = by_server.as_ref().and_then(|(_, port)| *port);
            match (by_check, &self.parameters.port) {
                (Some(port), _) => Some(port),
                (None, Some(port)) => port.value,
                (None, None) => by_server.or(self.address.port),
            }
        };
        let port = match connect.map(|connect| connect.port) {
            Some(ConnectPort::Written(port)) => Some(port),
            Some(ConnectPort::Computed) => None,
            Some(ConnectPort::Inherited) | None => inherited(),
        };
        let addr = by_check.or(by_server);
        CheckTarget {
            host: addr.map_or_else(|| self.host.clone(), |(host, _)| host),
            port,
            is_elsewhere,
        }
    }
}

/// The host and the port of an address that may have no port.
fn split(written: &str) -> (String, Option<u16>) {
    let port = Address::read(written).port;
    match written.rsplit_once(':') {
        Some((host, _)) if port.is_some() && written.parse::<IpAddr>().is_err() => {
            (comparable(host), port)
        }
        Some(_) | None => (comparable(written), None),
    }
}
