//! Gathers facts about the host's clock and `SELinux` with their own tools, and about the daemon's unit.

use super::tool::printed;
use crate::cli::unit;
use crate::tools::doctor::Report;
use crate::tools::doctor::host;

/// Examines the clock, `SELinux` and the daemon's groups.
pub(super) async fn examine(report: &mut Report) {
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
    let named = unit::settings(unit::ROOT.as_ref(), unit::DAEMON, "SupplementaryGroups");
    let named = named
        .iter()
        .map(|(path, groups)| (path.as_path(), groups.as_str()));
    host::groups(named, report);
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
