//! Writes pgsql-state.toml(5): every key, and the example file.

use super::page::Page;
use crate::config::{DEFAULT_PATH, KEYS, KeyDefault};

/// The installed example: every key with its default and an explanation.
const EXAMPLE: &str = include_str!("../../../systemd/pgsql-state.toml");

pub(super) fn page() -> String {
    let mut page = Page::new("pgsql-state.toml", "5", "configuration of pgsql-state");
    page.section("DESCRIPTION")
        .text(&format!(
            "`pgsql-state`(8) reads `{DEFAULT_PATH}`, which may be absent: every key has a default. The file is \
             TOML, with the tables and keys below; unknown keys are refused, each with its line."
        ))
        .paragraph(
            "`pgsql-state check-config` reports all wrong values together, and of a file that is not TOML the first mistake. \
            The files that it names are read only if it has no error. `systemctl reload pgsql-state` applies a valid \
            file; with an invalid one the old settings stay in force, and the log and `systemctl status` say so. \
            Changes of `[listen]` need a restart.",
        )
        .paragraph(
            "The file may contain a password, and names the files of keys and tokens. So only root and the group \
            `pgsql-state`, to which the daemon belongs, may read its folder. Any other user that runs a command that reads \
            the file, such as a supervisor with `pgsql-state check`, must belong to that group, or use another file with `--config`.",
        );
    page.section("VALUES");
    for (kind, about) in [
        ("Durations", "`\"500ms\"`, `\"2s\"`, `\"1min 30s\"`"),
        (
            "Sizes",
            "`\"16MB\"`: powers of 1024, in PostgreSQL's notation",
        ),
        ("Rates", "`\"50/s\"`"),
        (
            "Addresses to listen on",
            "`\"[::]:5431\"`, `\"10.20.30.51:5431\"`",
        ),
        (
            "Clients",
            "`\"10.20.30.51\"`, `\"10.20.30.0/24\"`, `\"fd00::/64\"`; `\"@haproxy\"`: the nodes of `[cluster]`",
        ),
    ] {
        page.item(kind, about);
    }
    page.section("KEYS");
    let mut table = "";
    for key in KEYS {
        if key.table != table {
            table = key.table;
            page.part(&format!("[{table}]"));
        }
        let tag = match key.default {
            KeyDefault::Value(default) => format!("`{} = {default}`", key.name),
            KeyDefault::Described(default) => format!("`{}` (default: {default})", key.name),
        };
        page.item(&tag, key.meaning);
    }
    page.section("EXAMPLE").verbatim(EXAMPLE.trim_end());
    page.section("SEE ALSO").text("`pgsql-state`(8)");
    page.finish()
}
