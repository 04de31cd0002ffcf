//! Describes what the agent does in each state and at a change of roles, and which scores and attributes it sets.

use std::fmt::Write;

use super::super::page::Page;
use super::decisions::{self, label, statuses};
use crate::agent::decide::decision::{self, ACTIONS, STATES};
use crate::agent::decide::scores::{Attributes, Score};
use crate::agent::ocf::actions::Action;

pub(super) fn states(page: &mut Page) {
    page.section("STATES AND ACTIONS").text(
        "The exit status of each action, by the state of the server. A repeated action that succeeds again does nothing the second \
        time. `notify` and `reload` always succeed, and `validate-all` does not depend on the state.",
    );
    page.verbatim(&table());
    for action in ACTIONS {
        page.part(action.name());
        for (text, labels) in decisions::listed(action) {
            page.item(&labels.join(", "), &text);
        }
    }
    page.paragraph(&format!(
        "A server that was started by another resource, which is still configured with the same directory, belongs to that \
        resource whatever its state. For this resource it does not run here: `monitor` ends with {}, `stop` with {}, \
        `start`, `promote`, `demote` and `validate-all` with {}, and they name the other resource.",
        decision::of_another(Action::Monitor).status(),
        decision::of_another(Action::Stop).status(),
        decision::of_another(Action::Start).status(),
    ));
}

/// A table of all statuses.
fn table() -> String {
    let width = STATES.map(|state| label(state).len()).into_iter().max();
    let width = width.unwrap_or_default();
    let mut table = format!("{:width$}", "A server that");
    for action in ACTIONS {
        write!(table, " {:>7}", action.name()).ok();
    }
    for state in STATES {
        write!(table, "\n{:width$}", label(state)).ok();
        for action in ACTIONS {
            write!(table, " {:>7}", statuses(action, state)).ok();
        }
    }
    table
}

pub(super) fn changes(page: &mut Page) {
    page.section("CHANGES OF ROLES").item(
        "Before a primary is demoted in favour of another node",
        "it writes a checkpoint, and up to two more until one takes less than a second, in half of the notification's time: its \
        shutdown writes another one, for which writers wait. How many files of WAL are not archived yet is logged, since a shutdown waits for \
        that, too. Then it commits a transaction and waits up to five seconds until that node's standby has written it to disk. If \
        the standby does not, the node gets the score -INFINITY, which ends the transition before the primary is \
        stopped: it remains the primary.",
    );
    page.item(
        "Before a promotion",
        "every node publishes the WAL position of its server: the furthest of the received WAL, the replayed WAL and the \
        complete records in `pg_wal`, with its timeline, the system identifier and the history of its timelines. After a primary \
        with PAF a standby also checks whether its own WAL ends with a shutdown checkpoint, and cancels the switchover if it does \
        not.",
    );
    page.item(
        "The promotion",
        "is always decided by an election, even if a primary comes back on its own node. A server is ahead of another if \
        it has all the WAL of the other: the other's timeline, which began at the same position and, as far as is known, at \
        the same time, is part of its history, up to the other's position or beyond. If another node is ahead, `promote` on the \
        designated node fails, and the other node gets a better score. If each of two servers has WAL that the other lacks, \
        no server is promoted. A server is not promoted if it has not reached the position at which a primary was stopped, or at \
        which a promotion began its timeline, as stored in `primary_end-RSC`; nor, with `maxlag`, if it lacks more than that of \
        the WAL that the primary was seen to have. Then `promote` fails, reports what \
        is missing, and the node gets -1000001. If the cluster has found a primary that was promoted outside Pacemaker, the WAL of \
        that primary counts as well as that of the primary before it. A node that does not answer within five seconds counts as \
        absent. As long as a node does not publish its history, as under PAF, timelines are compared by number.",
    );
    page.item(
        "Acknowledged commits",
        "are not lost. Before a promotion begins, it stores in `sync_rule-RSC` which standbys commits will wait for \
        (`synchronous_standby_names`), or fails; the primary's monitor stores every change. What commits waited for on the timeline \
        before stays there until the new timeline has begun. Without the server of the last \
        primary, so many of these standbys must take part that one of them has every acknowledged \
        commit: n-k+1 if commits waited for k of n. With fewer, no server is promoted, and the exit reason \
        and `pgsql-state agent explain` say which servers are missing, and which command accepts the loss.",
    );
    page.item(
        "While a primary runs that the cluster does not know of,",
        "no server is promoted. The standby asks the server to which its WAL receiver is connected whether it accepts writes, over a \
        replication connection, and checks whether more WAL arrives. If the cluster has no record of the last primary, because of \
        `crm_resource --refresh` or because its node has left with the server running, the standby also asks the servers in \
        `primary_conninfo`, for two seconds. The promotion waits up to 15 seconds for that primary to stop, and then fails; Pacemaker tries \
        again. A cluster that is to be separated from its primary, such as one in another data center, needs another `primary_conninfo` \
        first.",
    );
    page.item(
        "If nodes are absent during a promotion,",
        "the cluster's configuration gets a greater `admin_epoch` before it, or `promote` fails. When such a node comes back, its own configuration is \
        obsolete, however often it was changed there, and the attributes stored by this promotion are not lost. `promote` fails if \
        its partition has lost quorum, unless `no-quorum-policy` is `ignore` and all nodes that took part are still there. It looks \
        for quorum before it stores anything, before it raises `admin_epoch`, and again before the server becomes a primary: where a node \
        is no longer heard, Pacemaker stores nothing until Corosync has formed a membership without that node.",
    );
    page.item(
        "A promotion that another one replaces",
        "was begun or planned from the same timeline, and no node has followed it. Before the server becomes a primary, its rule in \
        `sync_rule-RSC` is deleted, or `promote` fails; afterwards what `primary_end-RSC` says of it is deleted, too. Otherwise the next \
        election could take it for the last primary.",
    );
    page.item(
        "A node that the cluster does not promote,",
        "because of a constraint or of failures, although others have given way to it, counts only for commits that may have been \
        acknowledged: the designated node is promoted when it is designated again, and logs which WAL \
        is given up. If WAL that only the other node has may contain acknowledged commits, no server is promoted.",
    );
    page.item(
        "A primary that was promoted outside Pacemaker while the cluster has another one",
        "sets no scores, and when it is demoted or stopped, its WAL is not required of the next primary. It does not become the \
        cluster's primary without an election: if Pacemaker chooses it, `promote` fails, and Pacemaker makes it a standby first.",
    );
    page.item(
        "A primary that crashed",
        "is started as a standby, replays its own WAL, and takes part in the election with all its WAL. It \
        accepts no writes in between. The WAL of a crashed primary is not required of the next one; otherwise no \
        failover would be possible.",
    );
    page.item(
        "A crashed primary that is kept stopped",
        "by the mark of `pgsql-state keeper`(8) publishes where its WAL ends when it is stopped. If its commits waited for standbys of \
        which enough take part, this does not matter: what only it has was not acknowledged. Otherwise the designated node gives way to \
        it if it has more WAL, and deletes its mark, so that Pacemaker starts and promotes it. The election does not wait \
        for it: if its disk could not be read, it counts as absent.",
    );
}

pub(super) fn scores(page: &mut Page) {
    page.section("PROMOTION SCORES").text(
        "The primary's monitor sets the scores of all nodes of the cluster, including absent ones; a promotion sets them \
        at once. Pacemaker promotes the node with the greatest score, and no node with a negative one.",
    );
    for (score, meaning) in scored() {
        page.item(&format!("`{score}`"), &meaning);
    }
    page.paragraph(
        "Standbys that the primary waits for (`synchronous_standby_names`) come first, then those with less lag. If \
        the lag is about the same, within 16 MB, they keep their previous order: each change of a score makes \
        Pacemaker calculate a new transition.",
    );
}

fn scored() -> Vec<(String, String)> {
    let second = Score(Score::BEST.0 - Score::STEP);
    let third = Score(second.0 - Score::STEP);
    let entry = |score: Score, meaning: &str| (score.to_string(), meaning.to_owned());
    vec![
        entry(Score::PRIMARY, "the primary"),
        (
            format!("{}`, `{second}`, `{third}`, …", Score::BEST),
            "the standbys, the best first. A negative score: further behind than `maxlag` allows"
                .into(),
        ),
        entry(
            Score::FIRST,
            "a server that was stopped as a primary and starts while no node has a score; a node whose veto has ended; a \
            standby that the last primary has not judged, if an election can determine what it lacks: that primary was \
            stopped in order, or its commits waited for standbys",
        ),
        entry(Score::GAVE_WAY, "a node that has given way in an election"),
        entry(
            Score::PASSED_OVER,
            "a node to which others have given way, and that the cluster did not promote",
        ),
        entry(
            Score::NOT_YET,
            "a standby that has connected and receives no WAL yet",
        ),
        entry(
            Score::NOT_CONNECTED,
            "a node from which no standby is connected",
        ),
        entry(
            Score::VETO,
            "the veto: the node was found unfit when it was to be promoted. It overrides any constraint, and stays \
            until the primary's monitor has seen the standby write new commits to disk, or no primary is left",
        ),
        entry(
            Score::REFUSED,
            "equal to -INFINITY for Pacemaker: the node was to be promoted and something is missing, as its exit reason says. The score \
            ends when a server starts that had not taken part in that election, or when a primary finds the standby fit",
        ),
    ]
}

pub(super) fn attributes(page: &mut Page) {
    page.section("ATTRIBUTES").text(
        "These are attributes of nodes; `RSC` is the name of the resource, for example `pgsqld`. Permanent ones are in the cluster's \
        configuration (`crm_attribute --lifetime forever`); the others exist only in the memory of the nodes and end with them \
        (`attrd_updater`).",
    );
    let Ok(names) = "RSC".parse::<Attributes>() else {
        return;
    };
    for (name, lifetime, meaning) in [
        (
            names.promotion(),
            "permanent",
            "the promotion score, under the name that Pacemaker requires",
        ),
        (
            names.primary_end(),
            "permanent",
            "the WAL position of the node's server as a primary: TIMELINE`#`POSITION`#`SYSTEM`#started` from its promotion on, \
            `…#stopped` after it was stopped or demoted in order, then `#`PARENT`@`ITSBEGIN`#`BEGIN, the previous timeline, the position at which \
            that began, and the one at which this one began. A server must have this WAL, of the same \
            system, to be promoted. Deleting the attribute accepts the loss of WAL that only this node has",
        ),
        (
            names.sync_rule(),
            "permanent",
            "the standbys for which commits on the node waited when it was a primary: SYSTEM`#`TIMELINE`@`BEGIN`#`RULE, the \
            rule as in `synchronous_standby_names` or `none`, without the node itself and with `*` expanded; \
             SYSTEM`#`TIMELINE`@`BEGIN`+`POSITION`#`… since a promotion at that position; `#`POSITION`=`RULE for each earlier rule, with a \
             promotion for each of the timeline before. \
             Deleting the attribute accepts that acknowledged commits may be lost",
        ),
        (
            names.unknown_primary(),
            "permanent",
            "on a standby that has found a primary unknown to the cluster when one was to be promoted, or was sent WAL by one then or \
            when it was stopped: the WAL position of that primary, TIMELINE`#`POSITION`#`SYSTEM. No server is promoted before the \
            end of that primary is known, or the attribute is deleted",
        ),
        (
            names.copied_from(),
            "permanent",
            "on a node whose server was rebuilt from a backup: the timelines of the backup, \
            SYSTEM`#`TIMELINE`@`BEGIN`,`…. The server no longer has the WAL that it had acknowledged to a primary on another timeline, \
            so it does not count as one of the standbys for which commits there waited",
        ),
        (
            names.lineage(),
            "during an election",
            "the history of the node's server: SYSTEM`#`TIMELINE`@`BEGIN`,`…, the newest sixteen timelines and \
            the position at which each began; then `#` and its position as in `lsn_location`, and `#` and the node that was to be \
            promoted: a position for another promotion does not count",
        ),
        (
            names.position(),
            "during an election",
            "the WAL position of the node's server: TIMELINE`#`POSITION, in decimal numbers",
        ),
        (
            names.nodes(),
            "during an election",
            "on the designated node: the nodes that take part",
        ),
        (
            names.cancellation(),
            "during an election",
            "on the designated node: the switchover is cancelled",
        ),
        (
            names.primary_seen(),
            "until the node stops",
            "with `maxlag`: the position that its standby has seen the primary reach: TIMELINE`#`POSITION`#`SYSTEM",
        ),
        (
            names.refused_among(),
            "until the node stops",
            "the nodes that had taken part when this one was refused",
        ),
        (
            names.died(),
            "until another node is promoted",
            "set to 1 by `pgsql-state keeper`(8): the node's primary has ended by itself, and a location rule keeps the resource off the \
            node meanwhile. The agent deletes it if an election finds that only this node has all WAL",
        ),
        (
            names.round_trip(),
            "for a moment",
            "a value that is sent once around the cluster: attributes set before it have arrived then",
        ),
    ] {
        page.item(&format!("`{name}` ({lifetime})"), meaning);
    }
}
