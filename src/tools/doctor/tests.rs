//! Any output of other programs is read or refused without a panic.

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        drop(pacemaker::cib::Cib::read(&text));
        drop(pg_hba::read(&text));
        drop(haproxy::stat::read(&format!("# pxname,svname,status,type\n{text}")));
        drop(settings::ServerSettings::read(std::slice::from_ref(&text)));
    }

    #[test]
    fn any_elements_are_read_or_refused(
        parts in prop::collection::vec(prop::sample::select(vec![
            "<cib>", "</cib>", "<configuration>", "</configuration>", "<resources>", "</resources>",
            "<clone id=\"c\">", "</clone>", "<primitive id=\"p\" type=\"pgsqlms\" template=\"t\">",
            "</primitive>", "<op name=\"monitor\" interval=\"99999999999999999999s\"/>", "<!--", "-->", "&", " ",
        ]), 0..20),
    ) {
        if let Ok(cib) = pacemaker::cib::Cib::read(&parts.concat()) {
            pacemaker::judge(&cib, &mut Report::default());
        }
    }
}
