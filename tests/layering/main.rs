//! Holds the imports in `src/` against the table of the design: a room may use only the rooms below it, a folder in a room
//! only those before it, files of a room do not use one another in circles, pure folders touch no clock, environment,
//! socket, file or process, and a type has a name of its own.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot read the sources fails"
)]

mod circles;
mod names;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every room of the library and the rooms it may import, from the ground up.
const MAY_USE: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("admit", &[]),
    ("health", &["base"]),
    ("postgres", &["base", "health"]),
    ("slots", &["base", "health", "postgres"]),
    ("config", &["admit", "base", "health", "slots"]),
    ("answer", &["admit", "base", "config", "health"]),
    (
        "daemon",
        &["admit", "answer", "base", "config", "health", "postgres"],
    ),
    ("agent", &["base", "health", "postgres"]),
    (
        "tools",
        &[
            "admit", "agent", "answer", "base", "config", "health", "postgres",
        ],
    ),
    ("keeper", &["agent", "base", "config", "postgres", "tools"]),
    ("rejoin", &["agent", "base", "health", "postgres"]),
    (
        "cli",
        &[
            "admit", "agent", "answer", "base", "config", "daemon", "health", "keeper", "postgres",
            "rejoin", "slots", "tools",
        ],
    ),
];

/// The folders of a room that has several, from the ground up: each may import those before it.
const WITHIN: &[(&str, &[&str])] = &[
    (
        "agent",
        &["ocf", "decide", "actions", "local", "pacemaker", "pgsqlms"],
    ),
    (
        "daemon",
        &[
            "systemd",
            "maintenance",
            "quorum",
            "peers",
            "observe",
            "serve",
        ],
    ),
    (
        "tools",
        &["release", "lint", "doctor", "generate", "plugin"],
    ),
];

/// Rooms and folders that decide, and the files in them that may touch the world.
const PURE: &[&str] = &[
    "admit",
    "agent/actions",
    "agent/decide",
    "agent/ocf",
    "agent/pacemaker/cib",
    "answer",
    "base/bytes",
    "base/certificates",
    "base/clock",
    "base/deadline",
    "base/decimal",
    "base/https",
    "base/json",
    "base/tcp_table",
    "base/terminal",
    "base/units",
    "base/xml",
    "config",
    "health",
    "keeper/cib",
    "keeper/facts",
    "keeper/hang",
    "keeper/history",
    "keeper/mark_rule",
    "keeper/plan",
    "keeper/text",
    "postgres/conninfo",
    "postgres/control",
    "postgres/position",
    "postgres/slot_name",
    "postgres/slot_rows",
    "postgres/timeline",
    "postgres/wal",
    "rejoin/document",
    "rejoin/error",
    "rejoin/facts",
    "rejoin/plan",
    "rejoin/relation",
    "rejoin/sources",
    "rejoin/text",
    "slots/cluster",
    "slots/facts",
    "slots/memory",
    "slots/names",
    "slots/plan",
    "tools",
];
const EDGES_IN_PURE: &[&str] = &["config/load.rs", "config/load/certificates.rs"];
/// Folders of those that write to the log, which changes nothing that they decide.
const LOG: &[&str] = &["agent/actions"];

/// What a pure file must not name. `Instant` may be passed in, not asked for.
const IMPURE: &[&str] = &[
    "Instant::now",
    "SystemTime",
    "std::env",
    "std::fs",
    "std::net::Tcp",
    "std::net::Udp",
    "std::process",
    "std::thread",
    "tokio::",
    "rustix::",
    "tracing::",
    "std::io",
];

#[test]
fn a_room_imports_only_rooms_below_it() {
    let table: BTreeMap<_, _> = MAY_USE.iter().copied().collect();
    let mut wrong = Vec::new();
    for file in sources() {
        let Some(module) = module_of(&file) else {
            continue;
        };
        let allowed = table.get(module.as_str()).unwrap_or_else(|| {
            panic!("src/{module} is not in the table of tests/layering/main.rs; give it a row")
        });
        for used in crate_imports(&code_of(&file)) {
            if used != module && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{} uses crate::{used}", file.display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "imports against the table:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn a_folder_imports_only_folders_of_its_room_that_come_before_it() {
    let mut wrong = Vec::new();
    for (room, folders) in WITHIN {
        let place = |name: &str| folders.iter().position(|folder| *folder == name);
        for file in sources() {
            let inside = inside(&file);
            let Some(own) = inside.strip_prefix(&format!("{room}/")) else {
                continue;
            };
            let own = own.split(['/', '.']).next().unwrap_or_default();
            let Some(own) = place(own) else {
                continue;
            };
            let later = paths(&code_of(&file), &format!("crate::{room}::"))
                .into_iter()
                .filter(|used| place(used).is_some_and(|place| place > own));
            wrong.extend(later.map(|used| format!("{inside} uses crate::{room}::{used}")));
        }
    }
    assert!(
        wrong.is_empty(),
        "imports against the order:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn every_import_that_the_table_allows_is_used() {
    let mut unused = Vec::new();
    for (module, allowed) in MAY_USE {
        let used: Vec<String> = sources()
            .iter()
            .filter(|file| module_of(file).as_deref() == Some(module))
            .flat_map(|file| crate_imports(&code_of(file)))
            .collect();
        let idle = allowed
            .iter()
            .filter(|name| !used.iter().any(|used| used == *name));
        unused.extend(idle.map(|name| format!("{module} may use {name} and does not")));
    }
    assert!(
        unused.is_empty(),
        "the table allows too much:\n{}",
        unused.join("\n")
    );
}

#[test]
fn pure_folders_touch_nothing_outside() {
    let is_below = |inside: &str, folders: &[&str]| {
        folders.iter().any(|folder| {
            let rest = inside.strip_prefix(folder);
            rest.is_some_and(|rest| rest.starts_with(['/', '.']))
        })
    };
    let mut wrong = Vec::new();
    for file in sources() {
        let inside = inside(&file);
        if !is_below(&inside, PURE) || EDGES_IN_PURE.contains(&inside.as_str()) {
            continue;
        }
        let code = code_of(&file);
        wrong.extend(
            IMPURE
                .iter()
                .filter(|name| code.contains(*name))
                .filter(|name| **name != "tracing::" || !is_below(&inside, LOG))
                .map(|name| format!("{inside} names {name}")),
        );
    }
    assert!(wrong.is_empty(), "impure:\n{}", wrong.join("\n"));
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") && !is_test(&path) {
                found.push(path);
            }
        }
    }
    assert!(found.len() > 20, "found only {} sources", found.len());
    found
}

fn is_test(path: &Path) -> bool {
    path.components().any(|part| {
        let part = part.as_os_str();
        part == "tests" || part == "tests.rs"
    })
}

/// The path of a file below `src/`.
fn inside(file: &Path) -> String {
    let inside = file.strip_prefix(root()).unwrap();
    inside.to_string_lossy().into_owned()
}

/// The module right below the crate; none for `lib.rs` and the programs.
fn module_of(file: &Path) -> Option<String> {
    let first = file.strip_prefix(root()).unwrap().iter().next()?.to_str()?;
    let name = first.strip_suffix(".rs").unwrap_or(first);
    (!["bin", "lib", "main"].contains(&name)).then(|| name.to_owned())
}

/// The file without comments and without the tests that stand in it, which come last.
fn code_of(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let mut code = Vec::new();
    let mut is_for_tests = false;
    for line in text.lines() {
        if is_for_tests && line.contains("mod ") && line.ends_with('{') {
            break;
        }
        let goes_on = line.starts_with(['#', ' ', ')']);
        is_for_tests = line == "#[cfg(test)]" || is_for_tests && goes_on;
        if !line.trim_start().starts_with("//") {
            code.push(line);
        }
    }
    code.join("\n")
}

/// The `x` of every `crate::x`.
fn crate_imports(code: &str) -> Vec<String> {
    paths(code, "crate::")
}

/// The `x` of every `PREFIXx`.
fn paths(code: &str, prefix: &str) -> Vec<String> {
    code.split(prefix)
        .skip(1)
        .map(|rest| {
            rest.chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        })
        .collect()
}
