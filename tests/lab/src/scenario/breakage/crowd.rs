//! A stranger keeps 300 connections to the primary's port 5431, for 15 s.

use std::time::Duration;

use crate::error::Error;
use crate::host::Host;
use crate::plan::Check;
use crate::scenario::stage::{HEALING, Played, Stage};

/// Longest until rows are acknowledged again after that, if ever.
const AFTERWARDS: Duration = Duration::from_secs(20);

/// An address that is no load balancer's.
const STRANGER: &str = "10.20.30.99";

pub(in crate::scenario) fn play(stage: Stage<'_>) -> Result<Played, Error> {
    let on = stage.on(Host::Client);
    let to = format!("{}:5431", stage.primary.address());
    let mut said = String::new();
    let mut knocked_out = false;
    let played = stage.under_traffic(|clients| {
        on.shell(&format!("ip address replace {STRANGER}/24 dev host0"))?;
        said = on.run(&[
            "/lab/bin/pgsql-state-traffic",
            "crowd",
            "--to",
            &to,
            "--from",
            STRANGER,
            "--connections",
            "300",
            "--for",
            "15s",
        ])?;
        if clients.until_rows_of(AFTERWARDS, |_| true).is_ok() {
            return Ok(());
        }
        knocked_out = true;
        let restart =
            "systemctl reset-failed 'pgsql-state*' && systemctl restart pgsql-state.socket";
        stage.on(stage.primary).shell(restart)?;
        clients.until_rows_of(HEALING, |_| true)
    })?;
    let played = played.remark(format!("the crowd: {}", said.trim()));
    match (knocked_out, stage.check) {
        (false, _) => Ok(played),
        (true, Check::Psql) => Ok(played.remark(
            "no row 20 s after the crowd had gone; writes came back when the socket was restarted by hand",
        )),
        (true, Check::Daemon) => Err(Error::Unfit("the crowd took the primary down for good".into())),
    }
}
