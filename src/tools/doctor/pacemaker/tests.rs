//! CIBs as `pcs` and `crm` write them, and the findings in each.

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
fn cibs_that_pcs_and_crm_write_are_read() {
    let pcs = include_str!("../../../../tests/fixtures/cib/pcs.xml");
    assert_eq!(report(pcs), Report::default());
    let crm = include_str!("../../../../tests/fixtures/cib/crm.xml");
    assert_eq!(
        ids(crm),
        [
            "fencing-off",
            "fencing-device",
            "notify-off",
            "monitor-intervals",
            "operation-timeout",
        ]
    );
}

#[test]
fn a_watchdog_with_a_timeout_counts_as_fencing() {
    let properties = r#"<nvpair id="w" name="have-watchdog" value="true"/>
        <nvpair id="t" name="stonith-watchdog-timeout" value="10s"/>"#;
    let resource = clone(OPERATIONS, &META);
    assert_eq!(ids(&cib(properties, "", &resource)), [""; 0]);
    let never = properties.replace("10s", "0");
    assert_eq!(ids(&cib(&never, "", &resource)), ["fencing-device"]);
    let none = properties.replace("true", "false");
    assert_eq!(ids(&cib(&none, "", &resource)), ["fencing-device"]);
}

#[test]
fn fencing_that_is_off_is_found() {
    let off = r#"<nvpair id="s" name="stonith-enabled" value="FALSE"/>"#;
    let text = cib(off, DEVICE, &clone(OPERATIONS, &META));
    let expected = (
        "fencing-off",
        "stonith-enabled is false".to_owned(),
        "crm_attribute --type crm_config --name stonith-enabled --update true".to_owned(),
    );
    assert_eq!(found(&text), [expected]);
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
        let [(found, _, mends)] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert_eq!((*found, mends.as_str()), (id, remedy));
    }
}

#[test]
fn operations_that_are_missing_or_alike_are_found() {
    let with = |from: &str, to: &str| cib("", DEVICE, &clone(&OPERATIONS.replace(from, to), &META));
    // Another spelling of the same interval.
    let alike = found(&with("\"16s\" role=\"Slave\"", "\"15000ms\""));
    assert_eq!(alike[0].0, "monitor-intervals");
    assert_eq!(
        alike[0].2,
        "pcs resource op remove g && pcs resource op add pgsqld monitor interval=16s timeout=10s \
         role=Unpromoted"
    );
    assert_eq!(ids(&with("role=\"Slave\"", "role=\"Unpromoted\"")), [""; 0]);
    assert_eq!(ids(&with("role=\"Slave\"", "")), [""; 0]);
    for (from, to) in [
        ("role=\"Slave\"", "role=\"Promoted\""),
        ("interval=\"16s\"", "interval=\"0\""),
        ("interval=\"16s\"", "interval=\"16s\" enabled=\"false\""),
    ] {
        let missing = found(&with(from, to));
        assert_eq!(missing.len(), 1, "{missing:?}");
        assert_eq!(
            missing[0].1,
            "pgsqld has no monitor for the role Unpromoted"
        );
    }
    let hurried = found(&with("name=\"start\" timeout=\"60s\"", "name=\"start\""));
    assert_eq!(
        hurried[0].2,
        "pcs resource update pgsqld op start timeout=60s"
    );
    let hurried = found(&with(
        "timeout=\"10s\" interval=\"15s\"",
        "interval=\"15s\"",
    ));
    assert_eq!(
        hurried[0].2,
        "pcs resource update pgsqld op monitor interval=15s role=Master timeout=10s"
    );
    let bare = found(&cib("", DEVICE, &clone("", &META)));
    let names: Vec<_> = bare.iter().map(|(id, _, _)| *id).collect();
    assert_eq!(
        names,
        ["monitor-missing", "monitor-missing", "operation-timeout"]
    );
    assert_eq!(
        bare[2].1,
        "pgsqld has no timeout for start, stop, promote, demote, notify"
    );
}

#[test]
fn a_default_timeout_counts_as_a_timeout() {
    let resource = clone(&OPERATIONS.replace("timeout", "x"), &META);
    let text = cib("", DEVICE, &resource);
    assert_eq!(ids(&text), ["operation-timeout"]);
    let defaults = meta(&[("timeout", "120s")]);
    let defaults = format!("<op_defaults>{defaults}</op_defaults><constraints/>");
    assert_eq!(ids(&text.replace("<constraints/>", &defaults)), [""; 0]);
}

#[test]
fn a_default_timeout_that_is_short_is_found() {
    let resource = clone(&OPERATIONS.replace("timeout", "x"), &META);
    let defaults = meta(&[("timeout", "30s")]);
    let defaults = format!("<op_defaults>{defaults}</op_defaults><constraints/>");
    let text = cib("", DEVICE, &resource).replace("<constraints/>", &defaults);
    let [(id, what, remedy)] = &found(&text)[..] else {
        panic!("{:?}", found(&text));
    };
    assert_eq!(*id, "operation-timeout-short");
    assert_eq!(
        what,
        "pgsqld has short timeouts: start has 30s, stop has 30s, demote has 30s, notify has 30s"
    );
    assert_eq!(
        remedy,
        "pcs resource update pgsqld op start timeout=60s op stop timeout=60s op demote timeout=120s op notify timeout=60s"
    );
}

macro_rules! case {
    ($name:literal) => {
        include_str!(concat!("../../../../tests/fixtures/cib/", $name, ".xml"))
    };
}

#[test]
fn a_configuration_that_refers_to_itself_is_sound() {
    for text in [
        case!("bundle"),
        case!("fence-template"),
        case!("notify-in-rsc-defaults"),
        case!("ops-idref"),
        case!("single-pgsql-no-replication"),
    ] {
        assert_eq!(report(text), Report::default(), "{text}");
    }
    // Without the elements that they refer to they are not sound.
    assert_eq!(
        ids(&case!("ops-idref").replace("id-ref=\"pgops\"", "id-ref=\"x\"")).len(),
        3
    );
    assert_eq!(
        ids(&case!("notify-in-rsc-defaults")
            .replace("<rsc_defaults>", "<x>")
            .replace("</rsc_defaults>", "</x>")),
        ["notify-off"]
    );
    assert_eq!(
        ids(&case!("fence-template").replace("class=\"stonith\"", "class=\"ocf\"")),
        ["fencing-device"]
    );
    let replicating =
        "<nvpair id=\"r\" name=\"rep_mode\" value=\"sync\"/><nvpair id=\"pgsingle-pg\"";
    assert_eq!(
        ids(&case!("single-pgsql-no-replication")
            .replace("<nvpair id=\"pgsingle-pg\"", replicating)),
        ["not-promotable"]
    );
    let none = case!("bundle")
        .replace(" promoted-max=\"1\"", "")
        .replace("type=\"pgsql\"", "type=\"pgsqlms\"");
    assert_eq!(ids(&none), ["not-promotable"]);
}

#[test]
fn what_keeps_pacemaker_from_its_work_is_found() {
    let sound = cib("", DEVICE, &clone(OPERATIONS, &META));
    let option = |name: &str, value: &str| {
        cib(
            &format!(r#"<nvpair id="n" name="{name}" value="{value}"/>"#),
            DEVICE,
            &clone(OPERATIONS, &META),
        )
    };
    let stopped = DEVICE.replace(
        "/>",
        r#"><meta_attributes id="d"><nvpair id="t" name="target-role" value="Stopped"/></meta_attributes></primitive>"#,
    );
    for (text, expected) in [
        (case!("fencing-enabled").to_owned(), "fencing-off: fencing-enabled is false"),
        (option("stonith-enabled", "off"), "fencing-off: stonith-enabled is false"),
        (case!("quorum-ignore").to_owned(), "quorum-ignored: no-quorum-policy is ignore"),
        (case!("maintenance").to_owned(), "maintenance: maintenance-mode is true"),
        (
            sound.replace(
                "<nodes/>",
                r#"<nodes><node id="1" uname="n1"><instance_attributes id="i"><nvpair id="m1" name="maintenance" value="on"/></instance_attributes></node></nodes>"#,
            ),
            "maintenance: node n1 has maintenance=true",
        ),
        (
            cib("", DEVICE, &clone(OPERATIONS, &[META[0], META[1], ("maintenance", "true")])),
            "maintenance: pgsqld has maintenance=true",
        ),
        (
            cib("", DEVICE, &clone(OPERATIONS, &[META[0], META[1], ("is-managed", "false")])),
            "unmanaged: pgsqld has is-managed=false",
        ),
        (
            sound.replace("<constraints/>", &format!("<constraints/><rsc_defaults>{}</rsc_defaults>", meta(&[("is-managed", "no")]))),
            "unmanaged: pgsqld has is-managed=false",
        ),
        (option("is-managed-default", "0"), "unmanaged: is-managed-default is false"),
        (
            cib("", &stopped, &clone(OPERATIONS, &META)),
            "fencing-stopped: fence-srv1 has target-role=Stopped",
        ),
        (
            sound.replace("name=\"stop\" timeout=\"60s\"", "name=\"stop\" timeout=\"20\""),
            "operation-timeout-short: pgsqld has short timeouts: stop has 20",
        ),
    ] {
        let told: Vec<String> = found(&text)
            .into_iter()
            .map(|(id, what, _)| format!("{id}: {what}"))
            .collect();
        assert_eq!(told, [expected], "{text}");
    }
    // The newer name counts where both are set.
    let both = r#"<nvpair id="a" name="stonith-enabled" value="false"/><nvpair id="b" name="fencing-enabled" value="true"/>"#;
    assert_eq!(ids(&cib(both, DEVICE, &clone(OPERATIONS, &META))), [""; 0]);
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
fn a_text_that_is_no_cib_is_refused() {
    for text in [
        "",
        "no",
        "<cib>",
        "<cib/>",
        "</cib>",
        "<a/><b/>",
        "<cib a=></cib>",
    ] {
        assert!(Cib::read(text).is_err(), "{text}");
    }
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
