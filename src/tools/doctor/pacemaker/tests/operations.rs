//! The operations of the resource: monitors, intervals and timeouts.

use super::*;

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
