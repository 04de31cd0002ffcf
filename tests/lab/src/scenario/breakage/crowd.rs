//! A stranger keeps 300 connections to the primary's port 5431, for 15 s, in each way that strangers have.

use std::time::Duration;

use crate::error::Error;
use crate::host::Host;
use crate::plan::Check;
use crate::scenario::clients::Clients;
use crate::scenario::stage::{HEALING, Played, Stage};

/// Longest until rows are acknowledged again after that, if ever.
const AFTERWARDS: Duration = Duration::from_secs(20);

/// An address that is no load balancer's.
const STRANGER: &str = "10.20.30.99";

/// Each connection is read to its end.
pub(in crate::scenario) fn that_reads(stage: Stage<'_>) -> Result<Played, Error> {
    play(stage, &["read"])
}

/// What else strangers do with a connection, one crowd after the other.
pub(in crate::scenario) fn that_does_not(stage: Stage<'_>) -> Result<Played, Error> {
    play(stage, &["nothing", "header", "bytes", "reset"])
}

fn play(stage: Stage<'_>, manners: &[&str]) -> Result<Played, Error> {
    let shell = format!("ip address replace {STRANGER}/24 dev host0");
    stage.on(Host::Client).shell(&shell)?;
    let mut remarks = Vec::new();
    let mut played = stage.under_traffic(|clients| {
        for manner in manners {
            remarks.push(come(stage, clients, manner)?);
        }
        Ok(())
    })?;
    played.remarks.append(&mut remarks);
    Ok(played)
}

/// Has a crowd come, and puts right what it has left; says what that was.
fn come(stage: Stage<'_>, clients: &mut Clients<'_>, manner: &str) -> Result<String, Error> {
    let to = format!("{}:5431", stage.primary.address());
    let command = [
        "/lab/bin/pgsql-state-traffic",
        "crowd",
        "--doing",
        manner,
        "--to",
        &to,
        "--from",
        STRANGER,
        "--connections",
        "300",
        "--for",
        "15s",
    ];
    let said = stage.on(Host::Client).run(&command)?;
    let crowd = format!("the crowd ({manner}): {}", said.trim());
    let on = stage.on(stage.primary);
    let writes = clients.until_rows_of(AFTERWARDS, |_| true);
    let socket = on.shell("systemctl show --value --property=Result pgsql-state.socket")?;
    match (socket.trim(), writes, stage.check) {
        ("success", Ok(()), _) => Ok(crowd),
        ("success", Err(error), _) => Err(error),
        (result, _, Check::Psql) => {
            let restart =
                "systemctl reset-failed 'pgsql-state*' && systemctl restart pgsql-state.socket";
            on.shell(restart)?;
            clients.until_rows_of(HEALING, |_| true)?;
            Ok(format!(
                "{crowd}; the socket has failed for good ({result}), and was restarted by hand"
            ))
        }
        (result, _, Check::Daemon) => Err(Error::Unfit(format!(
            "the crowd ({manner}) had the socket fail: {result}"
        ))),
    }
}
