//! pgsql-state.toml(5): every key, and the example with all of them.

use super::page::Page;
use crate::config::{DEFAULT_PATH, KEYS, Usual};

/// What is installed as an example: every key with its default, and more about each.
const EXAMPLE: &str = include_str!("../../../systemd/pgsql-state.toml");

pub(super) fn page() -> String {
    let mut page = Page::new("pgsql-state.toml", "5", "configuration of pgsql-state");
    page.section("DESCRIPTION")
        .text(&format!(
            "`pgsql-state`(8) reads `{DEFAULT_PATH}`, which may be absent: every key has a default. The file is \
             TOML, with tables and keys as below; those that are not here are refused, each with its line."
        ))
        .paragraph(
            "`pgsql-state check-config` tells every mistake at once. `systemctl reload pgsql-state` takes a good \
             file, and keeps the old settings on a bad one, saying so in the log and in `systemctl status`. \
             `[listen]` changes with a restart.",
        )
        .paragraph(
            "It may have a password, and names the files of keys and tokens. So its folder is for root and the group \
             `pgsql-state`, of which the daemon is. Who else runs a command that reads it, a supervisor with \
             `pgsql-state check` say, has to be of that group, or to name another file with `--config`.",
        );
    page.section("VALUES");
    for (kind, about) in [
        ("Durations", "`\"500ms\"`, `\"2s\"`, `\"1min 30s\"`"),
        (
            "Sizes",
            "`\"16MB\"`: powers of 1024, as PostgreSQL spells them",
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
        let tag = match key.usual {
            Usual::Value(usual) => format!("`{} = {usual}`", key.name),
            Usual::Words(usual) => format!("`{}` (default: {usual})", key.name),
        };
        page.item(&tag, key.meaning);
    }
    page.section("EXAMPLE").verbatim(EXAMPLE.trim_end());
    page.section("SEE ALSO").text("`pgsql-state`(8)");
    page.finish()
}
