//! Gathers facts from HAProxy's configuration file, and its live state from its admin socket.

use super::{Doctor, TIMEOUT};
use crate::base::regular_file;
use crate::cli::lint::{MOST_BYTES, lost};
use crate::daemon::peers::haproxy::ask;
use crate::tools::doctor::daemons::Daemon;
use crate::tools::doctor::haproxy::{self, HaproxyFacts, info, stat};
use crate::tools::doctor::{HostFinding, Id, Report};
use crate::tools::lint::haproxy::{
    Configuration, Resolved, SourceFile, findings, names, not_evaluated, sections_judged,
};
use crate::tools::release::Release;

/// Reports the findings of `lint haproxy` in the file, for the version of HAProxy that runs.
pub(super) async fn file(doctor: &Doctor, report: &mut Report) {
    let shown = doctor.haproxy_config.display().to_string();
    let text = match regular_file::read(&doctor.haproxy_config, MOST_BYTES) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => {
            return report.not_looked_at("HAProxy's file", &format!("{shown}: {error}"));
        }
    };
    let source = SourceFile { name: shown, text };
    let configuration = match Configuration::read(&[source]) {
        Ok(configuration) => configuration,
        Err(error) => return report.not_looked_at("HAProxy's file", &error.to_string()),
    };
    if sections_judged(&configuration).is_empty() {
        return report.not_looked_at("HAProxy's file", "no section in it leads to PostgreSQL");
    }
    for unknown in not_evaluated(&configuration) {
        let what = format!("HAProxy's section {}", unknown.section);
        report.not_looked_at(&what, &unknown.why);
    }
    let resolved = Resolved::AllBut(lost(names(&configuration)).await);
    let reader = running(doctor).await;
    if let Err(why) = &reader {
        report.not_looked_at("the faults of HAProxy's release", why);
    }
    for mistake in findings(&configuration, &resolved, reader.ok()) {
        let (place, rule) = (&mistake.place, mistake.rule.id());
        report.find(HostFinding {
            id: Id::HaproxyFile,
            what: format!("{place}: {rule}: {}", mistake.what),
            remedy: mistake.remedy,
        });
    }
}

/// The release of HAProxy that runs.
async fn running(doctor: &Doctor) -> Result<Release, String> {
    let socket = doctor.haproxy_socket.display();
    let said = ask(&doctor.haproxy_socket, "show info", TIMEOUT).await;
    let said = said.map_err(|error| format!("{socket}: {error}"))?;
    let release = info::release(&said);
    let release = release.ok_or_else(|| format!("{socket} does not report HAProxy's version"))?;
    release.map_err(|error| format!("{socket}: {error}"))
}

/// Compares the state that HAProxy reports on its socket with the daemons' answers.
pub(super) async fn view(doctor: &Doctor, daemons: &[Daemon], report: &mut Report) {
    const THEME: &str = "HAProxy's view";
    let socket = doctor.haproxy_socket.display().to_string();
    let shown = match ask(&doctor.haproxy_socket, "show stat", TIMEOUT).await {
        Ok(shown) => shown,
        Err(error) => return report.not_looked_at(THEME, &format!("{socket}: {error}")),
    };
    let Some(servers) = stat::read(&shown) else {
        return report.not_looked_at(THEME, &format!("{socket} does not answer like HAProxy"));
    };
    let facts = HaproxyFacts {
        servers,
        writers: &doctor.writers,
        socket: &socket,
        option: &doctor.config_option(),
        daemons,
    };
    haproxy::judge(&facts, report);
}
