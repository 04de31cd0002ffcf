//! Reads the rows of `show stat` (HAProxy Management Guide, "Statistics and monitoring", "CSV format"); judges
//! nothing.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// A server of a backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatServer {
    /// The name of the `listen` or `backend` section.
    pub pool: String,
    /// The name of the server.
    pub name: String,
    /// Where it is; none where HAProxy does not tell.
    pub address: Option<IpAddr>,
    /// Whether new clients are sent to it.
    pub status: StatStatus,
    /// The result of its last check.
    pub last_check: String,
}

/// Whether new clients are sent to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatStatus {
    /// New clients are sent to it.
    Up,
    /// Its checks fail.
    Down,
    /// It keeps its sessions and gets no new ones.
    Draining,
    /// It was disabled by a command or by an agent-check.
    Maintenance,
    /// It has no check, so clients are sent to it whatever its state.
    Unchecked,
}

impl StatStatus {
    /// Whether new clients are sent to it.
    #[must_use]
    pub fn takes_clients(self) -> bool {
        match self {
            Self::Up | Self::Unchecked => true,
            Self::Down | Self::Draining | Self::Maintenance => false,
        }
    }

    /// The status as HAProxy writes it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Up => "UP",
            Self::Down => "DOWN",
            Self::Draining => "DRAIN",
            Self::Maintenance => "MAINT",
            Self::Unchecked => "not checked",
        }
    }

    fn read(text: &str) -> Option<Self> {
        // "UP 1/2" and "DOWN 1/2" count checks towards a change; until then the server has its old status.
        match text.split_whitespace().next()? {
            "UP" => Some(Self::Up),
            "DOWN" => Some(Self::Down),
            "NOLB" | "DRAIN" => Some(Self::Draining),
            "MAINT" => Some(Self::Maintenance),
            "no" => Some(Self::Unchecked),
            _ => None,
        }
    }
}

impl fmt::Display for StatServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.pool, self.name)
    }
}

/// The `type` of a server's row; frontends, backends and sockets have other types.
const OF_SERVERS: &str = "2";

/// Reads the rows of servers; `None` if the text is not the output of `show stat`.
#[must_use]
pub fn read(text: &str) -> Option<Vec<StatServer>> {
    let mut lines = text.lines();
    let header = fields(lines.next()?.strip_prefix("# ")?);
    let column = |name: &str| header.iter().position(|column| column == name);
    let (pool, name, status, kind) = (
        column("pxname")?,
        column("svname")?,
        column("status")?,
        column("type")?,
    );
    let (address, outcome, said) = (column("addr"), column("check_status"), column("last_chk"));
    let server = |line: &str| {
        let fields = fields(line);
        let at = |column: usize| fields.get(column).map(String::as_str);
        let maybe = |column: Option<usize>| column.and_then(at).unwrap_or_default();
        if at(kind)? != OF_SERVERS {
            return None;
        }
        let address = maybe(address);
        let socket = address.parse::<SocketAddr>().map(|socket| socket.ip());
        let last_check = format!("{} {}", maybe(outcome), maybe(said));
        Some(StatServer {
            pool: at(pool)?.to_owned(),
            name: at(name)?.to_owned(),
            address: socket.or_else(|_| address.parse()).ok(),
            status: StatStatus::read(at(status)?)?,
            last_check: last_check.trim().to_owned(),
        })
    };
    Some(lines.filter_map(server).collect())
}

/// Splits a CSV line. A value in quotes may contain commas, and a quote is doubled in it.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let (mut quoted, mut before) = (false, None);
    for c in line.chars() {
        match c {
            ',' if !quoted => fields.push(String::new()),
            '"' => {
                if !quoted
                    && before == Some('"')
                    && let Some(field) = fields.last_mut()
                {
                    field.push('"');
                }
                quoted = !quoted;
            }
            _ => {
                if let Some(field) = fields.last_mut() {
                    field.push(c);
                }
            }
        }
        before = Some(c);
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_read_and_nothing_else() {
        let text = "# pxname,svname,status,check_status,type,last_chk,addr,\n\
                    prod,FRONTEND,OPEN,,0,,,\n\
                    prod,srv1,UP 1/2,* L7OK,2,\"said \"\"production\"\", once\",10.0.0.1:5434,\n\
                    prod,srv2,MAINT (via x/y),,2,,[2001:db8::1]:5434,\n\
                    prod,srv3,no check,,2,,,\n\
                    prod,BACKEND,UP,,1,,,\n\n";
        let read = read(text).unwrap();
        let shown: Vec<String> = read
            .iter()
            .map(|server| {
                format!(
                    "{server} {:?} {:?} {}",
                    server.status, server.address, server.last_check
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                "prod/srv1 Up Some(10.0.0.1) * L7OK said \"production\", once",
                "prod/srv2 Maintenance Some(2001:db8::1) ",
                "prod/srv3 Unchecked None ",
            ]
        );
    }

    #[test]
    fn another_text_is_none() {
        for text in ["", "Unknown command.\n", "# a,b,c\n"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
