//! The rows of `show stat` (HAProxy Management Guide, section 9.1); pure.

use std::time::Duration;

/// What HAProxy knows of one server of one listen block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The listen block.
    pub proxy: String,
    /// The server.
    pub server: String,
    /// Whether it gets clients.
    pub status: Status,
    /// Its part of new sessions beside the others, as configured and as its agent has it.
    pub weight: u32,
    /// How the last check ended: `L7OK`, `L7RSP`, `L7TOUT`, `L4CON`, …; `* ` before it while one
    /// runs.
    pub check_status: String,
    /// What the last check said.
    pub last_check: String,
    /// How long the last check took, in whole milliseconds.
    pub check_duration: Duration,
    /// Sessions it has now.
    pub sessions: u64,
}

/// Whether a server gets clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It does, also while bad checks are counted.
    Up,
    /// It does not, also while good checks are counted.
    Down,
    /// It keeps its sessions and gets no new ones.
    NoLb,
    /// It was taken out by hand.
    Maint,
    /// It is not checked.
    NoCheck,
}

impl Status {
    fn parse(text: &str) -> Option<Self> {
        // "UP 1/2" and "DOWN 1/2" are on their way, and still what they are.
        match text.split_whitespace().next()? {
            "UP" => Some(Self::Up),
            "DOWN" => Some(Self::Down),
            "NOLB" | "DRAIN" => Some(Self::NoLb),
            "MAINT" => Some(Self::Maint),
            "no" => Some(Self::NoCheck),
            _ => None,
        }
    }
}

/// Reads the servers' rows; the frontends' and the sums are left out.
pub fn rows(text: &str) -> Result<Vec<Row>, String> {
    let text = text.strip_prefix("# ").ok_or("there is no header")?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| error.to_string())?.clone();
    let column = |name: &str| {
        let found = header.iter().position(|column| column == name);
        found.ok_or_else(|| format!("there is no column {name}"))
    };
    let (proxy, server, status) = (column("pxname")?, column("svname")?, column("status")?);
    let (check_status, last_check) = (column("check_status")?, column("last_chk")?);
    let weight = column("weight")?;
    let (check_duration, sessions) = (column("check_duration")?, column("scur")?);
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let field = |index: usize| record.get(index).unwrap_or_default().to_owned();
        if matches!(field(server).as_str(), "FRONTEND" | "BACKEND") {
            continue;
        }
        rows.push(Row {
            proxy: field(proxy),
            server: field(server),
            status: Status::parse(&field(status))
                .ok_or_else(|| format!("\"{}\" is no known status", field(status)))?,
            weight: field(weight).parse().unwrap_or_default(),
            check_status: field(check_status),
            last_check: field(last_check),
            check_duration: Duration::from_millis(
                field(check_duration).parse().unwrap_or_default(),
            ),
            sessions: field(sessions).parse().unwrap_or_default(),
        });
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_told_from_sums_and_quotes_are_read() {
        let text = "\
# pxname,svname,scur,status,weight,check_status,check_duration,last_chk,
prod,FRONTEND,0,OPEN,,,,,
prod,srv1,3,UP 1/2,51,L7OK,7,,
prod,srv2,,DOWN,1,L7RSP,,\"TCPCHK, got \"\"standby\"\"\",
prod,BACKEND,0,UP,,,,,

";
        let rows = rows(text).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].status, rows[0].sessions), (Status::Up, 3));
        assert_eq!(rows[0].weight, 51);
        assert_eq!(rows[0].check_duration, Duration::from_millis(7));
        assert_eq!(rows[1].status, Status::Down);
        assert_eq!(rows[1].check_status, "L7RSP");
        assert_eq!(rows[1].last_check, "TCPCHK, got \"standby\"");
    }

    #[test]
    fn a_status_that_nobody_knows_is_an_error() {
        let text = "# pxname,svname,scur,status,weight,check_status,check_duration,last_chk,\n\
                    a,b,0,PERHAPS,,,,,\n";
        assert_eq!(rows(text), Err("\"PERHAPS\" is no known status".into()));
    }
}
