//! Files of one room that use one another in a circle: none can be read before the others.

use std::collections::{BTreeMap, BTreeSet};

use crate::{code_of, inside, sources};

/// A module, by its path below the crate.
type Module = Vec<String>;

/// A `use` of a module: the path as it is written, the name that it gets, and whether others may use that name.
struct Import {
    path: Vec<String>,
    name: String,
    is_facade: bool,
}

struct Modules(BTreeMap<Module, Vec<Import>>);

#[test]
fn no_files_of_a_room_use_one_another_in_a_circle() {
    let modules = Modules::read();
    let found = circles(&modules.edges());
    assert!(found.is_empty(), "circles of files: {found:#?}");
}

#[test]
fn a_circle_is_found_through_a_third_file_and_through_a_facade() {
    let modules = Modules(BTreeMap::from([
        (Vec::new(), Vec::new()),
        module("a", &[("crate::a::one", true)]),
        module("a::one", &[("super::two::Thing", false)]),
        module(
            "a::two",
            &[("super::three::{Other, other::Another}", false)],
        ),
        module("a::three", &[("super::one", false)]),
        module("a::four", &[("super::one", false)]),
    ]));
    let circle = ["a/one", "a/three", "a/two"].map(str::to_owned).to_vec();
    assert_eq!(circles(&modules.edges()), BTreeSet::from([circle]));
}

fn module(path: &str, uses: &[(&str, bool)]) -> (Module, Vec<Import>) {
    let imports = uses
        .iter()
        .flat_map(|(tree, is_facade)| imports(tree, *is_facade));
    (segments(path), imports.collect())
}

impl Modules {
    /// Those of the library.
    fn read() -> Self {
        let modules = sources().into_iter().filter_map(|file| {
            let inside = inside(&file);
            let path = inside.strip_suffix(".rs")?;
            let is_program = ["main", "bin"].contains(&path.split('/').next()?);
            let module: Module = match path {
                "lib" => Vec::new(),
                _ => path.split('/').map(str::to_owned).collect(),
            };
            (!is_program).then(|| (module, uses(&code_of(&file))))
        });
        Self(modules.collect())
    }

    /// Which files of its room a file uses. What a file only hands on is none of it.
    fn edges(&self) -> BTreeMap<String, BTreeSet<String>> {
        let used = |module: &Module| {
            let own = self.0.get(module).into_iter().flatten();
            own.filter(|import| !import.is_facade)
                .filter_map(|import| self.defining(&self.absolute(module, &import.path)?, 0))
                .filter(|used| used != module && used.first() == module.first())
                .map(|used| used.join("/"))
                .collect()
        };
        let modules = self.0.keys().filter(|module| !module.is_empty());
        modules
            .map(|module| (module.join("/"), used(module)))
            .collect()
    }

    /// None for a path of another crate.
    fn absolute(&self, module: &Module, path: &[String]) -> Option<Vec<String>> {
        let mut base = module.clone();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => {
                base.clear();
                rest = rest.get(1..)?;
            }
            "super" | "self" => {
                while let Some(word @ ("super" | "self")) = rest.first().map(String::as_str) {
                    if word == "super" {
                        base.pop();
                    }
                    rest = rest.get(1..)?;
                }
            }
            child => {
                let child = [module.as_slice(), &[child.to_owned()]].concat();
                self.0.get(&child)?;
            }
        }
        base.extend_from_slice(rest);
        Some(base)
    }

    /// The file in which what a path names is defined, through those that only hand it on.
    fn defining(&self, path: &[String], followed: usize) -> Option<Module> {
        const MOST_FOLLOWED: usize = 8;
        let depth = (0..=path.len())
            .take_while(|depth| self.0.contains_key(path.get(..*depth).unwrap_or_default()))
            .last()?;
        let (module, rest) = path.split_at(depth);
        let Some(name) = rest.first().filter(|_| followed < MOST_FOLLOWED) else {
            return Some(module.to_vec());
        };
        let mut imports = self.0.get(module)?.iter();
        let Some(import) = imports.find(|import| import.name == *name) else {
            return Some(module.to_vec());
        };
        let mut further = self.absolute(&module.to_vec(), &import.path)?;
        further.extend_from_slice(rest.get(1..).unwrap_or_default());
        self.defining(&further, followed + 1)
    }
}

/// The `use` statements of a file.
fn uses(code: &str) -> Vec<Import> {
    let mut found = Vec::new();
    for statement in code.split_inclusive(';') {
        let lines: Vec<&str> = statement.lines().map(str::trim).collect();
        let is_use = |line: &&str| {
            line.starts_with("use ") || line.starts_with("pub") && line.contains(" use ")
        };
        let Some(begin) = lines.iter().rposition(is_use) else {
            continue;
        };
        let text = lines[begin..].join(" ");
        let Some((before, tree)) = text.trim_end_matches(';').split_once("use ") else {
            continue;
        };
        found.extend(imports(tree, !before.is_empty()));
    }
    found
}

/// What a tree of paths imports.
fn imports(tree: &str, is_facade: bool) -> Vec<Import> {
    let paths = paths_of(tree.trim());
    let imports = paths.iter().map(|path| {
        let (path, renamed) = match path.split_once(" as ") {
            Some((path, name)) => (path, Some(name.trim().to_owned())),
            None => (path.as_str(), None),
        };
        let mut path = segments(path);
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let name = renamed.unwrap_or_else(|| path.last().cloned().unwrap_or_default());
        Import {
            path,
            name,
            is_facade,
        }
    });
    imports.collect()
}

fn segments(path: &str) -> Vec<String> {
    path.split("::")
        .map(|part| part.trim().to_owned())
        .collect()
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d` and `a::c::e`.
fn paths_of(tree: &str) -> Vec<String> {
    let Some((prefix, rest)) = tree.split_once('{') else {
        return vec![tree.to_owned()];
    };
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for c in inner.chars() {
        match c {
            ',' if depth == 0 => parts.push(String::new()),
            _ => {
                depth += match c {
                    '{' => 1,
                    '}' => -1,
                    _ => 0,
                };
                parts.last_mut().unwrap().push(c);
            }
        }
    }
    let parts = parts.iter().map(|part| part.trim());
    let parts = parts.filter(|part| !part.is_empty());
    parts
        .flat_map(paths_of)
        .map(|part| format!("{prefix}{part}"))
        .collect()
}

/// The sets of files that reach one another, of two files and more.
fn circles(edges: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<Vec<String>> {
    let reached = |from: &String| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
        while let Some(file) = next.pop() {
            for used in edges.get(file).into_iter().flatten() {
                if seen.insert(used.clone()) {
                    next.push(used);
                }
            }
        }
        seen
    };
    let reach: BTreeMap<&String, BTreeSet<String>> =
        edges.keys().map(|file| (file, reached(file))).collect();
    let circle = |file: &String| {
        let others = reach.get(file).into_iter().flatten();
        let others = others.filter(|other| reach.get(other).is_some_and(|it| it.contains(file)));
        others.cloned().collect::<Vec<_>>()
    };
    let circles = edges.keys().map(circle);
    circles.filter(|circle| circle.len() > 1).collect()
}
