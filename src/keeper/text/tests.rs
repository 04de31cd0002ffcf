//! What a dry run prints.

use super::*;
use crate::keeper::cib;

const CIB: &str = include_str!("../../../tests/fixtures/cib/three-nodes.xml");

fn seen(text: &str, change: impl FnOnce(&mut Seen<'_>)) -> String {
    let node: Node = "srv1".parse().unwrap();
    let view = cib::read(text, None, &node).unwrap();
    let mut seen = Seen {
        node: &node,
        view: &view,
        postmaster: Ok(Some(4711)),
        agent: AgentSeen::Idle,
        entry: Some(Ok(Entry::Open)),
        on_death: Ok(vec![
            PacemakerCommand::Mark,
            PacemakerCommand::ReportFailure,
        ]),
        on_hang: Ok(vec![PacemakerCommand::ReportFailure]),
        on_turn: None,
    };
    change(&mut seen);
    report(&seen)
}

#[test]
fn a_dry_run_prints_what_is_seen_and_what_would_be_done() {
    insta::assert_snapshot!(seen(CIB, |_| ()), @r"
    node        srv1
    resource    pgsqld, promoted here
    directory   /var/lib/postgresql/15/main
    postmaster  process 4711
    socket      the postmaster answers
    agent       no action is under way
    managed     yes
    quorum      yes
    rule        a location rule keeps the resource off a node with died-pgsqld
    other node  srv2: online, unpromoted, score 1000
    other node  srv3: online, unpromoted, score 990
    When the postmaster ends:
      attrd_updater --name died-pgsqld --node srv1 --update=1
      crm_resource --fail --resource pgsqld --node srv1
    When the server lets nobody in:
      crm_resource --fail --resource pgsqld --node srv1
    ");
}

#[test]
fn a_dry_run_prints_why_nothing_would_be_done() {
    let text = CIB.replace("died-pgsqld\" operation", "other\" operation");
    let said = seen(&text, |seen| {
        seen.postmaster = Ok(None);
        seen.entry = None;
        seen.agent = AgentSeen::Acting;
        seen.on_death = Err(Abstention::AgentActs);
        seen.on_hang = Err(Abstention::NotRunHere);
        seen.on_turn = Some(PacemakerCommand::Unmark);
    });
    insta::assert_snapshot!(said, @r"
    node        srv1
    resource    pgsqld, promoted here
    directory   /var/lib/postgresql/15/main
    postmaster  none runs
    agent       an action is under way
    managed     yes
    quorum      yes
    rule        no location rule on died-pgsqld: a server that ends is recovered in place
    other node  srv2: online, unpromoted, score 1000
    other node  srv3: online, unpromoted, score 990
    When the postmaster ends:
      nothing: an action of the agent is under way
    When the server lets nobody in:
      nothing: Pacemaker does not run the resource on this node
    Now:
      attrd_updater --name died-pgsqld --node srv1 --delete
    ");
}

#[test]
fn a_dry_run_prints_whether_the_postmaster_answers() {
    for (entry, line) in [
        (Ok(Entry::Shut), "the postmaster does not answer"),
        (
            Err(SocketProblem::Refused("/run/.s.PGSQL.5432".into())),
            "a server that hangs is not noticed: nobody listens at its Unix socket /run/.s.PGSQL.5432",
        ),
    ] {
        let said = seen(CIB, |seen| seen.entry = Some(entry));
        assert!(said.contains(&format!("\nsocket      {line}\n")), "{said}");
    }
}
