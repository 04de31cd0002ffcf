//! Fencing, quorum, maintenance mode and the like: options that keep Pacemaker from its work.

use super::*;

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
