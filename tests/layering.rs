//! Holds the imports in `src/` against the table of the design: a folder may use only what stands
//! below it, and pure folders touch no clock, environment, socket, file or process.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read the sources fails"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every module of the library and the modules it may import, from the ground up.
const MAY_USE: &[(&str, &[&str])] = &[
    ("units", &[]),
    ("terminal", &[]),
    ("xml", &[]),
    ("cib", &["xml"]),
    ("role", &["units"]),
    ("certificates", &[]),
    ("https", &["certificates"]),
    ("admit", &[]),
    ("target", &[]),
    ("service", &[]),
    ("regular_file", &[]),
    ("shell", &[]),
    ("maintenance", &["regular_file", "role"]),
    (
        "postgres",
        &["certificates", "regular_file", "role", "shell", "target"],
    ),
    ("answer", &["admit", "role", "units"]),
    ("check", &["answer", "role", "units"]),
    ("doctor", &["cib", "shell", "target", "terminal", "xml"]),
    (
        "settings",
        &[
            "admit",
            "answer",
            "certificates",
            "https",
            "regular_file",
            "role",
            "shell",
            "units",
        ],
    ),
    ("generate", &["admit", "role", "settings", "units"]),
    ("lint", &["answer", "role", "terminal", "units"]),
    ("agent", &["role", "shell", "units"]),
    ("recipes", &["agent", "role", "units"]),
    ("system_clock", &["recipes"]),
    ("child", &["recipes", "system_clock"]),
    (
        "cluster",
        &[
            "admit",
            "child",
            "https",
            "recipes",
            "regular_file",
            "role",
            "system_clock",
        ],
    ),
    ("pacemaker", &["agent", "child", "cib", "recipes", "xml"]),
    (
        "instance",
        &[
            "agent",
            "child",
            "postgres",
            "recipes",
            "regular_file",
            "role",
            "system_clock",
            "target",
        ],
    ),
    (
        "pgsqlms",
        &[
            "agent",
            "child",
            "instance",
            "pacemaker",
            "recipes",
            "regular_file",
            "system_clock",
        ],
    ),
    (
        "observe",
        &[
            "answer",
            "cluster",
            "maintenance",
            "postgres",
            "role",
            "service",
            "target",
            "units",
        ],
    ),
    (
        "serve",
        &["admit", "answer", "https", "observe", "role", "service"],
    ),
    (
        "daemon",
        &[
            "admit", "answer", "cluster", "https", "observe", "role", "serve", "service",
            "settings", "target", "units",
        ],
    ),
    (
        "cli",
        &[
            "admit",
            "agent",
            "answer",
            "check",
            "child",
            "cluster",
            "daemon",
            "doctor",
            "generate",
            "https",
            "lint",
            "maintenance",
            "observe",
            "postgres",
            "regular_file",
            "role",
            "serve",
            "service",
            "settings",
            "shell",
            "system_clock",
            "target",
            "units",
            "instance",
            "pacemaker",
            "recipes",
        ],
    ),
];

/// Folders that decide, and the files in them that may touch the world.
const PURE: &[&str] = &[
    "units",
    "role",
    "admit",
    "target",
    "answer",
    "check",
    "doctor",
    "settings",
    "generate",
    "lint",
    "agent",
    "recipes",
    "xml",
    "cib",
    "terminal",
    "certificates",
    "https",
];
const EDGES_IN_PURE: &[&str] = &["settings/load.rs", "settings/load/certificates.rs"];
/// Folders of those that write to the log, which changes nothing that they decide.
const LOG: &[&str] = &["recipes"];

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
fn a_module_imports_only_from_below() {
    let table: BTreeMap<_, _> = MAY_USE.iter().copied().collect();
    let mut wrong = Vec::new();
    for file in sources() {
        let Some(module) = module_of(&file) else {
            continue;
        };
        let allowed = table.get(module.as_str()).unwrap_or_else(|| {
            panic!("src/{module} is not in the table of tests/layering.rs; give it a floor")
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
    let mut wrong = Vec::new();
    for file in sources() {
        let Some(module) = module_of(&file) else {
            continue;
        };
        let inside = file
            .strip_prefix(root())
            .unwrap()
            .to_string_lossy()
            .into_owned();
        if !PURE.contains(&module.as_str()) || EDGES_IN_PURE.contains(&inside.as_str()) {
            continue;
        }
        let code = code_of(&file);
        wrong.extend(
            IMPURE
                .iter()
                .filter(|name| code.contains(*name))
                .filter(|name| **name != "tracing::" || !LOG.contains(&module.as_str()))
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

/// The module right below the crate; none for `lib.rs` and the programs.
fn module_of(file: &Path) -> Option<String> {
    let first = file.strip_prefix(root()).unwrap().iter().next()?.to_str()?;
    let name = first.strip_suffix(".rs").unwrap_or(first);
    (!["bin", "lib", "main"].contains(&name)).then(|| name.to_owned())
}

/// The file without comments and without the tests at its end.
fn code_of(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let uncommented = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    uncommented.collect::<Vec<_>>().join("\n")
}

/// The `x` of every `crate::x`.
fn crate_imports(code: &str) -> Vec<String> {
    code.split("crate::")
        .skip(1)
        .map(|rest| {
            rest.chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        })
        .collect()
}
