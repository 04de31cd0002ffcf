//! The host's clock, `SELinux` and firewall, from their own tools.

use super::tool::{Silence, printed};
use crate::doctor::Report;
use crate::doctor::host::{self, Firewall, Gate};

/// Looks at all of it; `port` is where load balancers come in.
pub(super) async fn examine(port: u16, report: &mut Report) {
    match printed(
        "timedatectl",
        &["show", "--property=NTPSynchronized", "--value"],
    )
    .await
    {
        Ok(printed) => host::clock(&printed, report),
        Err(why) => report.not_looked_at("the clock", &why.to_string()),
    }
    selinux(report).await;
    match firewall(port).await {
        Ok(Some((firewall, gate))) => host::firewall(firewall, gate, port, report),
        Ok(None) => {}
        Err(why) => report.not_looked_at("the firewall", &why),
    }
}

async fn selinux(report: &mut Report) {
    const THEME: &str = "SELinux";
    match printed("getenforce", &[]).await {
        Ok(mode) if mode.trim() == "Enforcing" => {}
        Ok(_) => return,
        Err(why) => return report.not_looked_at(THEME, &why.to_string()),
    }
    match printed("getsebool", &["haproxy_connect_any"]).await {
        Ok(printed) => host::selinux(&printed, report),
        Err(why) => report.not_looked_at(THEME, &why.to_string()),
    }
}

/// What the first tool that is in charge says; none where nothing closes anything.
async fn firewall(port: u16) -> Result<Option<(Firewall, Gate)>, String> {
    if printed("firewall-cmd", &["--state"]).await.is_ok() {
        let query = format!("--query-port={port}/tcp");
        let gate = match printed("firewall-cmd", &[&query]).await {
            Ok(_) => Gate::Open,
            Err(Silence::Failed(_)) => Gate::Closed,
            Err(why @ (Silence::Absent(_) | Silence::Error(_))) => return Err(why.to_string()),
        };
        return Ok(Some((Firewall::Firewalld, gate)));
    }
    let ufw = match printed("ufw", &["status", "verbose"]).await {
        Ok(printed) => host::ufw(&printed, port),
        Err(Silence::Absent(_)) => None,
        Err(why @ (Silence::Failed(_) | Silence::Error(_))) => return Err(why.to_string()),
    };
    if let Some(gate) = ufw {
        return Ok(Some((Firewall::Ufw, gate)));
    }
    match printed("nft", &["list", "ruleset"]).await {
        Ok(printed) => Ok(host::nft(&printed, port).map(|gate| (Firewall::Nft, gate))),
        Err(why) => Err(why.to_string()),
    }
}
