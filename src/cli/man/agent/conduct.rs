//! What the agent does in each state and at a change of roles, and what it tells the cluster.

use std::fmt::Write;

use super::super::page::Page;
use super::decisions::{self, label, statuses};
use crate::agent::decide::decision::{self, ACTIONS, STATES};
use crate::agent::decide::scores::{Attributes, Score};
use crate::agent::ocf::actions::Action;

pub(super) fn states(page: &mut Page) {
    page.section("STATES AND ACTIONS").text(
        "What an action ends with, by what the server is. An action that succeeds twice has done nothing the second \
         time. `notify` and `reload` always succeed, and `validate-all` does not look at the state.",
    );
    page.verbatim(&table());
    for action in ACTIONS {
        page.part(action.name());
        for (told, labels) in decisions::told(action) {
            page.item(&labels.join(", "), &told);
        }
    }
    page.paragraph(&format!(
        "A server that another resource has started, which the cluster still has with the same directory, is that \
         one's whatever its state. To this resource it does not run here: `monitor` ends with {}, `stop` with {}, \
         `start`, `promote`, `demote` and `validate-all` with {}, and say whose it is.",
        decision::of_another(Action::Monitor).status(),
        decision::of_another(Action::Stop).status(),
        decision::of_another(Action::Start).status(),
    ));
}

/// Every status at a glance.
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
        "Before a primary is demoted that is to give its role to another node",
        "it commits a transaction and waits up to five seconds until that node's standby has it on its disk. If \
         that does not come, the node gets the score -INFINITY, which ends the transition before the primary is \
         stopped: it stays what it is.",
    );
    page.item(
        "Before a promotion",
        "every node publishes how far its server is: the furthest of what was received, what was replayed and what \
         lies in `pg_wal` as whole records, with its timeline, the system identifier and the timelines that led there. After a primary with PAF a standby also looks \
         whether its own WAL ends with a shutdown checkpoint, and calls the switchover off if it does not.",
    );
    page.item(
        "The promotion",
        "is an election, always, also where a primary comes back on its own node. A server is further than another if \
         it has all that the other has: the other's timeline, which began at the same place and, as far as is known, at \
         the same moment, is part of its history, up to the other's position or beyond. Where another node is further, the designated one fails and hands it a \
         better score. Where two have each what the other lacks, nobody is promoted. Nobody is promoted who has not got \
         as far as a primary was when it was stopped, or where a promotion began its timeline, as `primary_end-RSC` \
         remembers; nor, with `maxlag`, who lacks more of what was seen of the primary. Then the node fails, says what \
         is missing, and gets -1000001. Where the cluster has found a primary that somebody else had promoted, what that \
         had counts beside what the primary before it had. A node that says nothing within five seconds counts as absent. As long as one \
         does not tell its timelines, as under PAF, it is compared by number.",
    );
    page.item(
        "What was acknowledged",
        "is not lost. A promotion keeps which standbys commits will wait for (`synchronous_standby_names`) in \
         `sync_rule-RSC` before it begins, or fails; the primary's monitor keeps every change. Without the last \
         primary's own server, so many of these standbys have to take part that one of them has every commit that was \
         acknowledged: of n of which a commit waited for k, n-k+1. Below that nobody is promoted, and the exit reason \
         and `pgsql-state agent explain` say whose servers are missing, and which command accepts the loss.",
    );
    page.item(
        "While a primary runs that the cluster does not know of,",
        "nobody is promoted. The standby asks the server that its WAL receiver is connected to whether it takes writes, over a \
         replication connection, and looks whether more WAL comes. Where the cluster has forgotten the last primary, since it was told to \
         (`crm_resource --refresh`) or its node has left with the server running, it also asks where `primary_conninfo` \
         leads, for two seconds. The promotion waits up to 15 seconds for that primary to go, and fails; Pacemaker tries \
         again. A cluster that is to leave its primary, as one in another data center, needs another `primary_conninfo` first.",
    );
    page.item(
        "Where nodes are away during a promotion,",
        "the cluster's configuration gets a greater `admin_epoch` before. When such a node comes back, its own configuration is \
         obsolete, however often it was changed there, and what this promotion has kept is not lost.",
    );
    page.item(
        "A node that the cluster does not promote,",
        "because of a constraint or of failures, though others have given way to it, counts for what may have been \
         acknowledged and for nothing else: the designated node is promoted when it is designated again, and logs what \
         is given up. Where what only the other has may have been acknowledged, nobody is.",
    );
    page.item(
        "A primary that somebody has promoted beside the cluster's own",
        "sets no scores, and when it is demoted or stopped nobody is held to what it had. Nor is it taken over without an \
         election: where Pacemaker chooses it, `promote` fails, and Pacemaker makes it a standby first.",
    );
    page.item(
        "A primary that crashed",
        "is started as a standby, replays its own WAL, and takes part in the election with all that it has. It is \
         never open for writers in between. What a crashed primary had nobody is held to, or there could be no \
         failover.",
    );
}

pub(super) fn scores(page: &mut Page) {
    page.section("PROMOTION SCORES").text(
        "The primary's monitor hands them out, to every node of the cluster, also those that are away; so does a \
         promotion, at once. Pacemaker promotes the node with the greatest, and none with a negative one.",
    );
    for (score, meaning) in scored() {
        page.item(&format!("`{score}`"), &meaning);
    }
    page.paragraph(
        "Standbys that the primary waits for (`synchronous_standby_names`) come first, then those with less lag. Where \
         that is about the same, within 16 MB, they keep the order that they had: a change of a score has \
         Pacemaker think everything over.",
    );
}

fn scored() -> Vec<(String, String)> {
    let second = Score(Score::BEST.0 - Score::STEP);
    let third = Score(second.0 - Score::STEP);
    let told = |score: Score, meaning: &str| (score.to_string(), meaning.to_owned());
    vec![
        told(Score::PRIMARY, "the primary"),
        (
            format!("{}`, `{second}`, `{third}`, …", Score::BEST),
            "the standbys, the best first. With a minus: further behind than `maxlag` allows"
                .into(),
        ),
        told(
            Score::FIRST,
            "a server that was stopped as a primary and starts while no node has a score; a node whose veto has ended; a \
             standby that the last primary has not judged, where an election finds out what it lacks: that primary was \
             stopped in order, or its commits waited for standbys",
        ),
        told(Score::GAVE_WAY, "a node that has given way in an election"),
        told(
            Score::PASSED_OVER,
            "a node that others have given way to, and that the cluster did not promote",
        ),
        told(
            Score::NOT_YET,
            "a standby that has connected and gets no WAL yet",
        ),
        told(
            Score::NOT_CONNECTED,
            "a node from which no standby is connected",
        ),
        told(
            Score::VETO,
            "the veto: the node was found unfit when it was to be promoted. It holds against any constraint, and \
             until the primary's monitor has seen the standby write to its disk what it commits, or no primary is left",
        ),
        told(
            Score::REFUSED,
            "to Pacemaker the same: the node was to be promoted and something is lacking, as its exit reason says. It \
             ends when a server starts that had not spoken in that election, or when a primary finds the standby fit",
        ),
    ]
}

pub(super) fn attributes(page: &mut Page) {
    page.section("ATTRIBUTES").text(
        "Of nodes; `RSC` is the name of the resource, `pgsqld` say. Those that last are in the cluster's configuration \
         (`crm_attribute --lifetime forever`); the others are known to the nodes alone and go with them \
         (`attrd_updater`).",
    );
    let Ok(names) = "RSC".parse::<Attributes>() else {
        return;
    };
    for (name, lifetime, meaning) in [
        (
            names.promotion(),
            "lasts",
            "the promotion score, under the name that Pacemaker wants",
        ),
        (
            names.primary_end(),
            "lasts",
            "how far the node's server was as a primary: TIMELINE`#`POSITION`#`SYSTEM`#started` since its promotion, \
             `…#stopped` once it was stopped or demoted in order, then `#`PARENT`#`BEGIN, the timeline before and where this \
             one began. Whoever is to be promoted has to have that, of the same \
             system. To delete it is to accept that what only this node has is lost",
        ),
        (
            names.sync_rule(),
            "lasts",
            "which standbys commits on the node waited for when it was a primary: SYSTEM`#`TIMELINE`@`BEGIN`#`RULE, the \
             rule as in `synchronous_standby_names` or `none`, without the node itself and with `*` spelt out; \
             SYSTEM`#`TIMELINE`@`BEGIN`+`POSITION`#`… since a promotion from there; `#`POSITION`=`RULE for each earlier rule. To \
             delete it is to accept that what was acknowledged may be lost",
        ),
        (
            names.unknown_primary(),
            "lasts",
            "of a standby that was to be promoted and has found a primary that the cluster did not know of: how far that was, \
             TIMELINE`#`POSITION`#`SYSTEM. Nobody is promoted before the end of that one is known, or somebody deletes this",
        ),
        (
            names.copied_from(),
            "lasts",
            "of a node whose server was made anew from a backup: the timelines that the backup came from, \
             SYSTEM`#`TIMELINE`@`BEGIN`,`…. What it had acknowledged before to a primary on another timeline it does not have \
             any more, so that it does not count as one of those that commits there waited for",
        ),
        (
            names.lineage(),
            "during an election",
            "where what the node's server has comes from: SYSTEM`#`TIMELINE`@`BEGIN`,`…, the newest sixteen timelines and \
             where each began",
        ),
        (
            names.position(),
            "during an election",
            "how far the node's server is: TIMELINE`#`POSITION, in decimal numbers",
        ),
        (
            names.nodes(),
            "during an election",
            "of the designated node: who takes part",
        ),
        (
            names.cancellation(),
            "during an election",
            "of the designated node: the switchover is called off",
        ),
        (
            names.primary_seen(),
            "as long as the node",
            "with `maxlag`: how far its standby has seen the primary to be: TIMELINE`#`POSITION`#`SYSTEM",
        ),
        (
            names.refused_among(),
            "as long as the node",
            "the nodes that had spoken when this one was refused",
        ),
        (
            names.round_trip(),
            "for a moment",
            "a word that goes once around the cluster: what was told before it has arrived then",
        ),
    ] {
        page.item(&format!("`{name}` ({lifetime})"), meaning);
    }
}
