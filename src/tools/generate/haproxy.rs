//! Generates `HAProxy`'s configuration for a cluster, with the reasons for its lines; opens no file, starts no program.
//!
//! - [`plan`], [`choice`]: the inputs of the configuration.
//! - [`ports`], [`places`], [`headers`]: ports, addresses and paths, and whether checks begin with a PROXY header.
//! - [`version`]: the version of `HAProxy`, and the features that it lacks.
//! - `pace`: how often servers are checked.
//! - `check`: how servers are checked, and which answers count.
//! - `preamble`: what applies to every block, and what happens at a start.
//! - `blocks`: the listen blocks.
//! - `text`: formats sections and comments.

mod blocks;
mod check;
pub mod choice;
pub mod headers;
mod pace;
pub mod places;
pub mod plan;
pub mod ports;
mod preamble;
mod text;
pub mod version;

pub use choice::{HaproxyCheck, Profile, ReplicationPath};
pub use headers::{Headers, HeadersError};
pub use places::{AdminSocket, Bind, CheckFile};
pub use plan::{CheckTls, HaproxyPlan};
pub use ports::{Numbers, Ports, PortsError};
pub use version::{HaproxyVersion, VersionOrigin};

use text::Lines;

use crate::tools::generate::comment::comment;
use crate::tools::generate::follow::past_haproxy;

/// A whole configuration: `global`, `defaults` and the listen blocks.
#[must_use]
pub fn whole(plan: &HaproxyPlan) -> String {
    let sections = [
        Some(preamble::global(plan)),
        Some(preamble::defaults(plan)),
        Some(blocks::prod(plan, &Lines::default())),
        Some(blocks::stdby(plan, &Lines::default())),
        blocks::replication(plan, &Lines::default()),
        Some(blocks::stats(plan)),
    ];
    let sections = sections.into_iter().flatten();
    let texts = sections.map(|section| section.to_string());
    [head(plan)]
        .into_iter()
        .chain(texts)
        .collect::<Vec<_>>()
        .join("\n")
}

/// The listen blocks alone, for a configuration that has its own `global` and possibly other `defaults`.
#[must_use]
pub fn blocks_only(plan: &HaproxyPlan) -> String {
    let common = preamble::common(plan);
    let sections = [
        Some(blocks::prod(plan, &common)),
        Some(blocks::stdby(plan, &common)),
        blocks::replication(plan, &common),
        Some(blocks::stats(plan)),
    ];
    let sections = sections.into_iter().flatten();
    let texts = sections.map(|section| section.to_string());
    let head = head(plan) + &preamble::needed_globally(plan);
    [head]
        .into_iter()
        .chain(texts)
        .collect::<Vec<_>>()
        .join("\n")
}

/// The comment at the beginning: the command that generates the file, and what an administrator has to know.
fn head(plan: &HaproxyPlan) -> String {
    let mut head = format!(
        "# pgsql-state generate haproxy --haproxy-version {} --profile {} --check {} --replication {}\n",
        plan.version,
        plan.profile.word(),
        plan.check.word(),
        plan.replication.word()
    );
    for told in plan
        .origin
        .told(plan.version)
        .into_iter()
        .chain(caveats(plan))
    {
        head.push_str(&comment("", &told));
    }
    if !plan.untrusted.is_empty() {
        let why = "Untrusted clients can keep HAProxy from getting answers until the configuration of every daemon \
                   has these lines, or \"@haproxy\" instead of the addresses if it has cluster.nodes:";
        head.push_str(&comment("", why));
        let untrusted: Vec<_> = plan
            .untrusted
            .iter()
            .map(|it| format!("\"{it}\""))
            .collect();
        let untrusted = untrusted.join(", ");
        head.extend(["#   [admission]\n#   trusted = [", &untrusted, "]\n"]);
    }
    if plan.replication == ReplicationPath::Direct {
        let own = "Standbys connect past HAProxy. A server is not in its own list, since pg_hba.conf rejects \
                   replication from itself and libpq tries no further server after a rejection.";
        head.push_str(&comment("", own));
        let port = plan.ports.numbers().postgres;
        let lines = plan.nodes.iter().filter_map(|node| {
            let conninfo = past_haproxy(&plan.nodes, node, port)?;
            let name = &node.name;
            Some(format!("# {name}: primary_conninfo = '{conninfo}'\n"))
        });
        head.extend(lines);
    }
    head
}

/// What an administrator has to know about the profile.
fn caveats(plan: &HaproxyPlan) -> Vec<String> {
    let mut caveats = Vec::new();
    if plan.token.is_some() {
        caveats.push(
            "This file contains the secret of admission.token_file. Only root and HAProxy may read it: install -m \
             640 -g haproxy."
                .to_owned(),
        );
    }
    match plan.profile {
        Profile::Classic => caveats.push(
            "The parameters of the three-node example. For two seconds after a start every server counts as up, also \
             for writers; one failed check closes every session of a server; two servers that claim to be the \
             primary both get writers. The profile \"safe\" avoids all three."
                .to_owned(),
        ),
        Profile::Safe => {}
        Profile::Fast => {
            let blocks = match plan.replication {
                ReplicationPath::Own => 3,
                ReplicationPath::Prod | ReplicationPath::Direct => 2,
            };
            caveats.push(format!(
                "Short intervals. If a server or the network pauses for half a second, every session with the \
                 primary is closed. Set postgres.timeout of the daemons to \"200ms\", so that they answer with a \
                 reason before HAProxy gives up. Each HAProxy checks each server {} times a second, and up to {} \
                 times while its state changes: list the hosts of HAProxy in admission.trusted.",
                blocks * 10 / 3,
                blocks * 10
            ));
        }
    }
    if plan.is_careful()
        && !plan.has(version::Feature::CheckStatus)
        && plan.check != HaproxyCheck::Agent
    {
        caveats.push(format!(
            "HAProxy {} has no error-status (2.2): a standby that lags is down for new readers. It keeps its \
             sessions, since nothing closes them.",
            plan.version
        ));
    }
    caveats
}

#[cfg(test)]
mod tests;
