//! `docs/guide/pacemaker.md`: its commands, run one after the other on a cluster's configuration without its cluster; and
//! what Pacemaker would make of each.

use std::fs;

use support::Trouble;

use crate::cib::{Cib, FENCING};
use crate::{PROGRAM, repository};

/// What each row leads to, in the order of the page: the primary and the standbys.
const LEADS_TO: [(&str, &str, &str); 16] = [
    ("create the resource", "srv1", "srv2 srv3"),
    ("move it to srv2", "srv2", "srv1 srv3"),
    ("clear the constraint", "srv2", "srv1 srv3"),
    ("keep it away from srv2", "srv1", "srv2 srv3"),
    ("permit it again", "srv1", "srv2 srv3"),
    ("stop the server on srv3", "srv1", "srv2"),
    ("start it again", "srv1", "srv2 srv3"),
    ("start maintenance mode", "srv1", "srv2 srv3"),
    ("end maintenance mode", "srv1", "srv2 srv3"),
    ("remove the rule", "srv1", "srv2 srv3"),
    ("add the rule", "srv1", "srv2 srv3"),
    ("change it", "srv1", "srv2 srv3"),
    ("stop all servers", "", ""),
    ("and all servers", "srv1", "srv2 srv3"),
    ("stop every server", "", ""),
    ("start every server", "srv1", "srv2 srv3"),
];

/// These need nodes that are there, or the agent installed on them.
const NEED_A_CLUSTER: [&str; 5] = [
    "move all resources off srv3",
    "bring them back",
    "validate it, on each node",
    "and the cluster",
    "start the cluster",
];

const NODES: &str = "<nodes><node id=\"1\" uname=\"srv1\"/><node id=\"2\" uname=\"srv2\"/>\
                     <node id=\"3\" uname=\"srv3\"/></nodes>";

fn page() -> String {
    fs::read_to_string(repository("docs/guide/pacemaker.md")).unwrap()
}

/// A row: what it is for, and the commands of either tool.
fn rows(page: &str) -> Vec<[String; 3]> {
    let rows = page.lines().filter(|line| line.starts_with("| "));
    let cells = rows.map(|row| {
        let row = row.trim_start_matches("| ").trim_end_matches(" |");
        row.split(" | ").map(str::to_owned).collect::<Vec<_>>()
    });
    let three = cells.filter_map(|cells| <[String; 3]>::try_from(cells).ok());
    three.filter(|[what, ..]| what != "what").collect()
}

/// The commands of a cell.
fn script(cell: &str) -> String {
    let commands = cell.split("<br>").map(|one| one.trim_matches('`'));
    commands.collect::<Vec<_>>().join("\n")
}

/// What is typed whichever tool there is, but for what asks a cluster that runs.
fn blocks(page: &str) -> Vec<String> {
    let blocks = page.split("\n```sh\n").skip(1);
    let scripts = blocks.map(|block| block.split("\n```").next().unwrap());
    let offline = scripts.map(|script| {
        let does_without =
            |line: &&str| !line.contains(" --cleanup ") && !line.contains("attrd_updater ");
        let lines = script.lines().filter(does_without);
        lines.collect::<Vec<_>>().join("\n")
    });
    offline.filter(|script| !script.is_empty()).collect()
}

impl Cib {
    /// Three nodes that are there, and this program for the commands.
    fn of_the_page() -> Result<Self, Trouble> {
        let cib = Self::new(FENCING)?;
        cib.write("cib.xml", &cib.text().replace("<nodes/>", NODES));
        let config = "[cluster]\nnodes = [ { name = \"srv1\", address = \"10.20.30.51\" }, \
                      { name = \"srv2\", address = \"10.20.30.52\" }, \
                      { name = \"srv3\", address = \"10.20.30.53\" } ]\n\
                      [admission]\ntrusted = [\"@haproxy\"]\n";
        cib.write("cluster.toml", config);
        let wrapper = format!("#!/bin/sh\nexec {PROGRAM} \"$@\" --config cluster.toml\n");
        cib.program("pgsql-state", &wrapper);
        cib.simulate(&[
            "--node-up",
            "srv1",
            "--node-up",
            "srv2",
            "--node-up",
            "srv3",
            "--quorum",
            "true",
        ]);
        Ok(cib)
    }

    fn type_in(&self, what: &str, script: &str) {
        let mut shell = self.command("/bin/sh", &["-euc", script]);
        let output = shell.output().unwrap();
        assert!(output.status.success(), "{what}: {script}: {output:?}");
        assert_eq!(self.complaint(), None, "{what}: {}", self.text());
    }

    /// What the agent would set, for these nodes.
    fn score(&self, scores: &[(&str, i32)]) {
        let set = scores.iter().map(|(node, score)| {
            format!(
                "crm_attribute --node {node} --name master-pgsqld --lifetime forever --update {score}\n"
            )
        });
        self.type_in("scores", &set.collect::<String>());
    }

    /// What Pacemaker makes of it, with everything that follows from that.
    fn simulate(&self, changes: &[&str]) -> String {
        let mut command = self.0.scratch.command("/usr/sbin/crm_simulate");
        command.args(["--xml-file", "cib.xml", "--save-output", "next.xml"]);
        let output = command.args(changes).output().unwrap();
        assert!(output.status.success(), "{changes:?}: {output:?}");
        let folder = self.0.scratch.path();
        fs::rename(folder.join("next.xml"), folder.join("cib.xml")).unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// The primaries and the standbys, when nothing is left to be done.
    fn roles(&self) -> [String; 2] {
        let mut said = String::new();
        for _ in 0..3 {
            said = self.simulate(&["--simulate"]);
        }
        let (_, revised) = said.rsplit_once("Revised Cluster Status").unwrap();
        ["Promoted", "Unpromoted"].map(|role| {
            let one = format!("\t {role} ");
            let many = format!("* {role}: [ ");
            let nodes = revised.lines().filter_map(|line| {
                // One by one where Pacemaker looks away.
                let rest = line.split_once(&one).or_else(|| line.split_once(&many));
                let (nodes, _) = rest?.1.split_once([']', '('])?;
                Some(nodes.trim())
            });
            nodes.collect::<Vec<_>>().join(" ")
        })
    }
}

/// Types everything of one tool, as a day in the life of a cluster.
fn follow(tool: usize) -> Result<(), Trouble> {
    let page = page();
    let rows = rows(&page);
    let told: Vec<&str> = rows.iter().map(|[what, ..]| what.as_str()).collect();
    for what in NEED_A_CLUSTER {
        assert!(told.contains(&what), "{what}");
    }
    let cib = Cib::of_the_page()?;
    let mut expected = LEADS_TO.iter();
    for row in &rows {
        let what = row[0].as_str();
        if NEED_A_CLUSTER.contains(&what) {
            continue;
        }
        cib.type_in(what, &script(&row[tool]));
        let (name, primary, standbys) = expected.next().unwrap();
        assert_eq!(*name, what);
        if what == "create the resource" {
            // As the server does that was stopped as the primary.
            cib.score(&[("srv1", 1)]);
        }
        assert_eq!(cib.roles(), [*primary, *standbys], "{what}");
        // As the primary does, once there is one.
        if !primary.is_empty() {
            let ranked = [primary].into_iter().copied().chain(standbys.split(' '));
            cib.score(&ranked.zip([1001, 1000, 990]).collect::<Vec<_>>());
        }
    }
    assert_eq!(expected.next(), None);
    Ok(())
}

#[test]
fn the_commands_of_pcs_do_what_the_page_says() -> Result<(), Trouble> {
    follow(1)
}

#[test]
fn the_commands_of_crmsh_do_what_the_page_says() -> Result<(), Trouble> {
    follow(2)
}

#[test]
fn scores_are_given_and_losses_accepted_as_the_page_says() -> Result<(), Trouble> {
    let cib = Cib::of_the_page()?;
    let end = "3#100663448#7388123456789012345#stopped";
    let keep = format!(
        "crm_attribute --node srv1 --name primary_end-pgsqld --lifetime forever --update '{end}'"
    );
    cib.type_in("what the agent keeps", &keep);
    let value = |name: &str| {
        let pairs = cib.elements("nvpair").into_iter();
        let mut found = pairs.filter(|pair| pair["name"] == name);
        found.next().map(|pair| pair["value"].clone())
    };
    assert_eq!(value("primary_end-pgsqld").as_deref(), Some(end));
    let page = page();
    let [score, loss, unseen, query, unknown, forget_all, again] =
        <[String; 7]>::try_from(blocks(&page)).unwrap();
    cib.type_in("a score", &score);
    assert_eq!(value("master-pgsqld").as_deref(), Some("1"));
    let forget = "crm_attribute --node srv1 --name master-pgsqld --lifetime forever --delete";
    cib.type_in("no score", forget);
    assert_eq!(value("master-pgsqld"), None);
    cib.type_in("a loss", &loss);
    assert_eq!(value("primary_end-pgsqld"), None);
    assert_eq!(value("master-pgsqld").as_deref(), Some("1"));
    let rule = keep.replace("primary_end", "sync_rule");
    cib.type_in("what commits wait for", &rule);
    assert_eq!(value("sync_rule-pgsqld").as_deref(), Some(end));
    cib.type_in("a loss of what nobody here has seen", &unseen);
    assert_eq!(value("sync_rule-pgsqld"), None);
    cib.type_in("every node's word", &query);
    let seen = keep.replace("primary_end", "unknown_primary");
    cib.type_in(
        "a primary beside the cluster",
        &seen.replace("srv1", "srv2"),
    );
    assert_eq!(value("unknown_primary-pgsqld").as_deref(), Some(end));
    cib.type_in("a primary that is gone for good", &unknown);
    assert_eq!(value("unknown_primary-pgsqld"), None);
    // After a restore of all servers nothing is left of what they were.
    for node in ["srv1", "srv2"] {
        cib.type_in("what the agent keeps", &keep.replace("srv1", node));
        cib.type_in("what commits wait for", &rule.replace("srv1", node));
        cib.score(&[(node, 1)]);
    }
    cib.type_in("all of it", &forget_all);
    let left = ["primary_end-pgsqld", "sync_rule-pgsqld", "master-pgsqld"].map(value);
    assert_eq!(left, [None, None, None]);
    cib.type_in("a score again", &again);
    assert_eq!(value("master-pgsqld").as_deref(), Some("1"));
    // The primary that the page speaks of is one that the agent writes.
    let written = end.parse::<pgsql_state::agent::decide::primary_end::PrimaryEnd>();
    assert!(page.contains(&written.unwrap().position.to_string()));
    Ok(())
}

/// As Pacemaker's configuration has it, there and back.
#[test]
fn the_agent_is_replaced_and_nothing_else() -> Result<(), Trouble> {
    let swap = fs::read_to_string(repository("docs/guide/moving-from-paf.md")).unwrap();
    let change = swap.lines().find(|line| line.starts_with("cibadmin "));
    let change = change.unwrap();
    let back = change.replace("provider=\"pgsql-state\"", "provider=\"heartbeat\"");
    assert_ne!(change, back);
    for tool in [1, 2] {
        let cib = Cib::of_the_page()?;
        let create = &rows(&page())[0][tool];
        let pafs = script(create).replace(" >", " --agent ocf:heartbeat:pgsqlms >");
        cib.type_in("PAF", &pafs);
        let elements = || ["primitive", "clone", "op", "nvpair"].map(|name| cib.elements(name));
        let before = elements();
        let [away, again] = <[[String; 3]; 2]>::try_from(rows(&swap)).unwrap();
        cib.type_in("maintenance mode", &script(&away[tool]));
        cib.type_in("the other agent", change);
        cib.type_in("no maintenance mode", &script(&again[tool]));
        let mut providers = cib.elements("primitive").into_iter();
        assert!(providers.any(|one| one.get("provider").is_some_and(|it| it == "pgsql-state")));
        cib.type_in("back", &back);
        let mut after = elements();
        after[3].retain(|pair| pair["name"] != "maintenance-mode");
        assert_eq!(after, before);
    }
    Ok(())
}
