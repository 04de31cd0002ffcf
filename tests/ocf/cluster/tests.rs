//! The stand-ins beside the real tools, where those work on a file instead of a cluster, and what only
//! stand-ins can do.

use std::process::Command;

use support::Trouble;
use support::scratch::Scratch;

use super::*;

/// A tool and its arguments, one call after the other.
const BESIDE_THE_REAL_ONES: &[&str] = &[
    "cibadmin --query --scope nodes",
    "crm_attribute --node srv1 --name master-pgsqld --lifetime forever --query --quiet",
    "crm_attribute --node srv1 --name master-pgsqld --lifetime forever --update 1001",
    "crm_attribute --node srv1 --name master-pgsqld --lifetime forever --query",
    "crm_attribute --node srv1 --name master-pgsqld --lifetime forever --query --quiet",
    "crm_attribute --node srv9 --name master-pgsqld --lifetime forever --update 5",
    "crm_attribute --node srv2 --name primary_end-pgsqld --lifetime forever --update 1#33#22",
    "crm_master --lifetime forever --quiet --get-value --node srv1",
    "crm_master --lifetime forever --quiet --get-value --node srv3",
    "crm_master --lifetime forever --node srv3 --quiet --update -1000",
    "crm_resource --resource pgsqld --meta --get-parameter notify",
    "cibadmin --query --scope nodes",
    "crm_attribute --node srv1 --name master-pgsqld --lifetime forever --delete",
    "crm_attribute --node srv1 --name master-pgsqld --lifetime forever --delete",
    "cibadmin --query --scope nodes",
];

const CIB: &str = r#"<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0">
  <configuration>
    <crm_config/>
    <nodes>
      <node id="1" uname="srv1"/>
      <node id="2" uname="srv2"/>
      <node id="3" uname="srv3"/>
    </nodes>
    <resources>
      <clone id="pgsqld-clone">
        <primitive id="pgsqld" class="ocf" type="pgsqlms" provider="heartbeat"/>
        <meta_attributes id="pgsqld-clone-meta_attributes">
          <nvpair id="pgsqld-clone-meta_attributes-notify" name="notify" value="true"/>
          <nvpair id="pgsqld-clone-meta_attributes-promotable" name="promotable" value="true"/>
        </meta_attributes>
      </clone>
    </resources>
    <constraints/>
  </configuration>
  <status/>
</cib>
"#;

/// The status and the output of a tool. Between fields there are two blanks or, from Pacemaker 3.0 on, one.
fn answer(mut command: Command) -> Result<(Option<i32>, String), Trouble> {
    let output = command
        .env("OCF_RESOURCE_INSTANCE", RESOURCE)
        .output()
        .map_err(Trouble::io("call a tool"))?;
    let said = String::from_utf8_lossy(&output.stdout).replace("  name=", " name=");
    Ok((output.status.code(), said))
}

fn stand_in(
    cluster: &Cluster,
    scratch: &Scratch,
    node: &str,
    line: &str,
) -> Result<(Option<i32>, String), Trouble> {
    let (tool, arguments) = line.split_once(' ').unwrap_or((line, ""));
    let mut command = scratch.command(cluster.sbin(node).join(tool));
    command.args(arguments.split_whitespace());
    answer(command)
}

#[test]
fn they_answer_as_the_real_ones_do() -> Result<(), Trouble> {
    let scratch = Scratch::new()?;
    let cluster = Cluster::create(scratch.path(), RESOURCE)?;
    let cib = scratch.path().join("cib.xml");
    write(&cib, CIB)?;
    for line in BESIDE_THE_REAL_ONES {
        let mut words = line.split(' ');
        let mut real = scratch.command(words.next().unwrap_or_default());
        real.args(words).env("CIB_file", &cib);
        let real = answer(real)?;
        assert_eq!(stand_in(&cluster, &scratch, "srv1", line)?, real, "{line}");
    }
    Ok(())
}

#[test]
fn private_attributes_are_kept_and_come_to_other_nodes_later() -> Result<(), Trouble> {
    let scratch = Scratch::new()?;
    let cluster = Cluster::create(scratch.path(), RESOURCE)?;
    let call = |node: &str, line: &str| stand_in(&cluster, &scratch, node, line);
    let query = "attrd_updater --private --name nodes-pgsqld --node srv2 --query";
    let value = |value: &str| {
        let line = format!("name=\"nodes-pgsqld\" host=\"srv2\" value=\"{value}\"\n");
        (Some(0), line)
    };
    assert_eq!(call("srv1", query)?, (Some(105), String::new()));
    let update = "attrd_updater --private --lifetime reboot --name nodes-pgsqld --update";
    call("srv2", &format!("{update} old"))?;
    assert_eq!(call("srv1", query)?, value("old"));
    cluster.delay(2)?;
    call("srv2", &format!("{update} new"))?;
    // What comes round brings what was told before it along.
    call(
        "srv1",
        "attrd_updater --private --name round-pgsqld --update word",
    )?;
    let round = "attrd_updater --private --name round-pgsqld --query";
    assert_eq!(call("srv1", query)?, value("old"));
    assert_eq!(
        call("srv1", round)?.1,
        "name=\"round-pgsqld\" host=\"srv1\" value=\"\"\n"
    );
    call("srv1", round)?;
    assert_eq!(
        call("srv1", round)?.1,
        "name=\"round-pgsqld\" host=\"srv1\" value=\"word\"\n"
    );
    assert_eq!(call("srv1", query)?, value("new"));
    for seen in ["old", "old", "new"] {
        assert_eq!(call("srv3", query)?, value(seen));
    }
    assert_eq!(cluster.private("srv2", "nodes").as_deref(), Some("new"));
    call(
        "srv2",
        "attrd_updater --private --name nodes-pgsqld --delete",
    )?;
    for seen in ["new", "new", ""] {
        assert_eq!(call("srv2", query)?, value(seen));
    }
    assert_eq!(cluster.private("srv2", "nodes"), None);
    Ok(())
}

#[test]
fn calls_are_counted_and_fail_where_they_are_told_to() -> Result<(), Trouble> {
    let scratch = Scratch::new()?;
    let cluster = Cluster::create(scratch.path(), RESOURCE)?;
    let call = |node: &str, line: &str| stand_in(&cluster, &scratch, node, line);
    cluster.set_partition(&["srv1", "srv3"])?;
    cluster.break_tool("srv3", "crm_node", Fault::Fails(102))?;
    assert_eq!(call("srv3", "crm_node --name")?, (Some(102), String::new()));
    assert_eq!(call("srv1", "crm_node -n")?, (Some(0), "srv1\n".into()));
    let partition = call("srv1", "crm_node --partition")?;
    assert_eq!(partition, (Some(0), "srv1 srv3 \n".into()));
    let seen = cluster.calls();
    let seen: Vec<[&str; 3]> = seen
        .iter()
        .map(|call| [&*call.node, &*call.tool, &*call.arguments])
        .collect();
    assert_eq!(
        seen,
        [
            ["srv3", "crm_node", "--name"],
            ["srv1", "crm_node", "-n"],
            ["srv1", "crm_node", "--partition"],
        ]
    );
    cluster.forget_calls()?;
    assert_eq!(cluster.calls(), []);
    cluster.break_tool("srv1", "cibadmin", Fault::Hangs)?;
    let mut hung = scratch.command(cluster.sbin("srv1").join("cibadmin"));
    let mut hung = hung
        .args(["--query", "--scope", "nodes"])
        .spawn()
        .map_err(Trouble::io("call a tool"))?;
    support::until(crate::call::PATIENCE, "the call", || {
        !cluster.calls().is_empty()
    })?;
    let ended = hung.try_wait().map_err(Trouble::io("look after a tool"))?;
    assert_eq!(ended, None);
    hung.kill().map_err(Trouble::io("end a tool"))?;
    hung.wait().map_err(Trouble::io("end a tool"))?;
    Ok(())
}
