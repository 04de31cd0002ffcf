//! CIBs as `pcs` and `crm` write them, and the findings in each.

/// A file of `tests/fixtures/cib`.
macro_rules! case {
    ($name:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/fixtures/cib/",
            $name,
            ".xml"
        ))
    };
}

mod cluster_options;
mod operations;
mod whole_cibs;

use super::*;

/// The CIB that `pcs resource create pgsqld ocf:heartbeat:pgsqlms … promotable notify=true` makes, apart from
/// its operations, with a device for each node.
fn cib(properties: &str, devices: &str, resource: &str) -> String {
    format!(
        r#"<cib crm_feature_set="3.16.2" validate-with="pacemaker-3.9" epoch="20" num_updates="0" admin_epoch="0">
  <configuration>
    <crm_config>
      <cluster_property_set id="cib-bootstrap-options">
        <nvpair id="cib-bootstrap-options-cluster-name" name="cluster-name" value="a &amp; b"/>
        {properties}
      </cluster_property_set>
    </crm_config>
    <nodes/>
    <resources>
      {devices}
      {resource}
    </resources>
    <constraints/>
  </configuration>
  <status/>
</cib>"#
    )
}

const DEVICE: &str = r#"<primitive id="fence-srv1" class="stonith" type="fence_virsh"/>"#;

const OPERATIONS: &str = r#"<operations>
    <op name="start" timeout="60s" interval="0s" id="a"/>
    <op name="stop" timeout="60s" interval="0s" id="b"/>
    <op name="promote" timeout="30s" interval="0s" id="c"/>
    <op name="demote" timeout="120s" interval="0s" id="d"/>
    <op name="notify" timeout="60s" interval="0s" id="e"/>
    <op name="monitor" timeout="10s" interval="15s" role="Master" id="f"/>
    <op name="monitor" timeout="10s" interval="16s" role="Slave" id="g"/>
  </operations>"#;

fn meta(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!(r#"<nvpair id="m-{name}" name="{name}" value="{value}"/>"#))
        .collect();
    format!(
        r#"<meta_attributes id="m">{}</meta_attributes>"#,
        pairs.concat()
    )
}

fn primitive(operations: &str) -> String {
    format!(
        r#"<primitive id="pgsqld" class="ocf" provider="heartbeat" type="pgsqlms">{operations}</primitive>"#
    )
}

fn clone(operations: &str, pairs: &[(&str, &str)]) -> String {
    let (primitive, meta) = (primitive(operations), meta(pairs));
    format!(r#"<clone id="pgsqld-clone">{primitive}{meta}</clone>"#)
}

const META: [(&str, &str); 2] = [("notify", "true"), ("promotable", "true")];

fn report(text: &str) -> Report {
    let mut report = Report::default();
    judge(&Cib::read(text).unwrap(), &mut report);
    report
}

/// The findings: the name of the kind, what was found, and the command.
fn found(text: &str) -> Vec<(&'static str, String, String)> {
    let report = report(text);
    let findings = report.findings().iter();
    findings
        .map(|found| (found.id.word(), found.what.clone(), found.remedy.clone()))
        .collect()
}

fn ids(text: &str) -> Vec<&'static str> {
    found(text).into_iter().map(|(id, _, _)| id).collect()
}

#[test]
fn a_sound_cluster_has_no_findings() {
    for resource in [
        clone(OPERATIONS, &META),
        clone(
            OPERATIONS,
            &[
                ("notify", "yes"),
                ("promotable", "1"),
                ("promoted-max", "1"),
            ],
        ),
        // As crmsh and Pacemaker 1.1 write it.
        format!(
            r#"<master id="pgsql-ha">{}{}</master>"#,
            primitive(OPERATIONS),
            meta(&[("notify", "true"), ("master-max", "1")])
        ),
        // The rest is in a template.
        format!(
            r#"<template id="t" class="ocf" provider="pgsql-state" type="pgsqlms">{OPERATIONS}</template>
               <clone id="c"><primitive id="p" template="t"/>{}</clone>"#,
            meta(&META)
        ),
    ] {
        let text = cib("", DEVICE, &resource);
        assert_eq!(report(&text), Report::default(), "{resource}");
    }
}

#[test]
fn what_a_clone_lacks_is_found() {
    for (resource, id, remedy) in [
        (
            primitive(OPERATIONS),
            "not-promotable",
            "pcs resource promotable pgsqld notify=true",
        ),
        (
            clone(OPERATIONS, &[("notify", "true")]),
            "not-promotable",
            "crm_resource --resource pgsqld-clone --meta --set-parameter promotable --parameter-value true",
        ),
        (
            clone(OPERATIONS, &[("promotable", "true")]),
            "notify-off",
            "crm_resource --resource pgsqld-clone --meta --set-parameter notify --parameter-value true",
        ),
        (
            clone(
                OPERATIONS,
                &[
                    ("promotable", "true"),
                    ("notify", "true"),
                    ("promoted-max", "2"),
                ],
            ),
            "promoted-max",
            "crm_resource --resource pgsqld-clone --meta --set-parameter promoted-max --parameter-value 1",
        ),
    ] {
        let found = found(&cib("", DEVICE, &resource));
        let [(found, _, advised)] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert_eq!((*found, advised.as_str()), (id, remedy));
    }
}

#[test]
fn a_set_with_a_rule_is_not_judged() {
    let text = cib("", DEVICE, &clone(OPERATIONS, &META)).replace(
        r#"<meta_attributes id="m">"#,
        r#"<meta_attributes id="m"><rule id="r" score="0"/>"#,
    );
    let report = report(&text);
    assert_eq!(
        report
            .unseen()
            .map(|(what, why)| format!("{what}: {why}"))
            .collect::<Vec<_>>(),
        ["Pacemaker's sets with a rule: whether m applies depends on the node or the time"]
    );
}

#[test]
fn a_cluster_without_postgresql_is_reported() {
    let text = cib(
        "",
        DEVICE,
        r#"<primitive id="ip" class="ocf" type="IPaddr2"/>"#,
    );
    let report = report(&text);
    assert_eq!(report.findings(), []);
    assert_eq!(report.unseen().count(), 1);
}

#[test]
fn names_of_a_configuration_are_quoted_in_remedies() {
    let resource = clone(
        OPERATIONS,
        &[("promotable", "true"), ("is-managed", "false")],
    )
    .replace("pgsqld", "pg;`x`")
    .replace("\"10s\"", "\"1s\"")
    .replace("15s", "$(x) 1s")
    .replace("16s", "$(x) 1s")
    .replace("id=\"g\"", "id=\"g|x\"");
    let found = found(&cib("", DEVICE, &resource));
    let ids: Vec<_> = found.iter().map(|(id, _, _)| *id).collect();
    let expected = [
        "unmanaged",
        "notify-off",
        "monitor-intervals",
        "operation-timeout-short",
    ];
    assert_eq!(ids, expected, "{found:?}");
    for (id, _, remedy) in &found {
        let words = shlex::split(remedy).unwrap();
        let has = |part: &str| words.iter().any(|word| word == part);
        assert!(has("pg;`x`") || has("pg;`x`-clone"), "{remedy}");
        match *id {
            "monitor-intervals" => assert!(has("g|x"), "{remedy}"),
            "operation-timeout-short" => assert!(has("interval=$(x) 1s"), "{remedy}"),
            _ => {}
        }
    }
}
