//! HAProxy's live view, from its own socket.

use super::{Doctor, PATIENCE};
use crate::cluster::haproxy::ask;
use crate::doctor::Report;
use crate::doctor::daemons::Daemon;
use crate::doctor::haproxy::{self, Facts, stat};

const THEME: &str = "HAProxy's view";

pub(super) async fn examine(doctor: &Doctor, daemons: &[Daemon], report: &mut Report) {
    let socket = doctor.haproxy_socket.display().to_string();
    let shown = match ask(&doctor.haproxy_socket, "show stat", PATIENCE).await {
        Ok(shown) => shown,
        Err(error) => return report.not_looked_at(THEME, &format!("{socket}: {error}")),
    };
    let Some(servers) = stat::read(&shown) else {
        return report.not_looked_at(THEME, &format!("{socket} does not speak as HAProxy does"));
    };
    let facts = Facts {
        servers,
        writers: &doctor.writers,
        socket: &socket,
        daemons,
    };
    haproxy::judge(&facts, report);
}
