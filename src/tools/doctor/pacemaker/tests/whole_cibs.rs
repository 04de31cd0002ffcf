//! Whole CIBs out of files, and texts that are none.

use super::*;

#[test]
fn cibs_that_pcs_and_crm_write_are_read() {
    let pcs = include_str!("../../../../../tests/fixtures/cib/pcs.xml");
    assert_eq!(report(pcs), Report::default());
    let crm = include_str!("../../../../../tests/fixtures/cib/crm.xml");
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
