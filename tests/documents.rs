//! The documents as a whole: every link leads somewhere, every page can be found, and the README is one page. What is
//! generated in them is held against the declarations in `src/cli/reference`.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read the documents fails"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every document of the repository, by its path from the root.
fn documents() -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                folders.push(path);
            } else if path.is_file() && path.extension().is_some_and(|end| end == "md") {
                let text = fs::read_to_string(&path).unwrap();
                found.insert(path.strip_prefix(root()).unwrap().to_owned(), text);
            }
        }
    }
    found
}

fn events(text: &str) -> impl Iterator<Item = Event<'_>> {
    Parser::new_ext(text, Options::ENABLE_TABLES)
}

/// A heading's anchor as GitHub makes it: small letters, digits, hyphens and underscores, blanks as hyphens.
fn slug(heading: &str) -> String {
    let letters = heading.to_lowercase();
    let kept = letters
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The anchors of a document; of headings that are alike the later ones are numbered.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut heading: Option<String> = None;
    for event in events(text) {
        if let Event::Start(Tag::Heading { .. }) = event {
            heading = Some(String::new());
        } else if let Event::End(TagEnd::Heading(_)) = event {
            let base = slug(&heading.take().unwrap());
            let numbered = (1..).map(|number| format!("{base}-{number}"));
            let mut names = std::iter::once(base.clone()).chain(numbered);
            anchors.insert(names.find(|name| !anchors.contains(name)).unwrap());
        } else if let (Event::Text(text) | Event::Code(text), Some(heading)) = (event, &mut heading)
        {
            heading.push_str(&text);
        }
    }
    anchors
}

/// Where links and pictures of a document lead.
fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    for event in events(text) {
        if let Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) = event {
            links.push(dest_url.into_string());
        }
    }
    links
}

/// A path without `.` and `..`; an error leads out of the repository.
fn plain(path: &Path) -> Result<PathBuf, PathBuf> {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir if !plain.pop() => return Err(path.to_owned()),
            Component::ParentDir | Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => {
                plain.push(component);
            }
        }
    }
    Ok(plain)
}

/// What is wrong with a link.
fn wrong(from: &Path, link: &str, documents: &BTreeMap<PathBuf, String>) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = match file {
        "" => from.to_owned(),
        file => from.parent().unwrap().join(file),
    };
    let problem = match plain(&target) {
        Err(_) => "leads out of the repository",
        Ok(target) if !root().join(&target).exists() => "leads nowhere",
        Ok(target) if !anchor.is_empty() => match documents.get(&target) {
            Some(text) if anchors(text).contains(anchor) => return None,
            Some(_) | None => "has an anchor that is not there",
        },
        Ok(_) => return None,
    };
    Some(format!("{}: {link} {problem}", from.display()))
}

#[test]
fn every_relative_link_and_anchor_resolves() {
    let documents = documents();
    let all = documents.iter().flat_map(|(from, text)| {
        let links = links(text).into_iter();
        links.map(move |link| (from, link))
    });
    let all: Vec<_> = all.collect();
    assert!(all.len() > 100, "links are found");
    let broken: Vec<String> = all
        .iter()
        .filter_map(|(from, link)| wrong(from, link, &documents))
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let page = |name: &str, text: &str| (PathBuf::from(name), text.to_owned());
    let documents = BTreeMap::from([page("README.md", "# The `same`\n# The same\n")]);
    let wrong = |link| wrong(Path::new("README.md"), link, &documents);
    assert_eq!(wrong("#the-same"), None);
    assert_eq!(wrong("README.md#the-same-1"), None);
    assert_eq!(wrong("https://nowhere.example/#x"), None);
    for link in ["#the-same-2", "docs/no.md", "../README.md", "src#x"] {
        assert!(wrong(link).is_some(), "{link}");
    }
}

/// The pages that a document links to, by their paths from the root.
fn linked(from: &str, documents: &BTreeMap<PathBuf, String>) -> BTreeSet<PathBuf> {
    let folder = Path::new(from).parent().unwrap();
    let links = links(&documents[Path::new(from)]).into_iter();
    let pages = links.filter_map(|link| {
        let (file, _) = link.split_once('#').unwrap_or((&link, ""));
        plain(&folder.join(file)).ok()
    });
    pages.collect()
}

#[test]
fn every_page_is_in_the_book_and_in_the_index_and_is_installed() {
    let documents = documents();
    let book = linked("docs/SUMMARY.md", &documents);
    let index = linked("docs/README.md", &documents);
    let installed = fs::read_to_string(root().join("packaging/files")).unwrap();
    let (readme, summary) = (Path::new("docs/README.md"), Path::new("docs/SUMMARY.md"));
    for page in documents.keys().filter(|page| page.starts_with("docs")) {
        let shown = page.display();
        assert!(book.contains(page) || page == summary, "the book: {shown}");
        let known = [readme, summary].contains(&page.as_path()) || index.contains(page);
        assert!(known, "docs/README.md: {shown}");
        let line = installed
            .lines()
            .any(|line| line.starts_with(&format!("644 {shown} ")));
        assert!(line || page == summary, "packaging/files: {shown}");
        let name = page.file_name().unwrap().to_string_lossy();
        let is_lower = name.chars().all(|c| !c.is_uppercase() && c != '_');
        let is_special = ["README.md", "SUMMARY.md"].contains(&name.as_ref());
        assert!(is_lower || is_special, "{shown}");
    }
}

#[test]
fn the_readme_is_one_page() {
    let length = fs::metadata(root().join("README.md")).unwrap().len();
    assert!(length <= 8_000, "{length} bytes");
}

/// The major versions of PostgreSQL that a document names in Debian's paths and commands.
fn versions(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for before in ["postgresql/", "pg_ctlcluster ", "postgresql-"] {
        for (at, _) in text.match_indices(before) {
            let rest = text.get(at + before.len()..).unwrap_or_default();
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            if !digits.is_empty() {
                found.insert(digits);
            }
        }
    }
    found
}

#[test]
fn paths_of_postgresql_are_those_of_debians_stable() {
    let stable: support::suites::Suite = "stable".parse().unwrap();
    let expected = stable.postgresql.to_string();
    let mut named = 0;
    for (path, text) in documents() {
        // What was so when it was released stays so.
        if path.as_os_str() == "CHANGELOG.md" {
            continue;
        }
        for version in versions(&text) {
            assert_eq!(version, expected, "{}", path.display());
            named += 1;
        }
    }
    assert!(named > 0, "no document names a path");
}

/// The lines of the consoles in a document.
fn console_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut is_console = false;
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with("```") {
            is_console = line == "```console";
        } else if is_console {
            lines.push(line.to_owned());
        }
    }
    lines
}

/// The folder of the configuration is for root and a group, and HAProxy's file, as it is installed here, too. A minimal
/// Debian has no sudo.
#[test]
fn commands_that_read_what_only_root_may_are_shown_for_root() {
    let reading = [
        "/etc/haproxy/haproxy.cfg",
        "pgsql-state check",
        "pgsql-state doctor",
        "pgsql-state probe",
        "pgsql-state generate haproxy",
        "pgsql-state generate systemd",
    ];
    for (path, text) in documents() {
        // Its hosts have sudo.
        if path.starts_with("vagrant") {
            continue;
        }
        for line in console_lines(&text) {
            let is_for_all = line.starts_with("$ ");
            let is_for_root = reading.iter().any(|command| line.contains(command));
            assert!(!(is_for_all && is_for_root), "{}: {line}", path.display());
            assert!(!line.contains("sudo "), "{}: {line}", path.display());
        }
    }
}

/// A command that fails leaves an empty file behind `>`, which the next one must not install.
#[test]
fn what_is_generated_is_installed_only_if_it_was_printed() {
    for (path, text) in documents() {
        let commands = text.replace("\\\n", " ");
        for line in commands.lines().map(str::trim) {
            let is_prompt = line.starts_with("# ") || line.starts_with("pgsql-state");
            let is_kept = is_prompt
                && line.contains("pgsql-state generate ")
                && line
                    .split_whitespace()
                    .any(|word| word.starts_with('>') && word.len() > 1);
            let goes_on = line.ends_with("&&");
            assert!(!is_kept || goes_on, "{}: {line}", path.display());
        }
    }
}
