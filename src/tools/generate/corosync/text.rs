//! Corosync's configuration as text (`corosync.conf(5)`, `votequorum(5)`); decides nothing.

use std::time::Duration;

use super::plan::{CorosyncPlan, Member};
use crate::tools::generate::comment::comment;

/// The whole file.
#[must_use]
pub fn text(plan: &CorosyncPlan) -> String {
    let members = plan.members();
    let mut text = comment(
        "",
        "Corosync's configuration, the same on each node: /etc/corosync/corosync.conf. Corosync reads most of it when it \
         starts. Its key is made once, by corosync-keygen, and copied to /etc/corosync/authkey of each node, readable \
         for root alone.",
    );
    text += &totem(plan);
    text += &quorum(members.len());
    text += "\nlogging {\n    to_syslog: yes\n    to_logfile: no\n}\n\nnodelist {\n";
    for (index, member) in members.iter().enumerate() {
        text += &node(index + 1, member);
    }
    text + "}\n"
}

fn totem(plan: &CorosyncPlan) -> String {
    let count = plan.members().len();
    let timers = plan.profile.timers(count);
    let links = plan.members().iter().map(|member| member.links.len());
    let mut text = format!(
        "\ntotem {{\n    version: 2\n    cluster_name: {}\n    transport: knet\n    crypto_cipher: aes256\n    \
         crypto_hash: sha256\n",
        plan.name
    );
    text += &comment(
        "    ",
        &format!(
            "A host may be silent for {}, {}. A host that is lost is noticed after {}, and is fenced then.",
            seconds(timers.silence(count)),
            plan.profile.tolerates(),
            seconds(timers.noticed(count)),
        ),
    );
    let numbers = format!(
        "    token: {}\n    token_coefficient: {}\n    consensus: {}\n",
        timers.token.as_millis(),
        timers.token_coefficient.as_millis(),
        timers.consensus.as_millis(),
    );
    text += &numbers;
    text.extend((0..links.max().unwrap_or(0)).map(|number| link(number, timers.link_timeout)));
    text + "}\n"
}

/// The interval is half of the timeout, as Corosync has it: one of the pair alone is not enough.
fn link(number: usize, timeout: Duration) -> String {
    let timeout = timeout.as_millis();
    format!(
        "    interface {{\n        linknumber: {number}\n        knet_ping_interval: {}\n        knet_ping_timeout: \
         {timeout}\n        knet_pong_count: 2\n    }}\n",
        timeout / 2,
    )
}

fn quorum(nodes: usize) -> String {
    let mut text = String::from("\nquorum {\n    provider: corosync_votequorum\n");
    if nodes == 2 {
        text += &comment(
            "    ",
            "Each of two nodes has the quorum alone, so that fencing decides which one goes on. At a start both wait for \
             each other (wait_for_all). A third vote decides better: a third node, or corosync-qdevice.",
        );
        text += "    two_node: 1\n";
    }
    text + "}\n"
}

fn node(id: usize, member: &Member) -> String {
    let begin = format!(
        "    node {{\n        nodeid: {id}\n        name: {}\n",
        member.name
    );
    let addresses = member.links.iter().enumerate();
    let text = addresses.fold(begin, |text, (link, address)| {
        text + &format!("        ring{link}_addr: {address}\n")
    });
    text + "    }\n"
}

/// Without needless digits.
fn seconds(time: Duration) -> String {
    let text = format!("{:.2}", time.as_secs_f64());
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text} s")
}
